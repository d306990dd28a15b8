// How values of each unit are written.
import type { Unit } from "./explore";
import { formatBytes, formatBytesRate, formatDuration, formatNumber, formatPercent } from "./format";

export const FORMATS: Record<Unit, (value: number) => string> = {
  percent: formatPercent,
  bytes: formatBytes,
  "bytes/s": formatBytesRate,
  number: formatNumber,
  seconds: formatDuration,
  "per second": (value) => `${formatNumber(value)}/s`,
};

export function isBinary(unit: Unit): boolean {
  return unit === "bytes" || unit === "bytes/s";
}
