// Axis marks: round values and round times.

/** Round marks that cover [min, max]; `binary` steps by powers of two, for sizes in bytes. */
export function niceTicks(min: number, max: number, count: number, binary = false): number[] {
  if (!Number.isFinite(min) || !Number.isFinite(max)) return [];
  if (max <= min) max = min + 1;
  const raw = (max - min) / Math.max(1, count);
  const step = binary && raw >= 1 ? binaryStep(raw) : decimalStep(raw);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  const ticks: number[] = [];
  for (let i = first; i <= last && ticks.length < 64; i += 1) ticks.push(cleaned(i * step));
  return ticks;
}

function cleaned(value: number): number {
  return Number(value.toPrecision(12));
}

function decimalStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = raw / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 2.5 ? 2.5 : lead <= 5 ? 5 : 10);
}

/** A round number (1, 2, 5, 10, 20, 50, 100, 200, 500) of the binary unit that `raw` falls into. */
function binaryStep(raw: number): number {
  const unit = 1024 ** Math.floor(Math.log2(raw) / 10);
  for (const lead of [1, 2, 5, 10, 20, 50, 100, 200, 500]) {
    if (raw <= lead * unit) return lead * unit;
  }
  return unit * 1024;
}

/** The smallest top of an axis at or above `max` that ends on a mark. */
export function niceMax(max: number, count: number, binary = false): number {
  if (!(max > 0)) return 1;
  const ticks = niceTicks(0, max, count, binary);
  const step = ticks.length > 1 ? (ticks[1] as number) - (ticks[0] as number) : max;
  return Math.ceil(max / step - 1e-9) * step;
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400];

/** Round moments between `from` and `to` (milliseconds), about `count` of them, and their distance. */
export function timeTicks(from: number, to: number, count: number): { ticks: number[]; step: number } {
  const raw = (to - from) / 1000 / Math.max(1, count);
  const step = (TIME_STEPS.find((candidate) => candidate >= raw) ?? 86400) * 1000;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to && ticks.length < 64; at += step) ticks.push(at);
  return { ticks, step };
}
