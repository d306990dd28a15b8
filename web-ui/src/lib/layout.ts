// Layered drawing of a directed graph, left to right: layers by longest path, order by barycentres,
// places by the smallest shift that keeps the order. Each connected part is laid out alone.

export interface Size {
  width: number;
  height: number;
}

export interface Edge {
  from: string;
  to: string;
}

export interface Spot {
  /** Centre of the node. */
  x: number;
  y: number;
}

export interface Drawing extends Size {
  nodes: Map<string, Spot>;
  /** Per edge, the points its curve runs through, from the right side of one node to the left side of the other. */
  edges: { edge: Edge; path: Spot[] }[];
}

export interface Spacing {
  /** Between layers. */
  column: number;
  /** Between nodes of one layer. */
  row: number;
  /** Between unconnected parts. */
  part: number;
}

interface Cell {
  id: string | null;
  layer: number;
  y: number;
  before: Cell[];
  after: Cell[];
}

export function layout(ids: string[], edges: Edge[], size: Size, spacing: Spacing): Drawing {
  const known = new Set(ids);
  const usable = unique(edges.filter(({ from, to }) => from !== to && known.has(from) && known.has(to)));
  const drawing: Drawing = { width: 0, height: 0, nodes: new Map(), edges: [] };
  const parts = connectedParts(ids, usable);
  const alone = parts.filter((part) => part.length === 1).map((part) => part[0] as string);
  for (const part of parts.filter((one) => one.length > 1).sort((a, b) => b.length - a.length)) {
    const members = new Set(part);
    place(part, usable.filter(({ from }) => members.has(from)), size, spacing, drawing);
  }
  placeAlone(alone, size, spacing, drawing);
  return drawing;
}

function unique(edges: Edge[]): Edge[] {
  const seen = new Map<string, Edge>();
  for (const edge of edges) seen.set(`${edge.from}\u0000${edge.to}`, edge);
  return [...seen.values()];
}

export function connectedParts(ids: string[], edges: Edge[]): string[][] {
  const next = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { from, to } of edges) {
    next.get(from)?.push(to);
    next.get(to)?.push(from);
  }
  const seen = new Set<string>();
  const parts: string[][] = [];
  for (const start of ids) {
    if (seen.has(start)) continue;
    seen.add(start);
    const part = [start];
    for (let i = 0; i < part.length; i += 1) {
      for (const id of next.get(part[i] as string) ?? []) {
        if (!seen.has(id)) {
          seen.add(id);
          part.push(id);
        }
      }
    }
    parts.push(part);
  }
  return parts;
}

/** Turns edges that close a cycle round, so that layers exist; found by a depth-first walk without recursion. */
export function acyclic(ids: string[], edges: Edge[]): Edge[] {
  const out = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { from, to } of edges) out.get(from)?.push(to);
  const state = new Map<string, "open" | "done">();
  const back = new Set<string>();
  for (const root of ids) {
    if (state.has(root)) continue;
    const stack: { id: string; next: number }[] = [{ id: root, next: 0 }];
    state.set(root, "open");
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as { id: string; next: number };
      const to = (out.get(top.id) as string[])[top.next++];
      if (to === undefined) {
        state.set(top.id, "done");
        stack.pop();
      } else if (state.get(to) === "open") {
        back.add(`${top.id}\u0000${to}`);
      } else if (!state.has(to)) {
        state.set(to, "open");
        stack.push({ id: to, next: 0 });
      }
    }
  }
  return edges.map((edge) => (back.has(`${edge.from}\u0000${edge.to}`) ? { from: edge.to, to: edge.from } : edge));
}

/** Layer of each node: the longest path from a source; sources move right up to what they feed. */
export function layers(ids: string[], edges: Edge[]): Map<string, number> {
  const incoming = new Map<string, number>(ids.map((id) => [id, 0]));
  const out = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { from, to } of edges) {
    incoming.set(to, (incoming.get(to) ?? 0) + 1);
    out.get(from)?.push(to);
  }
  const sources = ids.filter((id) => incoming.get(id) === 0);
  const queue = [...sources];
  const layer = new Map<string, number>(ids.map((id) => [id, 0]));
  for (let i = 0; i < queue.length; i += 1) {
    const id = queue[i] as string;
    for (const to of out.get(id) ?? []) {
      layer.set(to, Math.max(layer.get(to) ?? 0, (layer.get(id) ?? 0) + 1));
      const left = (incoming.get(to) ?? 0) - 1;
      incoming.set(to, left);
      if (left === 0) queue.push(to);
    }
  }
  for (const id of sources) {
    const targets = (out.get(id) ?? []).map((to) => layer.get(to) ?? 0);
    if (targets.length > 0) layer.set(id, Math.min(...targets) - 1);
  }
  return layer;
}

