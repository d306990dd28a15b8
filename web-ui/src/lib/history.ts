// What the tiles show: rates between successive answers of the status call.
import type { Status } from "./types";

export interface Snapshot {
  at: number;
  status: Status;
}

export interface Rates {
  samples: (number | null)[];
  lines: (number | null)[];
  /** Share of one processor core, in percent. */
  cpu: (number | null)[];
  memory: (number | null)[];
}

/** Adds an answer; a restart of the process forgets the past, because its counters began again. */
export function remember(history: Snapshot[], next: Snapshot, limit: number): Snapshot[] {
  const last = history.at(-1);
  if (last && last.at >= next.at) return history;
  if (last && (last.status.started_at !== next.status.started_at || last.status.uptime_seconds > next.status.uptime_seconds)) return [next];
  return [...history, next].slice(-limit);
}

export function ratesOf(history: Snapshot[]): Rates {
  const per = (pick: (status: Status) => number, factor = 1) =>
    history.slice(1).map((snapshot, i) => {
      const before = history[i] as Snapshot;
      // The server's own clock: the way of the answer does not disturb the rate.
      const seconds = snapshot.status.uptime_seconds - before.status.uptime_seconds || (snapshot.at - before.at) / 1000;
      const change = pick(snapshot.status) - pick(before.status);
      return seconds > 0 && change >= 0 ? (factor * change) / seconds : null;
    });
  return {
    samples: per((status) => status.samples_total),
    lines: per((status) => status.lines_total),
    cpu: per((status) => status.cpu_seconds, 100),
    memory: history.map(({ status }) => status.memory_bytes),
  };
}

/** Mean of the last values: neighbouring polls see bursts of scrapes, and a jumping number says little. */
export function recentMean(values: (number | null)[], count: number): number | null {
  const last = values.slice(-count).filter((value): value is number => value !== null);
  return last.length === 0 ? null : last.reduce((total, value) => total + value, 0) / last.length;
}

/** Polls that cover most scrape intervals: a shorter mean would be zero between two scrapes. */
const STEADY = 20;

/** A rate that does not jump with every scrape; until enough is known, the mean since the start of the process. */
export function steadyRate(values: (number | null)[], total: number, uptime: number): number | null {
  if (values.length >= STEADY) return recentMean(values, STEADY);
  return uptime > 0 ? total / uptime : recentMean(values, STEADY);
}
