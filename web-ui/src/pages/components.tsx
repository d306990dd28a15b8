// Table of the components of one module.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Shared } from "../app";
import { getComponents, serverNow } from "../lib/api";
import { formatAgo, formatDateTime, plural } from "../lib/format";
import { useNow, usePoll, type Polled } from "../lib/hooks";
import { fullID, link } from "../lib/router";
import { filterComponents, sortComponents, type SortKey } from "../lib/select";
import type { Component, HealthState } from "../lib/types";
import { ComponentLink, Empty, HealthMark, HEALTH_ORDER, LoadError, Trail } from "../ui/bits";

/** The components of a module; those of the root are polled for the whole page already. */
export function useModule(moduleID: string, shared: Shared): Polled<Component[]> {
  const own = usePoll((signal) => (moduleID === "" ? Promise.resolve([]) : getComponents(moduleID, signal)), moduleID === "" ? 0 : 5000, `module ${moduleID}`);
  return moduleID === "" ? shared.components : own;
}

export function ComponentsPage({ moduleID, query, shared }: { moduleID: string; query: URLSearchParams; shared: Shared }) {
  const { data, error } = useModule(moduleID, shared);
  const [text, setText] = useState(query.get("q") ?? "");
  const health = query.get("health") ?? "";
  const type = query.get("type") ?? "";
  const [sort, setSort] = useState<{ key: SortKey; down: boolean }>({ key: "health", down: false });
  const all = data ?? [];
  const found = useMemo(() => sortComponents(filterComponents(all, { text, health, type }), sort.key, sort.down), [data, text, health, type, sort]);
  useEffect(() => setText(query.get("q") ?? ""), [query]);
  const go = (change: Record<string, string>) => location.replace(link("components", moduleID, { q: text, health, type, ...change }));
  return (
    <>
      <Trail moduleID={moduleID} page="components" />
      <div class="page-bar">
        <h1>Components</h1>
        <input type="search" data-search placeholder="Search id, type or message  ( / )" aria-label="Search components" value={text}
          onInput={(event) => { setText(event.currentTarget.value); history.replaceState(null, "", link("components", moduleID, { q: event.currentTarget.value, health, type })); }} />
        <TypeSelect components={all} value={type} onChange={(value) => go({ type: value })} />
        <HealthFilter components={all} value={health} onChange={(value) => go({ health: value })} />
        <a class="button small push" href={link("graph", moduleID)}>Show graph</a>
      </div>
      <LoadError what="components" error={error} />
      {data && found.length === 0 && (
        <Empty title={all.length === 0 ? "No components here" : "Nothing matches"}>{all.length === 0 ? (moduleID === "" ? "The configuration has no components." : "This module has no components of its own.") : "Change the search or the filters."}</Empty>
      )}
      {found.length > 0 && <Table components={found} sort={sort} onSort={setSort} />}
      {data && found.length > 0 && <p class="quiet table-note">{found.length === all.length ? plural(all.length, "component") : `${found.length} of ${plural(all.length, "component")}`}</p>}
    </>
  );
}

function TypeSelect({ components, value, onChange }: { components: Component[]; value: string; onChange: (value: string) => void }) {
  const counts = new Map<string, number>();
  for (const { name } of components) counts.set(name, (counts.get(name) ?? 0) + 1);
  return (
    <select aria-label="Type" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">All types</option>
      {[...counts].sort((a, b) => a[0].localeCompare(b[0])).map(([name, count]) => <option key={name} value={name}>{name} ({count})</option>)}
    </select>
  );
}

function HealthFilter({ components, value, onChange }: { components: Component[]; value: string; onChange: (value: string) => void }) {
  const count = (state: HealthState) => components.filter(({ health }) => health.state === state).length;
  const present = HEALTH_ORDER.filter((state) => count(state) > 0 || value === state);
  return (
    <div class="levels" role="group" aria-label="Health">
      {present.map((state) => (
        <button key={state} type="button" class="chip" aria-pressed={value === state} onClick={() => onChange(value === state ? "" : state)}>
          <HealthMark state={state} /> {state} <b>{count(state)}</b>
        </button>
      ))}
    </div>
  );
}

const COLUMNS: { key: SortKey; title: string; wide?: boolean }[] = [
  { key: "health", title: "Health" },
  { key: "id", title: "Component" },
  { key: "type", title: "Type", wide: true },
  { key: "message", title: "Message" },
  { key: "updated", title: "Changed", wide: true },
];

type Sort = { key: SortKey; down: boolean };

function Table({ components, sort, onSort }: { components: Component[]; sort: Sort; onSort: (sort: Sort) => void }) {
  const now = useNow(5000, serverNow);
  return (
    <div class="panel table-frame">
      <table class="components">
        <thead>
          <tr>
            {COLUMNS.map(({ key, title, wide }) => (
              <th key={key} class={`col-${key} ${wide ? "only-wide" : ""}`} aria-sort={sort.key === key ? (sort.down ? "descending" : "ascending") : "none"}>
                <button type="button" class="plain" onClick={() => onSort({ key, down: sort.key === key && !sort.down })}>
                  {title}<i aria-hidden="true">{sort.key === key ? (sort.down ? "↓" : "↑") : ""}</i>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {components.map((component) => (
            <tr key={fullID(component)} class={`row-${component.health.state}`}>
              <td class="col-health"><HealthMark state={component.health.state} /></td>
              <td class="col-id">
                <ComponentLink component={component} />
                {(component.createdModuleIDs ?? []).map((id) => <a key={id} class="module-link" href={link("components", id)} title={`Components inside ${id}`}>module ›</a>)}
              </td>
              <td class="col-type only-wide">{component.name}</td>
              <td class="col-message" title={component.health.message}>{component.health.message}</td>
              <td class="col-updated only-wide" title={formatDateTime(Date.parse(component.health.updatedTime))}>{formatAgo(Date.parse(component.health.updatedTime), now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
