//! The UI, built into the binary.

use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

/// Path, media type and content of each file of the built UI.
static FILES: &[(&str, &str, &[u8])] = &[
    ("index.html", "text/html; charset=utf-8", include_bytes!("../../web-ui/dist/index.html")),
    ("assets/app.js", "text/javascript; charset=utf-8", include_bytes!("../../web-ui/dist/assets/app.js")),
    ("assets/app.css", "text/css; charset=utf-8", include_bytes!("../../web-ui/dist/assets/app.css")),
    ("favicon.svg", "image/svg+xml", include_bytes!("../../web-ui/dist/favicon.svg")),
];

/// A file of the UI; the first page for what is none, because the UI has addresses of its own.
pub(crate) async fn serve(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path.starts_with("-/") {
        return outside().await;
    }
    let (_, media_type, content) = FILES.iter().find(|(name, ..)| *name == path).unwrap_or(&FILES[0]);
    ([(header::CONTENT_TYPE, *media_type), (header::CACHE_CONTROL, "no-cache")], *content).into_response()
}

/// What lies outside of the UI's prefix.
pub(crate) async fn outside() -> Response {
    (StatusCode::NOT_FOUND, "404 page not found\n").into_response()
}
