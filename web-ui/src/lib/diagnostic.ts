// Colours for the text of a configuration error, guessed from its shape line by line.

export type DiagnosticKind = "error" | "warning" | "place" | "mark" | "help" | "gutter" | "text";

export interface DiagnosticPart {
  kind: DiagnosticKind;
  text: string;
}

const ESCAPES = /\u001b\[[0-9;]*[A-Za-z]/g;

export function diagnosticLines(text: string): DiagnosticPart[][] {
  return text.replace(ESCAPES, "").replace(/\s+$/, "").split(/\r?\n/).map(parts);
}

function parts(line: string): DiagnosticPart[] {
  if (/^\s*(error|fatal)\b/i.test(line)) return [{ kind: "error", text: line }];
  if (/^\s*warning\b/i.test(line)) return [{ kind: "warning", text: line }];
  if (/^\s*(=\s*)?(help|hint|note)\b/i.test(line)) return [{ kind: "help", text: line }];
  if (/^\s*(-->|╭─|┌─|at )/.test(line)) return [{ kind: "place", text: line }];
  const gutter = /^(\s*\d*\s*[|│┊]\s?)(.*)$/.exec(line);
  if (!gutter) return [{ kind: "text", text: line }];
  const rest = gutter[2] as string;
  const mark = /^\s*[\^~─┬╰\-|]*[\^~┬╰][\^~─┬\-|]*/.test(rest);
  return [{ kind: "gutter", text: gutter[1] as string }, { kind: mark ? "mark" : "text", text: rest }];
}
