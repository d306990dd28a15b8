//! Times of the hot paths: `cargo run --release -p wire --example bench`.
#![allow(clippy::print_stdout, reason = "a program for people")]

use data::{Entry, Labels};
use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;
use wire::exposition::{Event, Format, Parser, decode_key};
use wire::{loki_push, remote_write_v1};

const SERIES: usize = 1000;

/// Nanoseconds per item of the fastest of some rounds.
fn time(name: &str, items: usize, mut work: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..200 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_nanos() as f64 / items as f64);
    }
    println!("{name:<44} {best:>8.1} ns");
}

fn series(i: usize) -> String {
    format!("http_requests_total{{handler=\"/api/v1/items/{}\",method=\"GET\",code=\"{}\",shard=\"{}\"}}", i / 20, 200 + i % 5, i % 4)
}

fn exposition(round: usize) -> String {
    let mut body = String::new();
    for i in 0..SERIES {
        if i % 20 == 0 {
            body.push_str("# HELP http_requests_total Requests served.\n# TYPE http_requests_total counter\n");
        }
        let _ = writeln!(body, "{} {}", series(i), i * 7919 + round * 31);
    }
    body
}

fn parse() {
    let body = exposition(1);
    let bytes = body.as_bytes();
    let keys: Vec<String> = (0..SERIES).map(series).collect();
    time("exposition: scan", SERIES, || {
        let mut parser = Parser::new(bytes, Format::Text);
        while let Ok(event) = parser.next() {
            if black_box(event) == Event::Eof {
                break;
            }
        }
    });
    time("exposition: predicted", SERIES, || {
        let mut parser = Parser::new(bytes, Format::Text);
        let mut keys = keys.iter();
        let mut key = keys.next();
        while let Some(expected) = key {
            if let Some(sample) = parser.try_series(expected.as_bytes()) {
                black_box(sample);
                key = keys.next();
            } else {
                let _ = black_box(parser.next());
            }
        }
    });
    time("exposition: decode a key", SERIES, || {
        let mut pairs = Vec::new();
        for key in &keys {
            let _ = decode_key(key.as_bytes(), data::MetricType::Counter, &mut pairs);
            black_box(&pairs);
        }
    });
}

fn label_set(i: usize) -> Labels {
    let (item, code, shard) = (format!("/api/v1/items/{}", i / 20), (200 + i % 5).to_string(), (i % 4).to_string());
    Labels::from_pairs([
        ("__name__", "http_requests_total"),
        ("cluster", "production-eu-west-1"),
        ("code", &code),
        ("handler", &item),
        ("instance", "10.12.14.16:9100"),
        ("job", "integrations/application"),
        ("method", "GET"),
        ("namespace", "storefront"),
        ("shard", &shard),
    ])
}

fn remote_write() {
    let sets: Vec<Labels> = (0..SERIES).map(label_set).collect();
    let mut encoder = remote_write_v1::Encoder::new();
    let mut lens = (0, 0);
    time("remote write 1.0: encode", SERIES, || {
        for (i, labels) in sets.iter().enumerate() {
            encoder.push(labels, (i * 7919) as f64, 1_700_000_000_000);
        }
        black_box(encoder.raw_len());
        encoder.clear();
    });
    time("remote write 1.0: encode and compress", SERIES, || {
        for (i, labels) in sets.iter().enumerate() {
            encoder.push(labels, (i * 7919) as f64, 1_700_000_000_000);
        }
        if let Some(request) = encoder.finish() {
            lens = (request.raw_len / SERIES, request.body.len() / SERIES);
            black_box(request.body);
        }
    });
    println!("  {} bytes a sample, {} compressed", lens.0, lens.1);
}

fn loki() {
    let streams: Vec<Labels> = (0..6).map(|i| Labels::from_pairs([("job", "app".to_owned()), ("stream", i.to_string())])).collect();
    let line = |i: usize| {
        format!(
            "{{\"ts\":\"2026-11-21T10:00:{:02}.{:09}Z\",\"level\":\"info\",\"msg\":\"request served\",\"id\":\"{:016x}\",\"path\":\"/api/v1/items/{}\",\"status\":200,\"duration\":\"{}ms\",\"agent\":\"Mozilla/5.0 (X11; Linux x86_64)\"}}",
            i % 60,
            i * 7919,
            (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            i % 97,
            i % 311
        )
    };
    let entries: Vec<Entry> = (0..5000).map(|i| Entry::new(1_700_000_000_000_000_000 + i as i64, line(i))).collect();
    let mut encoder = loki_push::Encoder::new();
    let mut lens = (0, 0);
    time("loki push: encode", entries.len(), || {
        for (i, entry) in entries.iter().enumerate() {
            encoder.push(&streams[i / 10 % 6], entry);
        }
        black_box(encoder.raw_len());
        encoder.clear();
    });
    time("loki push: encode and compress", entries.len(), || {
        for (i, entry) in entries.iter().enumerate() {
            encoder.push(&streams[i / 10 % 6], entry);
        }
        if let Some(request) = encoder.finish() {
            lens = (request.raw_len / entries.len(), request.body.len() / entries.len());
            black_box(request.body);
        }
    });
    println!("  {} bytes a line, {} compressed", lens.0, lens.1);
}

fn relabel() {
    use data::relabel::{Regexp, Rule, Template, process};
    let sets: Vec<Labels> = (0..SERIES).map(label_set).collect();
    let rules = |list: &[(&str, &str, &str, &str)]| -> Vec<Rule> {
        let rule = |(source, regex, target, action): &(&str, &str, &str, &str)| Rule {
            source_labels: source.split(',').filter(|s| !s.is_empty()).map(str::to_owned).collect(),
            regex: Regexp::new(regex).unwrap_or_default(),
            target_label: Template::new(target),
            action: action.parse().unwrap_or_default(),
            ..Rule::default()
        };
        list.iter().map(rule).collect()
    };
    for (name, rules) in [
        ("relabel: drop by name, no match", rules(&[("__name__", "go_.*", "", "drop")])),
        ("relabel: keep by alternation", rules(&[("job", "a|b|integrations/application", "", "keep")])),
        ("relabel: drop by regex, no match", rules(&[("handler,code", "/api/v2/.*;5..", "", "drop")])),
        ("relabel: copy a label", rules(&[("handler", "(.*)", "path", "replace")])),
        ("relabel: regex with a group", rules(&[("handler", "/api/(v[0-9]+)/.*", "version", "replace")])),
        ("relabel: drop a label", rules(&[("", "shard", "", "labeldrop")])),
    ] {
        time(name, SERIES, || {
            for labels in &sets {
                black_box(process(labels, &rules));
            }
        });
    }
}

fn main() {
    parse();
    remote_write();
    loki();
    relabel();
}
