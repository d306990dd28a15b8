//! Remote writes, byte for byte.

use super::*;
use prost::Message;

/// The messages once more, written down from the protocol's definition: an independent reader.
mod reference {
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct WriteRequest {
        #[prost(message, repeated, tag = "1")]
        pub timeseries: Vec<TimeSeries>,
        #[prost(message, repeated, tag = "3")]
        pub metadata: Vec<MetricMetadata>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct TimeSeries {
        #[prost(message, repeated, tag = "1")]
        pub labels: Vec<Label>,
        #[prost(message, repeated, tag = "2")]
        pub samples: Vec<Sample>,
        #[prost(message, repeated, tag = "3")]
        pub exemplars: Vec<Exemplar>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Label {
        #[prost(string, tag = "1")]
        pub name: String,
        #[prost(string, tag = "2")]
        pub value: String,
    }
    #[derive(Clone, Copy, PartialEq, prost::Message)]
    pub struct Sample {
        #[prost(double, tag = "1")]
        pub value: f64,
        #[prost(int64, tag = "2")]
        pub timestamp: i64,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Exemplar {
        #[prost(message, repeated, tag = "1")]
        pub labels: Vec<Label>,
        #[prost(double, tag = "2")]
        pub value: f64,
        #[prost(int64, tag = "3")]
        pub timestamp: i64,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct MetricMetadata {
        #[prost(int32, tag = "1")]
        pub kind: i32,
        #[prost(string, tag = "2")]
        pub family: String,
        #[prost(string, tag = "4")]
        pub help: String,
        #[prost(string, tag = "5")]
        pub unit: String,
    }
}

fn unpack(request: Request<'_>) -> Vec<u8> {
    let raw = snap::raw::Decoder::new().decompress_vec(request.body).expect("a snappy block");
    assert_eq!(raw.len(), request.raw_len);
    raw
}

fn label_list(labels: &[reference::Label]) -> String {
    labels.iter().map(|l| format!("{}={}", l.name, l.value)).collect::<Vec<_>>().join(",")
}

#[test]
fn an_independent_reader_finds_what_was_pushed() {
    let long = "x".repeat(20_000);
    let series = [
        Labels::from_pairs([("job", "b"), ("__name__", "up")]),
        Labels::from_pairs([("__name__", "ünïcode"), ("le", "+Inf"), ("long", &long)]),
        Labels::from_pairs([("__name__", "mid"), ("pad", &long[..150])]),
        Labels::empty(),
    ];
    let values = [(1.5, 1_700_000_000_000), (0.0, 0), (-0.0, -5), (f64::INFINITY, i64::MAX), (f64::MIN_POSITIVE, 1)];
    let mut encoder = Encoder::new();
    for labels in &series {
        for (value, timestamp) in values {
            encoder.push(labels, value, timestamp);
        }
    }
    assert_eq!(encoder.counts(), Counts { samples: 20, times: Some((-5, i64::MAX)), ..Counts::default() });
    let raw = unpack(encoder.finish().expect("a request"));
    let request = reference::WriteRequest::decode(&*raw).expect("a write request");
    let mut found = request.timeseries.iter();
    for labels in &series {
        for (value, timestamp) in values {
            let one = found.next().expect("a series");
            let want: Vec<_> = labels.iter().map(|(n, v)| format!("{n}={v}")).collect();
            assert_eq!(label_list(&one.labels), want.join(","));
            assert_eq!(one.samples.len(), 1);
            // -0 arrives as 0.
            assert_eq!((one.samples[0].value.to_bits(), one.samples[0].timestamp), (f64::to_bits(value + 0.0), timestamp));
        }
    }
    assert_eq!(found.next(), None);
    assert!(encoder.is_empty() && encoder.counts() == Counts::default());
}

#[test]
fn the_bytes_are_those_of_the_reference() {
    let mut encoder = Encoder::new();
    encoder.push(&Labels::from_pairs([("__name__", "a"), ("b", &"c".repeat(200))]), 3.25, 1_700_000_000_123);
    encoder.push(&Labels::from_pairs([("__name__", "a")]), 0.0, 1_700_000_000_123);
    let raw = unpack(encoder.finish().expect("a request"));
    let again = reference::WriteRequest::decode(&*raw).expect("a write request").encode_to_vec();
    assert_eq!(raw, again);
}

#[test]
fn the_staleness_marker_keeps_its_bits() {
    let mut encoder = Encoder::new();
    encoder.push(&Labels::empty(), data::STALE_NAN, 1);
    let request = decode(encoder.finish().expect("a request").body, 1 << 20).expect("a write request");
    assert!(data::is_stale(request.series[0].samples[0].0));
}

#[test]
fn exemplars_and_metadata_arrive() {
    let exemplar = Exemplar {
        series: Labels::from_pairs([("__name__", "c_total")]),
        labels: Labels::from_pairs([("trace_id", "abc")]),
        value: 1.0,
        timestamp: None,
    };
    let metadata = Metadata { family: "c".into(), kind: MetricType::Counter, help: "Counts.".into(), unit: "".into() };
    let mut encoder = Encoder::new();
    encoder.push_exemplar(&exemplar, 77);
    encoder.push_metadata(&metadata);
    let body = encoder.finish().expect("a request").body.to_vec();
    let raw = snap::raw::Decoder::new().decompress_vec(&body).expect("a snappy block");
    let reference = reference::WriteRequest::decode(&*raw).expect("a write request");
    let found = &reference.timeseries[0].exemplars[0];
    assert_eq!((label_list(&found.labels).as_str(), found.value, found.timestamp), ("trace_id=abc", 1.0, 77));
    let found = &reference.metadata[0];
    assert_eq!((found.kind, found.family.as_str(), found.help.as_str(), found.unit.as_str()), (1, "c", "Counts.", ""));
    assert_eq!(raw, reference.encode_to_vec());
    let request = decode(&body, 1 << 20).expect("a write request");
    assert_eq!(request.metadata, [metadata]);
    assert_eq!(request.series[0].exemplars, [Exemplar { timestamp: Some(77), ..exemplar }]);
}

#[test]
fn broken_requests_are_refused() {
    let compress = |raw: &[u8]| snap::raw::Encoder::new().compress_vec(raw).expect("small enough");
    for (body, want) in [
        (compress(&[0x0a, 5, 1]), DecodeError::Truncated),
        (compress(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), DecodeError::Truncated),
        (compress(&[0x08, 5]), DecodeError::WireType(1)),
        (compress(&[0x0b]), DecodeError::WireType(1)),
        (compress(&[0x0a, 5, 0x0a, 3, 0x0a, 1, 0xff]), DecodeError::NotUtf8(1)),
        (compress(&[0; 2000]), DecodeError::TooLarge { length: 2000, most: 1000 }),
    ] {
        assert_eq!(decode(&body, 1000), Err(want));
    }
    assert!(matches!(decode(b"\x05nonsense", 1000), Err(DecodeError::Snappy(_))));
    assert_eq!(decode(&compress(&[]), 1000), Ok(WriteRequest::default()));
}
