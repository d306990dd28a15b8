// Arithmetic on time series: rates of counters, alignment on common times, sums by label.
import type { Labels, Point, Series } from "./types";

/**
 * Increase per second between neighbouring points of a counter. A counter that fell was reset, so it
 * counted its new value since then. A null point ends a run: no rate is made up across it.
 */
export function rate(points: Point[]): Point[] {
  const out: Point[] = [];
  let previous: [number, number] | null = null;
  for (const [at, value] of points) {
    if (value === null || !Number.isFinite(value)) {
      if (previous) out.push([at, null]);
      previous = null;
      continue;
    }
    if (previous && at > previous[0]) {
      const increase = value >= previous[1] ? value - previous[1] : value;
      out.push([at, (increase * 1000) / (at - previous[0])]);
    }
    if (!previous || at > previous[0]) previous = [at, value];
  }
  return out;
}

export function rateAll(series: Series[]): Series[] {
  return series.map(({ labels, points }) => ({ labels, points: rate(points) })).filter((one) => one.points.length > 0);
}

/** The usual distance between points (milliseconds): the median, so a gap does not count. */
export function interval(points: Point[]): number {
  const gaps: number[] = [];
  for (let i = 1; i < points.length; i += 1) {
    const gap = (points[i] as Point)[0] - (points[i - 1] as Point)[0];
    if (gap > 0) gaps.push(gap);
  }
  if (gaps.length === 0) return 15000;
  gaps.sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] as number;
}

export interface Aligned {
  t: number[];
  /** One column per input, as long as `t`. */
  columns: (number | null)[][];
}

/**
 * Puts series on the union of their times. A series keeps its last value for two and a half of its
 * intervals, so that series scraped at different moments can be added; after that, or when it is
 * stale, it is null.
 */
export function align(series: Series[]): Aligned {
  const times = new Set<number>();
  for (const one of series) for (const [at] of one.points) times.add(at);
  const t = [...times].sort((a, b) => a - b);
  const columns = series.map(({ points }) => {
    const keep = interval(points) * 2.5;
    let next = 0;
    let last: Point | null = null;
    return t.map((at) => {
      while (next < points.length && (points[next] as Point)[0] <= at) last = points[next++] as Point;
      return last && at - last[0] <= keep ? last[1] : null;
    });
  });
  return { t, columns };
}

/** Adds columns point by point; null only where all of them are. */
export function sum(columns: (number | null)[][], length: number): (number | null)[] {
  const out: (number | null)[] = new Array<number | null>(length).fill(null);
  for (const column of columns) {
    for (let i = 0; i < length; i += 1) {
      const value = column[i];
      if (value !== null && value !== undefined) out[i] = (out[i] ?? 0) + value;
    }
  }
  return out;
}

export interface Group {
  name: string;
  values: (number | null)[];
}

/** Sums series that share a value of `label`, on common times; groups are sorted by name. */
export function sumBy(series: Series[], label: string): { t: number[]; groups: Group[] } {
  const { t, columns } = align(series);
  const byName = new Map<string, (number | null)[][]>();
  series.forEach((one, index) => {
    const name = one.labels[label] ?? "";
    const list = byName.get(name) ?? [];
    list.push(columns[index] as (number | null)[]);
    byName.set(name, list);
  });
  const groups = [...byName].map(([name, list]) => ({ name, values: sum(list, t.length) }));
  groups.sort((a, b) => a.name.localeCompare(b.name));
  return { t, groups };
}

/** The last value of a column that is not null. */
export function lastValue(values: (number | null)[]): number | null {
  for (let i = values.length - 1; i >= 0; i -= 1) {
    const value = values[i];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

/** Identity of a label set, whatever the order of its names. */
export function labelKey(labels: Labels): string {
  return Object.keys(labels).sort().map((name) => `${name}\u0001${labels[name]}`).join("\u0002");
}

/** Adds newly fetched points to known series, drops what is older than `from`, and forgets empty series. */
export function mergeSeries(known: Series[], fetched: Series[], from: number): Series[] {
  const merged = new Map<string, Series>();
  for (const one of known) merged.set(labelKey(one.labels), one);
  for (const one of fetched) {
    const key = labelKey(one.labels);
    const old = merged.get(key);
    const first = one.points[0]?.[0] ?? Number.POSITIVE_INFINITY;
    const kept = old ? old.points.filter(([at]) => at < first) : [];
    merged.set(key, { labels: one.labels, points: one.points.length > 0 ? [...kept, ...one.points] : (old?.points ?? []) });
  }
  const out: Series[] = [];
  for (const { labels, points } of merged.values()) {
    const fresh = points.filter(([at]) => at >= from);
    if (fresh.length > 0) out.push({ labels, points: fresh });
  }
  return out;
}

/** Labels whose values differ between series: the ones worth showing in a legend. */
export function varyingLabels(series: { labels: Labels }[]): string[] {
  const values = new Map<string, Set<string>>();
  for (const { labels } of series) {
    for (const [name, value] of Object.entries(labels)) {
      if (name === "__name__") continue;
      const set = values.get(name) ?? new Set();
      set.add(value);
      values.set(name, set);
    }
  }
  const missing = (name: string) => series.some(({ labels }) => !(name in labels));
  return [...values].filter(([name, set]) => set.size > 1 || missing(name)).map(([name]) => name).sort();
}

const LEAST = 60_000;

/**
 * Where a plot that ends at `to` begins: `span` before, or where the oldest of `series` does when that is later, so
 * that a program that has just started does not show an almost empty plot. At least a minute is shown.
 */
export function start(series: Iterable<Series>, span: number, to: number): number {
  let first = to;
  for (const { points } of series) first = Math.min(first, points[0]?.[0] ?? to);
  return Math.max(to - span, Math.min(first, to - LEAST));
}
