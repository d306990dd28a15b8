// A stand-in for the server, with made-up but plausible data, for work on the UI. No dependencies.
//
//   node mock.mjs [--port 12346] [--prefix /] [--no-recent] [--reload-error] [--hosts 1] [--many 0]
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { components, detail, moduleComponents } from "./mock/components.mjs";
import { Recent } from "./mock/recent.mjs";

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "12346" },
    prefix: { type: "string", default: "/" },
    hosts: { type: "string", default: "1" },
    many: { type: "string", default: "0" },
    "no-recent": { type: "boolean", default: false },
    "reload-error": { type: "boolean", default: false },
  },
});
const prefix = options.prefix.endsWith("/") ? options.prefix : `${options.prefix}/`;
const dist = join(dirname(fileURLToPath(import.meta.url)), "dist");
const started = Date.now() - 3 * 86400e3 - 4 * 3600e3;
const recent = new Recent(Number(options.hosts));
const list = components({ recent: !options["no-recent"], many: Number(options.many) });

const RELOAD_ERROR = `error: component "prometheus.remote_write.ouut" does not exist
  --> /etc/alloy/config.alloy:42:20
   |
41 | prometheus.scrape "agent" {
42 |   forward_to     = [prometheus.remote_write.ouut.receiver]
   |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no component with this name
   |
   = help: did you mean prometheus.remote_write.out?

error: unknown argument "scrape_intervall"
  --> /etc/alloy/config.alloy:44:3
   |
44 |   scrape_intervall = "15s"
   |   ^^^^^^^^^^^^^^^^ not an argument of prometheus.scrape
   |
   = help: did you mean scrape_interval?

2 errors; the previous configuration keeps running`;

let lastReload = {
  ok: !options["reload-error"],
  at: new Date(Date.now() - 190e3).toISOString(),
  error: options["reload-error"] ? RELOAD_ERROR : null,
};

function status() {
  const uptime = (Date.now() - started) / 1000;
  const wave = Math.sin(uptime / 17);
  const counts = { healthy: 0, unhealthy: 0, unknown: 0, exited: 0 };
  for (const { health } of list) counts[health.state] += 1;
  return {
    version: "0.1.0", started_at: new Date(started).toISOString(), uptime_seconds: uptime, config_path: "/etc/alloy/config.alloy",
    memory_bytes: Math.round(31.4e6 + 1.1e6 * wave + 3e5 * Math.random()), cpu_seconds: uptime * 0.021 + Math.sin(uptime / 9) * 0.05,
    components: counts, last_reload: lastReload,
    samples_total: Math.round(uptime * 1840 + 900 * Math.sin(uptime / 11)), lines_total: Math.round(uptime * 57 + 60 * Math.sin(uptime / 7)),
  };
}

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

function sendFile(path, response) {
  const file = normalize(join(dist, path === "" ? "index.html" : path));
  if (!file.startsWith(dist) || !existsSync(file) || !statSync(file).isFile()) return send(response, "404 page not found\n", 404, "text/plain");
  response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "cache-control": "no-cache" });
  createReadStream(file).pipe(response);
}

function send(response, body, code = 200, type = "application/json") {
  response.writeHead(code, { "content-type": type });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** Sends what `make` gives every `every` milliseconds until the other side leaves. */
function stream(response, every, make, type = "text/plain") {
  response.writeHead(200, { "content-type": type, "cache-control": "no-cache" });
  response.flushHeaders();
  const timer = setInterval(() => response.write(make()), every);
  response.on("close", () => clearInterval(timer));
}

function debugMessage() {
  const entry = recent.randomEntry();
  const labels = Object.entries(entry.labels).map(([name, value]) => `${name}="${value}"`).join(", ");
  const at = new Date().toISOString();
  return ["IN", "OUT"].map((way) => `[${way}]: timestamp: ${at}, entry: ${entry.line}, labels: {${labels}}, structured_metadata: {}|;|`).join("");
}

function flows() {
  const out = [];
  for (const { localID, name, dataFlowEdgesTo, liveDebuggingEnabled } of list) {
    if (!liveDebuggingEnabled || dataFlowEdgesTo.length === 0) continue;
    const type = name.startsWith("loki") ? "loki_log" : name.startsWith("discovery") ? "target" : "prometheus_metric";
    out.push({ componentID: localID, targetComponentIDs: [], type, rate: { loki_log: 57, target: 0.6, prometheus_metric: 1840 }[type] * (0.8 + 0.4 * Math.random()) });
  }
  return `${JSON.stringify(out)}|;|`;
}

function web(path, response) {
  if (path === "status") return send(response, status());
  if (path === "components") return send(response, list);
  if (path === "peers") {
    return send(response, [
      { name: "node-a", addr: "10.0.0.11:12345", isSelf: true, state: "participant" },
      { name: "node-b", addr: "10.0.0.12:12345", isSelf: false, state: "participant" },
      { name: "node-c", addr: "10.0.0.13:12345", isSelf: false, state: "terminating" },
    ]);
  }
  const module = /^modules\/(.+)\/components$/.exec(path);
  if (module) return send(response, moduleComponents(module[1]));
  if (path.startsWith("components/")) {
    const found = detail(path.slice(11), list);
    return found ? send(response, found) : send(response, "404 page not found\n", 404, "text/plain");
  }
  if (path.startsWith("debug/")) return stream(response, 300, debugMessage);
  if (path.startsWith("graph")) return stream(response, 2000, flows);
  return send(response, "404 page not found\n", 404, "text/plain");
}

function recentCall(path, query, response) {
  switch (path) {
    case "names":
      return send(response, recent.names());
    case "series":
      return send(response, recent.series(query.get("name"), query.getAll("match"), Number(query.get("since") ?? 0)));
    case "logs":
      return send(response, { entries: recent.logs(query) });
    case "stats":
      return send(response, recent.stats());
    case "tail":
      return stream(response, 350, () => recent.newEntries(query).map((entry) => `data: ${JSON.stringify(entry)}\n\n`).join(""), "text/event-stream");
    default:
      return send(response, "404 page not found\n", 404, "text/plain");
  }
}

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  const path = decodeURIComponent(url.pathname);
  if (path === prefix.slice(0, -1)) {
    response.writeHead(302, { location: prefix });
    return response.end();
  }
  if (!path.startsWith(prefix)) return send(response, "404 page not found\n", 404, "text/plain");
  const rest = path.slice(prefix.length);
  if (rest === "-/reload") {
    lastReload = { ...lastReload, at: new Date().toISOString() };
    return lastReload.ok ? send(response, "config reloaded\n", 200, "text/plain; charset=utf-8") : send(response, lastReload.error, 400, "text/plain; charset=utf-8");
  }
  if (rest.startsWith("api/v0/web/")) return web(rest.slice(11), response);
  const call = /^api\/v0\/component\/local\.recent\.default\/(.+)$/.exec(rest);
  if (call && !options["no-recent"]) return recentCall(call[1], url.searchParams, response);
  return sendFile(rest, response);
});
server.listen(Number(options.port), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}${prefix}`));
