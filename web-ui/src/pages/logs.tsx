// Live log view: text filter, label filters, levels, pause, older lines on scrolling up.
import { Component as PreactComponent } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Matcher } from "../lib/labels";
import { formatDateTime, formatLogTime, nanosToMillis } from "../lib/format";
import { useDebounced } from "../lib/hooks";
import { chipsOf, facets, highlight, prettyJSON, shortValue, type Chip, type Facet, type Row } from "../lib/logs";
import { LEVELS, type Level } from "../lib/loglevel";
import { useTail, type Tail } from "../lib/tail";
import { CopyButton, Empty } from "../ui/bits";

export function LogView({ id }: { id: string }) {
  const [text, setText] = useState("");
  const settled = useDebounced(text, 300);
  const [labels, setLabels] = useState<Matcher[]>([]);
  const [levels, setLevels] = useState<Level[]>([]);
  const [paused, setPaused] = useState(false);
  const [following, setFollowing] = useState(true);
  const tail = useTail(id, { text: settled, labels }, paused, !following);
  const found = useMemo(() => facets(tail.rows), [tail.rows]);
  const chips = useMemo(() => chipsOf(found, tail.rows.length, 2), [found]);
  const rows = useMemo(() => (levels.length === 0 ? tail.rows : tail.rows.filter(({ level }) => levels.includes(level))), [tail.rows, levels]);
  const addLabel = (name: string, value: string) => setLabels((old) => [...old.filter((one) => one.name !== name), { name, value }]);
  usePauseKey(() => setPaused((old) => !old));
  return (
    <section class="panel logs" aria-label="Logs">
      <div class="logs-bar">
        <h2>Logs</h2>
        <input type="search" data-search placeholder="Filter lines  ( / )" aria-label="Filter lines" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <LabelPicker found={found} onPick={addLabel} />
        {labels.map(({ name, value }) => (
          <button key={name} type="button" class="chip chip-on" title="Remove this filter" onClick={() => setLabels((old) => old.filter((one) => one.name !== name))}>
            {name}={shortValue(value)} <span aria-hidden="true">×</span>
          </button>
        ))}
        <LevelFilter rows={tail.rows} chosen={levels} onChange={setLevels} />
        <LiveState tail={tail} paused={paused} onToggle={() => setPaused(!paused)} />
      </div>
      <LogList rows={rows} chips={chips} text={settled} tail={tail} following={following} onFollow={setFollowing} onLabel={addLabel} />
    </section>
  );
}

function usePauseKey(toggle: () => void): void {
  const latest = useRef(toggle);
  latest.current = toggle;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const inField = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key === "p" && !inField && !event.ctrlKey && !event.metaKey && !event.altKey) latest.current();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

function LabelPicker({ found, onPick }: { found: Facet[]; onPick: (name: string, value: string) => void }) {
  return (
    <select aria-label="Add a label filter" value="" disabled={found.length === 0} onChange={(event) => {
      const [name, value] = JSON.parse(event.currentTarget.value) as [string, string];
      event.currentTarget.value = "";
      onPick(name, value);
    }}>
      <option value="">Label…</option>
      {found.map(({ name, values }) => (
        <optgroup key={name} label={name}>
          {values.map(([value, count]) => <option key={value} value={JSON.stringify([name, value])}>{value} ({count})</option>)}
        </optgroup>
      ))}
    </select>
  );
}

function LevelFilter({ rows, chosen, onChange }: { rows: Row[]; chosen: Level[]; onChange: (levels: Level[]) => void }) {
  const counts = useMemo(() => {
    const out = new Map<Level, number>();
    for (const { level } of rows) out.set(level, (out.get(level) ?? 0) + 1);
    return out;
  }, [rows]);
  const present = LEVELS.filter((level) => counts.has(level) || chosen.includes(level));
  if (present.length < 2 && chosen.length === 0) return null;
  return (
    <div class="levels" role="group" aria-label="Levels">
      {present.map((level) => (
        <button key={level} type="button" class={`chip level-${level}`} aria-pressed={chosen.includes(level)}
          onClick={() => onChange(chosen.includes(level) ? chosen.filter((one) => one !== level) : [...chosen, level])}>
          {level === "none" ? "no level" : level} <b>{counts.get(level) ?? 0}</b>
        </button>
      ))}
    </div>
  );
}

function LiveState({ tail, paused, onToggle }: { tail: Tail; paused: boolean; onToggle: () => void }) {
  const state = paused ? "paused" : tail.state;
  return (
    <span class="actions">
      <span class={`live live-${state}`} role="status">{state}{paused && tail.waiting > 0 && `, ${tail.waiting} new`}</span>
      <button type="button" class="small" onClick={onToggle} title="p">{paused ? "Resume" : "Pause"}</button>
    </span>
  );
}

interface ListProps {
  rows: Row[];
  chips: Chip[];
  text: string;
  tail: Tail;
  following: boolean;
  onFollow: (following: boolean) => void;
  onLabel: (name: string, value: string) => void;
}

