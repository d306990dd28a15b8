// Made-up contents of a `local.recent` component: an hour of host metrics and a stream of log lines.

const STEP = 15_000;
const WINDOW = 3600_000;

/** Smooth noise in [0, 1] that depends only on its arguments, so every call tells the same story. */
function noise(seed, t) {
  const x = t / 1000;
  const value = Math.sin(x / 41 + seed * 7.1) + 0.6 * Math.sin(x / 13 + seed * 3.7) + 0.35 * Math.sin(x / 5.3 + seed * 11.3) + 0.25 * Math.sin(x * seed);
  return Math.max(0, Math.min(1, 0.5 + value / 4));
}

const GIB = 1024 ** 3;

/** Adds one counter: the sum of `perSecond` over the steps since a fixed beginning. */
function counter(perSecond, begin, from, to) {
  const points = [];
  let total = 1000;
  for (let t = begin; t <= to; t += STEP) {
    total += (perSecond(t) * STEP) / 1000;
    if (t >= from) points.push([t, Math.round(total * 1000) / 1000]);
  }
  return points;
}

function gauge(value, from, to) {
  const points = [];
  for (let t = from; t <= to; t += STEP) points.push([t, value(t)]);
  return points;
}

const CPU_MODES = { user: 0.22, system: 0.08, iowait: 0.05, softirq: 0.01, nice: 0.004, steal: 0 };

function hostMetrics(instance, offset) {
  const out = [];
  const add = (name, type, labels, make) => out.push({ name, type, labels: { instance, job: "host", ...labels }, make });
  for (let cpu = 0; cpu < 4; cpu += 1) {
    for (const [mode, share] of Object.entries(CPU_MODES)) {
      add("node_cpu_seconds_total", "counter", { cpu: String(cpu), mode }, (t) => share * 2 * noise(cpu + share * 10 + offset, t));
    }
    add("node_cpu_seconds_total", "counter", { cpu: String(cpu), mode: "idle" }, (t) => {
      let used = 0;
      for (const share of Object.values(CPU_MODES)) used += share * 2 * noise(cpu + share * 10 + offset, t);
      return Math.max(0, 1 - used);
    });
  }
  const memory = { MemTotal: () => 16 * GIB, MemFree: (t) => (5.2 - 1.6 * noise(1 + offset, t / 3)) * GIB, MemAvailable: (t) => (10.6 - 1.6 * noise(1 + offset, t / 3)) * GIB, Buffers: () => 0.4 * GIB, Cached: () => 4.6 * GIB, SReclaimable: () => 0.3 * GIB };
  for (const [name, make] of Object.entries(memory)) add(`node_memory_${name}_bytes`, "gauge", {}, make);
  add("node_load1", "gauge", {}, (t) => 0.4 + 2.2 * noise(2 + offset, t));
  add("node_load5", "gauge", {}, (t) => 0.6 + 1.5 * noise(2 + offset, t / 2));
  add("node_load15", "gauge", {}, (t) => 0.8 + 0.9 * noise(2 + offset, t / 5));
  for (const [device, size] of [["eth0", 1], ["lo", 0.3], ["veth12ab", 0.5]]) {
    add("node_network_receive_bytes_total", "counter", { device }, (t) => size * 2.4e6 * noise(3 + offset, t) ** 3);
    add("node_network_transmit_bytes_total", "counter", { device }, (t) => size * 0.9e6 * noise(4 + offset, t) ** 2);
  }
  add("node_disk_read_bytes_total", "counter", { device: "nvme0n1" }, (t) => 6e6 * noise(5 + offset, t) ** 5);
  add("node_disk_written_bytes_total", "counter", { device: "nvme0n1" }, (t) => 3.5e6 * noise(6 + offset, t) ** 2);
  for (const [mountpoint, device, size, used, fstype] of [["/", "/dev/nvme0n1p2", 230, 0.47, "ext4"], ["/boot", "/dev/nvme0n1p1", 1, 0.31, "vfat"], ["/srv/data", "/dev/sda1", 3600, 0.86, "xfs"], ["/var/lib/docker", "/dev/nvme0n1p3", 120, 0.93, "ext4"], ["/run", "tmpfs", 1.6, 0.02, "tmpfs"]]) {
    add("node_filesystem_size_bytes", "gauge", { mountpoint, device, fstype }, () => size * GIB);
    add("node_filesystem_avail_bytes", "gauge", { mountpoint, device, fstype }, () => size * (1 - used) * GIB);
  }
  return out;
}

function appMetrics() {
  const out = [];
  for (const [i, handler] of ["/api/orders", "/api/users", "/healthz", "/login", "/static"].entries()) {
    for (const code of ["200", "404", "500"]) {
      out.push({
        name: "http_requests_total", type: "counter", labels: { instance: "web-1", job: "shop", handler, code },
        make: (t) => (20 / (i + 1)) * noise(i + Number(code), t) * (code === "200" ? 1 : 0.05),
      });
    }
    out.push({ name: "http_request_duration_seconds_sum", type: "unknown", labels: { job: "shop", handler }, make: (t) => 0.4 * noise(i, t) });
  }
  out.push({ name: "up", type: "gauge", labels: { instance: "web-1", job: "shop" }, make: () => 1 });
  out.push({ name: "up", type: "gauge", labels: { instance: "db-1", job: "db" }, make: (t) => (noise(9, t) > 0.2 ? 1 : 0) });
  for (let i = 0; i < 40; i += 1) out.push({ name: `process_example_${i}_value`, type: "gauge", labels: { job: "shop" }, make: (t) => 10 * noise(i, t) });
  return out;
}

