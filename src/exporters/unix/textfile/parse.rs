//! Reads a page in the Prometheus text format into families. Strict: one wrong line makes the whole file unusable, so that half a file is never taken for all of it.

use std::collections::BTreeMap;

use crate::base::Kind;

/// A family as the file declares it.
#[derive(Debug, PartialEq)]
pub(super) struct Family {
    pub(super) kind: Kind,
    pub(super) help: Option<String>,
    pub(super) samples: Vec<Sample>,
}

/// One line of it. `suffix` tells apart the lines of a histogram or summary.
#[derive(Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) suffix: &'static str,
    pub(super) labels: Vec<(String, String)>,
    pub(super) value: f64,
}

type Families = BTreeMap<String, Family>;

/// Parses a page; the error tells the line and the reason.
pub(super) fn page(text: &str) -> Result<Families, String> {
    let mut families = Families::new();
    for (number, line) in (1..).zip(text.split('\n')) {
        let line = line.trim_matches([' ', '\t', '\r']);
        let outcome = match line.strip_prefix('#') {
            Some(comment) => declaration(comment.trim_start(), &mut families),
            None if line.is_empty() => Ok(()),
            None => sample(line, &mut families),
        };
        outcome.map_err(|reason| format!("line {number}: {reason}"))?;
    }
    if !text.is_empty() && !text.ends_with('\n') {
        return Err("the last line does not end, so the file may be cut off".to_owned());
    }
    families.retain(|_, family| !family.samples.is_empty());
    Ok(families)
}

fn declaration(comment: &str, families: &mut Families) -> Result<(), String> {
    let (word, rest) = comment.split_once([' ', '\t']).unwrap_or((comment, ""));
    if word != "HELP" && word != "TYPE" {
        return Ok(());
    }
    let rest = rest.trim_start();
    let (name, rest) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    if !is_name(name) {
        return Err(format!("`{name}` is no metric name"));
    }
    let family = entry(families, name);
    if word == "HELP" {
        if family.help.is_some() {
            return Err(format!("a second help text for `{name}`"));
        }
        family.help = Some(unescape(rest.trim_start(), false)?);
        return Ok(());
    }
    if !family.samples.is_empty() {
        return Err(format!("the type of `{name}` comes after its samples"));
    }
    family.kind = match rest.trim() {
        "counter" => Kind::Counter,
        "gauge" => Kind::Gauge,
        "histogram" => Kind::Histogram,
        "summary" => Kind::Summary,
        "untyped" => Kind::Untyped,
        other => return Err(format!("`{other}` is no type of a metric")),
    };
    Ok(())
}

fn sample(line: &str, families: &mut Families) -> Result<(), String> {
    let end = line.find(['{', ' ', '\t']).ok_or("no value")?;
    let (name, rest) = line.split_at(end);
    if !is_name(name) {
        return Err(format!("`{name}` is no metric name"));
    }
    let rest = rest.trim_start();
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    let mut fields = rest.split_whitespace();
    let value = fields.next().ok_or("no value")?;
    let value = value.parse().map_err(|_| format!("`{value}` is no number"))?;
    if fields.next().is_some() {
        return Err("a time stamp, which the scrape gives itself".to_owned());
    }
    let (family, suffix) = owner(name, families);
    let family = entry(families, family);
    if family.kind == Kind::Histogram && suffix.is_empty() {
        return Err(format!("`{name}` is a histogram, so its lines end in _bucket, _sum or _count"));
    }
    family.samples.push(Sample { suffix, labels, value });
    Ok(())
}

/// The family a line belongs to: a declared histogram or summary owns the lines with its suffixes.
fn owner<'a>(name: &'a str, families: &Families) -> (&'a str, &'static str) {
    for suffix in ["_bucket", "_sum", "_count"] {
        let Some(stem) = name.strip_suffix(suffix) else { continue };
        match families.get(stem).map(|family| family.kind) {
            Some(Kind::Histogram) => return (stem, suffix),
            Some(Kind::Summary) if suffix != "_bucket" => return (stem, suffix),
            _ => {}
        }
    }
    (name, "")
}

type Pairs = Vec<(String, String)>;

