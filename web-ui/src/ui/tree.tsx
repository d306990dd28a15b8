// Arguments, exports and debug info as a tree in the configuration's notation.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Field, Statement, Value } from "../lib/types";
import { asTable, formatBody, formatKey, formatScalar, inline, isScalar, items, quote } from "../lib/value";
import { CopyButton } from "./bits";

const LINE = 88;
const PAGE = 50;
const LONG_TEXT = 400;

interface LinkContext {
  /** Address of the component that a capsule such as `loki.write.out.receiver` belongs to. */
  linkOf: (text: string) => string | null;
}

/** A body with its title, or nothing at all when it is empty. */
export function BodyPanel({ title, body, linkOf }: { title: string; body: Statement[] | undefined } & LinkContext) {
  if (!body || body.length === 0) return null;
  return (
    <section class="panel body-panel">
      <div class="panel-bar">
        <h2>{title}</h2>
        <CopyButton text={() => formatBody(body)} />
      </div>
      <div class="tree"><Body body={body} linkOf={linkOf} /></div>
    </section>
  );
}

function Body({ body, linkOf }: { body: Statement[] } & LinkContext) {
  const widest = Math.min(28, Math.max(0, ...body.map((one) => (one.type === "attr" ? one.name.length : 0))));
  return (
    <Paged list={body}>
      {(one, index) => (one.type === "attr"
        ? <Entry key={index} head={<><span class="t-name">{one.name.padEnd(widest)}</span><span class="t-mark"> = </span></>} value={one.value} linkOf={linkOf} />
        : <Block key={index} block={one} linkOf={linkOf} />)}
    </Paged>
  );
}

function Block({ block, linkOf }: { block: Extract<Statement, { type: "block" }> } & LinkContext) {
  const body = block.body ?? [];
  const head = <><span class="t-block">{block.name}</span>{block.label ? <span class="t-string"> {quote(block.label)}</span> : null}</>;
  if (body.length === 0) return <div class="t-row">{head}<span class="t-mark"> {"{ }"}</span></div>;
  return <Fold head={<>{head} </>} open="{" close="}" count={body.length} start={true}><Body body={body} linkOf={linkOf} /></Fold>;
}

/** One value behind its name: on the same line if it is short, else folded out below. */
function Entry({ head, value, tail = "", linkOf }: { head: ComponentChildren; value: Value; tail?: string } & LinkContext) {
  const short = isScalar(value) || inline(value, LINE) !== null;
  if (short) return <div class="t-row">{head}<Inline value={value} linkOf={linkOf} />{tail && <span class="t-mark">{tail}</span>}</div>;
  const list = items(value);
  const [open, close] = value.type === "array" ? ["[", "]"] : ["{", "}"];
  const table = asTable(value);
  const widest = keyWidth(list);
  return (
    <Fold head={head} open={open as string} close={`${close}${tail}`} count={list.length} start={list.length <= PAGE} alternative={table ? <TableView value={value} /> : undefined} preferred={(table?.rows.length ?? 0) > 8}>
      <Paged list={list}>
        {(item, index) => ("key" in item
          ? <Entry key={index} head={<><Key name={item.key} width={widest} /><span class="t-mark"> = </span></>} value={item.value} tail="," linkOf={linkOf} />
          : <Entry key={index} head={null} value={item} tail="," linkOf={linkOf} />)}
      </Paged>
    </Fold>
  );
}

/** Width to which the keys of an object are padded, so that its values stand below each other. */
function keyWidth(list: (Value | Field)[]): number {
  return Math.min(28, Math.max(0, ...list.slice(0, PAGE).map((item) => ("key" in item ? formatKey(item.key).length : 0))));
}

function Key({ name, width = 0 }: { name: string; width?: number }) {
  const text = formatKey(name);
  return <span class={text === name ? "t-name" : "t-string"}>{text.padEnd(width)}</span>;
}

