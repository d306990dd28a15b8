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

#[test]
fn reports_every_error_of_a_body() {
    check::<Args>(
        r#"
targts = []
type = "x"
type = "y"
codecs {
  a = 1
}
queue = { capacity = 5 }
rule "x" { target_lable = "a" }
endpoint { basic_auth { } }
endpoint { urls = 1 }
address = "old"
zzz = 1
"#,
        expect![[r#"
            2:1 decode/unknown-attribute at "targts": there is no attribute `targts` here
                hint: did you mean `targets`?
            4:1 decode/duplicate-attribute at "type": `type` is written twice
                label: first written here at Some("type")
                hint: keep one of them
            5:1 decode/block-as-attribute at "codecs": `codecs` is an attribute, not a block
                hint: write `codecs = […]`
            8:1 decode/attribute-as-block at "queue": `queue` is a block, not an attribute
                hint: write `queue { … }` without `=`, one `name = value` per line
            9:6 decode/label-not-allowed at "\"x\"": `rule` takes no label
                hint: remove `"x"`
            9:12 decode/unknown-attribute at "target_lable": `rule` has no attribute `target_lable`
                hint: did you mean `target_label`?
            10:1 decode/missing at "endpoint": missing required attribute `url`
                hint: add `url = "…"`
            10:12 decode/missing at "basic_auth": missing required attribute `username`
                hint: add `username = "…"`
            11:12 decode/unknown-attribute at "urls": `endpoint` has no attribute `urls`
                hint: did you mean `url`?
            12:1 warning decode/deprecated at "address": `address` is deprecated: use `targets`
            13:1 decode/unknown-attribute at "zzz": there is no attribute `zzz` here
                hint: accepted attributes: `targets`, `type`, `codecs`
        "#]],
    );
}

#[test]
fn names_all_missing_arguments_at_once() {
    check::<Args>(
        "",
        expect![[r#"
        1:1 decode/missing at "": missing required attribute `targets` and block `endpoint`
            hint: add `targets = […]` and `endpoint { … }`
    "#]],
    );
    check::<Args>(
        "targets = 1",
        expect![[r#"
            1:1 decode/missing at "": missing required block `endpoint`
                hint: add `endpoint { … }`
            1:11 decode/value at "1": `targets`: expected array of target, got number
        "#]],
    );
    check::<Args>(
        "targets { }\nendpoint = 1",
        expect![[r#"
        1:1 decode/block-as-attribute at "targets": `targets` is an attribute, not a block
            hint: write `targets = […]`
        2:1 decode/attribute-as-block at "endpoint": `endpoint` is a block, not an attribute
            hint: write `endpoint { … }` without `=`, one `name = value` per line
    "#]],
    );
}

#[test]
fn repeats_only_what_may_be_repeated() {
    check::<Args>(
        "targets = []\nendpoint { url = \"x\" }\nqueue { }\nqueue { capcity = 1 }",
        expect![[r#"
        4:1 decode/repeated-block at "queue": `queue` may stand only once
            label: first written here at Some("queue")
    "#]],
    );
}

#[test]
fn goes_on_after_what_is_not_known_yet() {
    check::<Args>(
        "targets = later\nendpoint { url = 1 }",
        expect![[r#"
        incomplete
    "#]],
    );
    check::<Args>(
        "targets = later\nendpoint { uri = 1 }",
        expect![[r#"
        incomplete
        2:12 decode/unknown-attribute at "uri": `endpoint` has no attribute `uri`
            hint: did you mean `url`?
    "#]],
    );
    check::<Args>(
        "targets = [later, 1]\nbogus = later\nendpoint { url = later }",
        expect![[r#"
        incomplete
        2:1 decode/unknown-attribute at "bogus": there is no attribute `bogus` here
            hint: accepted attributes: `targets`, `type`, `codecs`
    "#]],
    );
}

#[test]
fn accepts_hidden_arguments_without_suggesting_them() {
    check::<Args>(
        "targets = []\ndebug = true\nendpoint { url = 1 }",
        expect![[r#"
        Args { targets: [], kind: None, codecs: ["a", "b"], address: "", debug: true, queue: Queue { capacity: 100, bytes: ByteSize(1572864) }, rules: [], endpoints: [Endpoint { label: "", url: "1", client: Client { timeout: Duration(10000000000), basic_auth: None }, headers: {} }] }
    "#]],
    );
    check::<Args>(
        "targets = []\ndebgu = true\nendpoint { url = 1 }",
        expect![[r#"
        2:1 decode/unknown-attribute at "debgu": there is no attribute `debgu` here
            hint: accepted attributes: `targets`, `type`, `codecs`
    "#]],
    );
}

#[test]
fn validates_with_the_place_of_the_field() {
    check::<Rule>(
        "target_label = \"\"",
        expect![[r#"
        1:16 decode/invalid at "\"\"": `target_label`: is needed for `replace`
            hint: name the label to write
    "#]],
    );
    check::<Args>(
        "targets = []\nendpoint { url = 1 }\nrule { }",
        expect![[r#"
        3:1 decode/invalid at "rule": `target_label`: is needed for `replace`
            hint: name the label to write
    "#]],
    );
}

#[test]
fn checks_labels() {
    check::<Labelled>(
        "job \"a\" { }\njob \"b\" { }",
        expect![[r#"
        Labelled { jobs: [Job { name: "a" }, Job { name: "b" }] }
    "#]],
    );
    check::<Labelled>(
        "job { }\njob \"\" { }",
        expect![[r#"
        1:1 decode/label-missing at "job": `job` needs a label
            hint: write `job "some_name" { … }`
        2:1 decode/label-missing at "job": `job` needs a label
            hint: write `job "some_name" { … }`
    "#]],
    );
    check::<Pipeline>(
        "stage.json \"x\" { expressions = {} }",
        expect![[r#"
        1:12 decode/label-not-allowed at "\"x\"": `stage.json` takes no label
            hint: remove `"x"`
    "#]],
    );
}

#[test]
fn keeps_the_order_of_enum_blocks() {
    check::<Pipeline>(
        r#"
stage.geoip { expressions = {} }
stage.match {
  selector = "{}"
  stage.json { expressions = { a = "b" } }
  stage.geoip { expressions = {} }
}
stage.json { expressions = {} }
"#,
        expect![[r#"
            Pipeline { stages: [GeoIp(Json { expressions: {} }), Match(Match { selector: "{}", nested: Pipeline { stages: [Json(Json { expressions: {"a": "b"} }), GeoIp(Json { expressions: {} })] } }), Json(Json { expressions: {} })] }
        "#]],
    );
}

#[test]
fn reports_errors_in_enum_blocks() {
    check::<Pipeline>(
        r#"
stage.jsn { expressions = {} }
stage { }
stage = 1
stage.match {
  stage.json { }
  stage.unheard_of { }
}
"#,
        expect![[r#"
            2:1 decode/unknown-block at "stage.jsn": there is no block `stage.jsn` here
                hint: did you mean `stage.json`?
            3:1 decode/unknown-block at "stage": `stage` needs a second name that says which block it is
                hint: there are `stage.json`, `stage.match` and `stage.geoip`
            4:1 decode/attribute-as-block at "stage": `stage` needs a second name that says which block it is
                hint: there are `stage.json`, `stage.match` and `stage.geoip`
            5:1 decode/missing at "stage.match": missing required attribute `selector`
                hint: add `selector = "…"`
            6:3 decode/missing at "stage.json": missing required attribute `expressions`
                hint: add `expressions = { … }`
            7:3 decode/unknown-block at "stage.unheard_of": `stage.match` has no block `stage.unheard_of`
                hint: accepted blocks: `stage.json`, `stage.match`, `stage.geoip`
        "#]],
    );
}

/// Settings with defaults from a function.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(default = "Settings::preset", validate = "Settings::check")]
struct Settings {
    /// A raw name.
    #[alloy(attr, optional)]
    r#type: String,
    /// A number.
    #[alloy(attr, optional)]
    limit: i64,
    /// A choice.
    #[alloy(attr, optional)]
    action: Action,
    /// A queue.
    #[alloy(block, optional)]
    queue: Queue,
    /// Another queue.
    #[alloy(block, default = Queue { capacity: 1, bytes: ByteSize(2) })]
    spare: Queue,
}

impl Settings {
    fn preset() -> Self {
        let queue = Queue { capacity: 7, bytes: ByteSize::kib(1) };
        Self { r#type: "preset".into(), limit: -1, action: Action::Keep, spare: queue.clone(), queue }
    }
    fn check(&self) -> Result<(), value::ValidateErrors> {
        let mut errors = value::ValidateErrors::default();
        errors.check(self.limit == 13, || ValidateError::at("limit", "13 is unlucky").warning());
        errors.check(self.limit > 100, || ValidateError::at("limit", "must be at most 100"));
        errors.check(self.queue.capacity > 100, || ValidateError::at("queue", "is too long").hint("shorten it"));
        errors.result()
    }
}

#[test]
fn takes_defaults_from_a_function() {
    check::<Settings>(
        "",
        expect![[r#"
        Settings { type: "preset", limit: -1, action: Keep, queue: Queue { capacity: 7, bytes: ByteSize(1024) }, spare: Queue { capacity: 1, bytes: ByteSize(2) } }
    "#]],
    );
    check::<Settings>(
        "type = \"x\"\nlimit = 3\nqueue { }",
        expect![[r#"
        Settings { type: "x", limit: 3, action: Keep, queue: Queue { capacity: 100, bytes: ByteSize(1572864) }, spare: Queue { capacity: 1, bytes: ByteSize(2) } }
    "#]],
    );
    assert_eq!(Settings::defaults(), Some(Settings::preset()), "defaults of the function");
    assert_eq!(Args::defaults(), None, "a required argument has no default");
}

#[test]
fn reports_everything_the_struct_itself_finds() {
    check::<Settings>(
        "limit = 13",
        expect![[r#"
        Settings { type: "preset", limit: 13, action: Keep, queue: Queue { capacity: 7, bytes: ByteSize(1024) }, spare: Queue { capacity: 1, bytes: ByteSize(2) } }
        1:9 warning decode/invalid at "13": `limit`: 13 is unlucky
    "#]],
    );
    check::<Settings>(
        "limit = 200\nqueue { capacity = 101 }",
        expect![[r#"
        1:9 decode/invalid at "200": `limit`: must be at most 100
        2:1 decode/invalid at "queue": `queue`: is too long
            hint: shorten it
    "#]],
    );
}

/// Names that the generated code uses itself, and no fields at all.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Names {
    /// One.
    #[alloy(attr, optional)]
    reader: String,
    /// Two.
    #[alloy(attr, optional)]
    this: String,
    /// Three.
    #[alloy(attr, default = "o")]
    out: String,
    /// Four.
    #[alloy(block, optional)]
    it: Nothing,
    /// Five.
    #[alloy(block, optional)]
    fields: (),
}

/// Nothing.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Nothing;

#[test]
fn fields_may_have_any_name() {
    check::<Names>(
        "reader = 1\nout = 2\nthis = 3\nit { }\nfields { }",
        expect![[r#"
        Names { reader: "1", this: "3", out: "2", it: Nothing, fields: () }
    "#]],
    );
    check::<Names>(
        "it { a = 1 }\nfields { b { } }",
        expect![[r#"
        1:6 decode/unknown-attribute at "a": `it` has no attribute `a`
            hint: no attributes are accepted here
        2:10 decode/unknown-block at "b": `fields` has no block `b`
            hint: no blocks are accepted here
    "#]],
    );
}
