import { describe, expect, it, test } from "vitest";
import { align, interval, labelKey, lastValue, mergeSeries, rate, start, sum, sumBy, varyingLabels } from "../src/lib/series";
import type { Labels, Point } from "../src/lib/types";

const s = (labels: Labels, ...points: Point[]) => ({ labels, points });

describe("rate", () => {
  test.each<[string, Point[], Point[]]>([
    ["nothing", [], []],
    ["one point has no rate", [[0, 5]], []],
    ["increase per second", [[0, 0], [10_000, 50], [20_000, 50]], [[10_000, 5], [20_000, 0]]],
    ["a reset counts from zero", [[0, 100], [10_000, 30]], [[10_000, 3]]],
    ["a stale marker ends the run", [[0, 0], [10_000, 10], [20_000, null], [30_000, 40], [40_000, 50]], [[10_000, 1], [20_000, null], [40_000, 1]]],
    ["a repeated time is left out", [[0, 0], [0, 7], [10_000, 10]], [[10_000, 1]]],
    ["values that are not finite end the run", [[0, 0], [1000, Number.NaN], [2000, 4]], [[1000, null]]],
  ])("%s", (_, points, expected) => {
    expect(rate(points)).toEqual(expected);
  });
});

describe("align", () => {
  it("keeps a value for two and a half intervals, then has none", () => {
    const slow = s({ a: "1" }, [0, 1], [10, 2], [20, 3]);
    const long = s({ a: "2" }, [0, 5], [10, 5], [20, 5], [40, 5], [50, 5]);
    expect(align([slow, long])).toEqual({ t: [0, 10, 20, 40, 50], columns: [[1, 2, 3, 3, null], [5, 5, 5, 5, 5]] });
  });

  it("does not look ahead", () => {
    expect(align([s({}, [10, 1], [20, 1]), s({}, [0, 2], [10, 2])]).columns[0]).toEqual([null, 1, 1]);
  });

  it("shows staleness", () => {
    expect(align([s({}, [0, 1], [10, null], [20, 4])]).columns).toEqual([[1, null, 4]]);
  });
});

test("interval is the median distance", () => {
  expect(interval([[0, 1], [15, 1], [30, 1], [300, 1]])).toBe(15);
  expect(interval([])).toBe(15_000);
});

test("sum is null only where every column is", () => {
  expect(sum([[1, null, null], [2, 3, null]], 3)).toEqual([3, 3, null]);
  expect(sum([], 2)).toEqual([null, null]);
});

test("sumBy adds the series of one label value", () => {
  const result = sumBy([s({ mode: "user", cpu: "0" }, [0, 1]), s({ mode: "idle", cpu: "0" }, [0, 7]), s({ mode: "user", cpu: "1" }, [0, 2])], "mode");
  expect(result).toEqual({ t: [0], groups: [{ name: "idle", values: [7] }, { name: "user", values: [3] }] });
});

test("lastValue skips gaps at the end", () => {
  expect(lastValue([1, 2, null])).toBe(2);
  expect(lastValue([null])).toBeNull();
});

test("labelKey does not depend on the order of names", () => {
  expect(labelKey({ a: "1", b: "2" })).toBe(labelKey({ b: "2", a: "1" }));
  expect(labelKey({ a: "1" })).not.toBe(labelKey({ a: "2" }));
});

describe("mergeSeries", () => {
  const known = [s({ a: "1" }, [0, 1], [10, 2], [20, 3]), s({ a: "2" }, [0, 9])];

  it("replaces the overlap, appends, and drops what is too old", () => {
    expect(mergeSeries(known, [s({ a: "1" }, [20, 33], [30, 4])], 10)).toEqual([s({ a: "1" }, [10, 2], [20, 33], [30, 4])]);
  });

  it("keeps series without news and adds new ones", () => {
    expect(mergeSeries(known, [s({ a: "3" }, [5, 5])], 0)).toEqual([...known, s({ a: "3" }, [5, 5])]);
  });

  it("keeps the points of a series that came back empty", () => {
    expect(mergeSeries([s({}, [0, 1])], [s({})], 0)).toEqual([s({}, [0, 1])]);
  });
});

test("varyingLabels names labels that differ or are missing somewhere", () => {
  const labels: Labels[] = [{ __name__: "x", job: "a", cpu: "0" }, { __name__: "y", job: "a", cpu: "1", extra: "e" }];
  expect(varyingLabels(labels.map((one) => s(one)))).toEqual(["cpu", "extra"]);
});

test("a plot begins with the data, but shows at least a minute and at most the span", () => {
  const to = 10_000_000;
  const at = (...times: number[]) => times.map((time) => s({}, [time, 1], [to, 1]));
  expect(start(at(to - 400_000, to - 200_000), 900_000, to)).toBe(to - 400_000);
  expect(start(at(to - 4_000_000), 900_000, to)).toBe(to - 900_000);
  expect(start(at(to - 2000), 900_000, to)).toBe(to - 60_000);
  expect(start([], 900_000, to)).toBe(to - 60_000);
});