function place(ids: string[], edges: Edge[], size: Size, spacing: Spacing, drawing: Drawing): void {
  const straight = acyclic(ids, edges);
  const layerOf = layers(ids, straight);
  const columns: Cell[][] = [];
  const add = (id: string | null, layer: number): Cell => {
    const cell: Cell = { id, layer, y: 0, before: [], after: [] };
    while (columns.length <= layer) columns.push([]);
    (columns[layer] as Cell[]).push(cell);
    return cell;
  };
  const cells = new Map(ids.map((id) => [id, add(id, layerOf.get(id) ?? 0)]));
  const routes = straight.map(({ from, to }) => {
    const route = [cells.get(from) as Cell];
    const end = cells.get(to) as Cell;
    for (let layer = (route[0] as Cell).layer + 1; layer < end.layer; layer += 1) route.push(add(null, layer));
    route.push(end);
    for (let i = 1; i < route.length; i += 1) {
      (route[i - 1] as Cell).after.push(route[i] as Cell);
      (route[i] as Cell).before.push(route[i - 1] as Cell);
    }
    return route;
  });
  order(columns);
  settle(columns, size, spacing);
  emit(columns, routes, edges, straight, size, spacing, drawing);
}

/** Pairs of edges that cross between neighbouring layers; edges of one node do not cross each other. */
function crossings(columns: Cell[][]): number {
  let count = 0;
  for (let i = 0; i + 1 < columns.length; i += 1) {
    const rank = new Map((columns[i + 1] as Cell[]).map((cell, index) => [cell, index]));
    // Fenwick tree over the places of the right column: how many earlier edges end above each.
    const tree = new Array<number>(rank.size + 1).fill(0);
    let seen = 0;
    for (const cell of columns[i] as Cell[]) {
      const targets = cell.after.map((one) => rank.get(one) as number);
      for (const target of targets) {
        let above = 0;
        for (let at = target + 1; at > 0; at -= at & -at) above += tree[at] as number;
        count += seen - above;
      }
      for (const target of targets) {
        for (let at = target + 1; at < tree.length; at += at & -at) tree[at] = (tree[at] as number) + 1;
      }
      seen += targets.length;
    }
  }
  return count;
}

/** Sorts each layer by the mean position of its neighbours, to and fro, and keeps the order with fewest crossings. */
function order(columns: Cell[][]): void {
  let best = columns.map((column) => [...column]);
  let fewest = crossings(columns);
  for (let round = 0; round < 16 && fewest > 0; round += 1) {
    const down = round % 2 === 0;
    const sequence = down ? columns : [...columns].reverse();
    for (const column of sequence) {
      for (const other of columns) other.forEach((cell, index) => { cell.y = index; });
      const key = new Map(column.map((cell, index) => {
        const near = down ? cell.before : cell.after;
        return [cell, near.length > 0 ? near.reduce((total, one) => total + one.y, 0) / near.length : index] as const;
      }));
      column.sort((a, b) => (key.get(a) as number) - (key.get(b) as number));
    }
    const count = crossings(columns);
    if (count < fewest) {
      fewest = count;
      best = columns.map((column) => [...column]);
    }
  }
  best.forEach((column, index) => { columns[index] = column; });
}

/** Gives heights: each cell wants the mean height of its neighbours; the order and the distances stay. */
function settle(columns: Cell[][], size: Size, spacing: Spacing): void {
  const gap = (a: Cell, b: Cell) => (a.id !== null && b.id !== null ? size.height + spacing.row : (size.height + spacing.row) * 0.6);
  for (const column of columns) {
    let y = 0;
    column.forEach((cell, index) => {
      if (index > 0) y += gap(column[index - 1] as Cell, cell);
      cell.y = y;
    });
  }
  for (let round = 0; round < 24; round += 1) {
    const sequence = round % 2 === 0 ? columns : [...columns].reverse();
    for (const column of sequence) {
      const wanted = column.map((cell) => {
        const near = round < 20 ? (round % 2 === 0 ? cell.before : cell.after) : [...cell.before, ...cell.after];
        const used = near.length > 0 ? near : [...cell.before, ...cell.after];
        return used.length > 0 ? used.reduce((total, one) => total + one.y, 0) / used.length : cell.y;
      });
      const gaps = column.map((cell, index) => (index > 0 ? gap(column[index - 1] as Cell, cell) : 0));
      spread(wanted, gaps).forEach((y, index) => { (column[index] as Cell).y = y; });
    }
  }
}

