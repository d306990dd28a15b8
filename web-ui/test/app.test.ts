import { describe, expect, test } from "vitest";
import { docsAddress, ownerOf } from "../src/lib/docs";
import { edgesOf, flowLabels, flowsByEdge, kindName } from "../src/lib/flow";
import { ratesOf, recentMean, remember, steadyRate } from "../src/lib/history";
import { fullID, link, moduleTrail, parseRoute, sibling } from "../src/lib/router";
import { filterComponents, sortComponents } from "../src/lib/select";
import { MessageSplitter, parseDebugMessage } from "../src/lib/stream";
import type { Component, HealthState, Status } from "../src/lib/types";
import { runs } from "../src/ui/draw";

const component = (localID: string, extra: Partial<Component> = {}, state: HealthState = "healthy", message = "started"): Component => ({
  name: localID.slice(0, localID.lastIndexOf(".")), localID, moduleID: "", referencesTo: [], referencedBy: [], dataFlowEdgesTo: [],
  health: { state, message, updatedTime: "2026-01-01T00:00:00Z" }, ...extra,
});

describe("routes", () => {
  test.each([
    ["", "overview", ""], ["#/", "overview", ""], ["#/components", "components", ""], ["#/components/a.b/c.d", "components", "a.b/c.d"],
    ["#/component/a.b/local.file.x", "component", "a.b/local.file.x"], ["#/component/", "components", ""], ["#/graph/m.x?q=1", "graph", "m.x"],
    ["#/clustering", "clustering", ""], ["#/nope/x", "missing", "nope/x"], ["#/component/a%2", "component", "a%2"],
  ])("%s", (hash, page, id) => {
    expect(parseRoute(hash)).toMatchObject({ page, id });
  });

  test("links lead back to their route", () => {
    expect(link("component", "m x/local.file.ä")).toBe("#/component/m%20x/local.file.%C3%A4");
    expect(parseRoute(link("component", "m x/local.file.ä")).id).toBe("m x/local.file.ä");
    const route = parseRoute(link("components", "", { q: "a&b", health: "" }));
    expect([...route.query]).toEqual([["q", "a&b"]]);
    expect(link("overview")).toBe("#/");
  });

  test("module paths", () => {
    expect(moduleTrail("a.x/b.y")).toEqual([{ name: "a.x", id: "a.x" }, { name: "b.y", id: "a.x/b.y" }]);
    expect(fullID({ moduleID: "a.x", localID: "c.z" })).toBe("a.x/c.z");
    expect(sibling("", "c.z")).toBe("c.z");
  });
});

describe("debug stream", () => {
  test("cuts messages whatever the chunks are", () => {
    const splitter = new MessageSplitter();
    expect([splitter.push("[IN]: a|"), splitter.push(";|[OUT]: b|;|c"), splitter.push("|;|")]).toEqual([[], ["[IN]: a", "[OUT]: b"], ["c"]]);
  });

  test.each([
    ["[IN]: x: y", "IN", "x: y"], ["[OUT]\nline1\nline2\n", "OUT", "line1\nline2"], ["plain", "", "plain"], ["[1,2]", "", "[1,2]"],
  ])("%s", (message, tag, text) => {
    expect(parseDebugMessage(message)).toEqual({ tag, text });
  });
});

describe("graph data", () => {
  const list = [
    component("a.x", { dataFlowEdgesTo: ["b.x", "c.x"] }), component("b.x", { referencesTo: ["a.x", "d.x"] }), component("c.x"), component("d.x"),
  ];
  const edges = edgesOf(list);

  test("references appear only where no data flows", () => {
    expect(edges).toEqual([{ from: "a.x", to: "b.x", data: true }, { from: "a.x", to: "c.x", data: true }, { from: "d.x", to: "b.x", data: false }]);
  });

  test("rates go over named edges, or over all", () => {
    const rates = [
      { componentID: "a.x", targetComponentIDs: [], type: "loki_log", rate: 2 },
      { componentID: "a.x", targetComponentIDs: ["c.x"], type: "otel_trace", rate: 1 },
      { componentID: "zz", targetComponentIDs: null, type: "target", rate: 9 },
    ];
    const flows = flowsByEdge(rates, edges);
    expect([...flows]).toEqual([["a.x\u0000b.x", { rate: 2, types: ["lines"] }], ["a.x\u0000c.x", { rate: 3, types: ["lines", "spans"] }]]);
    expect(flowLabels(flows, edges).map(({ to }) => to)).toEqual(["b.x", "c.x"]);
    expect(flowLabels(flowsByEdge(rates.slice(0, 1), edges), edges).map(({ from, to }) => [from, to])).toEqual([["a.x", null]]);
    expect(kindName("some_new_kind")).toBe("some new kind");
  });
});

