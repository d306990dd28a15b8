//! The UI, built into the binary, and the way from the original's addresses to ours.

use crate::ServerOptions;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};

/// Path, media type and content of each file of the built UI.
pub(crate) static FILES: &[(&str, &str, &[u8])] = &[
    ("", "text/html; charset=utf-8", include_bytes!("../../web-ui/dist/index.html")),
    ("index.html", "text/html; charset=utf-8", include_bytes!("../../web-ui/dist/index.html")),
    ("assets/app.js", "text/javascript; charset=utf-8", include_bytes!("../../web-ui/dist/assets/app.js")),
    ("assets/app.css", "text/css; charset=utf-8", include_bytes!("../../web-ui/dist/assets/app.css")),
    ("favicon.svg", "image/svg+xml", include_bytes!("../../web-ui/dist/favicon.svg")),
];

/// The page loads nothing from elsewhere and has no inline scripts: nothing that slips into it can.
const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'";

/// Changes whenever a file of this build does.
static TAG: LazyLock<HeaderValue> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    FILES.hash(&mut hasher);
    HeaderValue::try_from(format!("\"{:016x}\"", hasher.finish())).unwrap_or(HeaderValue::from_static("\"\""))
});

/// Everything that is no route of its own: files of the UI below its prefix, and redirects to it.
pub(crate) async fn serve(State(server): State<Arc<ServerOptions>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let prefix = server.ui_path_prefix.trim_matches('/');
    let path = uri.path().trim_start_matches('/');
    let inside =
        if prefix.is_empty() { Some(path) } else { path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/')) };
    let Some(inside) = inside.filter(|_| method == Method::GET || method == Method::HEAD) else { return not_found() };
    if !prefix.is_empty() && inside.is_empty() {
        // The addresses in the page are relative to it.
        let last = prefix.rsplit('/').next().unwrap_or(prefix);
        return redirect(&format!("{last}/"));
    }
    let inside = inside.trim_start_matches('/');
    match FILES.iter().find(|(name, ..)| *name == inside) {
        Some((_, media_type, content)) => file(media_type, content, &headers),
        None => moved(inside).map_or_else(not_found, |target| redirect(&target)),
    }
}

fn file(media_type: &'static str, content: &'static [u8], headers: &HeaderMap) -> Response {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let tag = TAG.to_str().unwrap_or_default();
    let cache = [(header::ETAG, TAG.clone()), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    if known.is_some_and(|tags| tags.split(',').any(|t| t.trim().trim_start_matches("W/") == tag)) {
        return (StatusCode::NOT_MODIFIED, cache).into_response();
    }
    let safety = [(header::CONTENT_SECURITY_POLICY, POLICY), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (cache, safety, [(header::CONTENT_TYPE, media_type)], content).into_response()
}

/// Where a page of the original is now, relative to its address, so that it works behind any proxy.
fn moved(path: &str) -> Option<String> {
    let path = path.trim_end_matches('/');
    let remote = path.strip_prefix("remotecfg").map(|rest| rest.trim_start_matches('/'));
    let (head, rest) = remote.unwrap_or(path).split_once('/').unwrap_or((remote.unwrap_or(path), ""));
    let target = match (head, rest) {
        ("", _) if remote.is_some() => "components".to_owned(),
        ("components" | "clustering", "") => head.to_owned(),
        ("graph", module) => format!("graph/{module}"),
        // Live data of a component is on its page.
        ("component" | "debug", id) if !id.is_empty() => format!("component/{id}"),
        _ => return None,
    };
    let up = "../".repeat(path.matches('/').count());
    let up = if up.is_empty() { "./" } else { &up };
    Some(format!("{up}#/{}", target.trim_end_matches('/')))
}

/// `target` is relative, or is part of the request's own address: it never leads to another host.
fn redirect(target: &str) -> Response {
    match HeaderValue::try_from(target) {
        Ok(target) => (StatusCode::FOUND, [(header::LOCATION, target)]).into_response(),
        Err(_) => not_found(),
    }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "404 page not found\n").into_response()
}