function Fold({ head, open, close, count, start, children, alternative, preferred = false }: {
  head: ComponentChildren; open: string; close: string; count: number; start: boolean; children: ComponentChildren; alternative?: ComponentChildren; preferred?: boolean;
}) {
  const [shown, setShown] = useState(start);
  const [table, setTable] = useState(preferred);
  return (
    <div class="t-fold">
      <div class="t-row">
        <button type="button" class="t-toggle" aria-expanded={shown} onClick={() => setShown(!shown)} aria-label={shown ? "Fold" : "Unfold"} />
        {head}<span class="t-mark">{open}</span>
        {!shown && <button type="button" class="plain t-more" onClick={() => setShown(true)}> {count} {count === 1 ? "entry" : "entries"} </button>}
        {!shown && <span class="t-mark">{close}</span>}
        {shown && alternative !== undefined && <button type="button" class="small t-switch" aria-pressed={table} onClick={() => setTable(!table)}>table</button>}
      </div>
      {shown && <div class="t-inner">{table ? alternative : children}</div>}
      {shown && <div class="t-row t-mark">{close}</div>}
    </div>
  );
}

/** Long lists unfold in steps, so that ten thousand targets do not freeze the page. */
function Paged<T>({ list, children }: { list: T[]; children: (item: T, index: number) => ComponentChildren }) {
  const [limit, setLimit] = useState(PAGE);
  return (
    <>
      {list.slice(0, limit).map(children)}
      {list.length > limit && (
        <div class="t-row"><button type="button" class="plain t-more" onClick={() => setLimit(limit + 500)}>… {list.length - limit} more</button></div>
      )}
    </>
  );
}

function Inline({ value, linkOf }: { value: Value } & LinkContext) {
  if (value.type === "array") {
    const list = value.value ?? [];
    return <><span class="t-mark">[</span>{list.map((item, i) => <span key={i}><Inline value={item} linkOf={linkOf} />{i + 1 < list.length && <span class="t-mark">, </span>}</span>)}<span class="t-mark">]</span></>;
  }
  if (value.type === "object") {
    const list: Field[] = value.value ?? [];
    if (list.length === 0) return <span class="t-mark">{"{}"}</span>;
    return (
      <>
        <span class="t-mark">{"{ "}</span>
        {list.map(({ key, value: field }, i) => <span key={i}><Key name={key} /><span class="t-mark"> = </span><Inline value={field} linkOf={linkOf} />{i + 1 < list.length && <span class="t-mark">, </span>}</span>)}
        <span class="t-mark">{" }"}</span>
      </>
    );
  }
  return <Scalar value={value} linkOf={linkOf} />;
}

function Scalar({ value, linkOf }: { value: Value } & LinkContext) {
  const [full, setFull] = useState(false);
  const text = formatScalar(value);
  const to = value.type === "capsule" ? linkOf(text) : null;
  if (to !== null) return <a class="t-capsule" href={to}>{text}</a>;
  if (text.length > LONG_TEXT && !full) {
    return <span class={`t-${value.type}`}>{text.slice(0, LONG_TEXT)}<button type="button" class="plain t-more" onClick={() => setFull(true)}>… {text.length - LONG_TEXT} more characters</button></span>;
  }
  return <span class={`t-${value.type}`}>{text}</span>;
}

function TableView({ value }: { value: Value }) {
  const table = asTable(value);
  const [limit, setLimit] = useState(PAGE);
  if (!table) return null;
  const text = (cell: Value | undefined) => (cell === undefined ? "" : cell.type === "string" ? cell.value : formatScalar(cell));
  return (
    <div class="t-table">
      <table>
        <thead><tr>{table.columns.map((column) => <th key={column}>{column}</th>)}</tr></thead>
        <tbody>{table.rows.slice(0, limit).map((row, i) => <tr key={i}>{table.columns.map((column, j) => <td key={column}>{text(row[j])}</td>)}</tr>)}</tbody>
      </table>
      {table.rows.length > limit && <button type="button" class="plain t-more" onClick={() => setLimit(limit + 500)}>… {table.rows.length - limit} more</button>}
    </div>
  );
}
