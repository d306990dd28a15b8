// Severity of a log entry, from its labels or else from its text.
import type { Labels } from "./types";

export type Level = "critical" | "error" | "warn" | "info" | "debug" | "trace" | "none";

export const LEVELS: Level[] = ["critical", "error", "warn", "info", "debug", "trace", "none"];

const NAMES: Record<string, Level> = {
  emerg: "critical", emergency: "critical", alert: "critical", crit: "critical", critical: "critical", fatal: "critical", panic: "critical",
  err: "error", eror: "error", error: "error", severe: "error",
  warn: "warn", warning: "warn", wrn: "warn",
  info: "info", information: "info", informational: "info", notice: "info", inf: "info",
  debug: "debug", dbg: "debug", verbose: "debug",
  trace: "trace", trc: "trace",
};

const LABELS = ["level", "detected_level", "severity", "severity_text", "loglevel", "lvl", "priority"];

const FIELD = /(?:"?\b(?:level|lvl|severity|loglevel)"?\s*[=:]\s*"?)([a-z]{3,13})\b/i;
const WORD = /(?:^|[\s[(<|])(EMERG|ALERT|CRIT|CRITICAL|FATAL|PANIC|ERR|ERROR|SEVERE|WARN|WARNING|NOTICE|INFO|DEBUG|TRACE)(?=[\s\])>:|]|$)/;

export function levelOf(labels: Labels, line: string): Level {
  for (const name of LABELS) {
    const value = labels[name];
    const level = value === undefined ? undefined : NAMES[value.toLowerCase()];
    if (level) return level;
  }
  // Levels stand near the start; looking further would cost time and find words of the message.
  const head = line.slice(0, 300);
  const field = FIELD.exec(head);
  const level = field ? NAMES[(field[1] as string).toLowerCase()] : undefined;
  if (level) return level;
  const word = WORD.exec(head.slice(0, 120));
  return word ? (NAMES[(word[1] as string).toLowerCase()] ?? "none") : "none";
}
