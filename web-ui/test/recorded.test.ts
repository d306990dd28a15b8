// Recorded answers of the HTTP API, read in place when they are there.
import { describe, expect, test } from "vitest";
import { edgesOf } from "../src/lib/flow";
import { layout } from "../src/lib/layout";
import { MessageSplitter, parseDebugMessage } from "../src/lib/stream";
import type { Component } from "../src/lib/types";
import { formatBody } from "../src/lib/value";

interface Recording {
  responses: { path: string; status: number; body: unknown }[];
  live_debugging: { body: string };
}

const found = import.meta.glob<Recording>("../../../shared/conformance/http/recorded.json", { eager: true, import: "default" });
const recording = Object.values(found)[0];

if (!recording) console.log("skipped: no recorded answers");

describe.skipIf(!recording)("recorded answers", () => {
  const at = (path: string) => recording?.responses.find((one) => one.path === path)?.body;

  test("every component has a place in the graph, and sources stand left of what they feed", () => {
    const components = at("/api/v0/web/components") as Component[];
    const ids = components.map(({ localID }) => localID);
    const edges = edgesOf(components);
    const { nodes } = layout(ids, edges, { width: 10, height: 10 }, { column: 5, row: 5, part: 5 });
    expect([...nodes.keys()].sort()).toEqual([...ids].sort());
    expect(edges.length).toBeGreaterThan(0);
    for (const { from, to } of edges) expect(nodes.get(from)?.x).toBeLessThan(nodes.get(to)?.x ?? 0);
  });

  test("arguments read like the configuration they came from", () => {
    const { arguments: body = [], exports = [] } = at("/api/v0/web/components/loki.process.logs") as Component;
    expect(formatBody(body)).toBe(`forward_to = [loki.write.out.receiver]
stage.json {
  expressions = { level = "", msg = "message" }
}
stage.labels {
  values = { level = "" }
}
`);
    expect(formatBody(exports)).toBe("receiver = loki.process.logs.receiver\n");
  });

  test("debug messages are cut and tagged", () => {
    const splitter = new MessageSplitter();
    const messages = splitter.push(recording?.live_debugging.body ?? "").map(parseDebugMessage);
    expect(messages.map(({ tag }) => tag)).toEqual(["IN", "IN", "IN"]);
    // The recording stops within a message, which is held back until its separator comes.
    expect(splitter.push("|;|").map((one) => parseDebugMessage(one).tag)).toEqual(["OUT"]);
    expect(messages[0]?.text).toMatch(/^timestamp: /);
  });
});
