// Where a component is described. ferroalloy reads the same configuration, so the public reference applies.
import type { Component } from "./types";

const REFERENCE = "https://grafana.com/docs/alloy/latest/reference/components";

/** Components of our own that the public reference does not know. */
const OWN = new Set(["local.recent"]);

/** Null for custom components: what they do stands in the configuration that declares them. */
export function docsAddress({ name, createdModuleIDs }: Pick<Component, "name" | "createdModuleIDs">): string | null {
  const dot = name.indexOf(".");
  if (dot < 0 || OWN.has(name) || (createdModuleIDs ?? []).length > 0) return null;
  return `${REFERENCE}/${name.slice(0, dot)}/${name}/`;
}

/** The component that a capsule's text such as `loki.write.out.receiver` names, among `ids`. */
export function ownerOf(text: string, ids: Iterable<string>): string | null {
  let best: string | null = null;
  for (const id of ids) {
    if ((text === id || text.startsWith(`${id}.`)) && (best === null || id.length > best.length)) best = id;
  }
  return best;
}
