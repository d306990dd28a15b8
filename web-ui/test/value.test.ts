import { describe, expect, test } from "vitest";
import type { Statement, Value } from "../src/lib/types";
import { asTable, formatBody, formatKey, formatScalar, inline, quote } from "../src/lib/value";

const text = (value: string): Value => ({ type: "string", value });
const array = (...value: Value[]): Value => ({ type: "array", value });
const object = (fields: Record<string, Value>): Value => ({ type: "object", value: Object.entries(fields).map(([key, value]) => ({ key, value })) });

describe("formatScalar", () => {
  test.each<[Value, string]>([
    [text('say "hi"\n\tC:\\x'), '"say \\"hi\\"\\n\\tC:\\\\x"'],
    [{ type: "number", value: 1.5 }, "1.5"],
    [{ type: "number", value: "9007199254740993" }, "9007199254740993"],
    [{ type: "bool", value: false }, "false"],
    [{ type: "null", value: null }, "null"],
    [{ type: "capsule", value: "(secret)" }, "(secret)"],
    [{ type: "function", value: "function" }, "function"],
  ])("%j", (value, expected) => {
    expect(formatScalar(value)).toBe(expected);
  });
});

test("keys are quoted unless they are identifiers", () => {
  expect(["a_1", "__address__", "1a", "a-b", ""].map(formatKey)).toEqual(["a_1", "__address__", '"1a"', '"a-b"', '""']);
  expect(quote("")).toBe('""');
});

describe("inline", () => {
  test.each<[string, Value, string | null]>([
    ["list", array(text("a"), text("b")), '["a", "b"]'],
    ["object", object({ a: text("x"), "b c": { type: "number", value: 2 } }), '{ a = "x", "b c" = 2 }'],
    ["empty", array(object({}), array()), "[{}, []]"],
    ["too long", array(text("0123456789"), text("0123456789"), text("0123456789")), null],
    ["a null list of the server", { type: "array", value: null as never }, "[]"],
  ])("%s", (_, value, expected) => {
    expect(inline(value, 30)).toBe(expected);
  });
});

test("formatBody writes the configuration's notation", () => {
  const body: Statement[] = [
    { name: "url", type: "attr", value: text("http://x") },
    { name: "timeout", type: "attr", value: text("5s") },
    { name: "basic_auth", type: "block", body: [{ name: "password", type: "attr", value: { type: "capsule", value: "(secret)" } }] },
    { name: "rule", type: "block", label: "one", body: [] },
    { name: "targets", type: "attr", value: array(object({ __address__: text("a".repeat(40)) }), object({ __address__: text("b".repeat(40)) })) },
  ];
  expect(formatBody(body)).toBe(`url     = "http://x"
timeout = "5s"
basic_auth {
  password = (secret)
}
rule "one" { }
targets = [
  { __address__ = "${"a".repeat(40)}" },
  { __address__ = "${"b".repeat(40)}" },
]
`);
});

describe("asTable", () => {
  test("collects columns in order of appearance", () => {
    expect(asTable(array(object({ a: text("1") }), object({ b: text("2"), a: text("3") })))).toEqual({
      columns: ["a", "b"],
      rows: [[text("1")], [text("3"), text("2")]],
    });
  });

  test.each<[string, Value]>([
    ["a single object", array(object({ a: text("1") }))],
    ["values that are no objects", array(text("1"), text("2"))],
    ["nested values", array(object({ a: array() }), object({ a: array() }))],
    ["objects without fields", array(object({}), object({}))],
    ["no list", text("1")],
  ])("refuses %s", (_, value) => {
    expect(asTable(value)).toBeNull();
  });
});
