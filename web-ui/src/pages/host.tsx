// Plots of the host: CPU, memory, load, network, disk, filesystems. Each is shown only if its series exist.
import { useMemo } from "preact/hooks";
import { getNames } from "../lib/api";
import { formatBytes, formatNumber, formatPercent } from "../lib/format";
import { filesystems, HOST_METRICS, instances, ofInstance, PANELS, type Filesystem, type Panel } from "../lib/host";
import { usePoll, useStored } from "../lib/hooks";
import { useSeries } from "../lib/recent";
import { start } from "../lib/series";
import { LoadError } from "../ui/bits";
import { Chart } from "../ui/chart";

const EVERY = 5000;

export function HostPanels({ id, window, now }: { id: string; window: number; now: () => number }) {
  const names = usePoll((signal) => getNames(id, signal), 15000, id);
  const wanted = useMemo(() => {
    const present = new Set(names.data?.map(({ name }) => name));
    return HOST_METRICS.filter((name) => present.has(name));
  }, [names.data]);
  const series = useSeries(id, wanted.map((name) => ({ name, matchers: [] })), window, EVERY);
  const [stored, setInstance] = useStored("instance", "");
  const all = series.data;
  const hosts = useMemo(() => (all ? instances(all) : []), [all]);
  const instance = hosts.length > 1 ? (hosts.includes(stored) ? stored : (hosts[0] as string)) : "";
  const data = useMemo(() => (all ? ofInstance(all, instance) : null), [all, instance]);
  const computed = useMemo(() => (data ? PANELS.map((panel) => [panel, panel.compute(data)] as const) : []), [data]);
  const to = now();
  const from = start([...(data?.values() ?? [])].flat(), window, to);
  const disks = data ? filesystems(data) : [];
  if (names.data && wanted.length === 0) {
    return (
      <p class="quiet host-hint">
        No host metrics are being received. Forward <code>prometheus.exporter.unix</code> to see CPU, memory, disks and network here; all other metrics are in the explorer below.
      </p>
    );
  }
  return (
    <section aria-label="Host">
      <LoadError what="metrics" error={names.error ?? series.error} />
      {hosts.length > 1 && (
        <label class="instance">
          Host{" "}
          <select value={instance} onChange={(event) => setInstance(event.currentTarget.value)}>
            {hosts.map((host) => <option key={host}>{host}</option>)}
          </select>
        </label>
      )}
      <div class="charts">
        {computed.map(([panel, result]) => result && result.plot.lines.length > 0 && (
          <div class="panel" key={panel.id}>
            <Chart title={panel.title} plot={result.plot} unit={panel.unit} from={from} to={to} height={120} headline={headline(panel, result.headline)} />
          </div>
        ))}
        {disks.length > 0 && <div class="panel"><Filesystems list={disks} /></div>}
        {!data && !series.error && PANELS.map((panel) => <div key={panel.id} class="panel skeleton" aria-hidden="true" />)}
      </div>
    </section>
  );
}

function headline(panel: Panel, value: { value: number; note: string } | null): string {
  if (!value) return "";
  // Memory is drawn in bytes, but its share is what one looks for first.
  const percent = panel.unit === "percent" || panel.id === "memory";
  return `${percent ? formatPercent(value.value) : formatNumber(value.value)} ${value.note}`;
}

function Filesystems({ list }: { list: Filesystem[] }) {
  return (
    <figure class="chart">
      <figcaption><h3>Filesystems</h3></figcaption>
      <ul class="bars">
        {list.slice(0, 6).map(({ mountpoint, device, size, used }) => {
          const share = (100 * used) / size;
          return (
            <li key={`${device} ${mountpoint}`} title={`${device}: ${formatBytes(used)} of ${formatBytes(size)} used`}>
              <span class="bar-name">{mountpoint}</span>
              <span class="bar-value"><b>{formatPercent(share)}</b> {formatBytes(size - used)} free</span>
              <span class="bar"><i class={share >= 90 ? "full" : share >= 80 ? "high" : ""} style={{ width: `${share.toFixed(1)}%` }} /></span>
            </li>
          );
        })}
      </ul>
      {list.length > 6 && <p class="quiet">{list.length - 6} more</p>}
    </figure>
  );
}

