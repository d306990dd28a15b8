// The host's plots, computed from node exporter series.
import { align, lastValue, rateAll, sum, sumBy } from "./series";
import type { Series } from "./types";

/** Series by metric name, as fetched. */
export type Data = Map<string, Series[]>;

export interface Line {
  name: string;
  values: (number | null)[];
  /** Index into the palette; lines of one meaning keep one colour. */
  color: number;
}

export interface PlotData {
  t: number[];
  lines: Line[];
  stacked?: boolean;
  /** Fixed top of the axis. */
  max?: number;
}

export interface Panel {
  id: string;
  title: string;
  unit: "percent" | "bytes" | "bytes/s" | "number";
  metrics: string[];
  compute(data: Data): { plot: PlotData; headline: { value: number; note: string } | null } | null;
}

const NOT_PHYSICAL_NET = /^(lo|veth|br-|docker|cni|flannel|cali|cilium|lxc|virbr|tun|tap|vnet|dummy|kube-)/;
const NOT_PHYSICAL_DISK = /^(loop|ram|zram|dm-|md|sr|fd)/;
const PSEUDO_FILESYSTEM = /^(tmpfs|devtmpfs|overlay|squashfs|ramfs|nsfs|efivarfs|iso9660|fuse\.lxcfs|fuse\.snapfuse|autofs|proc|sysfs)$/;

const CPU_COLORS: Record<string, number> = { user: 0, system: 1, iowait: 3, softirq: 4, irq: 5, nice: 2, steal: 6 };

function get(data: Data, name: string): Series[] {
  return data.get(name) ?? [];
}

function without(series: Series[], label: string, pattern: RegExp): Series[] {
  const kept = series.filter(({ labels }) => !pattern.test(labels[label] ?? ""));
  return kept.length > 0 ? kept : series;
}

function cpu(data: Data): ReturnType<Panel["compute"]> {
  const { t, groups } = sumBy(rateAll(get(data, "node_cpu_seconds_total")), "mode");
  if (t.length === 0) return null;
  const total = sum(groups.map((group) => group.values), t.length);
  const share = (values: (number | null)[]) =>
    values.map((value, i) => (value === null || !total[i] ? null : (100 * value) / (total[i] as number)));
  const lines = groups
    .filter(({ name }) => name !== "idle")
    .map(({ name, values }) => ({ name, values: share(values), color: CPU_COLORS[name] ?? 7 }))
    .sort((a, b) => a.color - b.color)
    .filter(({ values, color }) => color < 2 || values.some((value) => (value ?? 0) > 0.05));
  const idle = groups.find(({ name }) => name === "idle");
  const last = idle ? lastValue(share(idle.values)) : null;
  return { plot: { t, lines, stacked: true, max: 100 }, headline: last === null ? null : { value: Math.max(0, 100 - last), note: "busy" } };
}

function memory(data: Data): ReturnType<Panel["compute"]> {
  const names = ["MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached", "SReclaimable"];
  const all = names.map((name) => get(data, `node_memory_${name}_bytes`)[0] ?? { labels: {}, points: [] });
  const { t, columns } = align(all);
  const at = (name: string, i: number) => columns[names.indexOf(name)]?.[i] ?? null;
  const used: (number | null)[] = [];
  const cache: (number | null)[] = [];
  t.forEach((_, i) => {
    const total = at("MemTotal", i);
    const free = at("MemFree", i);
    const cached = (at("Buffers", i) ?? 0) + (at("Cached", i) ?? 0) + (at("SReclaimable", i) ?? 0);
    used.push(total === null || free === null ? null : Math.max(0, total - free - cached));
    cache.push(total === null || free === null ? null : cached);
  });
  const total = lastValue(columns[0] ?? []);
  if (total === null || lastValue(used) === null) return null;
  const available = lastValue(columns[2] ?? []);
  const busy = available === null ? (lastValue(used) as number) : total - available;
  return {
    plot: { t, lines: [{ name: "used", values: used, color: 0 }, { name: "cache", values: cache, color: 4 }], stacked: true, max: total },
    headline: { value: (100 * busy) / total, note: "in use" },
  };
}

