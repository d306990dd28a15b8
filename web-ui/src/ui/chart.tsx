// A plot with its title, its value now and a legend that reads out the value under the cursor.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Unit } from "../lib/explore";
import { formatClock } from "../lib/format";
import type { PlotData } from "../lib/host";
import { lastValue } from "../lib/series";
import { FORMATS, isBinary } from "../lib/units";
import { draw, PALETTE_SIZE, type Frame } from "./draw";

// The moment under the pointer is shared: all plots of the page show the same one.
let cursor: number | null = null;
const listeners = new Set<() => void>();

function setCursor(at: number | null): void {
  if (cursor === at) return;
  cursor = at;
  for (const listener of listeners) listener();
}

function useCursor(): number | null {
  const [, renew] = useState(0);
  useEffect(() => {
    const listener = () => renew((count) => count + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return cursor;
}

/** Index of the time nearest to `at`. */
function nearest(t: number[], at: number): number {
  let low = 0;
  let high = t.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((t[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low > 0 && at - (t[low - 1] as number) < (t[low] as number) - at ? low - 1 : low;
}

interface Props {
  title: string;
  plot: PlotData;
  unit: Unit;
  from: number;
  to: number;
  height: number;
  headline?: string;
  legend?: "row" | "list";
}

export function Chart({ title, plot, unit, from, to, height, headline, legend = "row" }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const frame = useRef<Frame>({ left: 0, right: 1, top: 0, bottom: 1 });
  const [width, setWidth] = useState(0);
  const [scheme, setScheme] = useState(0);
  const [focus, setFocus] = useState<string | null>(null);
  const at = useCursor();
  const format = FORMATS[unit];

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const onScheme = () => setScheme((count) => count + 1);
    dark.addEventListener("change", onScheme);
    return () => {
      observer.disconnect();
      dark.removeEventListener("change", onScheme);
    };
  }, []);

  useLayoutEffect(() => {
    if (!canvas.current || width <= 0) return;
    frame.current = draw(canvas.current, { plot, from, to, width, height, format, binary: isBinary(unit), cursor: at, focus });
  }, [plot, from, to, width, height, unit, at, focus, scheme]);

  const onMove = (event: PointerEvent) => {
    const left = event.clientX - (event.currentTarget as HTMLElement).getBoundingClientRect().left;
    const { left: start, right } = frame.current;
    if (left < start || left > right || plot.t.length === 0) return setCursor(null);
    setCursor(plot.t[nearest(plot.t, from + ((left - start) / (right - start)) * (to - from))] ?? null);
  };
  const index = at !== null && plot.t.length > 0 ? nearest(plot.t, at) : -1;
  const read = (values: (number | null)[]) => {
    const value = index >= 0 ? values[index] : lastValue(values);
    return value === null || value === undefined ? "–" : format(Math.abs(value));
  };
  const description = `${title}: ${plot.lines.map((line) => `${line.name} ${read(line.values)}`).join(", ")}`;
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <span class="chart-value">{index >= 0 ? formatClock(plot.t[index] as number) : headline}</span>
      </figcaption>
      <div ref={box} class="chart-box" style={{ height: `${height}px` }}>
        <canvas ref={canvas} role="img" aria-label={description} style={{ height: `${height}px` }} onPointerMove={onMove} onPointerLeave={() => setCursor(null)} />
      </div>
      <ul class={`legend legend-${legend}`}>
        {plot.lines.map((line) => (
          <li key={line.name}>
            <button type="button" aria-pressed={focus === line.name} onClick={() => setFocus(focus === line.name ? null : line.name)} title={`Stress ${line.name}`}>
              <i class={`swatch c${line.color % PALETTE_SIZE}`} />
              <span class="legend-name">{line.name}</span>
              <b>{read(line.values)}</b>
            </button>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** A tiny line without axes, for tiles. */
export function Sparkline({ values }: { values: (number | null)[] }) {
  const shown = values.slice(-60);
  const numbers = shown.filter((value): value is number => value !== null);
  if (numbers.length < 2) return <svg class="spark" aria-hidden="true" />;
  const low = Math.min(...numbers);
  const high = Math.max(...numbers);
  const flat = high - low <= Math.abs(high) * 0.002;
  const points = shown.flatMap((value, i) =>
    value === null ? [] : [`${((i / (shown.length - 1)) * 100).toFixed(1)},${(flat ? 12 : 22 - ((value - low) / (high - low)) * 20).toFixed(1)}`]);
  return (
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points.join(" ")} />
    </svg>
  );
}
