// Series from a `local.recent` component, fetched once and then only what is new.
import { getSeries, queryKey, serverNow } from "./api";
import { usePoll } from "./hooks";
import type { Data } from "./host";
import type { Matcher } from "./labels";
import { mergeSeries } from "./series";
import type { Series } from "./types";

// A point may arrive after a younger one of another series: ask again for a little of the past.
const OVERLAP = 30_000;

class SeriesCache {
  private known = new Map<string, { from: number; series: Series[] }>();

  constructor(private readonly id: string) {}

  async get(name: string, matchers: Matcher[], window: number, signal: AbortSignal): Promise<Series[]> {
    const key = queryKey(name, matchers);
    const from = serverNow() - window;
    const old = this.known.get(key);
    const usable = old && old.from <= from + 1000 ? old : null;
    const newest = usable ? Math.max(...usable.series.map(({ points }) => points.at(-1)?.[0] ?? 0), 0) : 0;
    const since = Math.max(from, newest - OVERLAP);
    const fetched = await getSeries(this.id, name, matchers, since, signal);
    const series = mergeSeries(usable?.series ?? [], fetched, from);
    this.known.set(key, { from, series });
    return series;
  }
}

const caches = new Map<string, SeriesCache>();

export interface Query {
  name: string;
  matchers: Matcher[];
}

/** Polls some queries of one component together; the result maps metric names to series. */
export function useSeries(id: string, queries: Query[], window: number, every: number) {
  const key = `${id} ${window} ${queries.map(({ name, matchers }) => queryKey(name, matchers)).join(" ")}`;
  return usePoll<Data>(async (signal) => {
    let cache = caches.get(id);
    if (!cache) caches.set(id, (cache = new SeriesCache(id)));
    const used = cache;
    const answers = await Promise.all(queries.map(async ({ name, matchers }) => [name, await used.get(name, matchers, window, signal)] as const));
    return new Map(answers);
  }, every, key);
}
