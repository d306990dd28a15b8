// First page: is everything well, how much flows, and the data of the last minutes.
import { useState } from "preact/hooks";
import type { Shared } from "../app";
import { getRecentStats, serverNow } from "../lib/api";
import { formatBytes, formatDuration, formatNumber, formatPercent, plural } from "../lib/format";
import { ratesOf, recentMean, steadyRate } from "../lib/history";
import { usePoll, useStored } from "../lib/hooks";
import { fullID, link } from "../lib/router";
import type { Component, HealthState } from "../lib/types";
import { ComponentLink, CopyButton, HealthMark, HEALTH_ORDER } from "../ui/bits";
import { Sparkline } from "../ui/chart";
import { Explorer } from "./explorer";
import { HostPanels } from "./host";
import { LogView } from "./logs";
import { ReloadPanel } from "./reload";

export const RING = "local.recent";

export const SNIPPET = `local.recent "default" { }

// then add its receivers wherever data is forwarded:
forward_to = [prometheus.remote_write.out.receiver, local.recent.default.metrics_receiver]  // metrics
forward_to = [loki.write.out.receiver, local.recent.default.logs_receiver]                  // logs`;

const WINDOWS: [number, string][] = [[300, "5 m"], [900, "15 m"], [3600, "1 h"], [10800, "3 h"]];

export function Overview({ shared }: { shared: Shared }) {
  const rings = shared.components.data?.filter(({ name }) => name === RING) ?? [];
  return (
    <>
      <Tiles shared={shared} />
      <ReloadPanel status={shared.status} />
      <Attention components={shared.components.data ?? []} />
      {shared.components.data && (rings.length > 0 ? <Recent rings={rings} /> : <HowToAdd />)}
    </>
  );
}

function Tiles({ shared }: { shared: Shared }) {
  const status = shared.status.data;
  const rates = ratesOf(shared.history);
  const number = (value: number | null, format: (value: number) => string) => (value === null ? "–" : format(value));
  const list = shared.components.data;
  const counts = list
    ? HEALTH_ORDER.map((state) => [state, list.filter(({ health }) => health.state === state).length] as const)
    : HEALTH_ORDER.map((state) => [state, status?.components[state] ?? 0] as const);
  return (
    <section class="tiles" aria-label="Summary">
      <HealthTile counts={counts} />
      <Tile title="Samples" value={number(status ? steadyRate(rates.samples, status.samples_total, status.uptime_seconds) : null, formatNumber)} unit="/s" values={rates.samples} note={status ? `${formatNumber(status.samples_total)} total` : ""} />
      <Tile title="Log lines" value={number(status ? steadyRate(rates.lines, status.lines_total, status.uptime_seconds) : null, formatNumber)} unit="/s" values={rates.lines} note={status ? `${formatNumber(status.lines_total)} total` : ""} />
      <Tile title="Memory" value={number(status?.memory_bytes ?? null, formatBytes)} values={rates.memory} note="resident" />
      <Tile title="CPU" value={number(recentMean(rates.cpu, 5), formatPercent)} values={rates.cpu} note="of one core" />
      <Tile title="Uptime" value={status ? formatDuration(status.uptime_seconds) : "–"} note={status ? `version ${status.version}` : ""} />
    </section>
  );
}

function HealthTile({ counts }: { counts: (readonly [HealthState, number])[] }) {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const healthy = counts.find(([state]) => state === "healthy")?.[1] ?? 0;
  return (
    <div class="tile">
      <h2>Components</h2>
      <p class="tile-value">{total === 0 ? "–" : healthy}<small>{total > 0 && `of ${total} healthy`}</small></p>
      <div class="healthbar" aria-hidden="true">
        {counts.filter(([, count]) => count > 0).reverse().map(([state, count]) => <i key={state} class={`fill-${state}`} style={{ flexGrow: String(count) }} />)}
      </div>
      <p class="tile-note">
        {counts.filter(([state, count]) => count > 0 && state !== "healthy").map(([state, count]) => (
          <a key={state} href={link("components", "", { health: state })}><HealthMark state={state} />{count} {state}</a>
        ))}
        {total > 0 && healthy === total && <a href={link("components")}>all healthy</a>}
      </p>
    </div>
  );
}

