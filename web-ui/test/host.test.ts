import { describe, expect, test } from "vitest";
import { explore, isCounter, unitOf } from "../src/lib/explore";
import { filesystems, instances, ofInstance, PANELS, type Data } from "../src/lib/host";
import type { Labels, Point, Series } from "../src/lib/types";

const s = (labels: Labels, ...points: Point[]): Series => ({ labels, points });
const panel = (id: string, data: Record<string, Series[]>) => PANELS.find((one) => one.id === id)?.compute(new Map(Object.entries(data)));

describe("panels", () => {
  test("CPU is the share of each mode in all of them", () => {
    const result = panel("cpu", {
      node_cpu_seconds_total: [
        s({ cpu: "0", mode: "user" }, [0, 0], [10_000, 2]), s({ cpu: "1", mode: "user" }, [0, 0], [10_000, 2]),
        s({ cpu: "0", mode: "system" }, [0, 0], [10_000, 1]), s({ cpu: "1", mode: "system" }, [0, 0], [10_000, 0]),
        s({ cpu: "0", mode: "idle" }, [0, 0], [10_000, 7]), s({ cpu: "1", mode: "idle" }, [0, 0], [10_000, 8]),
        s({ cpu: "0", mode: "steal" }, [0, 0], [10_000, 0]),
      ],
    });
    expect(result?.plot.lines.map(({ name, values }) => [name, values])).toEqual([["user", [20]], ["system", [5]]]);
    expect(result?.headline).toEqual({ value: 25, note: "busy" });
  });

  test("memory in use is what is not available", () => {
    const gauge = (value: number) => [s({}, [0, value])];
    const result = panel("memory", {
      node_memory_MemTotal_bytes: gauge(100), node_memory_MemFree_bytes: gauge(20), node_memory_MemAvailable_bytes: gauge(60),
      node_memory_Buffers_bytes: gauge(5), node_memory_Cached_bytes: gauge(30), node_memory_SReclaimable_bytes: gauge(5),
    });
    expect(result?.plot.lines.map(({ values }) => values)).toEqual([[40], [40]]);
    expect(result?.headline).toEqual({ value: 40, note: "in use" });
  });

  test("network leaves out interfaces that are not physical, unless there are no others", () => {
    const receive = (...devices: string[]) => ({ node_network_receive_bytes_total: devices.map((device) => s({ device }, [0, 0], [1000, 10])) });
    const received = (data: Record<string, Series[]>) => panel("network", data)?.plot.lines[0]?.values;
    expect(received(receive("eth0", "lo", "veth1"))).toEqual([10]);
    expect(received(receive("lo", "veth1"))).toEqual([20]);
  });

  test("what is sent is drawn below the axis", () => {
    const result = panel("network", { node_network_transmit_bytes_total: [s({ device: "eth0" }, [0, 0], [1000, 10])] });
    expect(result?.plot.lines.map(({ values }) => values)).toEqual([[null], [-10]]);
  });

  test("without series there is no plot", () => {
    for (const { compute } of PANELS) expect(compute(new Map())).toBeNull();
  });
});

test("filesystems lists each device once, fullest first, without pseudo filesystems", () => {
  const make = (mountpoint: string, device: string, fstype: string, value: number) => s({ mountpoint, device, fstype }, [0, value]);
  const data: Data = new Map([
    ["node_filesystem_size_bytes", [make("/", "sda1", "ext4", 100), make("/mnt/again", "sda1", "ext4", 100), make("/data", "sdb", "xfs", 100), make("/run", "tmpfs", "tmpfs", 10), make("/gone", "sdc", "ext4", 10)]],
    ["node_filesystem_avail_bytes", [make("/", "sda1", "ext4", 60), make("/mnt/again", "sda1", "ext4", 60), make("/data", "sdb", "xfs", 10), make("/run", "tmpfs", "tmpfs", 10)]],
  ]);
  expect(filesystems(data).map(({ mountpoint, used }) => [mountpoint, used])).toEqual([["/data", 90], ["/", 40]]);
});

test("instances and ofInstance", () => {
  const data: Data = new Map([["node_load1", [s({ instance: "b" }, [0, 1]), s({ instance: "a" }, [0, 2])]]]);
  expect(instances(data)).toEqual(["a", "b"]);
  expect(ofInstance(data, "a").get("node_load1")).toEqual([s({ instance: "a" }, [0, 2])]);
  expect(ofInstance(data, "")).toBe(data);
});

describe("explorer", () => {
  test.each([
    ["x_total", "counter", true], ["x_total", "unknown", true], ["x_bucket", "histogram", true], ["x_count", "summary", true], ["x", "unknown", false], ["x_total", "gauge", false],
  ] as const)("%s of type %s is a counter: %s", (name, type, expected) => {
    expect(isCounter({ name, type, series: 1 })).toBe(expected);
  });

  test.each([
    ["node_network_receive_bytes_total", true, "bytes/s"], ["process_resident_memory_bytes", false, "bytes"], ["request_duration_seconds", false, "seconds"],
    ["request_duration_seconds_count", true, "per second"], ["http_requests_total", true, "per second"], ["http_requests_total", false, "number"], ["battery_percent", false, "percent"],
  ] as const)("unit of %s, as rate %s", (name, rated, expected) => {
    expect(unitOf(name, rated)).toBe(expected);
  });

  const series = [s({ job: "a", code: "200" }, [0, 0], [1000, 5]), s({ job: "a", code: "500" }, [0, 0], [1000, 1])];

  test("shows the largest series, named by what differs", () => {
    const result = explore(series, false, "", 1);
    expect(result).toMatchObject({ total: 2, labels: ["code"], lines: [{ name: "200", values: [0, 5] }] });
  });

  test("sums all, or by label", () => {
    expect(explore(series, true, "*", 10).lines).toEqual([{ name: "sum", values: [6], color: 0 }]);
    expect(explore(series, true, "job", 10).lines).toEqual([{ name: "a", values: [6], color: 0 }]);
  });

  test("nothing stays nothing", () => {
    expect(explore([], true, "*", 10)).toEqual({ t: [], lines: [], total: 0, labels: [] });
  });
});