function LogList({ rows, chips, text, tail, following, onFollow, onLabel }: ListProps) {
  const box = useRef<HTMLDivElement>(null);
  const anchor = useRef({ first: 0, height: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const first = rows[0]?.id ?? 0;
    if (following) element.scrollTop = element.scrollHeight;
    // Older lines came in above: stay at the line that is being read.
    else if (first !== anchor.current.first && element.scrollTop < 60) element.scrollTop += element.scrollHeight - anchor.current.height;
    anchor.current = { first, height: element.scrollHeight };
  }, [rows, following]);
  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
    if (atEnd !== following) onFollow(atEnd);
    if (element.scrollTop < 40 && !atEnd) tail.loadOlder();
  };
  const toEnd = () => {
    onFollow(true);
    box.current?.scrollTo({ top: box.current.scrollHeight });
  };
  return (
    <div class="log-frame">
      <div ref={box} class="log-list" tabIndex={0} role="log" aria-live="off" aria-label="Log lines, Enter to select one" onScroll={onScroll} onKeyDown={walkRows}>
        {rows.length > 0 && (
          <div class="log-more">
            {tail.complete ? "start of the recorded lines" : <button type="button" class="plain" onClick={tail.loadOlder}>load older lines</button>}
          </div>
        )}
        {rows.map((row) => <LogRow key={row.id} row={row} chips={chips} text={text} onLabel={onLabel} />)}
        {rows.length === 0 && (
          <Empty title={tail.error !== "" ? "Cannot load logs" : tail.state === "connecting" ? "Loading…" : "No log lines"}>
            {tail.error !== "" ? tail.error : tail.state === "connecting" ? "" : "New lines appear here as they arrive; filters may hide some."}
          </Empty>
        )}
      </div>
      {!following && <button type="button" class="jump" onClick={toEnd}>↓ newest</button>}
    </div>
  );
}

/** Thousands of lines are no tab stops: Enter goes into the list, arrows move from line to line. */
function walkRows(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement;
  const target = event.target as HTMLElement;
  let next: Element | null | undefined;
  if (target === list && event.key === "Enter") next = list.querySelector(".log-row:last-of-type");
  else if (target.classList.contains("log-toggle")) {
    const row = target.closest(".log-row");
    if (event.key === "ArrowUp") next = row?.previousElementSibling;
    else if (event.key === "ArrowDown") next = row?.nextElementSibling;
    else if (event.key === "Escape") list.focus();
  }
  const toggle = next?.querySelector<HTMLElement>(".log-toggle");
  if (!toggle) return;
  event.preventDefault();
  toggle.focus();
}

interface RowProps {
  row: Row;
  chips: Chip[];
  text: string;
  onLabel: (name: string, value: string) => void;
}

function sameChips(a: Chip[], b: Chip[]): boolean {
  return a.length === b.length && a.every((chip, i) => chip.name === b[i]?.name && chip.width === b[i]?.width);
}

/** A class because only classes may refuse to render again: thousands of rows stay as they are. */
class LogRow extends PreactComponent<RowProps, { open: boolean }> {
  override state = { open: false };

  override shouldComponentUpdate(next: RowProps, state: { open: boolean }): boolean {
    return next.row !== this.props.row || next.text !== this.props.text || state.open !== this.state.open || !sameChips(next.chips, this.props.chips);
  }

  toggle = (): void => {
    // Selecting text in a line is not a wish to open it.
    if (String(getSelection() ?? "") === "") this.setState({ open: !this.state.open });
  };

  override render() {
    const { row: { entry, level }, chips, text, onLabel } = this.props;
    const { open } = this.state;
    return (
      <div class={`log-row level-${level} ${open ? "open" : ""}`}>
        <div class="log-line" onClick={this.toggle}>
          <button type="button" class="log-toggle" tabIndex={-1} aria-expanded={open} aria-label="Details" onClick={(event) => { event.stopPropagation(); this.setState({ open: !open }); }} />
          <time title={formatDateTime(nanosToMillis(entry.ts))}>{formatLogTime(entry.ts)}</time>
          <span class="log-chips">
            {chips.map(({ name, width }) => (
              <span key={name} class="log-slot" style={{ width: `calc(${width}ch + 10px)` }}>
                {entry.labels[name] !== undefined && <span class="log-chip" title={`${name}=${entry.labels[name]}`}>{shortValue(entry.labels[name] as string)}</span>}
              </span>
            ))}
          </span>
          <span class="log-text">{highlight(entry.line, text).map((part, i) => (part.hit ? <mark key={i}>{part.text}</mark> : part.text))}</span>
        </div>
        {open && <Details row={this.props.row} onLabel={onLabel} />}
      </div>
    );
  }
}

function Details({ row: { entry }, onLabel }: { row: Row; onLabel: (name: string, value: string) => void }) {
  const json = prettyJSON(entry.line);
  return (
    <div class="log-details">
      <div class="log-labels">
        {Object.entries(entry.labels).map(([name, value]) => (
          <button key={name} type="button" class="chip" title={`Show only ${name}=${value}`} onClick={() => onLabel(name, value)}>
            <span class="quiet">{name}=</span>{value}
          </button>
        ))}
        <CopyButton text={() => entry.line} label="Copy line" />
      </div>
      {json && <pre>{json}</pre>}
    </div>
  );
}
