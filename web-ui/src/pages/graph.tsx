// The components of one module as a graph that can be moved and zoomed.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Shared } from "../app";
import { readMessages } from "../lib/api";
import { edgesOf, flowLabels, flowsByEdge, type EdgeFlow, type FlowEdge } from "../lib/flow";
import { formatNumber, plural } from "../lib/format";
import { curve, fit, layout, type Drawing, type View } from "../lib/layout";
import { encodePath, fullID, link } from "../lib/router";
import { filterComponents } from "../lib/select";
import type { Component, FlowRate } from "../lib/types";
import { Empty, HealthMark, HEALTH_ORDER, LoadError, Trail } from "../ui/bits";
import { useModule } from "./components";

const NODE = { width: 208, height: 52 };
const SPACING = { column: 72, row: 20, part: 44 };
const WINDOW = 5;

export function GraphPage({ moduleID, shared }: { moduleID: string; shared: Shared }) {
  const { data, error } = useModule(moduleID, shared);
  const [live, setLive] = useState(false);
  const [problem, setProblem] = useState("");
  const [text, setText] = useState("");
  const components = data ?? [];
  // The list is polled; the drawing is made anew only when its nodes or edges change.
  const shape = JSON.stringify(components.map(({ localID, dataFlowEdgesTo, referencesTo }) => [localID, dataFlowEdgesTo, referencesTo]));
  const { drawing, edges } = useMemo(() => {
    const found = edgesOf(components);
    return { edges: found, drawing: layout(components.map(({ localID }) => localID), found, NODE, SPACING) };
  }, [shape]);
  const flows = useFlows(moduleID, live, edges, (cause) => {
    setLive(false);
    setProblem(cause);
  });
  return (
    <>
      <Trail moduleID={moduleID} page="graph" />
      <div class="page-bar">
        <h1>Graph</h1>
        <input type="search" data-search placeholder="Find  ( / )" aria-label="Find components" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <Legend components={components} edges={edges} />
        <label class="check" title="Shows how much flows over each edge; needs live debugging to be enabled">
          <input type="checkbox" checked={live} onChange={(event) => { setProblem(""); setLive(event.currentTarget.checked); }} /> live rates
        </label>
        <a class="button small" href={link("components", moduleID)}>Show table</a>
      </div>
      <LoadError what="components" error={error} />
      {problem !== "" && <p class="debug-error" role="alert">No live rates: {problem}</p>}
      {data && components.length === 0 && <Empty title="No components here" />}
      {components.length > 0 && <Canvas drawing={drawing} edges={edges} components={components} flows={live ? flows : null} text={text} />}
    </>
  );
}

function useFlows(moduleID: string, on: boolean, edges: FlowEdge[], onEnd: (cause: string) => void): Map<string, EdgeFlow> {
  const [rates, setRates] = useState<FlowRate[]>([]);
  useEffect(() => {
    if (!on) return;
    const control = new AbortController();
    const path = `api/v0/web/graph${moduleID === "" ? "" : `/${encodePath(moduleID)}`}?window=${WINDOW}`;
    readMessages(path, control.signal, (messages) => {
      try {
        setRates((JSON.parse(messages.at(-1) ?? "[]") as FlowRate[] | null) ?? []);
      } catch {
        // A message that cannot be read is followed by the next one soon.
      }
    }).then(() => onEnd("the server ended the stream"), (cause: Error) => {
      if (!control.signal.aborted) onEnd(cause.message);
    });
    return () => control.abort();
  }, [moduleID, on]);
  return useMemo(() => flowsByEdge(rates, edges), [rates, edges]);
}

function Legend({ components, edges }: { components: Component[]; edges: FlowEdge[] }) {
  const present = HEALTH_ORDER.filter((state) => components.some(({ health }) => health.state === state));
  return (
    <ul class="graph-legend quiet">
      <li>{plural(components.length, "component")}</li>
      {present.map((state) => <li key={state}><HealthMark state={state} /> {state}</li>)}
      {edges.some(({ data }) => data) && <li><svg viewBox="0 0 22 8" aria-hidden="true"><path class="edge" d="M0 4H22" /></svg> data flow</li>}
      {edges.some(({ data }) => !data) && <li><svg viewBox="0 0 22 8" aria-hidden="true"><path class="edge edge-reference" d="M0 4H22" /></svg> reference</li>}
    </ul>
  );
}

