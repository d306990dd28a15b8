// Draws a plot on a canvas.
import type { Line, PlotData } from "../lib/host";
import { formatClock } from "../lib/format";
import { niceMax, niceTicks, timeTicks } from "../lib/scale";

export interface Theme {
  grid: string;
  axis: string;
  text: string;
  cursor: string;
  surface: string;
  font: string;
  palette: string[];
}

export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface DrawOptions {
  plot: PlotData;
  from: number;
  to: number;
  width: number;
  height: number;
  format: (value: number) => string;
  binary: boolean;
  cursor: number | null;
  /** Name of the line to stress; the others fade. */
  focus: string | null;
}

let theme: Theme | null = null;

if (typeof matchMedia !== "undefined") {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    theme = null;
  });
}

export const PALETTE_SIZE = 10;

export function currentTheme(): Theme {
  if (theme) return theme;
  const style = getComputedStyle(document.documentElement);
  const get = (name: string) => style.getPropertyValue(name).trim();
  theme = {
    grid: get("--grid"), axis: get("--line-strong"), text: get("--muted"), cursor: get("--muted"), surface: get("--surface"),
    font: `11px ${get("--sans")}`,
    palette: Array.from({ length: PALETTE_SIZE }, (_, i) => get(`--c${i}`)),
  };
  return theme;
}

/** Heights at which each line is drawn, and for stacked plots the heights it stands on. */
function heights(plot: PlotData): { low: number[] | null; high: (number | null)[] }[] {
  if (!plot.stacked) return plot.lines.map((line) => ({ low: null, high: line.values }));
  const floor = plot.t.map(() => 0);
  return plot.lines.map(({ values }) => {
    const low = [...floor];
    const high = values.map((value, i) => (value === null ? null : (floor[i] = (floor[i] as number) + value)));
    return { low, high };
  });
}

function bounds(plot: PlotData, drawn: { high: (number | null)[] }[], from: number, binary: boolean): { min: number; max: number } {
  let min = 0;
  let max = 0;
  for (const { high } of drawn) {
    high.forEach((value, i) => {
      if (value === null || !Number.isFinite(value) || (plot.t[i] as number) < from) return;
      if (value > max) max = value;
      if (value < min) min = value;
    });
  }
  if (plot.max !== undefined) return { min, max: plot.max };
  return { min: min < 0 ? -niceMax(-min, min < -max / 2 ? 2 : 1, binary) : 0, max: max > 0 ? niceMax(max, 3, binary) : min < 0 ? 0 : 1 };
}

/** Draws everything and tells where the data area is, for the cursor. */
export function draw(canvas: HTMLCanvasElement, options: DrawOptions): Frame {
  const { plot, width, height, format, binary } = options;
  const look = currentTheme();
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const empty: Frame = { left: 0, right: width, top: 0, bottom: height };
  const ctx = canvas.getContext("2d");
  if (!ctx) return empty;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  ctx.font = look.font;
  const drawn = heights(plot);
  const { min, max } = bounds(plot, drawn, options.from, binary);
  const marks = niceTicks(min, max, height < 100 ? 3 : 4, binary);
  const labels = marks.map((mark) => format(Math.abs(mark)));
  const left = Math.ceil(Math.max(44, ...labels.map((label) => ctx.measureText(label).width)) + 8);
  const frame: Frame = { left, right: width - 6, top: 7, bottom: height - 20 };
  const x = (at: number) => frame.left + ((at - options.from) / (options.to - options.from)) * (frame.right - frame.left);
  const y = (value: number) => frame.bottom - ((value - min) / (max - min)) * (frame.bottom - frame.top);
  drawAxes(ctx, look, frame, marks.map((mark, i) => [y(mark), labels[i] as string, mark === 0] as const), options);
  ctx.save();
  ctx.beginPath();
  ctx.rect(frame.left, frame.top - 2, frame.right - frame.left, frame.bottom - frame.top + 3);
  ctx.clip();
  const fill = plot.stacked ? 0.55 : plot.lines.length <= 2 ? 0.14 : 0;
  plot.lines.forEach((line, i) => {
    const shape = drawn[i] as { low: number[] | null; high: (number | null)[] };
    const faded = options.focus !== null && options.focus !== line.name;
    drawLine(ctx, look, line, shape, plot.t, x, y, faded ? fill * 0.3 : fill, faded ? 0.2 : 1);
  });
  ctx.restore();
  if (options.cursor !== null) drawCursor(ctx, look, frame, x(options.cursor));
  return frame;
}

