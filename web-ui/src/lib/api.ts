// Calls to the server. Every address is relative to the page, so a path prefix needs no setting.
import { encodePath } from "./router";
import { MessageSplitter } from "./stream";
import type { Component, LogEntry, MetricName, Peer, RecentStats, Series, Status } from "./types";
import { formatMatchers, type Matcher } from "./labels";

const base = new URL(".", location.href.replace(/[?#].*$/, ""));

let clockOffset = 0;

/** The server's time: its clock is the one that stamps the data, and the viewer's may differ. */
export function serverNow(): number {
  return Date.now() + clockOffset;
}

export function address(path: string): string {
  return new URL(path, base).href;
}

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

async function request(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path), init);
  } catch (cause) {
    if ((cause as Error).name === "AbortError") throw cause;
    throw new ApiError("the server does not answer", 0);
  }
  const date = Date.parse(response.headers.get("date") ?? "");
  // The header has whole seconds: smaller differences say nothing.
  if (Number.isFinite(date)) clockOffset = Math.abs(date - Date.now()) > 2000 ? date - Date.now() : 0;
  return response;
}

// A server that accepts a call but never answers must not stop the polling for good.
const PATIENCE = 20_000;

async function json<T>(path: string, signal?: AbortSignal): Promise<T> {
  const limit = AbortSignal.timeout(PATIENCE);
  const response = await request(path, { signal: signal ? AbortSignal.any([signal, limit]) : limit });
  if (!response.ok) {
    const text = (await response.text()).trim().slice(0, 500);
    throw new ApiError(text || `the server answered ${response.status}`, response.status);
  }
  return (await response.json()) as T;
}

export const getStatus = (signal?: AbortSignal) => json<Status>("api/v0/web/status", signal);

export async function getComponents(moduleID: string, signal?: AbortSignal): Promise<Component[]> {
  const path = moduleID === "" ? "api/v0/web/components" : `api/v0/web/modules/${encodePath(moduleID)}/components`;
  return ((await json<Component[] | null>(path, signal)) ?? []).map(complete);
}

export async function getComponent(id: string, signal?: AbortSignal): Promise<Component> {
  return complete(await json<Component>(`api/v0/web/components/${encodePath(id)}`, signal));
}

/** Lists that are empty may come as null. */
function complete(component: Component): Component {
  return {
    ...component,
    referencesTo: component.referencesTo ?? [],
    referencedBy: component.referencedBy ?? [],
    dataFlowEdgesTo: component.dataFlowEdgesTo ?? [],
  };
}

export const getPeers = async (signal?: AbortSignal) => (await json<Peer[] | null>("api/v0/web/peers", signal)) ?? [];

/** Reloads the configuration; the text says what happened, or what is wrong with the configuration. */
export async function reload(): Promise<{ ok: boolean; text: string }> {
  const response = await request("-/reload", { method: "POST" });
  return { ok: response.ok, text: (await response.text()).trim() };
}

/** Reads a chunked stream of messages until `signal` ends it or the server does. */
export async function readMessages(path: string, signal: AbortSignal, onMessages: (messages: string[]) => void): Promise<void> {
  const response = await request(path, { signal });
  if (!response.ok || !response.body) throw new ApiError((await response.text()).trim() || `the server answered ${response.status}`, response.status);
  const splitter = new MessageSplitter();
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const messages = splitter.push(decoder.decode(value, { stream: true }));
    if (messages.length > 0) onMessages(messages);
  }
}

function recentPath(id: string, path: string, query: [string, string][] = []): string {
  const text = new URLSearchParams(query).toString();
  return `api/v0/component/${encodePath(id)}/${path}${text === "" ? "" : `?${text}`}`;
}

const pairs = (name: string, matchers: Matcher[]): [string, string][] => matchers.map((one) => [name, `${one.name}=${one.value}`]);

export const getNames = (id: string, signal?: AbortSignal) => json<MetricName[]>(recentPath(id, "names"), signal);

export const getRecentStats = (id: string, signal?: AbortSignal) => json<RecentStats>(recentPath(id, "stats"), signal);

/** `since` is in milliseconds since the epoch. */
export function getSeries(id: string, name: string, matchers: Matcher[], since: number, signal?: AbortSignal): Promise<Series[]> {
  const query: [string, string][] = [["name", name], ...pairs("match", matchers), ["since", String(Math.floor(since))]];
  return json<Series[]>(recentPath(id, "series", query), signal);
}

export interface LogQuery {
  text: string;
  labels: Matcher[];
}

/** Entries newest first; `before` is a time in nanoseconds as decimal text. */
export async function getLogs(id: string, { text, labels }: LogQuery, limit: number, before: string | null, signal?: AbortSignal): Promise<LogEntry[]> {
  const query: [string, string][] = [["limit", String(limit)], ...pairs("label", labels)];
  if (text !== "") query.push(["q", text]);
  if (before !== null) query.push(["before", before]);
  return (await json<{ entries: LogEntry[] | null }>(recentPath(id, "logs", query), signal)).entries ?? [];
}

export function tailAddress(id: string, { text, labels }: LogQuery): string {
  return address(recentPath(id, "tail", [...(text === "" ? [] : ([["q", text]] as [string, string][])), ...pairs("label", labels)]));
}

/** Identity of a query, for caches. */
export function queryKey(name: string, matchers: Matcher[]): string {
  return `${name}{${formatMatchers(matchers)}}`;
}
