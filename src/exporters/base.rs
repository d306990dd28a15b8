//! The metric family model of the exporters and its writer for the Prometheus text format 0.0.4.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;

/// Families kept between two scrapes. Above it the table starts afresh, so that families which come and go cannot grow it without end.
const MAX_FAMILIES: usize = 8192;

/// Media type of the page that [`Exposition::render`] writes.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

/// The type of a metric family, as in its `# TYPE` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A value that only grows, except when its source restarts.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// A value nobody declared a type for.
    Untyped,
    /// Cumulative buckets with a sum and a count.
    Histogram,
    /// Quantiles with a sum and a count.
    Summary,
}

impl Kind {
    /// The word of the `# TYPE` line.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Untyped => "untyped",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
        }
    }
}

/// Label names and values of one sample. Names in alphabetical order save a sort.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

#[derive(Clone, Debug)]
struct Sample {
    suffix: &'static str,
    labels: Range<usize>,
    value: f64,
}

#[derive(Debug)]
struct Family {
    name: String,
    help: String,
    kind: Kind,
    samples: Vec<Sample>,
}

/// Collects the samples of one scrape and writes them as a page. Kept from scrape to scrape, it stops allocating once it has seen every family.
#[derive(Debug, Default)]
pub struct Exposition {
    families: Vec<Family>,
    by_name: HashMap<String, usize>,
    /// Indices of `families` in the order of their names; rebuilt when one was added.
    order: Vec<usize>,
    /// The rendered label pairs of all samples, without braces.
    labels: String,
    last: usize,
}

impl Exposition {
    /// An empty page.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets the samples and keeps the memory for the next scrape.
    pub fn clear(&mut self) {
        if self.families.len() > MAX_FAMILIES {
            *self = Self::default();
        }
        self.labels.clear();
        for family in &mut self.families {
            family.samples.clear();
        }
    }

    /// Adds a sample of a counter.
    pub fn counter(&mut self, name: &str, help: &str, labels: Labels<'_>, value: f64) {
        self.sample(Kind::Counter, name, help, labels, value);
    }

    /// Adds a sample of a gauge.
    pub fn gauge(&mut self, name: &str, help: &str, labels: Labels<'_>, value: f64) {
        self.sample(Kind::Gauge, name, help, labels, value);
    }

    /// Adds a sample without a declared type.
    pub fn untyped(&mut self, name: &str, help: &str, labels: Labels<'_>, value: f64) {
        self.sample(Kind::Untyped, name, help, labels, value);
    }

    /// Adds a sample. The first sample of a family decides its type and help text; a later one of another type is left out, because one
    /// name cannot have two types on a page.
    pub fn sample(&mut self, kind: Kind, name: &str, help: &str, labels: Labels<'_>, value: f64) {
        self.part(kind, name, "", help, labels, value);
    }

    /// Adds one line of a histogram or summary: `suffix` is `_bucket`, `_sum`, `_count` or empty. Such lines keep the order in which they came.
    pub fn part(&mut self, kind: Kind, name: &str, suffix: &'static str, help: &str, labels: Labels<'_>, value: f64) {
        let index = self.family(kind, name, help);
        let start = self.labels.len();
        self.push_labels(labels);
        let sample = Sample { suffix, labels: start..self.labels.len(), value };
        let family = &mut self.families[index];
        if family.samples.is_empty() {
            family.kind = kind;
        }
        if family.kind == kind {
            family.samples.push(sample);
        }
    }

    /// The type of a family that has samples, if there is one of that name.
    pub fn kind_of(&self, name: &str) -> Option<Kind> {
        let family = &self.families[*self.by_name.get(name)?];
        (!family.samples.is_empty()).then_some(family.kind)
    }

    /// Number of samples added since the last [`clear`](Self::clear).
    pub fn samples(&self) -> usize {
        self.families.iter().map(|family| family.samples.len()).sum()
    }

    /// Appends the page to `page`: families by name, samples by their labels, a sample given twice only once.
    pub fn render(&mut self, page: &mut String) {
        if self.order.len() != self.families.len() {
            self.order = (0..self.families.len()).collect();
            let families = &self.families;
            self.order.sort_by(|a, b| families[*a].name.cmp(&families[*b].name));
        }
        for &index in &self.order {
            let family = &mut self.families[index];
            if family.samples.is_empty() {
                continue;
            }
            let text = &self.labels;
            if !matches!(family.kind, Kind::Histogram | Kind::Summary) {
                family.samples.sort_by(|a, b| text[a.labels.clone()].cmp(&text[b.labels.clone()]));
                family.samples.dedup_by(|later, earlier| text[later.labels.clone()] == text[earlier.labels.clone()]);
            }
            render_family(family, text, page);
        }
    }

    fn family(&mut self, kind: Kind, name: &str, help: &str) -> usize {
        if self.families.get(self.last).is_some_and(|family| family.name == name) {
            return self.last;
        }
        let index = match self.by_name.get(name) {
            Some(index) => *index,
            None => {
                let index = self.families.len();
                self.by_name.insert(name.to_owned(), index);
                self.families.push(Family { name: name.to_owned(), help: help.to_owned(), kind, samples: Vec::new() });
                index
            }
        };
        self.last = index;
        index
    }

