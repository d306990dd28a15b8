//! `/api/v0/web/…`: the answers of the original, which its UI and others read.

use crate::ServerOptions;
use crate::status;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use component::tap::Tap;
use futures_util::stream;
use runtime::info::{ComponentDetail, ComponentInfo};
use serde_json::{Map, Value as Json_, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::broadcast::error::RecvError;
use value::Node;

/// Ends each message of a live-debugging stream.
const SEPARATOR: &str = "|;|";

pub(crate) fn router() -> Router<Arc<ServerOptions>> {
    Router::new()
        .route("/components", get(components))
        .route("/components/{*id}", get(component))
        .route("/modules/{*path}", get(module_components))
        .route("/peers", get(peers))
        .route("/debug/{*id}", get(debug))
        .route("/status", get(status::status))
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "404 page not found\n").into_response()
}

async fn components(State(server): State<Arc<ServerOptions>>) -> Response {
    let list: Vec<Json_> = server.controller.components().iter().map(|c| Json_::Object(summary(c))).collect();
    Json(list).into_response()
}

async fn component(State(server): State<Arc<ServerOptions>>, Path(id): Path<String>) -> Response {
    match server.controller.find_component(&id) {
        Some(detail) => Json(full(&detail)).into_response(),
        None => not_found(),
    }
}

async fn module_components(State(server): State<Arc<ServerOptions>>, Path(path): Path<String>) -> Response {
    let Some(module) = path.strip_suffix("/components") else { return not_found() };
    match server.controller.module_components(module) {
        Some(list) => Json(list.iter().map(|c| Json_::Object(summary(c))).collect::<Vec<_>>()).into_response(),
        None => not_found(),
    }
}

async fn peers(State(server): State<Arc<ServerOptions>>) -> Response {
    let services = &server.controller.environment.services;
    Json(json!([{"name": services.hostname, "addr": services.listen_address, "isSelf": true, "state": "participant"}])).into_response()
}

/// The parts of a component that the list shows, too.
fn summary(info: &ComponentInfo) -> Map<String, Json_> {
    let mut object = Map::new();
    let mut put = |name: &str, value: Json_| object.insert(name.to_owned(), value);
    put("name", json!(info.name));
    put("type", json!("block"));
    put("localID", json!(info.local_id));
    put("moduleID", json!(info.module_id));
    put("label", json!(info.label));
    put("referencesTo", json!(info.references_to));
    put("referencedBy", json!(info.referenced_by));
    put("dataFlowEdgesTo", json!(info.data_flow_to));
    let updated = status::rfc3339(info.health.updated);
    put("health", json!({"state": info.health.state.as_str(), "message": info.health.message, "updatedTime": updated}));
    put("original", json!(""));
    put("arguments", json!([]));
    put("exports", json!([]));
    put("debugInfo", json!([]));
    if !info.created_modules.is_empty() {
        put("createdModuleIDs", json!(info.created_modules));
    }
    put("liveDebuggingEnabled", json!(info.live_debugging));
    object
}

fn full(detail: &ComponentDetail) -> Json_ {
    let mut object = summary(&detail.info);
    let exports = detail.exports.iter().map(|(name, value)| attribute(name, value));
    object.insert("arguments".into(), nodes(&detail.arguments));
    object.insert("exports".into(), exports.collect());
    object.insert("debugInfo".into(), nodes(&detail.debug_info));
    Json_::Object(object)
}

fn attribute(name: &str, value: &value::Value) -> Json_ {
    json!({"name": name, "type": "attr", "value": value::json::typed(value)})
}

fn nodes(list: &[Node]) -> Json_ {
    let one = |node: &Node| match node {
        Node::Attr(name, value) => attribute(name, value),
        Node::Block { name, label, body } => {
            let mut object = Map::new();
            object.insert("name".into(), json!(name));
            object.insert("type".into(), json!("block"));
            if let Some(label) = label {
                object.insert("label".into(), json!(label));
            }
            object.insert("body".into(), nodes(body));
            Json_::Object(object)
        }
    };
    list.iter().map(one).collect()
}

/// A component's data as it passes, from now on; `sampleProb` in 0..=1 thins it.
async fn debug(State(server): State<Arc<ServerOptions>>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let environment = &server.controller.environment;
    if !environment.live_debugging.load(Ordering::Relaxed) {
        let text = "live debugging is switched off: set `enabled = true` in the `livedebugging` block\n";
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    let Some(tap) = environment.services.taps.get(&id) else { return not_found() };
    let share = query.as_deref().and_then(|q| q.split('&').find_map(|p| p.strip_prefix("sampleProb=")));
    let share: f64 = share.and_then(|s| s.parse().ok()).unwrap_or(1.0);
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], watched(&tap, share)).into_response()
}

/// Every n-th message where the original takes each with a probability: the same share without chance.
fn watched(tap: &Tap, share: f64) -> Body {
    let start = (tap.watch(), 0.0_f64);
    let messages = stream::unfold(start, move |(mut receiver, mut due)| async move {
        loop {
            match receiver.recv().await {
                Ok(text) => {
                    due += share;
                    if due >= 1.0 {
                        due -= 1.0;
                        return Some((Ok::<_, Infallible>(format!("{text}{SEPARATOR}")), (receiver, due)));
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    Body::from_stream(messages)
}
