// Searching and sorting the list of components.
import type { Component } from "./types";

export type SortKey = "health" | "id" | "type" | "message" | "updated";

const BAD_FIRST: Record<string, number> = { unhealthy: 0, exited: 1, unknown: 2, healthy: 3 };

/** Every word must occur in the id, the type or the message; the other filters must be equal. */
export function filterComponents(components: Component[], filter: { text: string; health: string; type: string }): Component[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return components.filter((component) => {
    if (filter.health !== "" && component.health.state !== filter.health) return false;
    if (filter.type !== "" && component.name !== filter.type) return false;
    const text = `${component.moduleID}/${component.localID} ${component.name} ${component.health.message}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function sortComponents(components: Component[], key: SortKey, down: boolean): Component[] {
  const byID = (a: Component, b: Component) => a.localID.localeCompare(b.localID);
  const compare: Record<SortKey, (a: Component, b: Component) => number> = {
    health: (a, b) => (BAD_FIRST[a.health.state] ?? 2) - (BAD_FIRST[b.health.state] ?? 2),
    id: byID,
    type: (a, b) => a.name.localeCompare(b.name),
    message: (a, b) => a.health.message.localeCompare(b.health.message),
    updated: (a, b) => Date.parse(b.health.updatedTime) - Date.parse(a.health.updatedTime),
  };
  const sorted = [...components].sort((a, b) => compare[key](a, b) || byID(a, b));
  return down ? sorted.reverse() : sorted;
}
