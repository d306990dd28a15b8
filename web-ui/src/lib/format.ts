// Numbers, sizes and times as short text.

const SI = ["", "k", "M", "G", "T", "P"];
const IEC = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

function trim(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Three significant digits at most: 0.42, 7.1, 86, 1.2k, 34M. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.001) return value.toExponential(1);
  if (size < 1) return trim(value, size < 0.1 ? 3 : 2);
  let step = Math.min(SI.length - 1, Math.floor(Math.log10(size) / 3));
  // 999.6 rounds up to the next unit instead of to "1000".
  if (size / 1000 ** step >= 999.5 && step < SI.length - 1) step += 1;
  const scaled = value / 1000 ** step;
  return trim(scaled, Math.abs(scaled) < 10 ? (step === 0 ? 2 : 1) : Math.abs(scaled) < 100 && step > 0 ? 1 : 0) + SI[step];
}

/** Size in binary units: 512 B, 1.5 KiB, 23.4 MiB. */
export function formatBytes(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1) return value === 0 ? "0 B" : `${trim(value, 2)} B`;
  let step = Math.min(IEC.length - 1, Math.floor(Math.log2(size) / 10));
  if (size / 1024 ** step >= 1023.5 && step < IEC.length - 1) step += 1;
  const scaled = value / 1024 ** step;
  return `${trim(scaled, step === 0 || Math.abs(scaled) >= 100 ? 0 : 1)} ${IEC[step]}`;
}

export function formatBytesRate(value: number): string {
  return `${formatBytes(value)}/s`;
}

export function formatPercent(value: number): string {
  const size = Math.abs(value);
  return `${trim(value, size < 10 && size > 0 ? 1 : 0)}%`;
}

/** Length of time from seconds: 250 µs, 12 ms, 3.2 s, 4 m 10 s, 2 h 5 m, 3 d 4 h. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return String(seconds);
  const size = Math.abs(seconds);
  if (size === 0) return "0 s";
  if (size < 1e-3) return `${trim(seconds * 1e6, 0)} µs`;
  if (size < 1) return `${trim(seconds * 1e3, size < 0.01 ? 1 : 0)} ms`;
  if (size < 60) return `${trim(seconds, size < 10 ? 1 : 0)} s`;
  const total = Math.floor(size);
  const parts: [number, string, number, string] =
    total < 3600 ? [Math.floor(total / 60), "m", total % 60, "s"]
    : total < 86400 ? [Math.floor(total / 3600), "h", Math.floor((total % 3600) / 60), "m"]
    : [Math.floor(total / 86400), "d", Math.floor((total % 86400) / 3600), "h"];
  const text = `${parts[0]} ${parts[1]}${parts[2] > 0 ? ` ${parts[2]} ${parts[3]}` : ""}`;
  return seconds < 0 ? `-${text}` : text;
}

/** How long before `now` a moment was: "just now", "12 s ago", "3 m ago". */
export function formatAgo(at: number, now: number): string {
  if (!Number.isFinite(at)) return "unknown";
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < 3) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Local time of day; `step` (milliseconds between marks) decides whether seconds are shown. */
export function formatClock(ms: number, step = 1000): string {
  const date = new Date(ms);
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return step % 60000 === 0 ? minutes : `${minutes}:${two(date.getSeconds())}`;
}

/** Local time of day of a log entry with milliseconds, from nanoseconds in decimal text. */
export function formatLogTime(ns: string): string {
  const ms = nanosToMillis(ns);
  if (!Number.isFinite(ms)) return ns;
  return `${formatClock(ms)}.${String(Math.floor(ms) % 1000).padStart(3, "0")}`;
}

/** Local date and time, for tooltips. */
export function formatDateTime(ms: number): string {
  if (!Number.isFinite(ms)) return "unknown";
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${formatClock(ms)}`;
}

/** Milliseconds since the epoch, from nanoseconds in decimal text. */
export function nanosToMillis(ns: string): number {
  return /^\d+$/.test(ns) ? Number(ns) / 1e6 : Number.NaN;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
