//! Answers to questions of the page, as JSON, with bounded work and size.

use super::chunk::Chunk;
use super::lines::{Block, Line};
use super::series::Chosen;
use data::{Labels, is_stale};
use regex::bytes::{Regex, RegexBuilder};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// Series of one answer.
pub(super) const MOST_SERIES: usize = 2000;
/// Points of one series; more are thinned out.
const MOST_POINTS: usize = 1000;
/// Points of one answer; series of a large answer are thinned out further.
const MOST_POINTS_IN_ALL: usize = 200_000;
/// Fewer points are no curve.
const FEWEST_POINTS: usize = 60;
/// Text of one answer of lines.
const MOST_TEXT: usize = 8 * 1024 * 1024;

/// Adds `text` as a JSON string.
pub(super) fn push_text(out: &mut String, text: &str) {
    // A string always serializes.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn push_fields<'a>(out: &mut String, fields: impl Iterator<Item = (&'a str, &'a str)>) {
    out.push('{');
    for (i, (name, value)) in fields.enumerate() {
        if i > 0 {
            out.push(',');
        }
        push_text(out, name);
        out.push(':');
        push_text(out, value);
    }
    out.push('}');
}

/// Whole numbers without a point; what JSON has no number for becomes null, as does the end of a series.
fn push_value(out: &mut String, value: f64) {
    use std::fmt::Write;
    let written = if is_stale(value) || !value.is_finite() {
        out.write_str("null")
    } else if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        write!(out, "{}", value as i64)
    } else if (1e-5..1e15).contains(&value.abs()) {
        write!(out, "{value}")
    } else {
        write!(out, "{value:e}")
    };
    // Writing to a String cannot fail.
    let _always = written;
}

