//! Replays the recordings of the original: components are built from the recorded configuration and wired together.

use component::{ComponentId, Context, Instance, Registration, Services, Shutdown};
use data::receiver::{Receiver, SendError, Sink};
use data::{Entry, Labels, LogBatch, LogsReceiver, Stream};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::Source;
use syntax::ast::Stmt;
use value::{DecodeCx, FromValue, IntoValue, Lookup, Scope, Value};

/// Recordings that we do not agree with on purpose, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("cri-truncate-inside-multibyte-invalid-utf8", CUT),
    ("invalid-utf8-extracted-not-a-label", CUT),
    ("invalid-utf8-pack", CUT),
    ("invalid-utf8-regex-capture", CUT),
    ("invalid-utf8-template-upper", CUT),
    ("invalid-utf8-decolorize-and-replace", CUT),
    ("invalid-utf8-match-line-filter", CUT),
    ("timestamp-location-historic-offset", "the database of time zones here joins zones that are the same since 1970"),
];
const CUT: &str = "texts are cut between characters, so they stay valid";

type Lines = Arc<Mutex<Vec<Json>>>;

/// Keeps lines as the recordings show them.
struct Capture(Lines);

impl Sink<LogBatch> for Capture {
    fn send(&self, batch: LogBatch) -> BoxFuture<'_, Result<(), SendError>> {
        let mut lines = self.0.lock();
        for stream in batch.iter() {
            // What `loki.write` does not send.
            let sent = stream.labels.iter().filter(|(name, _)| !name.starts_with("__"));
            let labels: BTreeMap<_, _> = sent.filter_map(|(name, value)| Some((recorded_name(name)?, value))).collect();
            for entry in &stream.entries {
                let mut meta: Vec<_> =
                    entry.metadata.iter().flat_map(|m| m.iter()).map(|(name, value)| json!([&**name, &**value])).collect();
                meta.sort_by_key(Json::to_string);
                lines.push(json!({"labels": labels, "line": entry.text(), "ts": recorded_time(entry.timestamp), "meta": meta}));
            }
        }
        Box::pin(async { Ok(()) })
    }
}

/// Names as the recordings have them: what stands before the last ASCII letter or `_` that begins a word is missing.
fn recorded_name(name: &str) -> Option<&str> {
    let word = |c: char| c == '_' || c == '.' || c == ':' || c.is_alphanumeric();
    let tail = name.char_indices().rev().find(|(_, c)| !word(*c)).map_or(name, |(at, c)| &name[at + c.len_utf8()..]);
    tail.find(|c: char| c == '_' || c.is_ascii_alphabetic()).map(|at| &tail[at..])
}

/// Times before 1970 as the recordings have them: with seconds without a sign.
fn recorded_time(nanos: i64) -> String {
    let (seconds, rest) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
    (u128::from(seconds as u64) * 1_000_000_000 + rest as u128).to_string()
}

#[derive(Default)]
struct World {
    /// `loki.process.x.receiver` and so on.
    exports: Mutex<BTreeMap<String, Value>>,
    waiting: Mutex<bool>,
}

impl Scope for World {
    fn lookup(&self, path: &[&str]) -> Lookup {
        if path.first() != Some(&"loki") {
            return Lookup::Missing;
        }
        match self.exports.lock().get(&path.join(".")) {
            Some(value) => Lookup::Found { value: value.clone(), used: path.len() },
            None => {
                *self.waiting.lock() = true;
                Lookup::Unknown { used: path.len() }
            }
        }
    }
}

/// A case that cannot run here: a component of somebody else, or a configuration that is refused.
#[derive(Debug)]
enum Skip {
    Foreign(String),
    Refused(String),
}

fn registration(name: &str) -> Option<&'static Registration> {
    crate::FAMILY.iter().copied().find(|registration| registration.name == name)
}

struct Running {
    world: Arc<World>,
    captured: BTreeMap<String, Lines>,
    instances: Vec<Arc<dyn Instance>>,
}

fn start(config: &str, services: &Arc<Services>) -> Result<Running, Skip> {
    let source = Source::new("case", config);
    let parsed = syntax::parse(&source);
    let world = Arc::new(World::default());
    let mut running = Running { world: Arc::clone(&world), captured: BTreeMap::new(), instances: Vec::new() };
    let lines = Lines::default();
    let receiver: LogsReceiver = Receiver::new("capture", Arc::new(Capture(Arc::clone(&lines))));
    world.exports.lock().insert("loki.write.@.receiver".replace('@', "c"), receiver.into_value());
    running.captured.insert("c".to_owned(), lines);
    let mut blocks: Vec<_> =
        parsed.file.body.stmts.iter().filter_map(|stmt| if let Stmt::Block(block) = stmt { Some(block) } else { None }).collect();
    let mut left = blocks.len() + 1;
    while !blocks.is_empty() && blocks.len() < left {
        left = blocks.len();
        let mut later = Vec::new();
        for block in blocks {
            let registration = registration(&block.name).ok_or_else(|| Skip::Foreign(block.name.clone()))?;
            let mut cx = DecodeCx::default();
            let body = value::evaluate_body(&block.body, block.name_span, &source, &*world, &mut cx.diagnostics);
            let args = (registration.decode)(&body, &mut cx);
            let waiting = std::mem::take(&mut *world.waiting.lock());
            if cx.incomplete || waiting {
                later.push(block);
                continue;
            }
            let args = args.ok_or_else(|| Skip::Refused(format!("{:?}", cx.diagnostics)))?;
            let id = format!("{}.{}", block.name, block.label.as_ref().map(|label| label.text.as_str()).unwrap_or_default());
            let (exports, prefix) = (Arc::clone(&world), id.clone());
            let export = move |values: Vec<(&'static str, Value)>| {
                exports.exports.lock().extend(values.into_iter().map(|(name, value)| (format!("{prefix}.{name}"), value)))
            };
            let context = Context::new(ComponentId::root(id), registration.name, Arc::clone(services), Box::new(export));
            running.instances.push((registration.build)(&*args, context).map_err(|error| Skip::Refused(error.to_string()))?);
        }
        blocks = later;
    }
    Ok(running)
}

