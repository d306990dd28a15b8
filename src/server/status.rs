//! `/api/v0/web/status`, an extension: what the first page says about the program itself.

use crate::ServerOptions;
use axum::extract::State;
use axum::response::{IntoResponse, Json, Response};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

pub(crate) async fn status(State(server): State<Arc<ServerOptions>>) -> Response {
    let mut states = BTreeMap::from([("healthy", 0), ("unhealthy", 0), ("unknown", 0), ("exited", 0)]);
    for component in server.controller.components() {
        *states.entry(component.health.state.as_str()).or_default() += 1;
    }
    let imports = server.controller.imports().into_iter();
    let imports: Vec<_> =
        imports.map(|(id, health)| json!({"id": id, "state": health.state.as_str(), "message": health.message})).collect();
    let last = server.control.last_reload();
    let last = last.map(|l| json!({"ok": l.error.is_none(), "at": rfc3339(l.at), "error": l.error}));
    let usage = usage();
    let totals =
        server.controller.environment.services.metrics.totals(&["ferroalloy_samples_received_total", "ferroalloy_lines_received_total"]);
    Json(json!({
        "version": server.version,
        "started_at": rfc3339(server.control.started),
        "uptime_seconds": server.control.started.elapsed().unwrap_or_default().as_secs(),
        "config_path": server.config_path.display().to_string(),
        "memory_bytes": usage.0,
        "cpu_seconds": usage.1,
        "components": states,
        "imports": imports,
        "last_reload": last,
        "samples_total": totals[0],
        "lines_total": totals[1],
    }))
    .into_response()
}

/// Resident memory in bytes and CPU time in seconds of this process; zeros where the system does not tell.
fn usage() -> (u64, f64) {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let resident = pages.and_then(|s| s.split(' ').nth(1).and_then(|p| p.parse::<u64>().ok())).unwrap_or(0);
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    // Linux gives both in fixed units: pages of 4 KiB on all machines this is built for, and 100 ticks a second.
    (resident * 4096, (ticks(11) + ticks(12)) / 100.0)
}

/// A time as the API writes it, in UTC with nanoseconds.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    chrono::DateTime::<chrono::Utc>::from(time).to_rfc3339_opts(chrono::SecondsFormat::Nanos, true)
}