function usePanZoom(drawing: Drawing) {
  const frame = useRef<SVGSVGElement>(null);
  const [view, setView] = useState<View>({ x: 24, y: 24, scale: 1 });
  const touched = useRef(false);
  const drag = useRef<{ id: number; x: number; y: number; moved: boolean } | null>(null);
  const reset = () => {
    const box = frame.current?.getBoundingClientRect();
    touched.current = false;
    if (box && box.width > 0) setView(fit(drawing, box.width, box.height));
  };
  const zoom = (factor: number, at?: { x: number; y: number }) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box) return;
    touched.current = true;
    const x = at ? at.x - box.left : box.width / 2;
    const y = at ? at.y - box.top : box.height / 2;
    setView((old) => {
      const scale = Math.max(0.15, Math.min(2.5, old.scale * factor));
      const change = scale / old.scale;
      return { scale, x: x - (x - old.x) * change, y: y - (y - old.y) * change };
    });
  };
  /** Brings a place into view, in the middle, if it is not there already. */
  const show = (spot: { x: number; y: number }) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box) return;
    setView((old) => {
      const x = old.x + spot.x * old.scale;
      const y = old.y + spot.y * old.scale;
      const visible = x > 60 && y > 30 && x < box.width - 60 && y < box.height - 30 && old.scale > 0.4;
      if (visible) return old;
      touched.current = true;
      const scale = Math.max(old.scale, 0.8);
      return { scale, x: box.width / 2 - spot.x * scale, y: box.height / 2 - spot.y * scale };
    });
  };
  const move = (x: number, y: number) => {
    touched.current = true;
    setView((old) => ({ ...old, x: old.x + x, y: old.y + y }));
  };
  useLayoutEffect(() => {
    reset();
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(() => !touched.current && reset());
    observer.observe(element);
    // Added by hand because the page must not scroll, and listeners of the framework may be passive.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey || !event.shiftKey) zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.03 : 0.0015)), { x: event.clientX, y: event.clientY });
      else move(-event.deltaY - event.deltaX, 0);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener("wheel", onWheel);
    };
  }, [drawing]);
  const handlers = {
    onPointerDown: (event: PointerEvent) => {
      if (event.button === 0) drag.current = { id: event.pointerId, x: event.clientX, y: event.clientY, moved: false };
    },
    onPointerMove: (event: PointerEvent) => {
      const from = drag.current;
      if (!from || from.id !== event.pointerId) return;
      const x = event.clientX - from.x;
      const y = event.clientY - from.y;
      if (!from.moved && Math.hypot(x, y) < 4) return;
      if (!from.moved) frame.current?.setPointerCapture(event.pointerId);
      drag.current = { id: from.id, x: event.clientX, y: event.clientY, moved: true };
      move(x, y);
    },
    onPointerUp: () => {
      // The click that ends a drag comes after this: it must still see that it was one.
      window.setTimeout(() => { drag.current = null; });
    },
    onPointerCancel: () => { drag.current = null; },
  };
  return { frame, view, reset, zoom, move, show, handlers, dragged: () => drag.current?.moved === true };
}

interface CanvasProps {
  drawing: Drawing;
  edges: FlowEdge[];
  components: Component[];
  flows: Map<string, EdgeFlow> | null;
  /** Components with this text are stressed. */
  text: string;
}

