//! Bodies of every form.

use crate::support::show;
use expect_test::{Expect, expect};
use std::collections::BTreeMap;
use value::types::{ByteSize, Duration, Regexp, Target};
use value::{Arguments, Secret, TextEnum, ValidateError};

#[derive(TextEnum, Clone, Copy, Debug, PartialEq)]
#[alloy(type = "relabel.Action")]
enum Action {
    #[default]
    Replace,
    #[alloy(name = "labelmap")]
    LabelMap,
    Keep,
}

/// A rule.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
struct Rule {
    /// What to do.
    #[alloy(attr, default = "replace")]
    action: Action,
    /// What to match.
    #[alloy(attr, default = "(.*)", always)]
    regex: Regexp,
    /// Where to write.
    #[alloy(attr, optional)]
    target_label: String,
    /// Where to read.
    #[alloy(attr, optional)]
    source_labels: Vec<String>,
}

impl Rule {
    fn check(&self) -> Result<(), ValidateError> {
        match self.action == Action::Replace && self.target_label.is_empty() {
            true => Err(ValidateError::at("target_label", "is needed for `replace`").hint("name the label to write")),
            false => Ok(()),
        }
    }
}

/// Credentials.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Auth {
    /// Who.
    #[alloy(attr)]
    username: String,
    /// Proof.
    #[alloy(attr, optional)]
    password: Secret,
}

/// How to connect.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Client {
    /// How long to wait.
    #[alloy(attr, default = "10s")]
    timeout: Duration,
    /// Who we are.
    #[alloy(block, optional)]
    basic_auth: Option<Auth>,
}

/// A queue.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Queue {
    /// How many.
    #[alloy(attr, default = 100)]
    capacity: usize,
    /// How large.
    #[alloy(attr, default = "1536KiB")]
    bytes: ByteSize,
}

/// An endpoint.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Endpoint {
    /// Its name.
    #[alloy(label, optional)]
    label: String,
    /// Where.
    #[alloy(attr)]
    url: String,
    #[alloy(squash)]
    client: Client,
    /// Added to everything.
    #[alloy(block, optional)]
    headers: BTreeMap<String, String>,
}

/// Everything.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Args {
    /// What to read.
    #[alloy(attr)]
    targets: Vec<Target>,
    /// The type.
    #[alloy(attr, optional, name = "type")]
    kind: Option<String>,
    /// Codecs.
    #[alloy(attr, default = ["a", "b"])]
    codecs: Vec<String>,
    /// Old.
    #[alloy(attr, optional, deprecated = "use `targets`")]
    address: String,
    /// Internal.
    #[alloy(attr, optional, hidden)]
    debug: bool,
    /// Queue.
    #[alloy(block, optional)]
    queue: Queue,
    /// Rules.
    #[alloy(block = "rule", optional)]
    rules: Vec<Rule>,
    /// Endpoints.
    #[alloy(block = "endpoint")]
    endpoints: Vec<Endpoint>,
}

/// Stages.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Pipeline {
    /// Stages, in order.
    #[alloy(blocks = "stage")]
    stages: Vec<Stage>,
}

#[derive(Arguments, Clone, Debug, PartialEq)]
enum Stage {
    /// Reads JSON.
    Json(Json),
    Match(Box<Match>),
    #[alloy(name = "geoip")]
    GeoIp(Json),
}

/// JSON.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Json {
    /// What to take.
    #[alloy(attr)]
    expressions: BTreeMap<String, String>,
}

/// A nested pipeline.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Match {
    /// Which.
    #[alloy(attr)]
    selector: String,
    #[alloy(squash)]
    nested: Pipeline,
}

/// A label that must be there.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Labelled {
    /// Jobs.
    #[alloy(block = "job", optional)]
    jobs: Vec<Job>,
}

/// A job.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Job {
    /// Its name.
    #[alloy(label)]
    name: String,
}

fn check<T: Arguments + std::fmt::Debug>(text: &str, expected: Expect) {
    expected.assert_eq(&show::<T>(text));
}

#[test]
fn decodes_every_form() {
    check::<Args>(
        r#"
targets = [{"__address__" = "a:1", "n" = 2}]
type = "x"
queue { capacity = 5 }
rule { target_label = "a" }
rule {
  action = "labelmap"
  regex = "x(.*)"
}
endpoint "one" {
  url = "http://x"
  timeout = "1m30s"
  basic_auth {
    username = "u"
    password = "p"
  }
}
endpoint {
  url = 5
  headers { a = "b" }
}
"#,
        expect![[r#"
            Args { targets: [Target({"__address__": "a:1", "n": "2"})], kind: Some("x"), codecs: ["a", "b"], address: "", debug: false, queue: Queue { capacity: 5, bytes: ByteSize(1572864) }, rules: [Rule { action: Replace, regex: "(.*)", target_label: "a", source_labels: [] }, Rule { action: LabelMap, regex: "x(.*)", target_label: "", source_labels: [] }], endpoints: [Endpoint { label: "one", url: "http://x", client: Client { timeout: Duration(90000000000), basic_auth: Some(Auth { username: "u", password: (secret) }) }, headers: {} }, Endpoint { label: "", url: "5", client: Client { timeout: Duration(10000000000), basic_auth: None }, headers: {"a": "b"} }] }
        "#]],
    );
}
