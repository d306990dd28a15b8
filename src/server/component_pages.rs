//! `/api/v0/component/ID/…`: pages that components mount themselves.

use crate::ServerOptions;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use component::{HttpBody, HttpRequest, HttpResponse};
use futures_util::StreamExt;
use std::convert::Infallible;
use std::sync::Arc;

const LARGEST_BODY: usize = 64 * 1024 * 1024;

pub(crate) fn router() -> Router<Arc<ServerOptions>> {
    Router::new().route("/api/v0/component/{*path}", any(page))
}

async fn page(State(server): State<Arc<ServerOptions>>, Path(path): Path<String>, request: Request) -> Response {
    let Some((handler, rest)) = server.controller.environment.services.mounts.find(&path) else {
        return (StatusCode::NOT_FOUND, "404 page not found\n").into_response();
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n").into_response();
    };
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = HttpRequest {
        method: parts.method.to_string(),
        path: rest,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body,
    };
    into_axum(handler.handle(request).await)
}

fn into_axum(response: HttpResponse) -> Response {
    let mut builder = Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    let body = match response.body {
        HttpBody::Full(bytes) => Body::from(bytes),
        HttpBody::Stream(stream) => Body::from_stream(stream.map(Ok::<_, Infallible>)),
    };
    builder.body(body).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