const PATHS = ["/api/orders", "/api/users/418", "/login", "/static/app.css", "/search?q=iron"];
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const ip = () => `10.0.${Math.floor(Math.random() * 4)}.${Math.floor(Math.random() * 250)}`;
const LINES = [
  () => ({ labels: { job: "nginx", host: "web-1", filename: "/var/log/nginx/access.log" }, line: `${ip()} - - "GET ${pick(PATHS)} HTTP/1.1" ${pick([200, 200, 200, 304, 404])} ${Math.floor(Math.random() * 9000)} "Mozilla/5.0 (X11; Linux x86_64)"` }),
  () => ({ labels: { job: "shop", host: "web-1", level: "info" }, line: JSON.stringify({ level: "info", message: "order placed", order: Math.floor(Math.random() * 90000), total: 19.9, customer: { id: 88, country: "DE" } }) }),
  () => ({ labels: { job: "shop", host: "web-1", level: "debug" }, line: `level=debug msg="cache lookup" key=user:${Math.floor(Math.random() * 500)} hit=${Math.random() > 0.3} took=${(Math.random() * 3).toFixed(2)}ms` }),
  () => ({ labels: { job: "sshd", host: "bastion", unit: "ssh.service" }, line: `Failed password for invalid user admin from ${ip()} port 52144 ssh2` }),
  () => ({ labels: { job: "shop", host: "web-2", level: "warn" }, line: `level=warn msg="slow query" took=${(1 + Math.random() * 3).toFixed(2)}s statement="SELECT * FROM orders WHERE customer_id = $1 ORDER BY created_at DESC"` }),
  () => ({ labels: { job: "postgres", host: "db-1" }, line: `${new Date().toISOString()} [812] ERROR: duplicate key value violates unique constraint "orders_pkey"` }),
  () => ({ labels: { job: "kernel", host: "web-1", level: "info" }, line: "audit: type=1400 apparmor=\"STATUS\" operation=\"profile_replace\" name=\"docker-default\"" }),
];
const WEIGHTS = [9, 5, 6, 1, 1, 0.5, 1];

export class Recent {
  constructor(hosts) {
    this.begin = Math.floor((Date.now() - WINDOW) / STEP) * STEP;
    this.metrics = [...Array.from({ length: hosts }, (_, i) => hostMetrics(`host-${i + 1}`, i * 0.37)).flat(), ...appMetrics()];
    this.entries = [];
    this.nanos = BigInt(Date.now()) * 1000000n;
    for (let ago = 900_000; ago > 0; ago -= 700) this.add(Date.now() - ago);
  }

  add(ms) {
    const at = BigInt(Math.floor(ms)) * 1000000n + BigInt(Math.floor(Math.random() * 1e6));
    this.nanos = at > this.nanos || this.entries.length === 0 ? at : this.nanos + 1n;
    const entry = { ts: String(ms < Date.now() - 500 ? at : this.nanos), ...this.randomEntry() };
    this.entries.push(entry);
    if (this.entries.length > 20000) this.entries.splice(0, 5000);
    return entry;
  }

  randomEntry() {
    let at = Math.random() * WEIGHTS.reduce((a, b) => a + b);
    return LINES[WEIGHTS.findIndex((weight) => (at -= weight) < 0)]();
  }

  names() {
    const found = new Map();
    for (const { name, type } of this.metrics) {
      const one = found.get(name) ?? { name, series: 0, type };
      one.series += 1;
      found.set(name, one);
    }
    return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  series(name, match, since) {
    const wanted = match.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]);
    const from = Math.max(this.begin, Math.ceil(since / STEP) * STEP);
    return this.metrics
      .filter((one) => one.name === name && wanted.every(([key, value]) => (one.labels[key] ?? "") === value))
      .map(({ labels, make, name: metric, type }) => {
        const counts = type === "counter" || metric.endsWith("_sum");
        return { labels, points: counts ? counter(make, this.begin, from, Date.now()) : gauge(make, from, Date.now()) };
      });
  }

  matches({ line, labels }, query) {
    const text = (query.get("q") ?? "").toLowerCase();
    return line.toLowerCase().includes(text) && query.getAll("label").every((one) => labels[one.slice(0, one.indexOf("="))] === one.slice(one.indexOf("=") + 1));
  }

  logs(query) {
    const before = query.get("before");
    const found = this.entries.filter((entry) => this.matches(entry, query) && (before === null || BigInt(entry.ts) < BigInt(before)));
    return found.slice(-Number(query.get("limit") ?? 100)).reverse();
  }

  newEntries(query) {
    const fresh = Array.from({ length: Math.floor(Math.random() * 3) }, () => this.add(Date.now()));
    return fresh.filter((entry) => this.matches(entry, query));
  }

  stats() {
    return { bytes: 11.8e6, max_bytes: 32 * 1024 ** 2, window_seconds: 3600, series: this.metrics.length, samples: this.metrics.length * 240, lines: this.entries.length };
  }
}
