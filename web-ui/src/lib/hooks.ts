// Polling and small conveniences for the pages.
import { useEffect, useRef, useState } from "preact/hooks";

export interface Polled<T> {
  data: T | null;
  error: Error | null;
  /** Asks again now. */
  again(): void;
}

/**
 * Calls `load` now and every `every` milliseconds while the page is visible; never two at once. A
 * change of `key` forgets the data and starts over; an error keeps the last data.
 */
export function usePoll<T>(load: (signal: AbortSignal) => Promise<T>, every: number, key: string): Polled<T> {
  const [state, setState] = useState<{ key: string; data: T | null; error: Error | null }>({ key, data: null, error: null });
  const latest = useRef(load);
  latest.current = load;
  const wake = useRef<() => void>(() => {});
  useEffect(() => {
    const control = new AbortController();
    let timer = 0;
    let busy = false;
    const run = async () => {
      if (busy) return;
      clearTimeout(timer);
      busy = true;
      try {
        const data = await latest.current(control.signal);
        if (!control.signal.aborted) setState({ key, data, error: null });
      } catch (error) {
        if (!control.signal.aborted) {
          setState((old) => ({ key, data: old.key === key ? old.data : null, error: error as Error }));
        }
      }
      busy = false;
      if (!control.signal.aborted && !document.hidden && every > 0) timer = window.setTimeout(run, every);
    };
    const onVisible = () => {
      if (!document.hidden) void run();
    };
    wake.current = () => void run();
    document.addEventListener("visibilitychange", onVisible);
    void run();
    return () => {
      control.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [key, every]);
  const current = state.key === key ? state : { data: null, error: null };
  return { data: current.data, error: current.error, again: () => wake.current() };
}

/** Whether the page can be seen: not in a background tab. */
export function useVisible(): boolean {
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const onChange = () => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", onChange);
    return () => document.removeEventListener("visibilitychange", onChange);
  }, []);
  return visible;
}

/** A value that follows `value` after it has been still for `delay` milliseconds. */
export function useDebounced<T>(value: T, delay: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), delay);
    return () => clearTimeout(timer);
  }, [value, delay]);
  return settled;
}

/** Milliseconds since the epoch, renewed so that "12 s ago" keeps counting. */
export function useNow(every: number, now: () => number): number {
  const [value, setValue] = useState(now());
  useEffect(() => {
    const timer = window.setInterval(() => setValue(now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return value;
}

/** State kept in the browser for the next visit. */
export function useStored(name: string, initial: string): [string, (value: string) => void] {
  const key = `ferroalloy.${name}`;
  const [value, setValue] = useState(() => {
    try {
      return localStorage.getItem(key) ?? initial;
    } catch {
      return initial;
    }
  });
  return [value, (next) => {
    setValue(next);
    try {
      localStorage.setItem(key, next);
    } catch {
      // A browser may refuse storage; the choice then lasts until the page is left.
    }
  }];
}
