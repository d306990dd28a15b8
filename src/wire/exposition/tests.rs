//! Pages of metrics and what is read from them.

use super::*;
use proptest::prelude::*;
use std::fmt::Write;

/// Everything that is in `body`, a line per entry, and the error it ends with.
fn read(body: &[u8], format: Format) -> String {
    let mut out = String::new();
    let mut parser = Parser::new(body, format);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).escape_debug().to_string();
    loop {
        let line = match parser.next() {
            Ok(Event::Eof) => return out,
            Ok(Event::Series(series)) => {
                let mut pairs = Vec::new();
                let labels = match decode_key(series.key, parser.kind(), &mut pairs) {
                    Ok(()) => pairs.iter().map(|(n, v)| format!("{n}={v}").escape_debug().to_string()).collect::<Vec<_>>().join(" "),
                    Err(error) => error.to_string(),
                };
                let mut line = format!("{labels} -> {}", series.value);
                if let Some(time) = series.timestamp {
                    let _ = write!(line, " @{time}");
                }
                if let Some(exemplar) = series.exemplar {
                    let _ = write!(line, " # {:?} {} {:?}", exemplar.pairs().collect::<Vec<_>>(), exemplar.value, exemplar.timestamp);
                }
                line
            }
            Ok(Event::Help { name, text: help }) => format!("help {} <{}>", text(name), text(help)),
            Ok(Event::Type { name, kind }) => format!("type {} {kind:?}", text(name)),
            Ok(Event::Unit { name, unit }) => format!("unit {} {}", text(name), text(unit)),
            Ok(Event::Comment(comment)) => format!("comment <{}>", text(comment)),
            Err(error) => {
                let _ = writeln!(out, "line {}: {}", error.line, error.reason);
                return out;
            }
        };
        out.push_str(&line);
        out.push('\n');
    }
}

fn check(format: Format, cases: &[(&str, &str)]) {
    for (body, want) in cases {
        assert_eq!(read(body.as_bytes(), format).trim_end(), *want, "{body:?}");
    }
}