    fn push_labels(&mut self, labels: Labels<'_>) {
        if labels.is_sorted_by(|a, b| a.0 <= b.0) {
            labels.iter().for_each(|(name, value)| push_label(&mut self.labels, name, value, labels[0].0 != *name));
            return;
        }
        let mut sorted: Vec<&(&str, &str)> = labels.iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        for (position, (name, value)) in sorted.into_iter().enumerate() {
            push_label(&mut self.labels, name, value, position > 0);
        }
    }
}

fn push_label(text: &mut String, name: &str, value: &str, comma: bool) {
    if comma {
        text.push(',');
    }
    text.push_str(name);
    text.push_str("=\"");
    push_escaped(text, value, true);
    text.push('"');
}

fn push_escaped(text: &mut String, raw: &str, quotes: bool) {
    if !raw.contains(['\\', '\n', '"']) {
        text.push_str(raw);
        return;
    }
    for character in raw.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '"' if quotes => text.push_str("\\\""),
            other => text.push(other),
        }
    }
}

fn render_family(family: &Family, labels: &str, page: &mut String) {
    page.push_str("# HELP ");
    page.push_str(&family.name);
    page.push(' ');
    push_escaped(page, &family.help, false);
    page.push_str("\n# TYPE ");
    page.push_str(&family.name);
    page.push(' ');
    page.push_str(family.kind.as_str());
    page.push('\n');
    for sample in &family.samples {
        page.push_str(&family.name);
        page.push_str(sample.suffix);
        if !sample.labels.is_empty() {
            page.push('{');
            page.push_str(&labels[sample.labels.clone()]);
            page.push('}');
        }
        page.push(' ');
        push_value(page, sample.value);
        page.push('\n');
    }
}

/// Appends a sample value in the shortest form that reads back to the same number: `1e+06` from a million on, `+Inf`, `-Inf`, `NaN`.
pub fn push_value(text: &mut String, value: f64) {
    if value.is_nan() {
        text.push_str("NaN");
        return;
    }
    if value.is_infinite() {
        text.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
        return;
    }
    let magnitude = value.abs();
    // Writing to a string cannot fail, so the results of `write!` carry nothing.
    if value == 0.0 || (1e-4..1e6).contains(&magnitude) {
        let _ = write!(text, "{value}");
        return;
    }
    let start = text.len();
    let _ = write!(text, "{value:e}");
    // Rust writes `1.5e7` and `1e-5`; the text format has a sign and two digits: `1.5e+07`, `1e-05`.
    let Some(at) = text[start..].find('e').map(|offset| start + offset + 1) else { return };
    let exponent: i32 = text[at..].parse().unwrap_or_default();
    text.truncate(at);
    let _ = write!(text, "{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(fill: impl Fn(&mut Exposition), expected: &Expect) {
        let mut exposition = Exposition::new();
        // Twice, so that the second round proves that nothing of the first stays.
        for _ in 0..2 {
            exposition.clear();
            fill(&mut exposition);
            let mut page = String::new();
            exposition.render(&mut page);
            expected.assert_eq(&page);
        }
    }

    #[test]
    fn families_and_samples_are_sorted_and_given_once() {
        check(
            |out| {
                out.counter("b_total", "Second.", &[("cpu", "1"), ("mode", "idle")], 2.0);
                out.counter("b_total", "Second.", &[("mode", "idle"), ("cpu", "0")], 1.5);
                out.counter("b_total", "Second.", &[("cpu", "1"), ("mode", "idle")], 9.0);
                out.gauge("b_total", "Another type.", &[], 9.0);
                out.untyped("a", "First.\nTwo \\ lines.", &[("path", "c:\\\"x\"\n")], -0.25);
            },
            &expect![[r#"
                # HELP a First.\nTwo \\ lines.
                # TYPE a untyped
                a{path="c:\\\"x\"\n"} -0.25
                # HELP b_total Second.
                # TYPE b_total counter
                b_total{cpu="0",mode="idle"} 1.5
                b_total{cpu="1",mode="idle"} 2
            "#]],
        );
    }

    #[test]
    fn histogram_lines_keep_their_order() {
        check(
            |out| {
                out.part(Kind::Histogram, "h", "_bucket", "Sizes.", &[("le", "9")], 1.0);
                out.part(Kind::Histogram, "h", "_bucket", "Sizes.", &[("le", "+Inf")], 2.0);
                out.part(Kind::Histogram, "h", "_sum", "Sizes.", &[], 12.0);
                out.part(Kind::Histogram, "h", "_count", "Sizes.", &[], 2.0);
            },
            &expect![[r#"
                # HELP h Sizes.
                # TYPE h histogram
                h_bucket{le="9"} 1
                h_bucket{le="+Inf"} 2
                h_sum 12
                h_count 2
            "#]],
        );
    }

    #[test]
    fn values_are_written_as_the_format_wants() {
        let cases = [
            (0.0, "0"),
            (-0.0, "-0"),
            (0.5, "0.5"),
            (999_999.0, "999999"),
            (1_000_000.0, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (12_345_678.9, "1.23456789e+07"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-1.5e-9, "-1.5e-09"),
            (1.8446744073709552e19, "1.8446744073709552e+19"),
            (1e100, "1e+100"),
            (1_729_000_000.123_456, "1.729000000123456e+09"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ];
        for (value, expected) in cases {
            let mut text = String::new();
            push_value(&mut text, value);
            assert_eq!(text, expected);
        }
    }
}