function Canvas({ drawing, edges, components, flows, text }: CanvasProps) {
  const { frame, view, reset, zoom, move, show, handlers, dragged } = usePanZoom(drawing);
  const [hover, setHover] = useState<string | null>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || (event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName))) return;
      const actions: Record<string, () => void> = {
        "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": reset,
        ArrowLeft: () => move(60, 0), ArrowRight: () => move(-60, 0), ArrowUp: () => move(0, 60), ArrowDown: () => move(0, -60),
      };
      const action = actions[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [drawing]);
  const found = useMemo(() => (text === "" ? null : filterComponents(components, { text, health: "", type: "" }).map(({ localID }) => localID)), [text, drawing]);
  useEffect(() => {
    const spot = drawing.nodes.get(found?.[0] ?? "");
    if (spot) show(spot);
  }, [found]);
  const near = useMemo(() => {
    if (hover === null) return new Set(found);
    const set = new Set<string>([hover]);
    for (const { from, to } of edges) {
      if (from === hover) set.add(to);
      if (to === hover) set.add(from);
    }
    return set;
  }, [hover, edges, found]);
  const kind = new Map(edges.map(({ from, to, data }) => [`${from}\u0000${to}`, data]));
  return (
    <div class="panel graph-frame">
      <svg ref={frame} class={`graph ${hover !== null || found !== null ? "graph-focus" : ""}`} role="group" aria-label="Graph of components" {...handlers}>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 .8 7 4 0 7.2z" /></marker>
        </defs>
        <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}>
          {drawing.edges.map(({ edge: { from, to }, path }) => {
            const key = `${from}\u0000${to}`;
            const on = hover === from || hover === to;
            return <path key={key} class={`edge ${kind.get(key) ? "" : "edge-reference"} ${on ? "on" : ""} ${flows?.get(key) ? "edge-flow" : ""}`} d={curve(path)} marker-end="url(#arrow)" />;
          })}
          {components.map((component) => {
            const spot = drawing.nodes.get(component.localID);
            return spot && (
              <Node key={component.localID} component={component} x={spot.x - NODE.width / 2} y={spot.y - NODE.height / 2} on={near.has(component.localID)}
                onHover={setHover} allowClick={() => !dragged()} />
            );
          })}
          {flows && flowLabels(flows, edges).map(({ from, to, flow }) => {
            const start = drawing.nodes.get(from);
            const end = to === null ? null : drawing.nodes.get(to);
            if (end) return <FlowLabel key={`${from} ${to}`} flow={flow} x={end.x - NODE.width / 2 - 10} y={end.y} before />;
            return start && <FlowLabel key={from} flow={flow} x={start.x + NODE.width / 2 + 5} y={start.y} />;
          })}
        </g>
      </svg>
      <div class="graph-tools">
        <button type="button" onClick={() => zoom(1.25)} aria-label="Zoom in" title="Zoom in (+)">+</button>
        <button type="button" onClick={() => zoom(0.8)} aria-label="Zoom out" title="Zoom out (−)">−</button>
        <button type="button" onClick={reset} aria-label="Fit" title="Fit (0)">⤢</button>
      </div>
    </div>
  );
}

function FlowLabel({ flow, x, y, before = false }: { flow: EdgeFlow; x: number; y: number; before?: boolean }) {
  const text = `${formatNumber(flow.rate)}/s`;
  const width = text.length * 6.4 + 10;
  return (
    <g class="flow" transform={`translate(${before ? x - width : x} ${y - 9})`}>
      <title>{`${formatNumber(flow.rate)} ${flow.types.join(", ")} per second`}</title>
      <rect width={width} height="18" rx="9" />
      <text x={width / 2} y="12.5">{text}</text>
    </g>
  );
}

interface NodeProps {
  component: Component;
  x: number;
  y: number;
  on: boolean;
  onHover: (id: string | null) => void;
  allowClick: () => boolean;
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function Node({ component, x, y, on, onHover, allowClick }: NodeProps) {
  const { name, label = "", localID, health } = component;
  return (
    <g transform={`translate(${x} ${y})`}>
      <a class={`node node-${health.state} ${on ? "on" : ""}`} href={link("component", fullID(component))} draggable={false}
        onClick={(event: MouseEvent) => !allowClick() && event.preventDefault()} onPointerEnter={() => onHover(localID)} onPointerLeave={() => onHover(null)}
        onFocus={() => onHover(localID)} onBlur={() => onHover(null)} onDragStart={(event: DragEvent) => event.preventDefault()}>
        <title>{`${localID}\n${health.state}: ${health.message}`}</title>
        <rect class="node-box" width={NODE.width} height={NODE.height} rx="6" />
        <rect class="node-stripe" width="4" height={NODE.height - 12} x="6" y="6" rx="2" />
        <text class="node-type" x="20" y="20">{shorten(name, 30)}</text>
        <text class="node-label" x="20" y="39">{shorten(label || localID, health.state === "healthy" ? 24 : 20)}</text>
        {health.state !== "healthy" && <text class="node-state" x={NODE.width - 10} y="39">{health.state}</text>}
      </a>
    </g>
  );
}
