// Values of arguments, exports and debug info as text in the configuration's notation.
import type { Field, Statement, Value } from "./types";

export function quote(text: string): string {
  return `"${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t")}"`;
}

/** A key as it may stand in an object: bare if it is an identifier. */
export function formatKey(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : quote(key);
}

export function isScalar(value: Value): boolean {
  return value.type !== "array" && value.type !== "object";
}

export function items(value: Value): (Value | Field)[] {
  if (value.type !== "array" && value.type !== "object") return [];
  return value.value ?? [];
}

export function formatScalar(value: Value): string {
  switch (value.type) {
    case "string":
      return quote(String(value.value ?? ""));
    case "number":
    case "bool":
    case "capsule":
    case "function":
      return String(value.value);
    default:
      return "null";
  }
}

/** The value on one line, or null when that would be longer than `limit` characters. */
export function inline(value: Value, limit: number): string | null {
  let text: string;
  if (value.type === "array") {
    const parts: string[] = [];
    for (const item of value.value ?? []) {
      const part = inline(item, limit);
      if (part === null || parts.length > limit) return null;
      parts.push(part);
    }
    text = `[${parts.join(", ")}]`;
  } else if (value.type === "object") {
    const parts: string[] = [];
    for (const { key, value: field } of value.value ?? []) {
      const part = inline(field, limit);
      if (part === null || parts.length > limit) return null;
      parts.push(`${formatKey(key)} = ${part}`);
    }
    text = parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
  } else {
    text = formatScalar(value);
  }
  return text.length <= limit ? text : null;
}

const INDENT = "  ";

/** The whole body as text in the configuration's notation, for the clipboard. */
export function formatBody(body: Statement[], indent = ""): string {
  const widest = Math.max(0, ...body.map((one) => (one.type === "attr" ? one.name.length : 0)));
  return body.map((one) => {
    if (one.type === "attr") return `${indent}${one.name.padEnd(widest)} = ${formatValue(one.value, indent)}\n`;
    const head = `${indent}${one.name}${one.label ? ` ${quote(one.label)}` : ""}`;
    return (one.body ?? []).length === 0 ? `${head} { }\n` : `${head} {\n${formatBody(one.body, indent + INDENT)}${indent}}\n`;
  }).join("");
}

export function formatValue(value: Value, indent = ""): string {
  const short = inline(value, 80);
  if (short !== null) return short;
  const inner = indent + INDENT;
  if (value.type === "array") {
    return `[\n${value.value.map((item) => `${inner}${formatValue(item, inner)},\n`).join("")}${indent}]`;
  }
  if (value.type === "object") {
    return `{\n${value.value.map(({ key, value: field }) => `${inner}${formatKey(key)} = ${formatValue(field, inner)},\n`).join("")}${indent}}`;
  }
  return formatScalar(value);
}

export interface Table {
  columns: string[];
  rows: (Value | undefined)[][];
}

/**
 * A list of objects as a table, if it reads better so: at least two objects whose fields are all
 * scalars. Columns stand in the order in which they first appear.
 */
export function asTable(value: Value): Table | null {
  if (value.type !== "array" || (value.value ?? []).length < 2) return null;
  const columns: string[] = [];
  const places = new Map<string, number>();
  const rows: (Value | undefined)[][] = [];
  for (const item of value.value) {
    if (item.type !== "object") return null;
    const row: (Value | undefined)[] = [];
    for (const { key, value: field } of item.value ?? []) {
      if (!isScalar(field)) return null;
      if (!places.has(key)) places.set(key, columns.push(key) - 1);
      row[places.get(key) as number] = field;
    }
    rows.push(row);
  }
  return columns.length === 0 ? null : { columns, rows };
}
