// Result of the last reload of the configuration, and the button for the next.
import { useState } from "preact/hooks";
import { reload, serverNow } from "../lib/api";
import { diagnosticLines } from "../lib/diagnostic";
import { formatAgo, formatDateTime } from "../lib/format";
import { useNow, type Polled } from "../lib/hooks";
import type { Status } from "../lib/types";
import { CopyButton, HealthMark } from "../ui/bits";

export function ReloadPanel({ status }: { status: Polled<Status> }) {
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<{ ok: boolean; text: string; at: number } | null>(null);
  const now = useNow(5000, serverNow);
  const last = status.data?.last_reload;
  const known = last ? { ok: last.ok, text: last.error ?? "", at: Date.parse(last.at) } : null;
  // The answer to the button is younger than the polled status until the next poll.
  const shown = answer && (!known || answer.at > known.at + 1000) ? answer : known;
  const run = async () => {
    setBusy(true);
    try {
      setAnswer({ ...(await reload()), at: serverNow() });
    } catch (error) {
      setAnswer({ ok: false, text: (error as Error).message, at: serverNow() });
    }
    setBusy(false);
    status.again();
  };
  const failed = shown !== null && !shown.ok;
  return (
    <section class={`panel reload ${failed ? "reload-failed" : ""}`} aria-label="Configuration">
      <div class="reload-bar">
        <HealthMark state={!shown ? "unknown" : shown.ok ? "healthy" : "unhealthy"} />
        {failed ? (
          <strong role="alert">Reload failed {formatAgo(shown.at, now)}. The previous configuration is still running.</strong>
        ) : (
          <span title={shown ? formatDateTime(shown.at) : ""}>{shown ? <>Configuration loaded {formatAgo(shown.at, now)}</> : "Configuration"}</span>
        )}
        <code class="path" title={status.data?.config_path}>{status.data?.config_path}</code>
        <span class="actions">
          {failed && <CopyButton text={() => shown.text} label="Copy error" />}
          <button type="button" class="small" disabled={busy} onClick={run}>{busy ? "Reloading…" : "Reload"}</button>
        </span>
      </div>
      {failed && shown.text !== "" && <Diagnostic text={shown.text} />}
    </section>
  );
}

function Diagnostic({ text }: { text: string }) {
  return (
    <pre class="diagnostic" tabIndex={0} aria-label="Error text">
      {diagnosticLines(text).map((line, i) => (
        <div key={i}>{line.map((part, j) => <span key={j} class={`d-${part.kind}`}>{part.text}</span>)}{"\n"}</div>
      ))}
    </pre>
  );
}
