// The frame around every page: navigation, state of the process, keyboard shortcuts.
import { useEffect, useRef, useState } from "preact/hooks";
import { getComponents, getStatus, serverNow } from "./lib/api";
import { formatDuration } from "./lib/format";
import { remember, type Snapshot } from "./lib/history";
import { usePoll, type Polled } from "./lib/hooks";
import { link, parseRoute, type Route } from "./lib/router";
import type { Component, Status } from "./lib/types";
import { HealthMark, Notice } from "./ui/bits";
import { ClusteringPage } from "./pages/clustering";
import { ComponentPage } from "./pages/component";
import { ComponentsPage } from "./pages/components";
import { GraphPage } from "./pages/graph";
import { Overview } from "./pages/overview";

export interface Shared {
  status: Polled<Status>;
  components: Polled<Component[]>;
  history: Snapshot[];
}

const PAGES = [
  { page: "overview", title: "Overview", key: "1" },
  { page: "components", title: "Components", key: "2" },
  { page: "graph", title: "Graph", key: "3" },
  { page: "clustering", title: "Clustering", key: "4" },
] as const;

const HISTORY = 120;

function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const onChange = () => setRoute(parseRoute(location.hash));
    window.addEventListener("hashchange", onChange);
    return () => window.removeEventListener("hashchange", onChange);
  }, []);
  return route;
}

function useHistory(status: Status | null): Snapshot[] {
  const history = useRef<Snapshot[]>([]);
  const last = useRef<Status | null>(null);
  if (status && status !== last.current) {
    last.current = status;
    history.current = remember(history.current, { at: Date.now(), status }, HISTORY);
  }
  return history.current;
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function useShortcuts(toggleHelp: (open?: boolean) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") {
        toggleHelp(false);
        if (typing(event.target)) (event.target as HTMLElement).blur();
        return;
      }
      if (typing(event.target)) return;
      const page = PAGES.find(({ key }) => key === event.key);
      if (page) location.hash = link(page.page);
      else if (event.key === "?") toggleHelp();
      else if (event.key === "/") {
        const field = document.querySelector<HTMLInputElement>("input[data-search]");
        if (!field) return;
        field.focus();
        field.select();
      } else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

export function App() {
  const route = useRoute();
  const [settled, setSettled] = useState(false);
  // Rates need several answers: ask more often at first, so that the tiles are filled soon.
  const status = usePoll(getStatus, settled ? 3000 : 1000, "status");
  const components = usePoll((signal) => getComponents("", signal), 5000, "components");
  const shared: Shared = { status, components, history: useHistory(status.data) };
  useEffect(() => setSettled(shared.history.length > 4), [shared.history.length > 4]);
  const [help, setHelp] = useState(false);
  useShortcuts((open) => setHelp((old) => open ?? !old));
  const current = route.page === "component" ? "components" : route.page;
  const title = PAGES.find(({ page }) => page === current)?.title ?? "Not found";
  useEffect(() => {
    document.title = `${route.page === "component" ? route.id : title} · ferroalloy`;
    window.scrollTo(0, 0);
  }, [route.page, route.id]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>Skip to content</a>
      <Header current={current} shared={shared} onHelp={() => setHelp(true)} />
      <Banner shared={shared} page={route.page} />
      <main id="main" tabIndex={-1} class={`page page-${route.page}`}>
        <PageOf route={route} shared={shared} />
      </main>
      {help && <Help onClose={() => setHelp(false)} />}
    </>
  );
}

function PageOf({ route, shared }: { route: Route; shared: Shared }) {
  switch (route.page) {
    case "overview":
      return <Overview shared={shared} />;
    case "components":
      return <ComponentsPage moduleID={route.id} query={route.query} shared={shared} />;
    case "component":
      return <ComponentPage key={route.id} id={route.id} />;
    case "graph":
      return <GraphPage key={route.id} moduleID={route.id} shared={shared} />;
    case "clustering":
      return <ClusteringPage />;
    default:
      return <Notice kind="error">There is no page “{route.id}”. <a href={link("overview")}>Go to the overview</a></Notice>;
  }
}

function Header({ current, shared, onHelp }: { current: string; shared: Shared; onHelp: () => void }) {
  const status = shared.status.data;
  const unhealthy = shared.components.data?.filter(({ health }) => health.state === "unhealthy").length ?? 0;
  return (
    <header class="top">
      <a class="brand" href={link("overview")}>
        <img src="./favicon.svg" alt="" width="22" height="22" />
        ferroalloy
      </a>
      <nav aria-label="Pages">
        {PAGES.map(({ page, title, key }) => (
          <a key={page} href={link(page)} aria-current={current === page ? "page" : undefined} title={`${title} (${key})`}>
            {title}
            {page === "components" && unhealthy > 0 && <span class="count" title={`${unhealthy} unhealthy`}>{unhealthy}</span>}
          </a>
        ))}
      </nav>
      <div class="top-state">
        {status && <span class="quiet only-wide" title={`Started ${new Date(status.started_at).toLocaleString()}`}>up {formatDuration(Math.max(status.uptime_seconds, (serverNow() - Date.parse(status.started_at)) / 1000 || 0))}</span>}
        {status && <span class="quiet only-wide">{/^\d/.test(status.version) ? `v${status.version}` : status.version}</span>}
        <button type="button" class="icon" onClick={onHelp} aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)">?</button>
      </div>
    </header>
  );
}

/** What matters on every page: the server is gone, or runs an older configuration than its file. */
function Banner({ shared, page }: { shared: Shared; page: string }) {
  const { status } = shared;
  // The components call exists on every version, so only its failure means that the server is gone.
  if (shared.components.error && "status" in shared.components.error && shared.components.error.status === 0) {
    return <div class="banner" role="alert"><HealthMark state="unhealthy" /> The server does not answer. Trying again every few seconds.</div>;
  }
  if (page !== "overview" && status.data?.last_reload?.ok === false) {
    return <div class="banner" role="alert"><HealthMark state="unhealthy" /> The last reload failed; the previous configuration is running. <a href={link("overview")}>Show the error</a></div>;
  }
  return null;
}

const KEYS: [string, string][] = [
  ["1 – 4", "go to a page"],
  ["/", "search or filter"],
  ["p", "pause or resume the log view"],
  ["Enter ↑ ↓", "walk through log lines"],
  ["+  −  0", "zoom the graph in, out, to fit"],
  ["arrows", "move the graph"],
  ["Esc", "leave a field, close this"],
  ["?", "this help"],
];

function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} onClick={(event) => event.target === dialog.current && onClose()} aria-labelledby="help-title">
      <h2 id="help-title">Keyboard shortcuts</h2>
      <dl class="keys">
        {KEYS.map(([key, meaning]) => (
          <div key={key}>
            <dt><kbd>{key}</kbd></dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog"><button type="submit">Close</button></form>
    </dialog>
  );
}
