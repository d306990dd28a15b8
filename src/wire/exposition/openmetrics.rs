//! OpenMetrics: single blanks where they belong and nowhere else, seconds for times, exemplars, `# EOF` at the end.

use super::{Event, Exemplar, Parser, Series, Step};
use data::MetricType;

const NO_EOF: &str = "the body does not end with `# EOF`";

/// Where a value ends, and with what.
enum End {
    Line,
    Exemplar,
}

impl<'a> Parser<'a> {
    pub(super) fn next_openmetrics(&mut self) -> Step<Event<'a>> {
        let start = self.pos;
        let rest = self.buf.get(start..).unwrap_or(&[]);
        match rest.first() {
            None => Err(NO_EOF),
            Some(b'#') => self.openmetrics_comment(rest),
            Some(b'{') => {
                let end = self.openmetrics_labels(start + 1, Some(false))?;
                self.openmetrics_sample(start, end)
            }
            Some(_) => {
                let mut end = self.name_end(start, true).ok_or("expected a metric name or metadata")?;
                if self.at(end) == b'{' {
                    end = self.openmetrics_labels(end + 1, Some(true))?;
                }
                self.openmetrics_sample(start, end)
            }
        }
    }

    fn openmetrics_comment(&mut self, rest: &'a [u8]) -> Step<Event<'a>> {
        if let Some(after) = rest.strip_prefix(b"# EOF") {
            return match after {
                b"" | b"\n" => Ok(Event::Eof),
                _ => Err("something follows `# EOF`"),
            };
        }
        let word = [b"# HELP ", b"# TYPE ", b"# UNIT "].into_iter().position(|word| rest.starts_with(word));
        let word = word.ok_or("comments other than HELP, TYPE, UNIT and EOF are not allowed")?;
        let from = self.pos + 7;
        let to = self
            .quoted_end(from, true, false)
            .or_else(|| self.name_end(from, true))
            .ok_or("expected a metric name after HELP, TYPE or UNIT")?;
        let name = if self.buf[from] == b'"' { &self.buf[from + 1..to - 1] } else { &self.buf[from..to] };
        let text = self.buf[to..].strip_prefix(b" ").ok_or("expected a blank and a text after the metric name")?;
        let len = text.iter().position(|b| *b == b'\n').ok_or(NO_EOF)?;
        let text = &text[..len];
        let event = match word {
            0 => {
                std::str::from_utf8(text).map_err(|_| "the help is not UTF-8")?;
                Event::Help { name, text }
            }
            1 => {
                self.kind = openmetrics_kind(text).ok_or("the type is not one of OpenMetrics")?;
                Event::Type { name, kind: self.kind }
            }
            _ => {
                let fits = text.is_empty() || name.strip_suffix(text).is_some_and(|stem| stem.ends_with(b"_"));
                if !fits {
                    return Err("the unit is not a suffix of the metric's name");
                }
                self.unit = text;
                Event::Unit { name, unit: text }
            }
        };
        self.pos = to + len + 2;
        Ok(event)
    }

    /// After `{`: where the labels end, behind `}`. `named` says whether the metric has its name already; exemplars
    /// have none and get `None`.
    fn openmetrics_labels(&self, mut at: usize, mut named: Option<bool>) -> Step<usize> {
        loop {
            let quoted = match self.at(at) {
                b'}' if named == Some(false) => return Err("the metric has no name"),
                b'}' => return Ok(at + 1),
                b'"' => true,
                _ => false,
            };
            let lines = named.is_some();
            let end = if quoted { self.quoted_end(at, lines, false) } else { self.name_end(at, false) };
            at = end.ok_or("expected a label name")?;
            let next = self.at(at);
            if quoted && matches!(next, b',' | b'}') {
                if named != Some(false) {
                    return Err(if named.is_none() { "expected a label name" } else { "the metric has two names" });
                }
                named = Some(true);
                if next == b'}' {
                    return Ok(at + 1);
                }
                at += 1;
                continue;
            }
            if next != b'=' {
                return Err("expected `=` after a label name");
            }
            let value = at + 1;
            // NUL may stand in the values of samples, but not in those of exemplars.
            at = self.quoted_end(value, false, named.is_some()).ok_or("expected a label value in quotes")?;
            self.check_utf8(value, at)?;
            match self.at(at) {
                b',' => at += 1,
                b'}' => {}
                _ => return Err("expected a comma or a closing brace"),
            }
        }
    }

    /// Value, time and exemplar after a key.
    fn openmetrics_sample(&mut self, start: usize, end: usize) -> Step<Event<'a>> {
        let key = &self.buf[start..end];
        let to = self.word_end(end).ok_or("expected a value")?;
        let value = self.value(end + 1, to)?;
        let (timestamp, at, end) = self.time_and_end(to, true)?;
        let exemplar = match end {
            End::Line => {
                self.pos = at + 1;
                None
            }
            End::Exemplar => Some(self.exemplar(at + 4)?),
        };
        Ok(Event::Series(Series { key, value, timestamp, exemplar }))
    }

    /// After ` # {`.
    fn exemplar(&mut self, from: usize) -> Step<Exemplar<'a>> {
        let end = self.openmetrics_labels(from, None)?;
        let to = self.word_end(end).ok_or("expected a value after the labels of the exemplar")?;
        let value = self.value(end + 1, to)?;
        let (timestamp, at, _) = self.time_and_end(to, false)?;
        self.pos = at + 1;
        Ok(Exemplar { labels: &self.buf[from..end - 1], value, timestamp })
    }

    /// The end of a blank and the word after it.
    fn word_end(&self, at: usize) -> Option<usize> {
        let word = self.buf.get(at..)?.strip_prefix(b" ")?;
        let len = word.iter().position(|b| matches!(b, b' ' | b'\n' | 0)).unwrap_or(word.len());
        (len > 0).then_some(at + 1 + len)
    }

    /// An optional time, and where the line's end or an exemplar starts.
    fn time_and_end(&self, at: usize, exemplar: bool) -> Step<(Option<i64>, usize, End)> {
        if let Some(end) = self.line_end(at, exemplar) {
            return Ok((None, at, end));
        }
        if at >= self.buf.len() {
            return Err(NO_EOF);
        }
        let to = self.word_end(at).ok_or("expected a time or the end of the line")?;
        let seconds = self.value(at + 1, to).map_err(|_| "the time is not a number")?;
        if !seconds.is_finite() {
            return Err("the time is not finite");
        }
        let end = self.line_end(to, exemplar).ok_or("expected the end of the line after the time")?;
        Ok((Some(milliseconds(seconds)), to, end))
    }

    fn line_end(&self, at: usize, exemplar: bool) -> Option<End> {
        let rest = self.buf.get(at..)?;
        if rest.first() == Some(&b'\n') {
            Some(End::Line)
        } else if exemplar && rest.starts_with(b" # {") {
            Some(End::Exemplar)
        } else {
            None
        }
    }
}

/// Towards zero; what does not fit becomes the smallest integer, as on the original's machines.
fn milliseconds(seconds: f64) -> i64 {
    let millis = seconds * 1000.0;
    if (i64::MIN as f64..-(i64::MIN as f64)).contains(&millis) { millis as i64 } else { i64::MIN }
}

fn openmetrics_kind(text: &[u8]) -> Option<MetricType> {
    Some(match text {
        b"counter" => MetricType::Counter,
        b"gauge" => MetricType::Gauge,
        b"histogram" => MetricType::Histogram,
        b"gaugehistogram" => MetricType::GaugeHistogram,
        b"summary" => MetricType::Summary,
        b"info" => MetricType::Info,
        b"stateset" => MetricType::StateSet,
        b"unknown" => MetricType::Unknown,
        _ => return None,
    })
}
