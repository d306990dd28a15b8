// Live debugging: what passes through a component, as text, while the stream is on.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { readMessages } from "../lib/api";
import { encodePath } from "../lib/router";
import { highlight } from "../lib/logs";
import { parseDebugMessage, type DebugMessage } from "../lib/stream";
import { CopyButton } from "../ui/bits";

const KEPT = 500;
const FLUSH_EVERY = 250;
const SAMPLES: [string, string][] = [["1", "all"], ["0.1", "10 %"], ["0.01", "1 %"], ["0.001", "0.1 %"]];

interface Shown extends DebugMessage {
  id: number;
}

function useStream(id: string, on: boolean, sample: string, onEnd: (error: string) => void) {
  const [messages, setMessages] = useState<Shown[]>([]);
  const [total, setTotal] = useState(0);
  const next = useRef(0);
  useEffect(() => {
    if (!on) return;
    const control = new AbortController();
    let held: Shown[] = [];
    const timer = window.setInterval(() => {
      if (held.length === 0) return;
      const fresh = held;
      held = [];
      setTotal(next.current);
      setMessages((old) => [...old, ...fresh].slice(-KEPT));
    }, FLUSH_EVERY);
    readMessages(`api/v0/web/debug/${encodePath(id)}?sampleProb=${sample}`, control.signal, (texts) => {
      for (const text of texts) held.push({ ...parseDebugMessage(text), id: (next.current += 1) });
      if (held.length > KEPT) held = held.slice(-KEPT);
    }).then(
      () => onEnd("the server ended the stream"),
      (cause: Error) => {
        if (!control.signal.aborted) onEnd(cause.message);
      },
    );
    return () => {
      control.abort();
      clearInterval(timer);
    };
  }, [id, on, sample]);
  const clear = () => {
    next.current = 0;
    setTotal(0);
    setMessages([]);
  };
  return { messages, total, clear };
}

export function DebugStream({ id }: { id: string }) {
  const [on, setOn] = useState(false);
  const [sample, setSample] = useState("1");
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const { messages, total, clear } = useStream(id, on, sample, (cause) => {
    setError(cause);
    setOn(false);
  });
  const shown = text === "" ? messages : messages.filter((one) => one.text.toLowerCase().includes(text.toLowerCase()));
  const start = () => {
    setError("");
    setOn(!on);
  };
  return (
    <section class="panel debug" aria-label="Live debugging">
      <div class="panel-bar">
        <h2>Live debugging</h2>
        <input type="search" data-search placeholder="Filter messages" aria-label="Filter messages" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <label class="quiet">sample{" "}
          <select value={sample} onChange={(event) => setSample(event.currentTarget.value)}>{SAMPLES.map(([value, name]) => <option key={value} value={value}>{name}</option>)}</select>
        </label>
        <span class={`live live-${on ? "live" : "paused"}`} role="status">{on ? "live" : "stopped"}{total > 0 && `, ${total.toLocaleString("en")} received`}</span>
        <span class="actions">
          {messages.length > 0 && <CopyButton text={() => shown.map((one) => (one.tag ? `[${one.tag}] ${one.text}` : one.text)).join("\n")} />}
          {messages.length > 0 && <button type="button" class="small" onClick={clear}>Clear</button>}
          <button type="button" class={`small ${on ? "" : "primary"}`} onClick={start}>{on ? "Stop" : "Start"}</button>
        </span>
      </div>
      {error !== "" && <p class="debug-error" role="alert">Live debugging stopped: {error}</p>}
      {(on || messages.length > 0) && <Messages list={shown} text={text} />}
    </section>
  );
}

function Messages({ list, text }: { list: Shown[]; text: string }) {
  const box = useRef<HTMLDivElement>(null);
  const follow = useRef(true);
  useLayoutEffect(() => {
    if (box.current && follow.current) box.current.scrollTop = box.current.scrollHeight;
  }, [list]);
  const onScroll = () => {
    const element = box.current;
    if (element) follow.current = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
  };
  return (
    <div ref={box} class="debug-list" tabIndex={0} role="log" aria-live="off" aria-label="Messages" onScroll={onScroll}>
      {list.length === 0 && <p class="quiet">Waiting for data to pass through…</p>}
      {list.map((one) => (
        <div key={one.id} class="debug-row">
          <span class={`debug-tag tag-${one.tag.toLowerCase()}`}>{one.tag}</span>
          <span>{highlight(one.text, text).map((part, i) => (part.hit ? <mark key={i}>{part.text}</mark> : part.text))}</span>
        </div>
      ))}
    </div>
  );
}
