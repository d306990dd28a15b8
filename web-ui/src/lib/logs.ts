// The list behind the log view: merging, facets, which labels to show.
import { levelOf, type Level } from "./loglevel";
import type { LogEntry } from "./types";

export interface Row {
  id: number;
  entry: LogEntry;
  level: Level;
}

let nextID = 0;

export function toRow(entry: LogEntry): Row {
  return { id: (nextID += 1), entry, level: levelOf(entry.labels, entry.line) };
}

/** Orders times given as decimal text without losing digits. */
export function compareNanos(a: string, b: string): number {
  return a.length !== b.length ? a.length - b.length : a < b ? -1 : a > b ? 1 : 0;
}

function same(a: LogEntry, b: LogEntry): boolean {
  if (a.ts !== b.ts || a.line !== b.line) return false;
  const names = Object.keys(a.labels);
  return names.length === Object.keys(b.labels).length && names.every((name) => a.labels[name] === b.labels[name]);
}

/** Adds entries in any order to rows that are oldest first; entries that are there already are left out. */
export function addEntries(rows: Row[], entries: LogEntry[]): Row[] {
  if (entries.length === 0) return rows;
  const sorted = [...entries].sort((a, b) => compareNanos(a.ts, b.ts));
  const out: Row[] = [];
  let i = 0;
  for (const entry of sorted) {
    while (i < rows.length && compareNanos((rows[i] as Row).entry.ts, entry.ts) <= 0) out.push(rows[i++] as Row);
    let known = false;
    for (let j = out.length - 1; j >= 0 && (out[j] as Row).entry.ts === entry.ts; j -= 1) known ||= same((out[j] as Row).entry, entry);
    if (!known) out.push(toRow(entry));
  }
  while (i < rows.length) out.push(rows[i++] as Row);
  return out;
}

export interface Facet {
  name: string;
  values: [string, number][];
}

const MAX_VALUES = 60;

/** Labels of the rows with the number of rows for each value, the most frequent first. */
export function facets(rows: Row[]): Facet[] {
  const counts = new Map<string, Map<string, number>>();
  for (const { entry } of rows) {
    for (const [name, value] of Object.entries(entry.labels)) {
      const values = counts.get(name) ?? new Map<string, number>();
      values.set(value, (values.get(value) ?? 0) + 1);
      counts.set(name, values);
    }
  }
  return [...counts]
    .map(([name, values]) => ({ name, values: [...values].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, MAX_VALUES) }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

const TELLING = ["service_name", "service", "container", "container_name", "app", "job", "unit", "syslog_identifier", "namespace", "pod", "host", "instance", "filename"];
const SEVERITY = new Set(["level", "detected_level", "severity", "severity_text", "loglevel", "lvl", "priority"]);

/** The labels that tell rows apart best, at most `limit`: their values stand beside each line. */
export function chipLabels(found: Facet[], rowCount: number, limit: number): string[] {
  const useful = found.filter(({ name, values }) => {
    const rows = values.reduce((total, [, count]) => total + count, 0);
    // A label of few rows would leave a gap beside all the others.
    return !SEVERITY.has(name) && values.length < MAX_VALUES && rows >= rowCount / 2 && (values.length > 1 || rows < rowCount);
  });
  const rank = (name: string) => (TELLING.includes(name) ? TELLING.indexOf(name) : TELLING.length);
  return useful.sort((a, b) => rank(a.name) - rank(b.name) || a.values.length - b.values.length).slice(0, limit).map(({ name }) => name);
}

/** A label shown beside each line, with a width (in characters) that keeps the lines below each other. */
export interface Chip {
  name: string;
  width: number;
}

const WIDEST = 20;

export function chipsOf(found: Facet[], rowCount: number, limit: number): Chip[] {
  return chipLabels(found, rowCount, limit).map((name) => {
    const values = found.find((facet) => facet.name === name)?.values ?? [];
    return { name, width: Math.min(WIDEST, Math.max(...values.map(([value]) => shortValue(value).length))) };
  });
}

/** Last part of a path, so that chips of file names stay short. */
export function shortValue(value: string): string {
  const last = value.startsWith("/") ? value.slice(value.lastIndexOf("/") + 1) || value : value;
  return last.length > 28 ? `${last.slice(0, 27)}…` : last;
}

/** Pieces of `line` in and out of matches of `text`, ignoring case. */
export function highlight(line: string, text: string): { text: string; hit: boolean }[] {
  if (text === "") return [{ text: line, hit: false }];
  const out: { text: string; hit: boolean }[] = [];
  const lower = line.toLowerCase();
  const needle = text.toLowerCase();
  // Lower case of some characters is longer than they are: places would not fit.
  if (lower.length !== line.length) return [{ text: line, hit: false }];
  let at = 0;
  for (let hit = lower.indexOf(needle); hit >= 0 && out.length < 100; hit = lower.indexOf(needle, at)) {
    if (hit > at) out.push({ text: line.slice(at, hit), hit: false });
    out.push({ text: line.slice(hit, hit + needle.length), hit: true });
    at = hit + needle.length;
  }
  if (at < line.length || out.length === 0) out.push({ text: line.slice(at), hit: false });
  return out;
}

/** A line that is a JSON object or array, set out over several lines; null if it is not. */
export function prettyJSON(line: string): string | null {
  if (!/^\s*[[{]/.test(line)) return null;
  try {
    return JSON.stringify(JSON.parse(line), null, 2);
  } catch {
    return null;
  }
}
