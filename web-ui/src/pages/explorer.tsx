// Any metric of the ring as a plot: pick a name, filter by labels, sum by a label.
import { useMemo, useState } from "preact/hooks";
import { getNames, serverNow } from "../lib/api";
import { explore, isCounter, unitOf } from "../lib/explore";
import { plural } from "../lib/format";
import { useDebounced, usePoll, useStored } from "../lib/hooks";
import { parseMatchers } from "../lib/labels";
import { useSeries } from "../lib/recent";
import { interval, start } from "../lib/series";
import { formatDuration } from "../lib/format";
import { Empty, LoadError } from "../ui/bits";
import { Chart } from "../ui/chart";
import type { MetricName } from "../lib/types";

const LIMIT = 10;
const LISTED = 300;

export function Explorer({ id, window }: { id: string; window: number }) {
  const names = usePoll((signal) => getNames(id, signal), 15000, id);
  const [name, setName] = useStored("metric", "");
  const find = (wanted: string) => names.data?.find((one) => one.name === wanted);
  const metric = find(name) ?? find("up") ?? names.data?.[0] ?? null;
  return (
    <section class="panel explorer" aria-label="Metric explorer">
      <h2>Explore metrics</h2>
      <LoadError what="metric names" error={names.error} />
      <div class="explorer-grid">
        <NameList names={names.data ?? []} chosen={metric?.name ?? ""} onChoose={setName} />
        {metric ? <Plot key={metric.name} id={id} metric={metric} window={window} /> : <Empty title="No metrics yet">Metrics that are forwarded to this component appear here.</Empty>}
      </div>
    </section>
  );
}

function NameList({ names, chosen, onChoose }: { names: MetricName[]; chosen: string; onChoose: (name: string) => void }) {
  const [text, setText] = useState("");
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = names.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  const shown = found.slice(0, LISTED);
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 || shown.length === 0) return;
    event.preventDefault();
    const at = shown.findIndex(({ name }) => name === chosen);
    const next = shown[Math.max(0, Math.min(shown.length - 1, at + step))] as MetricName;
    onChoose(next.name);
    document.getElementById(`metric-${next.name}`)?.scrollIntoView({ block: "nearest" });
  };
  return (
    <div class="names">
      <input type="search" placeholder={`Filter ${plural(names.length, "metric")}`} aria-label="Filter metrics" value={text} onInput={(event) => setText(event.currentTarget.value)} onKeyDown={move} />
      <ul role="listbox" aria-label="Metrics" tabIndex={0} aria-activedescendant={chosen === "" ? undefined : `metric-${chosen}`} onKeyDown={move}>
        {shown.map(({ name, series, type }) => (
          <li key={name} id={`metric-${name}`} role="option" aria-selected={name === chosen} onClick={() => onChoose(name)} title={`${name} (${type}, ${plural(series, "series", "series")})`}>
            <span>{name}</span>
            <small>{series}</small>
          </li>
        ))}
        {found.length > shown.length && <li class="quiet">{found.length - shown.length} more: type to narrow down</li>}
        {found.length === 0 && <li class="quiet">{names.length === 0 ? "No metrics received yet" : "Nothing matches"}</li>}
      </ul>
    </div>
  );
}

function Plot({ id, metric, window }: { id: string; metric: MetricName; window: number }) {
  const [filter, setFilter] = useState("");
  const [group, setGroup] = useState("");
  const [rated, setRated] = useState(isCounter(metric));
  const matchers = parseMatchers(useDebounced(filter, 400));
  const series = useSeries(id, [{ name: metric.name, matchers }], window, 5000);
  const found = series.data?.get(metric.name) ?? null;
  const plot = useMemo(() => (found ? explore(found, rated, group, LIMIT) : null), [found, rated, group]);
  const to = serverNow();
  const unit = unitOf(metric.name, rated);
  const every = found && found.length > 0 ? `every ${formatDuration(interval(found[0]?.points ?? []) / 1000)}` : "";
  return (
    <div class="explorer-plot">
      <div class="controls">
        <input type="text" class="mono" placeholder="label=value, …" aria-label="Label filter" spellcheck={false} value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
        <select aria-label="Group" value={group} onChange={(event) => setGroup(event.currentTarget.value)}>
          <option value="">one line per series</option>
          <option value="*">sum of all</option>
          {(plot?.labels ?? []).map((label) => <option key={label} value={label}>sum by {label}</option>)}
        </select>
        <label class="check"><input type="checkbox" checked={rated} onChange={(event) => setRated(event.currentTarget.checked)} /> per second</label>
        <span class="quiet">{[metric.type === "unknown" ? "" : metric.type, every].filter(Boolean).join(", ")}</span>
      </div>
      <LoadError what={metric.name} error={series.error} />
      {plot && plot.lines.length > 0 && (
        <Chart title={rated ? `${metric.name} per second` : metric.name} plot={plot} unit={unit} from={start(found ?? [], window, to)} to={to} height={220} legend="list"
          headline={plot.total > plot.lines.length ? `largest ${plot.lines.length} of ${plot.total}` : ""} />
      )}
      {plot && plot.lines.length === 0 && <Empty title="No data in this range">{filter !== "" ? "Check the label filter." : rated ? "A rate needs two points." : ""}</Empty>}
    </div>
  );
}