function drawAxes(ctx: CanvasRenderingContext2D, look: Theme, frame: Frame, marks: (readonly [number, string, boolean])[], options: DrawOptions): void {
  ctx.lineWidth = 1;
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  for (const [at, label, zero] of marks) {
    const line = Math.round(at) + 0.5;
    ctx.strokeStyle = zero ? look.axis : look.grid;
    ctx.beginPath();
    ctx.moveTo(frame.left, line);
    ctx.lineTo(frame.right, line);
    ctx.stroke();
    ctx.fillStyle = look.text;
    ctx.fillText(label, frame.left - 6, at);
  }
  const { ticks, step } = timeTicks(options.from, options.to, Math.max(2, Math.floor((frame.right - frame.left) / 90)));
  ctx.textBaseline = "alphabetic";
  const scale = (frame.right - frame.left) / (options.to - options.from);
  for (const tick of ticks) {
    const label = formatClock(tick, step);
    const half = ctx.measureText(label).width / 2;
    const at = frame.left + (tick - options.from) * scale;
    ctx.strokeStyle = look.axis;
    ctx.beginPath();
    ctx.moveTo(Math.round(at) + 0.5, frame.bottom + 1);
    ctx.lineTo(Math.round(at) + 0.5, frame.bottom + 4);
    ctx.stroke();
    if (at + half > frame.right + 6 || at - half < 0) continue;
    ctx.textAlign = "center";
    ctx.fillStyle = look.text;
    ctx.fillText(label, at, frame.bottom + 16);
  }
}

function drawLine(
  ctx: CanvasRenderingContext2D, look: Theme, line: Line, shape: { low: number[] | null; high: (number | null)[] }, t: number[],
  x: (at: number) => number, y: (value: number) => number, fill: number, alpha: number,
): void {
  ctx.strokeStyle = ctx.fillStyle = look.palette[line.color % PALETTE_SIZE] as string;
  ctx.lineWidth = 1.5;
  ctx.lineJoin = "round";
  for (const [start, end] of runs(shape.high)) {
    const trace = () => {
      for (let i = start; i < end; i += 1) ctx.lineTo(x(t[i] as number), y(shape.high[i] as number));
    };
    if (fill > 0) {
      ctx.globalAlpha = fill;
      ctx.beginPath();
      trace();
      for (let i = end - 1; i >= start; i -= 1) ctx.lineTo(x(t[i] as number), y(shape.low ? (shape.low[i] as number) : 0));
      ctx.closePath();
      ctx.fill();
    }
    ctx.globalAlpha = alpha;
    ctx.beginPath();
    if (end - start === 1) ctx.arc(x(t[start] as number), y(shape.high[start] as number), 1.5, 0, 7);
    else trace();
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
}

/** Stretches [start, end) without a null. */
export function runs(values: (number | null)[]): [number, number][] {
  const out: [number, number][] = [];
  let start = -1;
  for (let i = 0; i <= values.length; i += 1) {
    const present = i < values.length && values[i] !== null && Number.isFinite(values[i]);
    if (present && start < 0) start = i;
    if (!present && start >= 0) {
      out.push([start, i]);
      start = -1;
    }
  }
  return out;
}

function drawCursor(ctx: CanvasRenderingContext2D, look: Theme, frame: Frame, at: number): void {
  if (at < frame.left || at > frame.right) return;
  ctx.strokeStyle = look.cursor;
  ctx.setLineDash([3, 3]);
  ctx.beginPath();
  ctx.moveTo(Math.round(at) + 0.5, frame.top);
  ctx.lineTo(Math.round(at) + 0.5, frame.bottom);
  ctx.stroke();
  ctx.setLineDash([]);
}