#[test]
fn text_is_accepted_as_in_the_original() {
    check(
        Format::Text,
        &[
            ("", ""),
            ("\n\n  \n", ""),
            ("a 1", "__name__=a -> 1"),
            ("a 1\nb{} 2\n", "__name__=a -> 1\n__name__=b -> 2"),
            ("a\t1\t5 \n", "__name__=a -> 1 @5"),
            ("a-1\n", "__name__=a -> -1"),
            ("a{b=\"c\"}1\n", "__name__=a b=c -> 1"),
            ("a { b = \"c\" , d=\"e\" , } 1", "__name__=a b=c d=e -> 1"),
            ("a{b=\"c\" d=\"e\"} 1", "__name__=a b=c d=e -> 1"),
            ("a{b=\"\\\\ \\n \\\" \\x\"} 1", "__name__=a b=\\\\ \\n \\\" \\\\x -> 1"),
            ("a{b=\"1\n2\"} 1", "__name__=a b=1\\n2 -> 1"),
            ("a:b{le=\"1\"} NaN", "__name__=a:b le=1 -> NaN"),
            ("{\"a.b\"} 1", "__name__=a.b -> 1"),
            ("{ \"a.b\" , \"c d\"=\"e\"} 1", "__name__=a.b c d=e -> 1"),
            ("{c=\"e\",\"a.b\"} 1", "__name__=a.b c=e -> 1"),
            ("{\"a\\\"b\\\\c\\nd\"} 1", "__name__=a\\\"b\\\\c\\nd -> 1"),
            (" a 1", "__name__= a -> 1"),
            ("# HELP a Some  text \\n\n# TYPE a counter\na 1", "help a <Some  text \\\\n>\ntype a Counter\n__name__=a -> 1"),
            ("# HELP a\n# HELP b  \n", "help a <>\nhelp b <>"),
            ("# TYPE a-counter", "type a Counter"),
            ("# TYPE \"a.b\" gauge", "type a.b Gauge"),
            ("#HELP a b\n# b\n#\n# HELPa\n", "comment <#HELP a b>\ncomment <b>\ncomment <#>\ncomment <HELPa>"),
            (
                "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nother{le=\"5\"} 1",
                "type h Histogram\n__name__=h_bucket le=1.0 -> 2\n__name__=other le=5.0 -> 1",
            ),
            ("# TYPE s summary\ns{quantile=\"0.50\",le=\"1\"} 2", "type s Summary\n__name__=s quantile=0.5 le=1 -> 2"),
            ("a 1\n\0garbage", "__name__=a -> 1"),
            ("a{b=\"\0\"} 1", "__name__=a b=\\0 -> 1"),
            ("ok 1\n1a 1", "__name__=ok -> 1\nline 2: expected a metric name, a comment or a blank line"),
            ("a", "line 1: expected a value"),
            ("a{b=\"c\"", "line 1: expected a label name"),
            ("a{b=\"c", "line 1: expected a label value in quotes"),
            ("a{b=c} 1", "line 1: expected a label value in quotes"),
            ("a{b} 1", "line 1: expected `=` after a label name"),
            ("a{,} 1", "line 1: expected a label name"),
            ("a{b=\"c\",,} 1", "line 1: expected a label name"),
            ("a{1=\"c\"} 1", "line 1: expected a label name"),
            ("a{b:c=\"c\"} 1", "line 1: expected `=` after a label name"),
            ("{a=\"b\"} 1", "line 1: the metric has no name"),
            ("{\"a\",\"b\"} 1", "line 1: the metric has two names"),
            ("a{\"b\"} 1", "line 1: the metric has two names"),
            ("a 1\r\n", "line 1: the value is not a number"),
            ("a 0x1p4", "line 1: the value is not a number"),
            ("a 1 -5", "line 1: expected a time or the end of the line"),
            ("a 1 5 5", "line 1: expected a time or the end of the line"),
            ("a 1 99999999999999999999", "line 1: the time is out of range"),
            ("a 1 # {b=\"c\"} 1", "line 1: expected a time or the end of the line"),
            ("# TYPE a unknown", "line 1: the type is not one of the text format"),
            ("# TYPE a", "line 1: the type is not one of the text format"),
            ("# TYPE a counter \n", "line 1: the type is not one of the text format"),
            ("# HELP 1", "line 1: expected a metric name after HELP or TYPE"),
            ("\u{feff}a 1", "line 1: expected a metric name, a comment or a blank line"),
        ],
    );
    assert_eq!(read(b"a{b=\"\xff\"} 1", Format::Text), "line 1: a label value is not UTF-8\n");
    assert_eq!(read(b"{\"a\xff\"} 1", Format::Text), "a name or a value is not UTF-8 -> 1\n");
    assert_eq!(read(b"# HELP a \xff", Format::Text), "line 1: the help is not UTF-8\n");
}

#[test]
fn openmetrics_is_accepted_as_in_the_original() {
    check(
        Format::OpenMetrics,
        &[
            ("", ""),
            ("# EOF", ""),
            ("# EOF\n", ""),
            ("a 1\n# EOF\n", "__name__=a -> 1"),
            ("a{b=\"c\",} 1 1.5\n# EOF", "__name__=a b=c -> 1 @1500"),
            ("a 1 -0.0015\n# EOF", "__name__=a -> 1 @-1"),
            ("{\"a.b\",c=\"d\"} 1\n# EOF", "__name__=a.b c=d -> 1"),
            (
                "# TYPE a gaugehistogram\n# UNIT a_seconds seconds\n# HELP a \n# EOF",
                "type a GaugeHistogram\nunit a_seconds seconds\nhelp a <>",
            ),
            ("a_total 1 # {} 2\n# EOF", "__name__=a_total -> 1 # [] 2 None"),
            (
                "a_total 1 5 # {t=\"x\\\"\",\"u.v\"=\"y\"} 2.5 1.25\n# EOF",
                "__name__=a_total -> 1 @5000 # [(\"t\", \"x\\\\\\\"\"), (\"u.v\", \"y\")] 2.5 Some(1250)",
            ),
            ("a 1\n", "__name__=a -> 1\nline 2: the body does not end with `# EOF`"),
            ("a 1", "line 1: the body does not end with `# EOF`"),
            ("\n# EOF", "line 1: expected a metric name or metadata"),
            ("# comment\n# EOF", "line 1: comments other than HELP, TYPE, UNIT and EOF are not allowed"),
            ("# EOF\n\n", "line 1: something follows `# EOF`"),
            ("# TYPE a untyped\n# EOF", "line 1: the type is not one of OpenMetrics"),
            ("# HELP a\n# EOF", "line 1: expected a blank and a text after the metric name"),
            ("# UNIT a seconds\n# EOF", "line 1: the unit is not a suffix of the metric's name"),
            ("# UNIT seconds seconds\n# EOF", "line 1: the unit is not a suffix of the metric's name"),
            ("a  1\n# EOF", "line 1: expected a value"),
            ("a\t1\n# EOF", "line 1: expected a value"),
            ("a{b=\"c\"}1\n# EOF", "line 1: expected a value"),
            ("a {b=\"c\"} 1\n# EOF", "line 1: the value is not a number"),
            ("a{b=\"c\" d=\"e\"} 1\n# EOF", "line 1: expected a comma or a closing brace"),
            ("a{b=\"c\", d=\"e\"} 1\n# EOF", "line 1: expected a label name"),
            ("a{b=\"1\n2\"} 1\n# EOF", "line 1: expected a label value in quotes"),
            ("a 1 \n# EOF", "line 1: expected a time or the end of the line"),
            ("a 1 NaN\n# EOF", "line 1: the time is not finite"),
            ("a 1\r\n# EOF", "line 1: the value is not a number"),
            ("a 1 # {b=\"c\"}\n# EOF", "line 1: expected a value after the labels of the exemplar"),
            ("a 1 # {\"b\"} 1\n# EOF", "line 1: expected a label name"),
            ("a 1 # {b=\"c\"} 1 2 3\n# EOF", "line 1: expected the end of the line after the time"),
            ("a 1 #{b=\"c\"} 1\n# EOF", "line 1: the time is not a number"),
        ],
    );
}