function load(data: Data): ReturnType<Panel["compute"]> {
  const spans: [string, string][] = [["node_load1", "1 m"], ["node_load5", "5 m"], ["node_load15", "15 m"]];
  const present = spans.filter(([metric]) => get(data, metric).length > 0);
  if (present.length === 0) return null;
  const { t, columns } = align(present.map(([metric]) => get(data, metric)[0] as Series));
  const colors = [0, 1, 2];
  const lines = present.map(([, name], i) => ({ name, values: columns[i] as (number | null)[], color: colors[i] as number }));
  return { plot: { t, lines }, headline: null };
}

/** Two counters as rates: the first above the axis, the second below it. */
function mirrored(data: Data, up: [string, string], down: [string, string], exclude: RegExp): ReturnType<Panel["compute"]> {
  const tagged = [up, down].flatMap(([metric, name]) =>
    rateAll(without(get(data, metric), "device", exclude)).map(({ points }) => ({ labels: { way: name }, points })));
  const { t, groups } = sumBy(tagged, "way");
  if (t.length === 0) return null;
  const values = (name: string) => groups.find((group) => group.name === name)?.values ?? t.map(() => null);
  const lines = [
    { name: up[1], values: values(up[1]), color: 0 },
    { name: down[1], values: values(down[1]).map((value) => (value === null ? null : -value)), color: 1 },
  ];
  return { plot: { t, lines }, headline: null };
}

export const PANELS: Panel[] = [
  { id: "cpu", title: "CPU", unit: "percent", metrics: ["node_cpu_seconds_total"], compute: cpu },
  {
    id: "memory", title: "Memory", unit: "bytes", compute: memory,
    metrics: ["MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached", "SReclaimable"].map((name) => `node_memory_${name}_bytes`),
  },
  { id: "load", title: "Load", unit: "number", metrics: ["node_load1", "node_load5", "node_load15"], compute: load },
  {
    id: "network", title: "Network", unit: "bytes/s", metrics: ["node_network_receive_bytes_total", "node_network_transmit_bytes_total"],
    compute: (data) => mirrored(data, ["node_network_receive_bytes_total", "received"], ["node_network_transmit_bytes_total", "sent"], NOT_PHYSICAL_NET),
  },
  {
    id: "disk", title: "Disk", unit: "bytes/s", metrics: ["node_disk_read_bytes_total", "node_disk_written_bytes_total"],
    compute: (data) => mirrored(data, ["node_disk_read_bytes_total", "read"], ["node_disk_written_bytes_total", "written"], NOT_PHYSICAL_DISK),
  },
];

export const FILESYSTEM_METRICS = ["node_filesystem_size_bytes", "node_filesystem_avail_bytes"];

export interface Filesystem {
  mountpoint: string;
  device: string;
  size: number;
  used: number;
}

/** Latest use of each real filesystem, fullest first; a device mounted twice is listed once. */
export function filesystems(data: Data): Filesystem[] {
  const key = (labels: Record<string, string>) => `${labels.device}\u0000${labels.mountpoint}`;
  const last = (series: Series) => lastValue(series.points.map(([, value]) => value));
  const available = new Map(get(data, "node_filesystem_avail_bytes").map((one) => [key(one.labels), last(one)]));
  const byDevice = new Map<string, Filesystem>();
  for (const one of get(data, "node_filesystem_size_bytes")) {
    const size = last(one);
    const free = available.get(key(one.labels));
    const { mountpoint = "", device = "", fstype = "" } = one.labels;
    if (!size || free === null || free === undefined || PSEUDO_FILESYSTEM.test(fstype)) continue;
    const known = byDevice.get(device);
    if (known && known.mountpoint.length <= mountpoint.length) continue;
    byDevice.set(device, { mountpoint, device, size, used: Math.max(0, size - free) });
  }
  return [...byDevice.values()].sort((a, b) => b.used / b.size - a.used / a.size);
}

export const HOST_METRICS: string[] = [...PANELS.flatMap((panel) => panel.metrics), ...FILESYSTEM_METRICS];

/** The values of `instance` in the CPU, memory or load series: one ring may hold several hosts. */
export function instances(data: Data): string[] {
  const found = new Set<string>();
  for (const name of ["node_cpu_seconds_total", "node_memory_MemTotal_bytes", "node_load1"]) {
    for (const { labels } of get(data, name)) if (labels.instance) found.add(labels.instance);
  }
  return [...found].sort();
}

export function ofInstance(data: Data, instance: string): Data {
  if (instance === "") return data;
  return new Map([...data].map(([name, series]) => [name, series.filter(({ labels }) => labels.instance === instance)]));
}
