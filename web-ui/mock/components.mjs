// Made-up components: a typical configuration for one host.

const at = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
const string = (value) => ({ type: "string", value });
const number = (value) => ({ type: "number", value });
const bool = (value) => ({ type: "bool", value });
const capsule = (value) => ({ type: "capsule", value });
const array = (value) => ({ type: "array", value });
const object = (fields) => ({ type: "object", value: Object.entries(fields).map(([key, value]) => ({ key, value: typeof value === "string" ? string(value) : value })) });
const attr = (name, value) => ({ name, type: "attr", value });
const block = (name, body, label) => ({ name, type: "block", ...(label ? { label } : {}), body });

/** Id, ids it uses, ids its data goes to, and what else differs from the usual. */
const TABLE = [
  ["prometheus.exporter.unix.host", [], ["discovery.relabel.host"]],
  ["discovery.relabel.host", ["prometheus.exporter.unix.host"], ["prometheus.scrape.host"], { live: true }],
  ["prometheus.scrape.host", ["discovery.relabel.host", "prometheus.relabel.drop_noise"], ["prometheus.relabel.drop_noise"], { live: true }],
  ["prometheus.relabel.drop_noise", ["prometheus.remote_write.out", "local.recent.default"], ["prometheus.remote_write.out", "local.recent.default"], { live: true }],
  ["local.file.token", [], ["prometheus.remote_write.out", "loki.write.out"]],
  ["prometheus.remote_write.out", ["local.file.token"], [], { live: true }],
  ["discovery.docker.containers", [], ["discovery.relabel.containers"]],
  ["discovery.relabel.containers", ["discovery.docker.containers"], ["prometheus.scrape.containers", "loki.source.docker.containers"], { live: true }],
  ["prometheus.scrape.containers", ["discovery.relabel.containers", "prometheus.relabel.drop_noise"], ["prometheus.relabel.drop_noise"], { live: true }],
  ["prometheus.exporter.postgres.db", [], ["prometheus.scrape.db"], { state: "unhealthy", message: "cannot connect to the database at 10.0.0.20:5432: connection refused; check that it is running and that data_source_names is right", age: 42 }],
  ["prometheus.scrape.db", ["prometheus.exporter.postgres.db", "prometheus.relabel.drop_noise"], ["prometheus.relabel.drop_noise"], { live: true }],
  ["loki.source.docker.containers", ["discovery.relabel.containers", "loki.process.parse"], ["loki.process.parse"]],
  ["local.file_match.logs", [], ["loki.source.file.logs"]],
  ["loki.source.file.logs", ["local.file_match.logs", "loki.process.parse"], ["loki.process.parse"]],
  ["loki.source.journal.system", ["loki.process.parse"], ["loki.process.parse"]],
  ["loki.process.parse", ["loki.write.out", "local.recent.default"], ["loki.write.out", "local.recent.default"], { live: true }],
  ["loki.write.out", ["local.file.token"], []],
  ["local.recent.default", [], []],
  ["http_checks.public", [], ["prometheus.remote_write.out"], { module: true, message: "started custom component" }],
  ["remote.http.flags", [], [], { state: "unknown", message: "has not answered yet", age: 9 }],
  ["local.file.banner", [], [], { state: "exited", message: "exited after its file was removed", age: 7200 }],
];

function make([id, uses, flows, extra = {}]) {
  const dot = id.lastIndexOf(".");
  return {
    name: id.slice(0, dot), type: "block", localID: id, moduleID: "", label: id.slice(dot + 1), referencesTo: uses, referencedBy: [], dataFlowEdgesTo: flows,
    health: { state: extra.state ?? "healthy", message: extra.message ?? "started component", updatedTime: at(extra.age ?? 274000) },
    original: "", arguments: [], exports: [], debugInfo: [], ...(extra.module ? { createdModuleIDs: [id] } : {}), liveDebuggingEnabled: extra.live ?? false,
  };
}

function finish(list) {
  const known = new Set(list.map(({ localID }) => localID));
  for (const one of list) {
    one.referencesTo = one.referencesTo.filter((id) => known.has(id));
    one.dataFlowEdgesTo = one.dataFlowEdgesTo.filter((id) => known.has(id));
    one.referencedBy = list.filter(({ referencesTo }) => referencesTo.includes(one.localID)).map(({ localID }) => localID);
  }
  return list;
}