#[test]
fn the_expected_series_is_read_without_a_scan() {
    for (body, key, format, want) in [
        ("a{b=\"c\"} 17\nx", "a{b=\"c\"}", Format::Text, Some((17.0, None))),
        ("a -1.5e3 99\n", "a", Format::Text, Some((-1500.0, Some(99)))),
        ("a 1", "a", Format::Text, Some((1.0, None))),
        ("a 1", "a", Format::OpenMetrics, None),
        ("a 1\n# EOF\n", "a", Format::OpenMetrics, Some((1.0, None))),
        ("a 1 5\n# EOF\n", "a", Format::OpenMetrics, None),
        ("ab 1\n", "a", Format::Text, None),
        ("a {b=\"c\"} 1\n", "a", Format::Text, None),
        ("a 1x\n", "a", Format::Text, None),
        ("a +Inf\n", "a", Format::Text, Some((f64::INFINITY, None))),
        ("a 12345.670000000001\nx", "a", Format::Text, Some((12345.670000000001, None))),
        ("a 1 \n", "a", Format::Text, None),
        ("", "a", Format::Text, None),
    ] {
        let mut parser = Parser::new(body.as_bytes(), format);
        assert_eq!(parser.try_series(key.as_bytes()), want, "{body:?}");
        let mut slow = Parser::new(body.as_bytes(), format);
        if let (Some((value, timestamp)), Ok(event)) = (want, slow.next()) {
            assert_eq!(event, Event::Series(Series { key: key.as_bytes(), value, timestamp, exemplar: None }));
            assert_eq!(parser.next(), slow.next(), "after {body:?}");
        } else {
            assert_eq!(parser.position(), 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    /// Neither parser panics or hangs, both paths agree, and the keys they give can be taken apart.
    #[test]
    fn any_text_is_survived(body in "([ab# {}=,\"\\\\\n\t01.e-]|NaN|12345678901234567890|HELP|TYPE|EOF|counter| # \\{|\0|é){0,40}") {
        for format in [Format::Text, Format::OpenMetrics] {
            let mut parser = Parser::new(body.as_bytes(), format);
            let mut pairs = Vec::new();
            for _ in 0..body.len() + 2 {
                let before = parser.clone();
                match parser.next() {
                    Ok(Event::Series(series)) => {
                        prop_assert_eq!(decode_key(series.key, parser.kind(), &mut pairs), Ok(()));
                        let mut fast = before;
                        if let Some((value, timestamp)) = fast.try_series(series.key) {
                            prop_assert_eq!((value.to_bits(), timestamp), (series.value.to_bits(), series.timestamp));
                            prop_assert_eq!(fast.next(), parser.clone().next());
                        }
                    }
                    Ok(Event::Eof) | Err(_) => break,
                    Ok(_) => {}
                }
            }
            prop_assert_eq!(parser.next(), Ok(Event::Eof));
        }
    }
}
