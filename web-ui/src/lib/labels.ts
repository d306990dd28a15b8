// Label filters typed by people, and labels as text.
import type { Labels } from "./types";

export interface Matcher {
  name: string;
  value: string;
}

/** Reads `k=v, k2="v 2"`; also with braces. Parts without `=` are left out. */
export function parseMatchers(text: string): Matcher[] {
  const out: Matcher[] = [];
  const pattern = /([^\s,{}="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^,}"]*))/g;
  for (const match of text.matchAll(pattern)) {
    const quoted = match[2];
    const value = quoted !== undefined ? quoted.replace(/\\(.)/g, "$1") : (match[3] ?? "").trim();
    out.push({ name: match[1] as string, value });
  }
  return out;
}

export function formatMatchers(matchers: Matcher[]): string {
  return matchers.map(({ name, value }) => `${name}=${/[\s,"{}]/.test(value) || value === "" ? JSON.stringify(value) : value}`).join(", ");
}

export function matches(labels: Labels, matchers: Matcher[]): boolean {
  return matchers.every(({ name, value }) => (labels[name] ?? "") === value);
}

/** Labels for a legend: only the values when there is one name, else `name=value` pairs. */
export function legendName(labels: Labels, names: string[]): string {
  const present = names.filter((name) => name in labels);
  if (present.length === 0) return names.length === 0 ? "value" : "(none)";
  if (names.length === 1) return labels[names[0] as string] as string;
  return present.map((name) => `${name}=${labels[name]}`).join(" ");
}