function Tile({ title, value, unit, note, values }: { title: string; value: string; unit?: string; note: string; values?: (number | null)[] }) {
  return (
    <div class="tile">
      <h2>{title}</h2>
      <p class="tile-value">{value}{unit && <small class="tight">{unit}</small>}</p>
      {values ? <Sparkline values={values} /> : <span class="spark" />}
      <p class="tile-note">{note}</p>
    </div>
  );
}

const SHOWN = 4;

function Attention({ components }: { components: Component[] }) {
  const bad = components.filter(({ health }) => health.state === "unhealthy" || health.state === "exited");
  if (bad.length === 0) return null;
  return (
    <section class="panel attention" aria-label="Components that need attention">
      <ul>
        {bad.slice(0, SHOWN).map((component) => (
          <li key={fullID(component)}>
            <HealthMark state={component.health.state} />
            <ComponentLink component={component} />
            <span class="message" title={component.health.message}>{component.health.message}</span>
          </li>
        ))}
      </ul>
      {bad.length > SHOWN && <a href={link("components", "", { health: "unhealthy" })}>{bad.length - SHOWN} more</a>}
    </section>
  );
}

function Recent({ rings }: { rings: Component[] }) {
  const [chosen, setChosen] = useState(fullID(rings[0] as Component));
  const id = rings.some((ring) => fullID(ring) === chosen) ? chosen : fullID(rings[0] as Component);
  const [stored, setWindow] = useStored("window", "900");
  const stats = usePoll((signal) => getRecentStats(id, signal), 10000, id);
  const longest = stats.data?.window_seconds ?? 10800;
  // The shortest choice that covers the whole ring is the last one of use.
  const choices = WINDOWS.filter(([seconds], i) => i === 0 || seconds <= longest || (WINDOWS[i - 1] as [number, string])[0] < longest);
  const seconds = choices.some(([value]) => String(value) === stored) ? Number(stored) : (choices.at(-1) as [number, string])[0];
  return (
    <>
      <div class="section-bar">
        <h2>Recent data</h2>
        {rings.length > 1 && (
          <select aria-label="Source" value={id} onChange={(event) => setChosen(event.currentTarget.value)}>
            {rings.map((ring) => <option key={fullID(ring)} value={fullID(ring)}>{fullID(ring)}</option>)}
          </select>
        )}
        {stats.data && (
          <span class="quiet">
            {plural(stats.data.series, "series", "series")} · {formatNumber(stats.data.samples)} samples · {stats.data.lines === 1 ? "1 line" : `${formatNumber(stats.data.lines)} lines`} ·{" "}
            {formatBytes(stats.data.bytes)} of {formatBytes(stats.data.max_bytes)} · last {formatDuration(longest)}
          </span>
        )}
        <div class="segments" role="group" aria-label="Time range">
          {choices.map(([value, name]) => (
            <button key={value} type="button" aria-pressed={value === seconds} onClick={() => setWindow(String(value))}>{name}</button>
          ))}
        </div>
      </div>
      <HostPanels key={`host ${id}`} id={id} window={seconds * 1000} now={serverNow} />
      <LogView key={`logs ${id}`} id={id} />
      <Explorer key={`explore ${id}`} id={id} window={seconds * 1000} />
    </>
  );
}

function HowToAdd() {
  return (
    <section class="panel howto">
      <h2>See metrics and logs here</h2>
      <p>
        This configuration has no <code>{RING}</code> component. It keeps the last minutes of metrics and logs in a fixed amount of memory;
        add one, forward data to it next to your other receivers, and this page shows them live.
      </p>
      <div class="snippet">
        <pre>{SNIPPET}</pre>
        <CopyButton text={() => SNIPPET} />
      </div>
    </section>
  );
}