describe("list of components", () => {
  const list = [component("b.one"), component("a.two", {}, "unhealthy", "cannot connect"), component("c.three", {}, "exited")];
  const found = (text: string, health = "", type = "") => filterComponents(list, { text, health, type }).map(({ localID }) => localID);

  test("every word must occur", () => {
    expect(found("")).toHaveLength(3);
    expect(found("CONNECT a.")).toEqual(["a.two"]);
    expect(found("connect b.")).toEqual([]);
    expect(found("", "exited")).toEqual(["c.three"]);
    expect(found("", "", "b")).toEqual(["b.one"]);
  });

  test("what is wrong comes first", () => {
    expect(sortComponents(list, "health", false).map(({ localID }) => localID)).toEqual(["a.two", "c.three", "b.one"]);
    expect(sortComponents(list, "id", true).map(({ localID }) => localID)).toEqual(["c.three", "b.one", "a.two"]);
  });
});

describe("rates of the process", () => {
  const at = (uptime_seconds: number, samples_total: number, started_at = "x"): { at: number; status: Status } => ({
    at: uptime_seconds * 1000,
    status: { version: "", started_at, uptime_seconds, config_path: "", memory_bytes: 7, cpu_seconds: uptime_seconds / 50, components: { healthy: 0, unhealthy: 0, unknown: 0, exited: 0 }, last_reload: null, samples_total, lines_total: 0 },
  });

  test("come from the change of the totals", () => {
    const rates = ratesOf([at(10, 100), at(12, 140), at(14, 140)]);
    expect(rates.samples).toEqual([20, 0]);
    expect(rates.cpu.map((value) => Math.round(value ?? 0))).toEqual([2, 2]);
    expect(rates.memory).toEqual([7, 7, 7]);
  });

  test("a restart forgets the past, and history has a limit", () => {
    expect(remember([at(10, 100)], at(11, 3, "y"), 5)).toEqual([at(11, 3, "y")]);
    expect(remember([at(1, 1), at(2, 2)], at(3, 3), 2)).toEqual([at(2, 2), at(3, 3)]);
  });

  test("steadyRate is the mean since the start until enough polls are known", () => {
    expect(steadyRate([0, 0, null], 600, 60)).toBe(10);
    expect(steadyRate([...Array(10).fill(0), ...Array(20).fill(3)], 600, 60)).toBe(3);
    expect(steadyRate([], 0, 0)).toBeNull();
  });

  test("recentMean", () => {
    expect(recentMean([100, 1, null, 3], 3)).toBe(2);
    expect(recentMean([null], 3)).toBeNull();
  });
});

test("docs exist for components of the reference only", () => {
  expect(docsAddress({ name: "loki.source.file" })).toMatch(/components\/loki\/loki\.source\.file\/$/);
  expect(docsAddress({ name: "local.recent" })).toBeNull();
  expect(docsAddress({ name: "doubler" })).toBeNull();
  expect(docsAddress({ name: "imported.doubler", createdModuleIDs: ["imported.doubler.x"] })).toBeNull();
});

test("ownerOf prefers the longest id", () => {
  expect(ownerOf("loki.write.out.receiver", ["loki.write.out", "loki.write", "loki.write.o"])).toBe("loki.write.out");
  expect(ownerOf("(secret)", ["a.b"])).toBeNull();
});

test("runs are stretches without a gap", () => {
  expect(runs([null, 1, 2, null, 3, Number.NaN])).toEqual([[1, 3], [4, 5]]);
});
