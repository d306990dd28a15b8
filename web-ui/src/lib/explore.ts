// Decisions of the metric explorer: what is a counter, which unit, which lines.
import type { Line, PlotData } from "./host";
import { legendName } from "./labels";
import { align, lastValue, rateAll, sum, sumBy, varyingLabels } from "./series";
import type { MetricName, Series } from "./types";

export type Unit = "percent" | "bytes" | "bytes/s" | "number" | "seconds" | "per second";

/** Counters, and the parts of histograms and summaries that count, are shown as rates. */
export function isCounter({ name, type }: MetricName): boolean {
  if (type === "counter") return true;
  if (type === "gauge") return false;
  return /_(total|count|sum|bucket)$/.test(name);
}

export function unitOf(name: string, rated: boolean): Unit {
  const base = name.replace(/_(total|count|sum|bucket)$/, "");
  if (/_count$|_bucket$/.test(name)) return rated ? "per second" : "number";
  if (/_bytes$/.test(base)) return rated ? "bytes/s" : "bytes";
  if (/_percent$/.test(base)) return "percent";
  if (/_seconds$/.test(base) && !rated && !/_total$/.test(name)) return "seconds";
  return rated ? "per second" : "number";
}

export interface Explored extends PlotData {
  /** How many lines there were before the limit. */
  total: number;
  /** Labels that can be grouped by. */
  labels: string[];
}

/** `group`: empty for one line per series, `*` for one sum, else the label to sum by. */
export function explore(series: Series[], rated: boolean, group: string, limit: number): Explored {
  const shown = rated ? rateAll(series) : series;
  const labels = varyingLabels(series);
  let t: number[];
  let all: { name: string; values: (number | null)[] }[];
  if (group === "") {
    const aligned = align(shown);
    t = aligned.t;
    all = shown.map((one, i) => ({ name: legendName(one.labels, labels), values: aligned.columns[i] as (number | null)[] }));
  } else if (group === "*") {
    const aligned = align(shown);
    t = aligned.t;
    all = shown.length > 0 ? [{ name: "sum", values: sum(aligned.columns, t.length) }] : [];
  } else {
    const summed = sumBy(shown, group);
    t = summed.t;
    all = summed.groups.map(({ name, values }) => ({ name: name === "" ? "(none)" : name, values }));
  }
  const size = (one: { values: (number | null)[] }) => Math.abs(lastValue(one.values) ?? 0);
  all.sort((a, b) => size(b) - size(a) || a.name.localeCompare(b.name));
  const lines: Line[] = all.slice(0, limit).map((one, color) => ({ ...one, color }));
  return { t, lines, total: all.length, labels };
}
