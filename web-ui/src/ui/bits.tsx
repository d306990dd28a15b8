// Small shared pieces: health marks, notices, copy buttons.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { fullID, link, moduleTrail } from "../lib/router";
import type { Component, HealthState } from "../lib/types";

export const HEALTH_ORDER: HealthState[] = ["unhealthy", "unknown", "exited", "healthy"];

/** Health as a mark; each state has its own shape, so colour is not needed to tell them apart. */
export function HealthMark({ state }: { state: HealthState }) {
  return (
    <svg class={`health health-${state}`} viewBox="0 0 12 12" role="img" aria-label={state}>
      <title>{state}</title>
      {state === "healthy" && <circle cx="6" cy="6" r="4.5" />}
      {state === "unhealthy" && <path d="M6 .6 11.4 6 6 11.4.6 6z" />}
      {state === "exited" && <rect x="1.8" y="1.8" width="8.4" height="8.4" rx="1" />}
      {state !== "healthy" && state !== "unhealthy" && state !== "exited" && <circle class="ring" cx="6" cy="6" r="3.8" />}
    </svg>
  );
}

export function HealthBadge({ state }: { state: HealthState }) {
  return (
    <span class={`badge badge-${state}`}>
      <HealthMark state={state} />
      {state}
    </span>
  );
}

/** The id of a component: the type quiet, the label strong. */
export function ComponentName({ component }: { component: Pick<Component, "name" | "label" | "localID"> }) {
  const label = component.label ?? "";
  if (label === "" || !component.localID.endsWith(`.${label}`)) return <strong>{component.localID}</strong>;
  return (
    <>
      <span class="quiet">{component.localID.slice(0, -label.length)}</span>
      <strong>{label}</strong>
    </>
  );
}

export function ComponentLink({ component }: { component: Pick<Component, "name" | "label" | "localID" | "moduleID"> }) {
  return (
    <a class="component-link" href={link("component", fullID(component))}>
      <ComponentName component={component} />
    </a>
  );
}

/** The way from the root configuration to a module. */
export function Trail({ moduleID, page, children }: { moduleID: string; page: "components" | "graph"; children?: ComponentChildren }) {
  // The root module alone is where one always is: nothing to show.
  if (moduleID === "" && !children) return null;
  return (
    <nav class="trail" aria-label="Module">
      <a href={link(page)}>root</a>
      {moduleTrail(moduleID).map(({ id, name }) => (
        <span key={id}>
          <i aria-hidden="true">›</i>
          <a href={link(page, id)}>{name}</a>
        </span>
      ))}
      {children && (
        <span>
          <i aria-hidden="true">›</i>
          {children}
        </span>
      )}
    </nav>
  );
}

export function Notice({ kind, children }: { kind: "error" | "info"; children: ComponentChildren }) {
  return (
    <div class={`notice notice-${kind}`} role={kind === "error" ? "alert" : "status"}>
      {children}
    </div>
  );
}

export function LoadError({ what, error }: { what: string; error: Error | null }) {
  // That the server is gone stands above every page already.
  if (error && "status" in error && error.status === 0) return null;
  return error ? <Notice kind="error">Cannot load {what}: {error.message}</Notice> : null;
}

export function CopyButton({ text, label = "Copy" }: { text: () => string; label?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      // Pages that are not served over TLS have no clipboard: fall back to a selection.
      const area = document.createElement("textarea");
      area.value = text();
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    setDone(true);
    window.setTimeout(() => setDone(false), 1500);
  };
  return (
    <button type="button" class="small" onClick={copy}>
      {done ? "Copied" : label}
    </button>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children && <p>{children}</p>}
    </div>
  );
}
