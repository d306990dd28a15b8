//! From targets to containers: one target each, with the labels of its lines.

use data::relabel::{Names, Rules, process_builder};
use data::{Labels, Target};
use std::collections::BTreeMap;

const CONTAINER_ID: &str = "__meta_docker_container_id";
const LOG_STREAM: &str = "__meta_docker_container_log_stream";

/// A container to read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    /// The labels of its target as text.
    pub target: String,
    /// The labels of lines of the standard output and of the standard error; `None` when rules drop them.
    pub streams: [Option<Labels>; 2],
}

/// The containers of `targets`. Of several targets of a container the one with the smallest hash counts, as in the
/// original, so that it is the same one every time.
pub(super) fn resolve(targets: &[Target], labels: &BTreeMap<String, String>, rules: &Rules) -> BTreeMap<String, Wanted> {
    let mut chosen: BTreeMap<String, (u64, Labels)> = BTreeMap::new();
    for target in targets {
        let mut builder = target.to_builder();
        for (name, value) in labels {
            builder.set(name, value);
        }
        let merged = builder.build();
        let Some(id) = merged.get(CONTAINER_ID).filter(|id| !id.is_empty()) else { continue };
        let rank = fingerprint(&merged);
        let other = chosen.get(id).map(|(rank, _)| *rank);
        if other.is_none_or(|other| rank < other) {
            chosen.insert(id.to_owned(), (rank, merged));
        }
    }
    let wanted = |(_, labels): (u64, Labels)| Wanted {
        streams: [docker::Output::Stdout, docker::Output::Stderr].map(|output| stream_labels(&labels, output, rules)),
        target: labels.to_string(),
    };
    chosen.into_iter().map(|(id, found)| (id, wanted(found))).collect()
}

fn stream_labels(target: &Labels, output: docker::Output, rules: &Rules) -> Option<Labels> {
    let mut builder = target.to_builder();
    builder.retain(|_, value| !value.is_empty());
    builder.set(LOG_STREAM, output.as_str());
    if !process_builder(&mut builder, rules, Names::Legacy) {
        return None;
    }
    builder.retain(|name, _| !name.starts_with("__"));
    Some(builder.build())
}

/// The hash that Prometheus gives a label set: FNV-1a over names and values, each followed by the byte 255.
fn fingerprint(labels: &Labels) -> u64 {
    let add = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    let parts = labels.iter().flat_map(|(name, value)| [name, value]);
    parts.fold(0xcbf2_9ce4_8422_2325, |hash, part| add(part.bytes().fold(hash, add), 255))
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::relabel::{Action, Regexp, Rule};

    #[test]
    fn one_target_for_each_container() {
        let target = |port: &str| {
            Target::from_pairs([(CONTAINER_ID, "abc"), ("__meta_docker_container_name", "/web"), ("__meta_docker_port_private", port)])
        };
        let rule = Rule { source_labels: vec!["__meta_docker_container_name".into()], target_label: "name".into(), ..Rule::default() };
        let drop = Rule {
            source_labels: vec![LOG_STREAM.into()],
            action: Action::Drop,
            regex: Regexp::new("stderr").expect("a regular expression"),
            ..Rule::default()
        };
        let rules = Rules::new(vec![rule, drop]);
        let labels = BTreeMap::from([("env".to_owned(), "lab".to_owned())]);
        let one = resolve(&[target("1"), target("2"), Target::default()], &labels, &rules);
        let other = resolve(&[target("2"), target("1")], &labels, &rules);
        assert_eq!(one, other);
        assert_eq!(one.len(), 1);
        let [stdout, stderr] = &one["abc"].streams;
        assert_eq!(stdout.as_ref().map(ToString::to_string).as_deref(), Some(r#"{env="lab", name="/web"}"#));
        assert_eq!(*stderr, None);
    }
}