/// One series, `{"labels":{…},"points":[[time,value],…]}`, thinned out to `most` points: of each stretch of time the
/// last one, which keeps sums of counters right.
fn push_series(out: &mut String, labels: &Labels, chunks: &[Chunk], since: i64, most: usize) {
    use std::fmt::Write;
    out.push_str(r#"{"labels":"#);
    push_fields(out, labels.iter().filter(|(name, _)| *name != "__name__"));
    out.push_str(r#","points":["#);
    let points = || chunks.iter().flat_map(Chunk::samples).filter(|(time, _)| *time >= since);
    let last = chunks.last().map_or(since, |c| c.last);
    let first = points().next().map_or(since, |(time, _)| time);
    let count = points().count();
    let step = if count > most { (last.saturating_sub(first) / most.max(1) as i64).saturating_add(1) } else { 1 };
    let mut points = points().peekable();
    let mut comma = "";
    while let Some((time, value)) = points.next() {
        let thinned = step > 1 && points.peek().is_some_and(|(next, _)| next.div_euclid(step) == time.div_euclid(step));
        if !thinned {
            let _always = write!(out, "{comma}[{time},");
            push_value(out, value);
            out.push(']');
            comma = ",";
        }
    }
    out.push_str("]}");
}

/// The answer of `series`. Gives the thread back now and then.
pub(super) async fn series_json(chosen: Vec<Chosen>, since: i64) -> String {
    let most = (MOST_POINTS_IN_ALL / chosen.len().max(1)).clamp(FEWEST_POINTS, MOST_POINTS);
    let mut out = String::from("[");
    for (i, (labels, chunks)) in chosen.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        push_series(&mut out, labels, chunks, since, most);
        if i % 64 == 63 {
            tokio::task::yield_now().await;
        }
    }
    out.push(']');
    out
}

/// Which lines are wanted.
#[derive(Debug, Default)]
pub(super) struct Filter {
    text: Option<Regex>,
    labels: Vec<(String, String)>,
}

impl Filter {
    /// Lines that contain `text` in any case, with these labels or metadata; a missing label counts as empty.
    pub(super) fn new(text: &str, labels: Vec<(String, String)>) -> Result<Self, String> {
        let build = || RegexBuilder::new(&regex::escape(text)).case_insensitive(true).build();
        let text = if text.is_empty() { None } else { Some(build().map_err(|_| "q is too long\n")?) };
        Ok(Self { text, labels })
    }

    fn wants(&self, labels: &Labels, line: &Line<'_>) -> bool {
        let value = |name: &str| labels.get(name).or_else(|| line.metadata().find(|(n, _)| *n == name).map(|(_, v)| v));
        self.labels.iter().all(|(n, v)| value(n).unwrap_or_default() == v) && self.text.as_ref().is_none_or(|t| t.is_match(line.text))
    }
}

/// Adds a line as the page wants it.
pub(super) fn line_json(labels: &Labels, line: &Line<'_>) -> String {
    let mut out = format!(r#"{{"ts":"{}","labels":"#, line.time);
    let metadata = line.metadata().filter(|(name, _)| labels.get(name).is_none());
    push_fields(&mut out, labels.iter().chain(metadata));
    out.push_str(r#","line":"#);
    push_text(&mut out, &String::from_utf8_lossy(line.text));
    out.push('}');
    out
}

/// The youngest lines before a time, smallest first on the heap.
struct Youngest {
    found: BinaryHeap<Reverse<(i64, u64, String)>>,
    text: usize,
    /// The youngest line that found no room.
    cut: Option<i64>,
    limit: usize,
    before: i64,
}

impl Youngest {
    /// Lines before this time need not be looked at; `None` while there is room. A line that is left out leaves out
    /// all before it, too, or the next page would start below a gap.
    fn floor(&self) -> Option<i64> {
        let lowest = || self.found.peek().map(|Reverse((time, ..))| *time);
        let lowest = if self.found.len() >= self.limit { lowest() } else { None };
        lowest.max(self.cut)
    }

    fn look_at(&mut self, block: &Block, filter: &Filter) {
        block.read(|line| {
            let Some(labels) = block.streams().get(line.stream) else { return };
            // Blocks are read from the youngest to the oldest, lines of one block the other way round.
            let below = self.floor().is_some_and(|floor| line.time < floor);
            if line.time >= self.before || below || !filter.wants(labels, line) {
                return;
            }
            let json = line_json(labels, line);
            self.text += json.len();
            self.found.push(Reverse((line.time, line.number, json)));
            while self.found.len() > self.limit || (self.text > MOST_TEXT && self.found.len() > 1) {
                let Some(Reverse((time, _, json))) = self.found.pop() else { break };
                self.text -= json.len();
                self.cut = self.cut.max(Some(time));
            }
        });
    }
}

/// The answer of `logs`: at most `limit` lines before `before` (nanoseconds since 1970), youngest first. Gives the
/// thread back after each block.
pub(super) async fn logs_json(blocks: Vec<Arc<Block>>, filter: Filter, limit: usize, before: i64) -> String {
    let mut youngest = Youngest { found: BinaryHeap::new(), text: 0, cut: None, limit, before };
    for block in blocks.iter().rev() {
        let skip = block.min >= before || youngest.floor().is_some_and(|floor| block.max < floor);
        if !skip && limit > 0 {
            youngest.look_at(block, &filter);
            tokio::task::yield_now().await;
        }
    }
    let mut out = String::with_capacity(youngest.text + youngest.found.len() + 16);
    out.push_str(r#"{"entries":["#);
    for (i, Reverse((.., json))) in youngest.found.into_sorted_vec().into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(&json);
    }
    out.push_str("]}");
    out
}

/// Wanted lines numbered `from` and up as server-sent events, the youngest `most` of them.
pub(super) fn events(blocks: &[Arc<Block>], filter: &Filter, from: u64, most: usize) -> String {
    let mut found = std::collections::VecDeque::new();
    for block in blocks {
        block.read(|line| {
            let Some(labels) = block.streams().get(line.stream) else { return };
            if line.number >= from && filter.wants(labels, line) {
                if found.len() >= most {
                    found.pop_front();
                }
                found.push_back(line_json(labels, line));
            }
        });
    }
    found.iter().map(|json| format!("data: {json}\n\n")).collect()
}