export function components({ recent, many }) {
  const extra = Array.from({ length: many }, (_, i) => [
    [`discovery.file.team_${i}`, [], [`prometheus.scrape.team_${i}`]],
    [`prometheus.scrape.team_${i}`, [`discovery.file.team_${i}`, "prometheus.relabel.drop_noise"], ["prometheus.relabel.drop_noise"], { live: true }],
  ]).flat();
  return finish([...TABLE, ...extra].filter(([id]) => recent || !id.startsWith("local.recent.")).map(make));
}

export function moduleComponents(id) {
  if (id !== "http_checks.public") return [];
  return finish([
    make(["prometheus.exporter.blackbox.sites", [], ["prometheus.scrape.sites"]]),
    make(["prometheus.scrape.sites", ["prometheus.exporter.blackbox.sites"], [], { live: true }]),
  ]).map((one) => ({ ...one, moduleID: id }));
}

const targets = (count) => array(Array.from({ length: count }, (_, i) => object({
  __address__: `10.0.0.${i + 10}:9100`, __metrics_path__: "/metrics", __scheme__: "http", instance: `web-${i + 1}`, job: "containers",
})));

const BODIES = {
  "prometheus.scrape": (id) => ({
    arguments: [
      attr("targets", targets(id.includes("containers") ? 64 : 3)), attr("forward_to", array([capsule("prometheus.relabel.drop_noise.receiver")])),
      attr("scrape_interval", string("15s")), attr("scrape_timeout", string("10s")), attr("honor_labels", bool(false)), attr("sample_limit", number(5000)),
      attr("scrape_protocols", array(["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"].map(string))),
      block("clustering", [attr("enabled", bool(true))]),
    ],
    debugInfo: [1, 2].map((i) => block("target", [
      attr("job", string(id)), attr("url", string(`http://10.0.0.${9 + i}:9100/metrics`)), attr("health", string(i === 1 ? "up" : "down")),
      attr("labels", object({ instance: `web-${i}`, job: "containers" })), ...(i === 2 ? [attr("last_error", string("connection refused"))] : []),
      attr("last_scrape", string(at(7))), attr("last_scrape_duration", string("5.462332ms")),
    ])),
  }),
  "prometheus.remote_write": (id) => ({
    arguments: [
      attr("external_labels", object({ cluster: "home", "weird key": "x" })),
      block("endpoint", [
        attr("url", string("https://metrics.example.com/api/v1/write")), attr("remote_timeout", string("30s")),
        block("basic_auth", [attr("username", string("u")), attr("password", capsule("(secret)"))]), block("metadata_config", []),
      ]),
      block("wal", [attr("truncate_frequency", string("2h")), attr("min_keepalive_time", string("5m"))]),
    ],
    exports: [attr("receiver", capsule(`${id}.receiver`))],
  }),
  "loki.process": (id) => ({
    arguments: [
      attr("forward_to", array([capsule("loki.write.out.receiver"), capsule("local.recent.default.logs_receiver")])),
      block("stage.json", [attr("expressions", object({ level: "", msg: "message" }))]),
      block("stage.labels", [attr("values", object({ level: "" }))]),
      block("stage.match", [attr("selector", string('{job="nginx"} |= "healthz"')), attr("action", string("drop")), attr("drop_counter_reason", { type: "null", value: null })]),
    ],
    exports: [attr("receiver", capsule(`${id}.receiver`))],
  }),
  "local.file": () => ({
    arguments: [attr("filename", string("/etc/alloy/token")), attr("is_secret", bool(true))], exports: [attr("content", capsule("(secret)"))],
  }),
};

export function detail(id, list) {
  const slash = id.lastIndexOf("/");
  const among = slash < 0 ? list : moduleComponents(id.slice(0, slash));
  const found = among.find(({ localID }) => localID === id.slice(slash + 1));
  return found && { ...found, ...(BODIES[found.name]?.(found.localID) ?? { arguments: [attr("enabled", bool(true))] }) };
}
