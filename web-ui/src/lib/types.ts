// Shapes of the answers of the HTTP API. Fields that an answer may leave out are optional.

export type HealthState = "healthy" | "unhealthy" | "unknown" | "exited";

export interface Health {
  state: HealthState;
  message: string;
  updatedTime: string;
}

export interface Component {
  name: string;
  localID: string;
  moduleID: string;
  label?: string;
  referencesTo: string[];
  referencedBy: string[];
  dataFlowEdgesTo: string[];
  health: Health;
  arguments?: Statement[];
  exports?: Statement[];
  debugInfo?: Statement[];
  createdModuleIDs?: string[];
  liveDebuggingEnabled?: boolean;
}

/** One attribute or block of a component's arguments, exports or debug info. */
export type Statement =
  | { name: string; type: "attr"; value: Value }
  | { name: string; type: "block"; label?: string; body: Statement[] };

export type Value =
  | { type: "null"; value?: null }
  | { type: "string" | "capsule" | "function"; value: string }
  | { type: "number"; value: number | string }
  | { type: "bool"; value: boolean }
  | { type: "array"; value: Value[] }
  | { type: "object"; value: Field[] };

export interface Field {
  key: string;
  value: Value;
}

export interface Peer {
  name: string;
  addr: string;
  isSelf: boolean;
  state: string;
}

export interface Status {
  version: string;
  started_at: string;
  uptime_seconds: number;
  config_path: string;
  memory_bytes: number;
  cpu_seconds: number;
  components: Record<HealthState, number>;
  last_reload: { ok: boolean; at: string; error: string | null } | null;
  samples_total: number;
  lines_total: number;
}

export type MetricType = "counter" | "gauge" | "histogram" | "summary" | "unknown";

export interface MetricName {
  name: string;
  series: number;
  type: MetricType;
}

export type Labels = Record<string, string>;

/** Milliseconds since the epoch, and the value; null marks a series that went stale. */
export type Point = [number, number | null];

export interface Series {
  labels: Labels;
  points: Point[];
}

export interface LogEntry {
  /** Nanoseconds since the epoch, as decimal text because a double cannot hold them. */
  ts: string;
  labels: Labels;
  line: string;
}

export interface RecentStats {
  bytes: number;
  max_bytes: number;
  window_seconds: number;
  series: number;
  samples: number;
  lines: number;
}

/** Rate of one kind of data leaving a component, from the live graph stream. */
export interface FlowRate {
  componentID: string;
  targetComponentIDs: string[] | null;
  type: string;
  rate: number;
}
