// Routes live in the fragment of the address, so the server needs to know only one page.

export type Page = "overview" | "components" | "component" | "graph" | "clustering" | "missing";

export interface Route {
  page: Page;
  /** Component or module the page is about; empty for the root module. */
  id: string;
  query: URLSearchParams;
}

export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#/, "");
  const mark = text.indexOf("?");
  const path = (mark < 0 ? text : text.slice(0, mark)).replace(/^\/+|\/+$/g, "");
  const query = new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1));
  const slash = path.indexOf("/");
  const head = slash < 0 ? path : path.slice(0, slash);
  const id = slash < 0 ? "" : path.slice(slash + 1).split("/").map(decode).join("/");
  switch (head) {
    case "":
      return { page: "overview", id: "", query };
    case "components":
    case "graph":
      return { page: head, id, query };
    case "component":
      return id === "" ? { page: "components", id: "", query } : { page: "component", id, query };
    case "clustering":
      return { page: "clustering", id: "", query };
    default:
      return { page: "missing", id: path, query };
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function link(page: Exclude<Page, "missing">, id = "", query: Record<string, string> = {}): string {
  const path = page === "overview" ? "" : page + (id === "" ? "" : `/${encodePath(id)}`);
  const filled = Object.entries(query).filter(([, value]) => value !== "");
  return `#/${path}${filled.length > 0 ? `?${new URLSearchParams(filled)}` : ""}`;
}

/** Escapes each segment of an id but keeps the slashes between modules. */
export function encodePath(id: string): string {
  return id.split("/").map(encodeURIComponent).join("/");
}

export function fullID(component: { moduleID: string; localID: string }): string {
  return sibling(component.moduleID, component.localID);
}

/** Full id of a component that another one of module `moduleID` refers to by its local id. */
export function sibling(moduleID: string, localID: string): string {
  return moduleID === "" ? localID : `${moduleID}/${localID}`;
}

/** The modules on the way to `moduleID`, outermost first: `a/b` gives `a` and `a/b`. */
export function moduleTrail(moduleID: string): { id: string; name: string }[] {
  if (moduleID === "") return [];
  const parts = moduleID.split("/");
  return parts.map((name, index) => ({ name, id: parts.slice(0, index + 1).join("/") }));
}