fn nanos(text: &str) -> i64 {
    let time = chrono::DateTime::parse_from_rfc3339(text).expect("the recorded time is valid");
    time.timestamp_nanos_opt().expect("the recorded time is near")
}

fn labels(value: &Json) -> Labels {
    // As `loki.source.api` takes them.
    let pairs = value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()));
    Labels::from_pairs(pairs.filter(|(name, value)| !name.starts_with("__") && !value.is_empty()))
}

async fn replay(case: &Json) -> Result<Vec<Json>, Skip> {
    let text = |key: &str| case[key].as_str().unwrap_or_default().replace('@', "c");
    let services = Arc::new(Services::new("/tmp"));
    let running = start(&text("config"), &services)?;
    let entry = running.world.exports.lock().get(&text("entry")).cloned();
    let entry = LogsReceiver::from_value(&entry.ok_or_else(|| Skip::Foreign(text("entry")))?).expect("the entry is a receiver");
    let stop = Shutdown::new();
    let tasks: Vec<_> = running.instances.iter().map(|instance| tokio::spawn(Arc::clone(instance).run(stop.clone()))).collect();
    let mut streams = Vec::new();
    for input in case["input"].as_array().into_iter().flatten() {
        let line = input["line"].as_str().unwrap_or_default().to_owned();
        streams.push(Stream {
            labels: labels(&input["labels"]),
            entries: vec![Entry::new(nanos(input["ts"].as_str().unwrap_or_default()), line)],
        });
    }
    entry.send(LogBatch::new(streams)).await.expect("the batch is taken");
    stop.stop();
    for task in tasks {
        task.await.expect("no component panics").expect("no component fails");
    }
    let mut lines = running.captured["c"].lock().clone();
    lines.sort_by_key(order);
    Ok(lines)
}

fn order(line: &Json) -> (u128, String) {
    let mut sorted = BTreeMap::new();
    for (key, value) in line.as_object().into_iter().flatten() {
        sorted.insert(key.clone(), value.to_string());
    }
    (line["ts"].as_str().and_then(|ts| ts.parse().ok()).unwrap_or(0), format!("{sorted:?}"))
}

fn normal(expected: &Json) -> Vec<Json> {
    let mut lines = expected.as_array().cloned().unwrap_or_default();
    for line in &mut lines {
        if let Some(meta) = line["meta"].as_array_mut() {
            meta.sort_by_key(Json::to_string);
        }
        if let Some(labels) = line["labels"].as_object_mut() {
            for value in labels.values_mut() {
                *value = Json::from(value.as_str().unwrap_or_default().replace('@', "c"));
            }
        }
    }
    lines.sort_by_key(order);
    lines
}

#[tokio::test]
async fn the_recordings_agree() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/logs.jsonl");
    let Ok(recording) = std::fs::read_to_string(&path) else {
        eprintln!("logs: skipped, there is no recording");
        return;
    };
    let only = std::env::var("CASE").ok();
    let (mut agree, mut total, mut foreign, mut wrong) = (0, 0, 0, Vec::new());
    for line in recording.lines() {
        let case: Json = serde_json::from_str(&line.replace('\u{27c2}', "").replace("\\u27c2", "")).expect("a recording is JSON");
        let name = case["name"].as_str().unwrap_or_default().to_owned();
        if only.as_ref().is_some_and(|only| !name.contains(only)) {
            continue;
        }
        match replay(&case).await {
            Err(Skip::Foreign(what)) => {
                foreign += 1;
                if only.is_some() {
                    eprintln!("{name}: needs {what}");
                }
            }
            Err(Skip::Refused(why)) => {
                total += 1;
                wrong.push(name.clone());
                eprintln!("{name}: refused: {}", why.chars().take(300).collect::<String>());
            }
            Ok(got) => {
                total += 1;
                let want = normal(&case["expected"]);
                if got == want {
                    agree += 1;
                } else {
                    wrong.push(name.clone());
                    if only.is_some() {
                        eprintln!("{name}\n  want {}\n  got  {}", Json::from(want), Json::from(got));
                    }
                }
            }
        }
    }
    eprintln!("logs: {agree} of {total} agree, {foreign} need other components");
    let surprising: Vec<_> = wrong.iter().filter(|name| !DIFFERENT.iter().any(|(known, _)| known == name)).collect();
    assert!(surprising.is_empty(), "{} differ: {surprising:?}", surprising.len());
    let outdated: Vec<_> = DIFFERENT.iter().filter(|(known, _)| only.is_none() && !wrong.iter().any(|name| name == known)).collect();
    assert!(outdated.is_empty(), "these agree now: {outdated:?}");
}