/**
 * The heights closest to `wanted` (least squares) in which each is at least its gap below the one
 * before: neighbours that would overlap are pooled and share their mean.
 */
export function spread(wanted: number[], gaps: number[]): number[] {
  const offsets: number[] = [];
  let total = 0;
  for (const gap of gaps) offsets.push((total += gap));
  const pools: { sum: number; count: number }[] = [];
  wanted.forEach((want, index) => {
    let pool = { sum: want - (offsets[index] as number), count: 1 };
    for (let last = pools.at(-1); last && last.sum / last.count > pool.sum / pool.count; last = pools.at(-1)) {
      pools.pop();
      pool = { sum: pool.sum + last.sum, count: pool.count + last.count };
    }
    pools.push(pool);
  });
  const out: number[] = [];
  for (const pool of pools) for (let i = 0; i < pool.count; i += 1) out.push(pool.sum / pool.count + (offsets[out.length] as number));
  return out;
}

function emit(columns: Cell[][], routes: Cell[][], edges: Edge[], straight: Edge[], size: Size, spacing: Spacing, drawing: Drawing): void {
  const all = columns.flat();
  const top = Math.min(...all.map((cell) => cell.y));
  const bottom = Math.max(...all.map((cell) => cell.y));
  const start = drawing.height === 0 ? 0 : drawing.height + spacing.part;
  const left = (cell: Cell) => cell.layer * (size.width + spacing.column);
  const height = (cell: Cell) => cell.y - top + start + size.height / 2;
  for (const cell of all) {
    if (cell.id !== null) drawing.nodes.set(cell.id, { x: left(cell) + size.width / 2, y: height(cell) });
  }
  routes.forEach((route, index) => {
    const path = route.flatMap((cell, place): Spot[] => {
      const y = height(cell);
      const near = { x: left(cell), y };
      const far = { x: left(cell) + size.width, y };
      return place === 0 ? [far] : place === route.length - 1 ? [near] : [near, far];
    });
    const edge = edges[index] as Edge;
    drawing.edges.push({ edge, path: edge === straight[index] ? path : path.reverse() });
  });
  drawing.height = start + bottom - top + size.height;
  drawing.width = Math.max(drawing.width, columns.length * (size.width + spacing.column) - spacing.column);
}

/** Nodes without edges stand in rows below the rest, at most as wide as it (but at least four). */
function placeAlone(ids: string[], size: Size, spacing: Spacing, drawing: Drawing): void {
  if (ids.length === 0) return;
  const pitch = size.width + spacing.column / 2;
  const perRow = Math.max(4, Math.floor((drawing.width + spacing.column / 2) / pitch));
  const start = drawing.height === 0 ? 0 : drawing.height + spacing.part;
  ids.forEach((id, index) => {
    drawing.nodes.set(id, {
      x: (index % perRow) * pitch + size.width / 2,
      y: start + Math.floor(index / perRow) * (size.height + spacing.row) + size.height / 2,
    });
  });
  const rows = Math.ceil(ids.length / perRow);
  drawing.height = start + rows * (size.height + spacing.row) - spacing.row;
  drawing.width = Math.max(drawing.width, Math.min(perRow, ids.length) * pitch - spacing.column / 2);
}

export interface View {
  x: number;
  y: number;
  scale: number;
}

const LEGIBLE = 0.45;

/**
 * The view that shows the whole drawing, never larger than life. A drawing too large to be read
 * that way is shown from its beginning, at a size that can be read.
 */
export function fit(drawing: Size, width: number, height: number): View {
  const margin = 24;
  const whole = Math.min(1, (width - 2 * margin) / drawing.width, (height - 2 * margin) / drawing.height);
  const scale = Number.isFinite(whole) && whole >= LEGIBLE ? whole : 0.7;
  const start = (space: number, size: number) => Math.max(margin, (space - size * scale) / 2);
  return { scale, x: start(width, drawing.width), y: start(height, drawing.height) };
}

/** A smooth curve through the points of an edge, as the `d` of an SVG path. */
export function curve(path: Spot[]): string {
  const first = path[0];
  if (!first) return "";
  let text = `M${first.x},${first.y}`;
  for (let i = 1; i < path.length; i += 1) {
    const a = path[i - 1] as Spot;
    const b = path[i] as Spot;
    const middle = (a.x + b.x) / 2;
    text += a.y === b.y ? `L${b.x},${b.y}` : `C${middle},${a.y} ${middle},${b.y} ${b.x},${b.y}`;
  }
  return text;
}
