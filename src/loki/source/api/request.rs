//! From requests to batches: encodings, labels, rules, tenants.

use super::intake::Settings;
use bytes::Bytes;
use data::relabel::{Names, process_builder};
use data::{Entry, Labels, LabelsBuilder, LogBatch, Stream};
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use std::io::Read;
use wire::loki_push::{Pushed, decode, decode_json};

/// The label that names the tenant of a line on its way through the program.
const TENANT_LABEL: &str = "__tenant_id__";

/// What a request brought.
pub(super) struct Taken {
    /// The lines.
    pub batch: LogBatch,
    /// Why some of the streams were refused.
    pub refused: Option<String>,
}

/// Reads a push request: protobuf in a snappy block, or JSON.
///
/// # Errors
/// What is wrong with it, for the sender.
pub(super) fn read_push(headers: &HeaderMap, body: &Bytes, settings: &Settings, now: i64) -> Result<Taken, String> {
    let pushed = parse(headers, body, settings.limit)?;
    let tenant = tenant(headers);
    let mut streams = Vec::with_capacity(pushed.streams.len());
    for mut stream in pushed.streams {
        let Some(labels) = stream_labels(&stream.labels, settings, tenant) else { continue };
        stream.labels = labels;
        if !settings.incoming_time {
            stream.entries.iter_mut().for_each(|entry| entry.timestamp = now);
        }
        streams.push(stream);
    }
    streams.retain(|stream| !stream.entries.is_empty());
    Ok(Taken { batch: LogBatch::new(streams), refused: pushed.refused.map(|error| error.to_string()) })
}

/// Reads plain text, a log line per line. Empty lines are left out.
pub(super) fn read_raw(body: &Bytes, settings: &Settings, now: i64) -> Taken {
    let line = |raw: &[u8]| {
        let end = raw.iter().rposition(|b| *b != b'\r').map_or(0, |at| at + 1);
        match String::from_utf8_lossy(&raw[..end]) {
            std::borrow::Cow::Borrowed(_) => body.slice_ref(&raw[..end]),
            std::borrow::Cow::Owned(text) => Bytes::from(text),
        }
    };
    let lines = body.split(|b| *b == b'\n').map(line).filter(|line| !line.is_empty());
    let entries: Vec<Entry> = lines.map(|line| Entry::new(now, line)).collect();
    let labels = Labels::from_pairs(settings.labels.iter().map(|(n, v)| (n, v)));
    let streams = if entries.is_empty() { Vec::new() } else { vec![Stream { labels, entries }] };
    Taken { batch: LogBatch::new(streams), refused: None }
}

fn parse(headers: &HeaderMap, body: &Bytes, limit: usize) -> Result<Pushed, String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let unpacked = match text(CONTENT_ENCODING) {
        "" | "snappy" => body.clone(),
        "gzip" => unpack(MultiGzDecoder::new(&body[..]), "gzip", limit)?,
        "deflate" => unpack(DeflateDecoder::new(&body[..]), "deflate", limit)?,
        other => return Err(format!("Content-Encoding {other:?} not supported; use gzip, deflate or none")),
    };
    let media = text(CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media.as_str() {
        "" => Err("the request has no Content-Type; write application/x-protobuf or application/json".to_owned()),
        "application/json" => decode_json(&unpacked).map_err(|error| error.to_string()),
        _ => decode(&unpacked, limit).map_err(|error| error.to_string()),
    }
}

fn unpack(reader: impl Read, name: &str, limit: usize) -> Result<Bytes, String> {
    let mut unpacked = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut unpacked).map_err(|error| format!("the body is not {name}: {error}"))?;
    if unpacked.len() > limit {
        return Err(format!("message size too large than max ({} vs {limit}); raise max_send_message_size", unpacked.len()));
    }
    Ok(Bytes::from(unpacked))
}

/// The tenant that a request names.
fn tenant(headers: &HeaderMap) -> Option<&str> {
    let tenant = headers.get("x-scope-orgid")?.to_str().ok()?;
    // These would lead out of a tenant's folder further down.
    (!matches!(tenant, "" | "." | "..") && !tenant.contains(['/', '\\'])).then_some(tenant)
}

/// The labels of a stream with those of the configuration, after the rules. `None` when nothing is left.
fn stream_labels(labels: &Labels, settings: &Settings, tenant: Option<&str>) -> Option<Labels> {
    let mut builder: LabelsBuilder = labels.to_builder();
    builder.retain(|_, value| !value.is_empty());
    for (name, value) in &settings.labels {
        if value.is_empty() {
            builder.del(name)
        } else {
            builder.set(name, value)
        };
    }
    if !process_builder(&mut builder, &settings.rules, Names::Legacy) || builder.is_empty() {
        return None;
    }
    builder.retain(|name, _| !name.starts_with("__"));
    if let Some(tenant) = tenant {
        builder.set(TENANT_LABEL, tenant);
    }
    Some(builder.build())
}
