//! The argument blocks: defaults, validation, schema and what the API shows.

use crate::support::{HUSH, args, decode, public};
use net::client::ClientArgs;
use net::server::ServerArgs;
use value::schema::{BodySchema, FieldKind};
use value::{Arguments, Node};

#[test]
fn everything_can_be_written() {
    let text = r#"
        proxy_url = "http://user:hush-4711@proxy:3128"
        no_proxy = "localhost"
        proxy_connect_header = { "X-Way" = ["hush-4711"] }
        follow_redirects = false
        enable_http2 = false
        http_headers = { "X-Scope-OrgID" = ["hush-4711", "b"] }
        basic_auth { username = "u" password = "hush-4711" }
        tls_config { ca_pem = "x" server_name = "s" insecure_skip_verify = true min_version = "TLS13" }
    "#;
    let text = text
        .replace(" password", "\n password")
        .replace(" server_name", "\n server_name")
        .replace(" insecure", "\n insecure")
        .replace(" min_", "\n min_");
    let text = text.replace("{ username", "{\nusername").replace("{ ca_pem", "{\nca_pem").replace("\" }", "\"\n}");
    let args: ClientArgs = args(&text);
    assert!(!args.follow_redirects && !args.enable_http2);
    public(format!("{args:?}"));
    public(format!("{:?}", args.encode()));
    assert_eq!(args.proxy.proxy_url.to_string(), "http://user:xxxxx@proxy:3128");
}

#[test]
fn nothing_means_the_defaults() {
    assert_eq!(args::<ClientArgs>(""), ClientArgs::default());
    assert_eq!(ClientArgs::default().encode(), Vec::new());
    let server: ServerArgs = args("");
    assert_eq!((server.http.listen_port, server.grpc.listen_port), (8080, 0));
    assert_eq!(server.http.server_idle_timeout.to_string(), "2m0s");
    assert_eq!(server.grpc.max_connection_age.to_string(), "2562047h47m16.854775807s");
    // The original shows what its servers run with, written or not, but for zeros.
    let shown = |node: &Node| match node {
        Node::Block { name, body, .. } => (name.clone(), body.len()),
        Node::Attr(name, _) => (name.to_string(), 0),
    };
    assert_eq!(server.encode().iter().map(shown).collect::<Vec<_>>(), [("http".to_owned(), 5), ("grpc".to_owned(), 6)]);
    let zero: ServerArgs = args("http {\nlisten_port = 0\n}");
    assert_eq!(zero.encode().iter().map(shown).next(), Some(("http".to_owned(), 4)));
}

#[test]
fn a_bearer_token_is_an_authorization() {
    for text in [
        format!("bearer_token = \"{HUSH}\""),
        "bearer_token_file = \"/x\"".to_owned(),
        "authorization {\ncredentials = \"x\"\n}".to_owned(),
    ] {
        let nodes = args::<ClientArgs>(&text).encode();
        let [Node::Block { name, body, .. }] = nodes.as_slice() else { unreachable!("{nodes:?}") };
        assert_eq!(name, "authorization");
        assert_eq!(body.first(), Some(&Node::Attr("type".into(), "Bearer".into())), "{text}");
    }
}

#[test]
fn what_excludes_each_other() {
    let cases = [
        ("bearer_token = \"a\"\nbearer_token_file = \"b\"", "at most one of `basic_auth`"),
        ("bearer_token = \"a\"\nbasic_auth { }", "at most one of `basic_auth`"),
        ("basic_auth {\npassword = \"a\"\npassword_file = \"b\"\n}", "at most one of `password`"),
        ("authorization {\ncredentials = \"a\"\ncredentials_file = \"b\"\n}", "at most one of `credentials`"),
        ("authorization {\ntype = \" BASIC \"\n}", "the type cannot be \"basic\""),
        ("oauth2 { }", "`client_id` must be set"),
        ("oauth2 { }", "either `client_secret` or"),
        ("oauth2 { }", "`token_url` must be set"),
        ("tls_config {\nca_pem = \"a\"\nca_file = \"b\"\n}", "at most one of `ca_pem`"),
        ("tls_config {\ncert_pem = \"a\"\n}", "needs its key"),
        ("tls_config {\nkey_file = \"a\"\n}", "needs its certificate"),
        ("tls_config {\nmin_version = \"TLS9\"\n}", "unknown TLS version"),
        ("no_proxy = \"a\"", "no meaning without `proxy_url`"),
        ("proxy_from_environment = true\nproxy_url = \"http://a\"", "cannot both be set"),
        ("proxy_connect_header = { \"a\" = [\"b\"] }", "there is no proxy"),
        ("http_headers = { \"authorization\" = [\"b\"] }", "cannot be set here"),
        ("http_headers = { \"a\" = 5 }", "http_headers"),
    ];
    for (text, expected) in cases {
        let error = decode::<ClientArgs>(text).expect_err(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
}

/// `name type default` of each attribute, blocks indented.
fn show(schema: &BodySchema, indent: &str, out: &mut Vec<String>) {
    for field in &schema.fields {
        match &field.kind {
            FieldKind::Attr { ty, .. } => {
                out.push(format!("{indent}{} {ty} {}", field.name, field.default.as_deref().unwrap_or("required")))
            }
            FieldKind::Block { schema, defaults_when_absent, .. } => {
                out.push(format!("{indent}{} {}", field.name, if *defaults_when_absent { "defaults" } else { "none" }));
                show(schema(), &format!("{indent}  "), out);
            }
            other => out.push(format!("{indent}{} {other:?}", field.name)),
        }
    }
}

fn recorded(fields: &serde_json::Value, indent: &str, out: &mut Vec<String>) {
    for field in fields.as_array().into_iter().flatten() {
        let text = |key: &str| field[key].as_str().unwrap_or("required").to_owned();
        if field["kind"] == "block" {
            out.push(format!("{indent}{} {}", text("name"), text("when_absent")));
            recorded(&field["fields"], &format!("{indent}  "), out);
        } else {
            out.push(format!("{indent}{} {} {}", text("name"), text("type"), text("default")));
        }
    }
}

#[test]
fn the_schema_is_the_originals() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/components.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("schema: skipped, no recordings here");
        return;
    };
    for (component, schema, block) in
        [("loki.source.api", ServerArgs::schema(), None), ("loki.write", ClientArgs::schema(), Some("endpoint"))]
    {
        let line = text.lines().map(|line| line.replace('\u{27c2}', "")).find(|line| line.contains(&format!("\"name\": \"{component}\"")));
        let json: serde_json::Value = serde_json::from_str(&line.expect("the component is recorded")).expect("recordings are JSON");
        let fields = match block {
            None => &json["arguments"],
            Some(name) => {
                &json["arguments"].as_array().and_then(|all| all.iter().find(|field| field["name"] == name)).expect("the block is recorded")
                    ["fields"]
            }
        };
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        show(schema, "", &mut ours);
        recorded(fields, "", &mut theirs);
        let start = theirs.iter().position(|line| Some(line) == ours.first()).expect("the first field is recorded");
        assert_eq!(ours, theirs[start..(start + ours.len()).min(theirs.len())], "{component}");
    }
}
