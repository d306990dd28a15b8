//! Requests to Loki, byte for byte.

use super::*;
use bytes::Bytes;
use data::{Entry, Labels, Stream, StructuredMetadata};
use prost::Message;
use std::sync::Arc;

/// The messages once more, written down from the protocol's definition: an independent reader.
mod reference {
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct PushRequest {
        #[prost(message, repeated, tag = "1")]
        pub streams: Vec<Stream>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Stream {
        #[prost(string, tag = "1")]
        pub labels: String,
        #[prost(message, repeated, tag = "2")]
        pub entries: Vec<Entry>,
        #[prost(uint64, tag = "3")]
        pub hash: u64,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Entry {
        #[prost(message, tag = "1")]
        pub timestamp: Option<Timestamp>,
        #[prost(string, tag = "2")]
        pub line: String,
        #[prost(message, repeated, tag = "3")]
        pub metadata: Vec<Pair>,
    }
    #[derive(Clone, Copy, PartialEq, prost::Message)]
    pub struct Timestamp {
        #[prost(int64, tag = "1")]
        pub seconds: i64,
        #[prost(int32, tag = "2")]
        pub nanos: i32,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Pair {
        #[prost(string, tag = "1")]
        pub name: String,
        #[prost(string, tag = "2")]
        pub value: String,
    }
}

const LIMIT: usize = 1 << 20;

fn metadata(pairs: &[(&str, &str)]) -> Option<StructuredMetadata> {
    Some(Arc::new(pairs.iter().map(|(n, v)| (Arc::from(*n), Arc::from(*v))).collect()))
}

fn entries() -> Vec<Entry> {
    let mut with_metadata = Entry::new(1_700_000_000_000_000_001, "third");
    with_metadata.metadata = metadata(&[("trace_id", "abc"), ("empty", "")]);
    vec![Entry::new(1_700_000_000_123_456_789, "first"), Entry::new(-1, "x".repeat(300)), with_metadata, Entry::new(0, "")]
}

#[test]
fn an_independent_reader_finds_what_was_pushed() {
    let a = Labels::from_pairs([("job", "a"), ("__tenant_id__", "t"), ("app", "x\"y")]);
    let same_as_a = Labels::from_pairs([("job", "a"), ("app", "x\"y")]);
    let b = Labels::from_pairs([("job", "b")]);
    let mut encoder = Encoder::new();
    assert!(encoder.is_new_stream(&a));
    for entry in entries() {
        encoder.push(&a, &entry);
        encoder.push(&b, &entry);
    }
    encoder.push(&same_as_a, &Entry::new(1, "last"));
    assert!(!encoder.is_new_stream(&a));
    assert_eq!(encoder.streams(), 2);
    let mut predicted: usize = 2 * entries().iter().map(entry_len).sum::<usize>();
    predicted += entry_len(&Entry::new(1, "last"));
    assert_eq!(encoder.raw_len(), predicted);
    assert_eq!((encoder.counts().entries, encoder.counts().times), (9, Some((-1, 1_700_000_000_123_456_789))));
    let request = encoder.finish().expect("a request");
    assert_eq!(request.streams, 2);
    let raw = snap::raw::Decoder::new().decompress_vec(request.body).expect("a snappy block");
    let read = reference::PushRequest::decode(&*raw).expect("a push request");
    assert_eq!(read.encode_to_vec(), raw);
    assert_eq!(read.streams[0].labels, r#"{app="x\"y", job="a"}"#);
    assert_eq!(read.streams[1].labels, r#"{job="b"}"#);
    let lines: Vec<_> = read.streams[0].entries.iter().map(|e| e.line.as_str()).collect();
    assert_eq!(lines, ["first", &"x".repeat(300), "third", "", "last"]);
    let times: Vec<_> = read.streams[1].entries.iter().map(|e| e.timestamp.map(|t| (t.seconds, t.nanos))).collect();
    assert_eq!(times, [Some((1_700_000_000, 123_456_789)), Some((-1, 999_999_999)), Some((1_700_000_000, 1)), Some((0, 0))]);
    assert_eq!(read.streams[1].entries[2].metadata[0].value, "abc");
    assert!(encoder.is_empty() && encoder.streams() == 0 && encoder.raw_len() == 0);
}

#[test]
fn requests_come_back_as_they_were() {
    let labels = [Labels::from_pairs([("job", "a"), ("path", "C:\\x\n")]), Labels::from_pairs([("job", "b")])];
    let mut encoder = Encoder::new();
    for round in 0..3 {
        for labels in &labels {
            for entry in &entries() {
                encoder.push(labels, entry);
            }
        }
        let pushed = decode(encoder.finish().expect("a request").body, LIMIT).expect("a push request");
        let want = labels.iter().map(|labels| Stream { labels: labels.clone(), entries: entries() }).collect();
        assert_eq!(pushed, Pushed { streams: want, refused: None }, "round {round}");
    }
}

#[test]
fn streams_with_other_names_are_refused_alone() {
    let stream = |labels: &str| reference::Stream { labels: labels.into(), entries: vec![], hash: 7 };
    let request = reference::PushRequest { streams: vec![stream("{a=\"b\"}"), stream("{a-b=\"c\"}"), stream("{c=\"d\"}")] };
    let body = snap::raw::Encoder::new().compress_vec(&request.encode_to_vec()).expect("small enough");
    let pushed = decode(&body, LIMIT).expect("a push request");
    assert_eq!(pushed.streams.iter().map(|s| s.labels.to_string()).collect::<Vec<_>>(), [r#"{a="b"}"#, r#"{c="d"}"#]);
    assert_eq!(pushed.refused.expect("an error").to_string(), r#""{a-b=\"c\"}" is not a label set: expected `=` at byte 2"#);
}

#[test]
fn lines_that_are_not_utf8_are_repaired() {
    let body = snap::raw::Encoder::new().compress_vec(b"\x0a\x0b\x0a\x02{}\x12\x05\x12\x03a\xffb").expect("small enough");
    let pushed = decode(&body, LIMIT).expect("a push request");
    assert_eq!(pushed.streams[0].entries[0].line, Bytes::from("a\u{fffd}b"));
}

#[test]
fn label_sets_are_read() {
    for (text, want) in [
        (r#"{}"#, Some("{}")),
        (r#" { b = "1" , a='2', c=`\n`, } "#, Some(r#"{a="2", b="1", c="\\n"}"#)),
        (r#"{"a.b"="c"}"#, Some(r#"{a.b="c"}"#)),
        (r#"{a="\x41\101\u00e9\U0001F600\""}"#, Some(r#"{a="AAé😀\""}"#)),
        (r#"m{a="b"}"#, Some(r#"{__name__="m", a="b"}"#)),
        (r#"{"m", a="b"}"#, Some(r#"{__name__="m", a="b"}"#)),
        ("m", Some(r#"{__name__="m"}"#)),
        ("", None),
        ("{", None),
        ("{a}", None),
        (r#"{a="b"} x"#, None),
        (r#"{a="b" c="d"}"#, None),
        (r#"{,}"#, None),
        (r#"{a="b",,}"#, None),
        (r#"{a="b"#, None),
        ("{a=\"b\n\"}", None),
        (r#"{a="\q"}"#, None),
        (r#"{a="\'"}"#, None),
        (r#"{a="\xff"}"#, None),
        (r#"{1a="b"}"#, None),
        (r#"{a:b="c"}"#, None),
        (r#"{a=~"b"}"#, None),
    ] {
        assert_eq!(parse_labels(text).ok().map(|l| l.to_string()).as_deref(), want, "{text}");
    }
}

#[test]
fn names_of_streams_are_quoted_as_go_does() {
    let value = "a\u{7}\u{8}\u{c}\n\r\t\u{b}\u{1}\u{7f}é\u{a0}\u{200b}\u{e0001}e\u{301}'\\";
    let labels = Labels::from_pairs([("l", value)]);
    let text = stream_labels(&labels);
    assert_eq!(text, "{l=\"a\\a\\b\\f\\n\\r\\t\\v\\x01\\x7fé\\u00a0\\u200b\\U000e0001e\u{301}'\\\\\"}");
    assert_eq!(parse_labels(&text), Ok(labels));
}

#[test]
fn json_is_read() {
    let body = r#"{"streams": [
        {"stream": {"job": "a", "n": 1, "__x": "y"}, "values": [["1700000000000000001", "l\u00e9\n1"], ["2", "l2", {"k": "v"}], null], "more": [1]},
        {"labels": "{b=\"c\"}", "entries": [{"ts": "1970-01-01T00:00:01Z", "line": "old"}]},
        {"stream": {"a-b": "c"}, "values": []},
        {"stream": {"q": "r"}, "values": null}
    ], "other": true} trailing"#;
    let pushed = decode_json(body.as_bytes()).expect("a push request");
    let mut second = Entry::new(2, "l2");
    second.metadata = metadata(&[("k", "v")]);
    let stream = |text: &str, entries| Stream { labels: parse_labels(text).expect(text), entries };
    let want = [
        stream(r#"{__x="y", job="a", n="1"}"#, vec![Entry::new(1_700_000_000_000_000_001, "lé\n1"), second]),
        stream(r#"{b="c"}"#, vec![Entry::new(1_000_000_000, "old")]),
        stream(r#"{q="r"}"#, vec![]),
    ];
    assert_eq!(pushed.streams, want);
    assert!(pushed.refused.is_some());
}

#[test]
fn broken_json_is_refused() {
    for body in [
        "",
        "{",
        "[]",
        r#"{"streams": 1}"#,
        r#"{"streams": [{"stream": {}, "values": [["x", "line"]]}]}"#,
        r#"{"streams": [{"stream": {}, "values": [[1, "line"]]}]}"#,
        r#"{"streams": [{"stream": {}, "values": [["1"]]}]}"#,
        r#"{"streams": [{"stream": {}, "values": [["1", 2]]}]}"#,
        r#"{"streams": [{"stream": {}, "values": [["1", "l", "m"]]}]}"#,
        r#"{"streams": [{"stream": {}, "values": [["1", "l", {"a": 1}]]}]}"#,
    ] {
        assert!(decode_json(body.as_bytes()).is_err(), "{body}");
    }
    assert_eq!(decode_json(b"{}"), Ok(Pushed::default()));
}
