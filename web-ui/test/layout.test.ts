import { describe, expect, it, test } from "vitest";
import { acyclic, connectedParts, curve, fit, layers, layout, spread, type Edge } from "../src/lib/layout";

const SIZE = { width: 100, height: 40 };
const SPACING = { column: 50, row: 10, part: 30 };

/** Reads `a>b b>c`. */
function edges(text: string): Edge[] {
  return text.split(" ").filter(Boolean).map((pair) => {
    const [from = "", to = ""] = pair.split(">");
    return { from, to };
  });
}

const ids = (text: string) => [...new Set(text.split(/[ >]/).filter(Boolean))];

function draw(text: string, more: string[] = []) {
  return layout([...ids(text), ...more], edges(text), SIZE, SPACING);
}

describe("layers", () => {
  test.each<[string, Record<string, number>]>([
    ["a>b b>c", { a: 0, b: 1, c: 2 }],
    ["a>b b>c a>c", { a: 0, b: 1, c: 2 }],
    ["a>b b>c x>c", { a: 0, b: 1, c: 2, x: 1 }],
    ["a>c b>c c>d c>e", { a: 0, b: 0, c: 1, d: 2, e: 2 }],
  ])("%s", (text, expected) => {
    expect(Object.fromEntries(layers(ids(text), edges(text)))).toEqual(expected);
  });
});

test("acyclic turns one edge of each cycle round and leaves the others", () => {
  const turned = acyclic(["a", "b", "c"], edges("a>b b>c c>a"));
  expect(turned).toEqual(edges("a>b b>c a>c"));
});

test("connectedParts", () => {
  expect(connectedParts(["a", "b", "c", "d"], edges("a>c d>c"))).toEqual([["a", "c", "d"], ["b"]]);
});

describe("spread", () => {
  test.each<[string, number[], number[], number[]]>([
    ["nothing", [], [], []],
    ["far apart stays", [0, 100], [0, 10], [0, 100]],
    ["equal wishes share their middle", [50, 50], [0, 10], [45, 55]],
    ["the order stays", [100, 0], [0, 10], [45, 55]],
    ["pools join pools", [0, 0, 0], [0, 10, 10], [-10, 0, 10]],
  ])("%s", (_, wanted, gaps, expected) => {
    expect(spread(wanted, gaps)).toEqual(expected);
  });
});

describe("layout", () => {
  it("puts a chain on one line from left to right", () => {
    const { nodes, width, height } = draw("a>b b>c");
    expect([...nodes]).toEqual([["a", { x: 50, y: 20 }], ["b", { x: 200, y: 20 }], ["c", { x: 350, y: 20 }]]);
    expect({ width, height }).toEqual({ width: 400, height: 40 });
  });

  it("never lets nodes overlap", () => {
    const text = "a>d b>d c>d a>e b>f f>g d>g e>g a>g h>i i>g x>y";
    const { nodes } = draw(text, ["alone1", "alone2"]);
    const spots = [...nodes.values()];
    expect(spots).toHaveLength(ids(text).length + 2);
    spots.forEach((one, i) => spots.slice(i + 1).forEach((other) => {
      expect(Math.abs(one.x - other.x) >= SIZE.width || Math.abs(one.y - other.y) >= SIZE.height - 1e-6).toBe(true);
    }));
  });

  it("keeps everything inside its size", () => {
    const { nodes, width, height } = draw("a>b a>c a>d e>f", ["g"]);
    for (const { x, y } of nodes.values()) {
      expect(x - SIZE.width / 2).toBeGreaterThanOrEqual(-1e-6);
      expect(y - SIZE.height / 2).toBeGreaterThanOrEqual(-1e-6);
      expect(x + SIZE.width / 2).toBeLessThanOrEqual(width + 1e-6);
      expect(y + SIZE.height / 2).toBeLessThanOrEqual(height + 1e-6);
    }
  });

  it("untangles crossing edges", () => {
    const { nodes } = layout(["a", "b", "y", "x"], edges("a>x b>y"), SIZE, SPACING);
    const y = (id: string) => nodes.get(id)?.y ?? 0;
    expect(y("a") < y("b")).toBe(y("x") < y("y"));
  });

  it("starts an edge at its source even if it was turned to break a cycle", () => {
    const { edges: drawn, nodes } = draw("a>b b>a");
    for (const { edge, path } of drawn) {
      expect(path[0]?.y).toBe(nodes.get(edge.from)?.y);
      expect(path.at(-1)?.y).toBe(nodes.get(edge.to)?.y);
    }
  });

  it("leaves out edges to unknown nodes, to oneself, and repeated ones", () => {
    expect(layout(["a", "b"], edges("a>b a>b a>a a>zz"), SIZE, SPACING).edges).toHaveLength(1);
  });

  it("is empty for nothing", () => {
    expect(layout([], [], SIZE, SPACING)).toEqual({ width: 0, height: 0, nodes: new Map(), edges: [] });
  });

  it("handles a thousand nodes quickly", () => {
    const many = Array.from({ length: 1000 }, (_, i) => `n${i}`);
    const links = many.slice(1).map((to, i) => ({ from: `n${Math.floor(i / 3)}`, to }));
    const before = performance.now();
    expect(layout(many, links, SIZE, SPACING).nodes.size).toBe(1000);
    expect(performance.now() - before).toBeLessThan(3000);
  });
});

describe("fit", () => {
  test.each([
    ["small is centred at its own size", { width: 200, height: 100 }, { scale: 1, x: 400, y: 200 }],
    ["large is shrunk", { width: 1904, height: 100 }, { scale: 0.5, x: 24, y: 225 }],
    ["what would be too small starts at its beginning", { width: 500, height: 9000 }, { scale: 0.7, x: 325, y: 24 }],
    ["nothing", { width: 0, height: 0 }, { scale: 1, x: 500, y: 250 }],
  ])("%s", (_, drawing, expected) => {
    expect(fit(drawing, 1000, 500)).toEqual(expected);
  });
});

test("curve", () => {
  expect(curve([])).toBe("");
  expect(curve([{ x: 0, y: 0 }, { x: 10, y: 0 }])).toBe("M0,0L10,0");
  expect(curve([{ x: 0, y: 0 }, { x: 10, y: 20 }])).toBe("M0,0C5,0 5,20 10,20");
});
