import { describe, expect, test } from "vitest";
import { formatAgo, formatBytes, formatDuration, formatNumber, formatPercent, nanosToMillis, plural } from "../src/lib/format";
import { niceMax, niceTicks, timeTicks } from "../src/lib/scale";

describe("formatNumber", () => {
  test.each([
    [0, "0"], [0.0004, "4.0e-4"], [0.05, "0.05"], [0.425, "0.42"], [7, "7"], [7.126, "7.13"], [86.4, "86"], [100, "100"], [500, "500"],
    [999.7, "1k"], [1000, "1k"], [1234, "1.2k"], [28100, "28.1k"], [504_000_000, "504M"], [-2500, "-2.5k"], [Number.NaN, "NaN"], [Infinity, "Infinity"],
  ])("%d", (value, expected) => {
    expect(formatNumber(value)).toBe(expected);
  });
});

describe("formatBytes", () => {
  test.each([
    [0, "0 B"], [0.5, "0.5 B"], [512, "512 B"], [1024, "1 KiB"], [1536, "1.5 KiB"], [102400, "100 KiB"], [1048575, "1 MiB"], [16 * 1024 ** 3, "16 GiB"], [-2048, "-2 KiB"],
  ])("%d", (value, expected) => {
    expect(formatBytes(value)).toBe(expected);
  });
});

describe("formatDuration", () => {
  test.each([
    [0, "0 s"], [0.00025, "250 µs"], [0.0125, "13 ms"], [3.24, "3.2 s"], [60, "1 m"], [250, "4 m 10 s"], [7500, "2 h 5 m"], [273600, "3 d 4 h"], [-90, "-1 m 30 s"],
  ])("%d", (value, expected) => {
    expect(formatDuration(value)).toBe(expected);
  });
});

test("formatPercent", () => {
  expect([0, 0.04, 3.14, 50, 99.6, 100].map(formatPercent)).toEqual(["0%", "0%", "3.1%", "50%", "100%", "100%"]);
});

test("formatAgo", () => {
  const now = 1_000_000_000;
  expect([0, 12, 190, 7300, 200_000].map((seconds) => formatAgo(now - seconds * 1000, now))).toEqual(["just now", "12 s ago", "3 m ago", "2 h ago", "2 d ago"]);
  expect(formatAgo(Number.NaN, now)).toBe("unknown");
  expect(formatAgo(now + 5000, now)).toBe("just now");
});

test("nanosToMillis reads decimal text only", () => {
  expect(nanosToMillis("1760000000123456789")).toBeCloseTo(1760000000123.4568, 2);
  expect(nanosToMillis("yesterday")).toBeNaN();
});

test("plural", () => {
  expect([plural(1, "component"), plural(2, "component"), plural(0, "series", "series"), plural(1200, "line")]).toEqual(["1 component", "2 components", "0 series", "1,200 lines"]);
});

describe("niceTicks", () => {
  test.each([
    [0, 100, 4, false, [0, 25, 50, 75, 100]],
    [0, 2.6, 4, false, [0, 1, 2]],
    [-3, 3, 3, false, [-2, 0, 2]],
    [0, 0, 4, false, [0, 0.25, 0.5, 0.75, 1]],
    [0, 3 * 1024, 3, true, [0, 1024, 2048, 3072]],
    [0, 700 * 1024, 4, true, [0, 200 * 1024, 400 * 1024, 600 * 1024]],
    [0, Number.NaN, 4, false, []],
  ] as [number, number, number, boolean, number[]][])("%d to %d", (min, max, count, binary, expected) => {
    expect(niceTicks(min, max, count, binary)).toEqual(expected);
  });
});

test("niceMax ends on a mark", () => {
  expect([0, 0.7, 87, 100].map((max) => niceMax(max, 4))).toEqual([1, 0.8, 100, 100]);
});

test("timeTicks stand at round moments", () => {
  const { ticks, step } = timeTicks(61_000, 961_000, 3);
  expect(step).toBe(300_000);
  expect(ticks).toEqual([300_000, 600_000, 900_000]);
});
