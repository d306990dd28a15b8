// Messages of the chunked debug streams.

export const SEPARATOR = "|;|";

/** Cuts a stream into messages; what follows the last separator waits for more text. */
export class MessageSplitter {
  private rest = "";

  push(chunk: string): string[] {
    const parts = (this.rest + chunk).split(SEPARATOR);
    this.rest = parts.pop() ?? "";
    return parts.filter((part) => part.trim() !== "");
  }
}

export interface DebugMessage {
  /** `IN`, `OUT` or another tag in brackets at the start; empty if there is none. */
  tag: string;
  text: string;
}

export function parseDebugMessage(message: string): DebugMessage {
  const match = /^\s*\[([A-Za-z_ -]{1,24})\]:?\s*/.exec(message);
  if (!match) return { tag: "", text: message.trim() };
  return { tag: (match[1] as string).toUpperCase(), text: message.slice(match[0].length).trimEnd() };
}
