//! The parser against recordings of the original's scrapes, where they are at hand.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use wire::exposition::{Event, Format, Parser, decode_key};

const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/metrics.jsonl");

type Labels = BTreeMap<String, String>;

/// Options that leave the samples themselves alone.
fn is_plain(scrape: &str) -> bool {
    scrape
        .lines()
        .map(str::trim)
        .all(|line| line.is_empty() || line.starts_with("honor_metadata") || line.starts_with("metric_name_validation_scheme"))
}

fn is_legacy(name: &str, colon: bool) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || (colon && c == ':'))
}

/// What a scrape makes of a body: series with values, or nothing when it is refused.
fn scrape(body: &str, format: Format, utf8: bool) -> Result<Vec<(Labels, String)>, String> {
    let mut parser = Parser::new(body.as_bytes(), format);
    let (mut series, mut seen, mut pairs) = (Vec::new(), BTreeSet::new(), Vec::new());
    loop {
        let sample = match parser.next().map_err(|error| error.to_string())? {
            Event::Eof => return Ok(series),
            Event::Series(sample) => sample,
            _ => continue,
        };
        decode_key(sample.key, parser.kind(), &mut pairs).map_err(|error| error.to_string())?;
        let mut labels = Labels::new();
        for (name, value) in &pairs {
            let valid = if *name == "__name__" { utf8 || is_legacy(value, true) } else { utf8 || is_legacy(name, false) };
            let new = labels.insert(name.to_string(), value.to_string()).is_none();
            if name.is_empty() || !valid || !new {
                return Err(format!("{name}={value} is not a label"));
            }
        }
        for own in ["job", "instance"] {
            if let Some(value) = labels.remove(own) {
                labels.insert(format!("exported_{own}"), value);
            }
        }
        labels.retain(|_, value| !value.is_empty());
        if sample.timestamp.is_none() && seen.insert(sample.key) {
            series.push((labels, format!("{:?}", sample.value)));
        }
    }
}

fn recorded(case: &Value) -> (bool, Vec<(Labels, String)>) {
    let mut up = false;
    let mut series = Vec::new();
    for one in case["expected"]["series"].as_array().into_iter().flatten() {
        let mut labels: Labels = serde_json::from_value(one["labels"].clone()).expect("labels of texts");
        let name = labels.get("__name__").cloned().unwrap_or_default();
        let value = one["value"].as_str().unwrap_or("none").to_owned();
        if name == "up" {
            up = value == "1.0";
        } else if !name.starts_with("scrape_") {
            labels.remove("job");
            labels.remove("instance");
            series.push((labels, value));
        }
    }
    (up, series)
}

/// The recordings' spelling of values is Python's, and what was recorded went through remote write, which has no -0.
fn spelling(value: &str) -> String {
    if value == "-0.0" {
        return "0.0".to_owned();
    }
    value.replace("NaN", "nan").replace("+0", "+").replace("e+", "e").replace("e-0", "e-")
}

#[test]
fn scrapes_are_read_as_recorded() {
    let Ok(text) = std::fs::read_to_string(RECORDINGS) else {
        eprintln!("skipped: no recordings");
        return;
    };
    let (mut agree, mut wrong) = (0, Vec::new());
    for line in text.lines() {
        let case: Value = serde_json::from_str(&line.replace('\u{27c2}', "")).expect("a case");
        let options = case["scrape"].as_str().unwrap_or("");
        let content_type = case["content_type"].as_str().unwrap_or("");
        let name = case["name"].as_str().unwrap_or("");
        let other = case.get("config").is_some() || case.get("target_labels").is_some() || name.starts_with("honor-labels");
        if other || !is_plain(options) {
            continue;
        }
        let format = Format::from_content_type(content_type).unwrap_or(Format::Text);
        let (up, mut want) = recorded(&case);
        let body = case["exposition"].as_str().expect("an exposition");
        let got = scrape(body, format, options.contains("utf8"));
        let mut found = got.clone().unwrap_or_default();
        if body.contains("NOW") || name.contains("timestamp") {
            found.clear();
            want.clear();
        }
        let normal = |list: &mut Vec<(Labels, String)>| {
            list.iter_mut().for_each(|(_, value)| *value = spelling(value));
            list.sort();
        };
        normal(&mut found);
        normal(&mut want);
        if got.is_ok() == up && found == want {
            agree += 1;
        } else {
            wrong.push(format!("{name}\n  recorded {up} {want:?}\n  here     {got:?}"));
        }
    }
    eprintln!("{agree} scrapes agree");
    assert!(wrong.is_empty() && agree > 0, "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
