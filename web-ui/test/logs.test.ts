import { describe, expect, test } from "vitest";
import { levelOf } from "../src/lib/loglevel";
import { addEntries, chipsOf, compareNanos, facets, highlight, prettyJSON, shortValue, toRow } from "../src/lib/logs";
import { formatMatchers, legendName, matches, parseMatchers } from "../src/lib/labels";
import { diagnosticLines } from "../src/lib/diagnostic";
import type { Labels, LogEntry } from "../src/lib/types";

const entry = (ts: string, line = ts, labels: Labels = {}): LogEntry => ({ ts, line, labels });

describe("levelOf", () => {
  test.each<[Labels, string, string]>([
    [{ level: "WARNING" }, "error: no", "warn"],
    [{ severity: "Err" }, "", "error"],
    [{ level: "purple" }, "level=debug x", "debug"],
    [{}, 'ts=1 level=warn msg="x"', "warn"],
    [{}, '{"a":1,"level":"error","msg":"x"}', "error"],
    [{}, "2024-01-01 10:00:00 [ERROR] x", "error"],
    [{}, "INFO: started", "info"],
    [{}, "F: FATAL: cannot open", "critical"],
    [{}, "no errors found, all is well", "none"],
    [{}, "the INFORMATION desk", "none"],
    [{}, "", "none"],
  ])("%j %s", (labels, line, expected) => {
    expect(levelOf(labels, line)).toBe(expected);
  });
});

describe("addEntries", () => {
  const ts = (rows: { entry: LogEntry }[]) => rows.map((row) => row.entry.ts);

  test("orders by time, also times of different length", () => {
    expect(ts(addEntries([], [entry("100"), entry("99"), entry("101")]))).toEqual(["99", "100", "101"]);
    expect(compareNanos("1760000000123456789", "1760000000123456788")).toBeGreaterThan(0);
  });

  test("inserts older and newer entries around rows, which stay the same objects", () => {
    const rows = addEntries([], [entry("10"), entry("20")]);
    const more = addEntries(rows, [entry("15"), entry("30"), entry("5")]);
    expect(ts(more)).toEqual(["5", "10", "15", "20", "30"]);
    expect(more[1]).toBe(rows[0]);
  });

  test("leaves out what is known, but not another line of the same moment", () => {
    const rows = addEntries([], [entry("10", "a"), entry("10", "b")]);
    expect(addEntries(rows, [entry("10", "a"), entry("10", "c"), entry("10", "b", { x: "1" })]).map((row) => row.entry.line)).toEqual(["a", "b", "c", "b"]);
  });
});

test("facets count values, the most frequent first", () => {
  const rows = [entry("1", "", { job: "a" }), entry("2", "", { job: "b" }), entry("3", "", { job: "b", host: "h" })].map(toRow);
  expect(facets(rows)).toEqual([{ name: "host", values: [["h", 1]] }, { name: "job", values: [["b", 2], ["a", 1]] }]);
});

test("chips are labels that tell lines apart and that most lines have", () => {
  const rows = [
    entry("1", "", { job: "a", level: "info", same: "x", z: "1" }), entry("2", "", { job: "long", level: "warn", same: "x", z: "2" }), entry("3", "", { job: "a", level: "warn", same: "x", rare: "r", z: "2" }),
  ].map(toRow);
  expect(chipsOf(facets(rows), rows.length, 2)).toEqual([{ name: "job", width: 4 }, { name: "z", width: 1 }]);
});

test("shortValue keeps the last part of a path", () => {
  expect(shortValue("/var/log/nginx/access.log")).toBe("access.log");
  expect(shortValue("/var/log/")).toBe("/var/log/");
  expect(shortValue("x".repeat(40))).toHaveLength(28);
});

test("highlight marks every match and loses no text", () => {
  expect(highlight("Error: an error", "ERROR")).toEqual([{ text: "Error", hit: true }, { text: ": an ", hit: false }, { text: "error", hit: true }]);
  expect(highlight("abc", "")).toEqual([{ text: "abc", hit: false }]);
  expect(highlight("a".repeat(500), "a").map(({ text }) => text).join("")).toHaveLength(500);
});

test("prettyJSON", () => {
  expect(prettyJSON('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(prettyJSON("{not json")).toBeNull();
  expect(prettyJSON("12")).toBeNull();
});

describe("matchers", () => {
  test.each([
    ["job=a", [{ name: "job", value: "a" }]],
    ['{job="a b", code=200}', [{ name: "job", value: "a b" }, { name: "code", value: "200" }]],
    ['x="say \\"hi\\""', [{ name: "x", value: 'say "hi"' }]],
    ["x=", [{ name: "x", value: "" }]],
    ["nonsense", []],
  ])("%s", (text, expected) => {
    expect(parseMatchers(text)).toEqual(expected);
    expect(parseMatchers(formatMatchers(expected))).toEqual(expected);
  });

  test("an absent label equals the empty value", () => {
    expect(matches({ a: "1" }, [{ name: "a", value: "1" }, { name: "b", value: "" }])).toBe(true);
    expect(matches({ a: "1" }, [{ name: "a", value: "2" }])).toBe(false);
  });

  test("legendName", () => {
    expect(legendName({ job: "a", cpu: "0" }, ["cpu"])).toBe("0");
    expect(legendName({ job: "a", cpu: "0" }, ["cpu", "job"])).toBe("cpu=0 job=a");
    expect(legendName({}, [])).toBe("value");
  });
});

test("diagnosticLines recognises the parts of an error and strips colour codes", () => {
  const text = "\u001b[31merror: bad\u001b[0m\n  --> c.alloy:1:2\n   |\n 1 | x = y\n   |     ^ here\n   = help: z\nplain\n";
  expect(diagnosticLines(text).map((line) => line.map(({ kind }) => kind).join("+"))).toEqual([
    "error", "place", "gutter+text", "gutter+text", "gutter+mark", "help", "text",
  ]);
  expect(diagnosticLines(text).map((line) => line.map((part) => part.text).join(""))[3]).toBe(" 1 | x = y");
});
