// Everything about one component.
import { getComponent, serverNow } from "../lib/api";
import { docsAddress, ownerOf } from "../lib/docs";
import { formatAgo, formatDateTime } from "../lib/format";
import { useNow, usePoll } from "../lib/hooks";
import { link, sibling } from "../lib/router";
import type { Component } from "../lib/types";
import { ComponentName, Empty, HealthBadge, LoadError, Trail } from "../ui/bits";
import { BodyPanel } from "../ui/tree";
import { DebugStream } from "./debug";

export function ComponentPage({ id }: { id: string }) {
  const { data, error } = usePoll((signal) => getComponent(id, signal), 5000, `component ${id}`);
  const slash = id.lastIndexOf("/");
  const moduleID = slash < 0 ? "" : id.slice(0, slash);
  const missing = error !== null && "status" in error && error.status === 404;
  return (
    <>
      <Trail moduleID={data?.moduleID ?? moduleID} page="components">{slash < 0 ? id : id.slice(slash + 1)}</Trail>
      {missing ? (
        <Empty title="There is no such component">It may have been removed by a reload. <a href={link("components", moduleID)}>Show all components</a></Empty>
      ) : (
        <LoadError what={id} error={error} />
      )}
      {data && !missing && <Detail id={id} component={data} />}
    </>
  );
}

function Detail({ id, component }: { id: string; component: Component }) {
  const { moduleID, health } = component;
  const now = useNow(5000, serverNow);
  const neighbours = [...component.referencesTo, ...component.referencedBy, ...component.dataFlowEdgesTo];
  const linkOf = (text: string) => {
    const owner = ownerOf(text, neighbours);
    return owner === null ? null : link("component", sibling(moduleID, owner));
  };
  const docs = docsAddress(component);
  return (
    <>
      <div class="page-bar">
        <h1 class="component-title"><ComponentName component={component} /></h1>
        {docs && <a class="button small" href={docs} target="_blank" rel="noopener noreferrer">{component.name} reference ↗</a>}
        {component.name === "local.recent" && <a class="button small" href={link("overview")}>Show its data</a>}
        {(component.createdModuleIDs ?? []).map((module) => <a key={module} class="button small" href={link("components", module)}>Components of module {module}</a>)}
      </div>
      <section class={`panel health-panel health-panel-${health.state}`}>
        <HealthBadge state={health.state} />
        <p class="health-message">{health.message || "no message"}</p>
        <time class="quiet" title={formatDateTime(Date.parse(health.updatedTime))}>{formatAgo(Date.parse(health.updatedTime), now)}</time>
      </section>
      <div class="relations">
        <Relation title="Uses" ids={component.referencesTo} moduleID={moduleID} note="Components whose exports its arguments refer to" />
        <Relation title="Used by" ids={component.referencedBy} moduleID={moduleID} note="Components that refer to its exports" />
        <Relation title="Sends data to" ids={component.dataFlowEdgesTo} moduleID={moduleID} note="Where its data flows" />
      </div>
      <BodyPanel title="Arguments" body={component.arguments} linkOf={linkOf} />
      <BodyPanel title="Exports" body={component.exports} linkOf={linkOf} />
      <BodyPanel title="Debug info" body={component.debugInfo} linkOf={linkOf} />
      {component.liveDebuggingEnabled && <DebugStream id={id} />}
    </>
  );
}

function Relation({ title, ids, moduleID, note }: { title: string; ids: string[]; moduleID: string; note: string }) {
  return (
    <section class="panel relation">
      <h2 title={note}>{title}</h2>
      {ids.length === 0 ? <p class="quiet">nothing</p> : (
        <ul>{ids.map((id) => <li key={id}><a href={link("component", sibling(moduleID, id))}>{id}</a></li>)}</ul>
      )}
    </section>
  );
}