fn labels(mut rest: &str) -> Result<(Pairs, &str), String> {
    let mut pairs = Pairs::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if let Some(rest) = rest.strip_prefix('}') {
            return Ok((pairs, rest));
        }
        let (name, after) = rest.split_once('=').ok_or("labels without an end")?;
        let name = name.trim();
        if !is_label(name) || pairs.iter().any(|(known, _)| known == name) {
            return Err(format!("`{name}` is no label name, or stands twice"));
        }
        let quoted = after.trim_start().strip_prefix('"').ok_or_else(|| format!("the value of `{name}` is not quoted"))?;
        let end = closing_quote(quoted).ok_or_else(|| format!("the value of `{name}` has no end"))?;
        pairs.push((name.to_owned(), unescape(&quoted[..end], true)?));
        rest = quoted[end + 1..].trim_start();
        if !rest.starts_with([',', '}']) {
            return Err(format!("neither `,` nor `}}` after the value of `{name}`"));
        }
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

fn unescape(text: &str, quotes: bool) -> Result<String, String> {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, quotes) {
            ('\\', _) => match characters.next() {
                Some('n') => plain.push('\n'),
                Some('\\') => plain.push('\\'),
                Some('"') if quotes => plain.push('"'),
                other => return Err(format!("`\\{}` is no escape", other.map(String::from).unwrap_or_default())),
            },
            (other, _) => plain.push(other),
        }
    }
    Ok(plain)
}

fn entry<'a>(families: &'a mut Families, name: &str) -> &'a mut Family {
    families.entry(name.to_owned()).or_insert_with(|| Family { kind: Kind::Untyped, help: None, samples: Vec::new() })
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
}

fn is_label(name: &str) -> bool {
    is_name(name) && !name.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(text: &str, expected: &Expect) {
        let shown = match page(text) {
            Ok(families) => families
                .into_iter()
                .flat_map(|(name, family)| {
                    family.samples.into_iter().map(move |sample| {
                        format!("{} {name} {:?} {:?} {}\n", family.kind.as_str(), sample.suffix, sample.labels, sample.value)
                    })
                })
                .collect(),
            Err(error) => format!("{error}\n"),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn reads_what_the_format_allows() {
        check(
            "# a comment\n\na 1\n a_b:c {x=\"1\" , y = \"\\\"\\\\\\n\",} +Inf \n",
            &expect![[r#"
            untyped a "" [] 1
            untyped a_b:c "" [("x", "1"), ("y", "\"\\\n")] inf
        "#]],
        );
        check(
            "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 2\ns_count 3\ns_bucket 4\n",
            &expect![[r#"
            summary s "" [("quantile", "0.5")] 1
            summary s "_sum" [] 2
            summary s "_count" [] 3
            untyped s_bucket "" [] 4
        "#]],
        );
    }

    #[test]
    fn refuses_what_it_does_not() {
        let cases = [
            "a 1",
            "a\n",
            "a x\n",
            "1a 1\n",
            "a{b=\"c\" 1\n",
            "a{b=\"c\"d=\"e\"} 1\n",
            "a{b=c} 1\n",
            "a{b=\"\\x\"} 1\n",
            "a 1 1700000000000\n",
            "# TYPE a thing\n",
            "a 1\n# TYPE a gauge\n",
            "# HELP a one\n# HELP a two\n",
            "# TYPE h histogram\nh 1\n",
        ];
        let errors: String = cases.into_iter().map(|text| format!("{}\n", page(text).expect_err(text))).collect();
        expect![[r#"
            the last line does not end, so the file may be cut off
            line 1: no value
            line 1: `x` is no number
            line 1: `1a` is no metric name
            line 1: neither `,` nor `}` after the value of `b`
            line 1: neither `,` nor `}` after the value of `b`
            line 1: the value of `b` is not quoted
            line 1: `\x` is no escape
            line 1: a time stamp, which the scrape gives itself
            line 1: `thing` is no type of a metric
            line 2: the type of `a` comes after its samples
            line 2: a second help text for `a`
            line 2: `h` is a histogram, so its lines end in _bucket, _sum or _count
        "#]]
        .assert_eq(&errors);
    }
}
