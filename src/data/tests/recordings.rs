//! Relabelling against recordings of the original's `discovery.relabel`, where they are at hand.

use data::relabel::{Names, Regexp, Rule, Template, process_with};
use data::{Labels, Target};
use serde_json::Value;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/");

fn recordings(name: &str) -> Option<String> {
    let text = std::fs::read_to_string(format!("{SHARED}{name}")).ok();
    if text.is_none() {
        eprintln!("skipped: no recordings");
    }
    text
}

fn text(value: &Value) -> String {
    value["value"].as_str().map_or_else(|| value["value"].to_string(), str::to_owned)
}

fn rule(body: &Value) -> Result<Rule, String> {
    let mut rule = Rule::default();
    for attr in body.as_array().into_iter().flatten() {
        let value = &attr["value"];
        match attr["name"].as_str().unwrap_or("") {
            "source_labels" => rule.source_labels = value["value"].as_array().into_iter().flatten().map(text).collect(),
            "separator" => rule.separator = text(value),
            "regex" => rule.regex = Regexp::new(&text(value))?,
            "modulus" => rule.modulus = text(value).parse().map_err(|_| "modulus")?,
            "target_label" => rule.target_label = Template::new(&text(value)),
            "replacement" => rule.replacement = Template::new(&text(value)),
            "action" => rule.action = text(value).parse().map_err(|_| text(value))?,
            other => return Err(format!("attribute {other}")),
        }
    }
    rule.check().map_err(|(field, message)| format!("{field}: {message}"))?;
    Ok(rule)
}

fn targets(list: &Value) -> Vec<Target> {
    let target = |t: &Value| {
        Target::from_pairs(
            t["value"].as_array().into_iter().flatten().map(|m| (m["key"].as_str().unwrap_or("").to_owned(), text(&m["value"]))),
        )
    };
    list["value"].as_array().into_iter().flatten().map(target).collect()
}

fn named<'a>(list: &'a Value, name: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|item| item["name"] == name)
}

#[test]
fn targets_are_relabelled_as_recorded() {
    let Some(recordings) = recordings("exports.jsonl") else { return };
    let (mut agree, mut wrong) = (0, Vec::new());
    for line in recordings.lines() {
        let case: Value = serde_json::from_str(&line.replace('\u{27c2}', "")).expect("a case");
        for component in case["expected"].as_object().into_iter().flat_map(|o| o.values()) {
            let (Some(input), Some(output)) = (named(&component["arguments"], "targets"), named(&component["exports"], "output")) else {
                continue;
            };
            if component["name"] != "discovery.relabel" || component["health"] != "healthy" {
                continue;
            }
            let rules = component["arguments"].as_array().into_iter().flatten().filter(|a| a["name"] == "rule");
            let result = rules.map(|r| rule(&r["body"])).collect::<Result<Vec<_>, _>>().map(|rules| {
                let relabelled = targets(&input["value"]).into_iter().filter_map(|t| process_with(&t, &rules, Names::Utf8));
                let mut kept: Vec<Labels> = relabelled.filter(|labels| !labels.is_empty()).collect();
                kept.sort();
                kept
            });
            let mut want: Vec<Labels> = targets(&output["value"]).into_iter().map(|t| t.0).collect();
            want.sort();
            if result.as_ref() == Ok(&want) {
                agree += 1;
            } else {
                wrong.push(format!("{}: recorded {want:?}, here {result:?}", case["name"]));
            }
        }
    }
    eprintln!("{agree} components agree");
    assert!(wrong.is_empty() && agree > 0, "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn rules_have_the_recorded_shape() {
    use value::Arguments;
    use value::schema::FieldKind;
    let Some(recordings) = recordings("components.jsonl") else { return };
    let mut components = recordings.lines().map(|line| serde_json::from_str::<Value>(line).expect("a component"));
    let component = components.find(|c| c["name"] == "prometheus.relabel").expect("prometheus.relabel");
    let recorded = named(&component["arguments"], "rule").expect("rules")["fields"].as_array().expect("fields").iter();
    let want: Vec<_> = recorded.map(|f| ["name", "type", "default"].map(|key| f[key].as_str().unwrap_or("").to_owned())).collect();
    let fields = Rule::schema().fields.iter().map(|field| {
        assert!(!field.required && !field.doc.is_empty(), "{}", field.name);
        let ty = match &field.kind {
            FieldKind::Attr { ty, .. } => ty.to_string(),
            other => format!("{other:?}"),
        };
        [field.name.to_owned(), ty, field.default.clone().unwrap_or_default()]
    });
    assert_eq!(fields.collect::<Vec<_>>(), want);
}
