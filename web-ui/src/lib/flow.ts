// What the graph shows: its edges, and how much flows over them.
import type { Edge } from "./layout";
import type { Component, FlowRate } from "./types";

export interface FlowEdge extends Edge {
  /** Data flows along it; otherwise it is a reference only. */
  data: boolean;
}

/** Data-flow edges, and references that no data-flow edge covers in either direction. */
export function edgesOf(components: Component[]): FlowEdge[] {
  const edges = new Map<string, FlowEdge>();
  for (const { localID, dataFlowEdgesTo } of components) {
    for (const to of dataFlowEdgesTo) edges.set(`${localID}\u0000${to}`, { from: localID, to, data: true });
  }
  for (const { localID, referencesTo } of components) {
    for (const other of referencesTo) {
      const covered = edges.has(`${localID}\u0000${other}`) || edges.has(`${other}\u0000${localID}`);
      // Values go from the component that exports them to the one that refers to them.
      if (!covered) edges.set(`${other}\u0000${localID}`, { from: other, to: localID, data: false });
    }
  }
  return [...edges.values()];
}

export interface EdgeFlow {
  rate: number;
  types: string[];
}

const KINDS: Record<string, string> = {
  target: "targets", prometheus_metric: "samples", loki_log: "lines", otel_metric: "metrics", otel_log: "logs", otel_trace: "spans", pyroscope_profile: "profiles",
};

export function kindName(type: string): string {
  return KINDS[type] ?? type.replace(/_/g, " ");
}

/** Rates by edge (`from\0to`); data without named targets goes over all edges that leave the component. */
export function flowsByEdge(rates: FlowRate[], edges: Edge[]): Map<string, EdgeFlow> {
  const out = new Map<string, EdgeFlow>();
  for (const { componentID, targetComponentIDs, type, rate } of rates) {
    const named = targetComponentIDs ?? [];
    const hit = edges.filter(({ from, to }) => from === componentID && (named.length === 0 || named.includes(to)));
    for (const { from, to } of hit) {
      const key = `${from}\u0000${to}`;
      const old = out.get(key) ?? { rate: 0, types: [] };
      out.set(key, { rate: old.rate + rate, types: [...new Set([...old.types, kindName(type)])] });
    }
  }
  return out;
}

export interface FlowLabel {
  from: string;
  /** Null when the same amount goes over all edges that leave the component. */
  to: string | null;
  flow: EdgeFlow;
}

/** One label per component, or one per edge where its edges carry different amounts. */
export function flowLabels(flows: Map<string, EdgeFlow>, edges: Edge[]): FlowLabel[] {
  const bySource = new Map<string, FlowLabel[]>();
  for (const { from, to } of edges) {
    const flow = flows.get(`${from}\u0000${to}`);
    if (flow) bySource.set(from, [...(bySource.get(from) ?? []), { from, to, flow }]);
  }
  return [...bySource.values()].flatMap((labels) => {
    const first = labels[0] as FlowLabel;
    return labels.every(({ flow }) => flow.rate === first.flow.rate) ? [{ ...first, to: null }] : labels;
  });
}
