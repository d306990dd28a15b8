// Log entries of a `local.recent` component: the newest at once, then live.
import { useEffect, useRef, useState } from "preact/hooks";
import { getLogs, tailAddress, type LogQuery } from "./api";
import { useVisible } from "./hooks";
import { matches } from "./labels";
import { addEntries, type Row } from "./logs";
import type { LogEntry } from "./types";

const FIRST = 400;
const OLDER = 300;
const KEPT = 2000;
const KEPT_WHILE_READING = 6000;
const WAITING = 2000;
const FLUSH_EVERY = 200;
const POLL_EVERY = 3000;

export interface Tail {
  rows: Row[];
  /** Entries that came while paused. */
  waiting: number;
  /** How the newest entries come: pushed, polled, or not at all. */
  state: "connecting" | "live" | "polling" | "failed";
  error: string;
  /** Nothing older is left. */
  complete: boolean;
  loadOlder(): void;
}

/** `reading` says that the viewer looks at older lines, so none may vanish from the top. */
export function useTail(id: string, query: LogQuery, paused: boolean, reading: boolean): Tail {
  const [rows, setRows] = useState<Row[]>([]);
  const [waiting, setWaiting] = useState(0);
  const [state, setState] = useState<Tail["state"]>("connecting");
  const [error, setError] = useState("");
  const [complete, setComplete] = useState(false);
  const held = useRef<LogEntry[]>([]);
  const flags = useRef({ paused, reading, loading: false });
  flags.current.paused = paused;
  flags.current.reading = reading;
  const key = JSON.stringify([id, query]);

  const flush = () => {
    if (held.current.length === 0 || flags.current.paused) return setWaiting(held.current.length);
    const entries = held.current;
    held.current = [];
    setWaiting(0);
    setRows((old) => addEntries(old, entries).slice(-(flags.current.reading ? KEPT_WHILE_READING : KEPT)));
  };

  const visible = useVisible();

  useEffect(() => {
    held.current = [];
    setRows([]);
    setComplete(false);
    setError("");
    setState("connecting");
  }, [key]);

  useEffect(() => {
    // A browser opens only a few connections to one server: tabs in the background must not hold them.
    if (!visible) return;
    const control = new AbortController();
    let poll = 0;
    const receive = (entries: LogEntry[]) => {
      held.current = [...held.current, ...entries.filter(({ labels }) => matches(labels, query.labels))].slice(-WAITING);
    };
    const fetchNewest = async () => {
      try {
        const entries = await getLogs(id, query, FIRST, null, control.signal);
        if (entries.length < FIRST) setComplete(true);
        receive(entries.reverse());
        setError("");
        flush();
      } catch (cause) {
        if (control.signal.aborted) return;
        setError((cause as Error).message);
        setState("failed");
      }
    };
    const source = new EventSource(tailAddress(id, query));
    // Also after a lost connection: fetching the newest closes the gap, and what is known already is left out.
    source.onopen = () => {
      setState("live");
      void fetchNewest();
    };
    source.onmessage = ({ data }) => {
      try {
        receive([JSON.parse(data) as LogEntry]);
      } catch {
        // A message that is not an entry (a comment of a proxy, say) is none of ours.
      }
    };
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return setState("connecting");
      setState("polling");
      void fetchNewest();
      clearInterval(poll);
      poll = window.setInterval(() => void fetchNewest(), POLL_EVERY);
    };
    void fetchNewest();
    const timer = window.setInterval(flush, FLUSH_EVERY);
    return () => {
      control.abort();
      source.close();
      clearInterval(timer);
      clearInterval(poll);
    };
  }, [key, visible]);

  useEffect(flush, [paused]);

  const loadOlder = async () => {
    const oldest = rows[0];
    if (flags.current.loading || complete || !oldest) return;
    flags.current.loading = true;
    try {
      const entries = await getLogs(id, query, OLDER, oldest.entry.ts);
      if (entries.length === 0) setComplete(true);
      setRows((old) => addEntries(old, entries));
    } catch (cause) {
      setError((cause as Error).message);
    }
    flags.current.loading = false;
  };
  return { rows, waiting, state, error, complete, loadOlder };
}
