//! `stage.cri` reads the lines of container runtimes: `TIME STREAM FLAG LINE`.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::{Key, Value};
use crate::process::go_time::{Format, Location};
use crate::process::pipeline::{Build, Memory, Scratch};
use bytes::{Bytes, BytesMut};
use component::Counter;
use data::Labels;
use hashbrown::HashMap;
use parking_lot::Mutex;
use value::{Arguments, ValidateError};

/// Reads the lines of container runtimes and joins what they have split.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct CriArgs {
    /// Streams with an unfinished line that are kept at most. When there are more, all of them go out unfinished.
    #[alloy(attr, default = 100)]
    max_partial_lines: i64,
    /// The longest joined line in bytes, when longer ones are cut.
    #[alloy(attr, default = 0)]
    max_partial_line_size: u64,
    /// Cuts joined lines at `max_partial_line_size`.
    #[alloy(attr, default = false)]
    max_partial_line_size_truncate: bool,
}

struct Cri {
    most: usize,
    longest: Option<usize>,
    keys: [Key; 4],
    format: Format,
    memory: Memory,
    partial: Mutex<HashMap<Labels, Partial>>,
    flushed: Counter,
    truncated: Counter,
}

impl BuildStage for CriArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        let Ok(most @ 1..) = usize::try_from(self.max_partial_lines) else {
            return Err(ValidateError::at("max_partial_lines", "`max_partial_lines` must be above 0"));
        };
        build.keeps_state();
        let longest = usize::try_from(self.max_partial_line_size).unwrap_or(usize::MAX);
        Ok(Box::new(Cri {
            most,
            longest: self.max_partial_line_size_truncate.then_some(longest),
            keys: ["flags", "stream", "content", "time"].map(|name| build.key(name)),
            format: Format::new("RFC3339Nano", &Location::Utc, &build.clock),
            memory: build.memory(),
            partial: Mutex::default(),
            flushed: build.counter(
                "loki_process_cri_partial_lines_flushed_total",
                "Unfinished lines sent because there were too many of them.",
                &[],
            ),
            truncated: build.counter("loki_process_cri_lines_truncated_total", "Lines cut because they were too long.", &[]),
        }))
    }
}

/// An unfinished line, and whether it is at its longest already.
struct Partial {
    work: Work,
    cut: bool,
}

struct Parsed {
    time: Bytes,
    stream: &'static str,
    partial: bool,
    content: Bytes,
}

/// Takes a line apart. The time is not looked at, and the flag may be missing.
fn parse(line: &Bytes) -> Option<Parsed> {
    let blank = |line: &Bytes, at: usize| line.get(at) == Some(&b' ');
    let time_length = String::from_utf8_lossy(line).find(char::is_whitespace).unwrap_or(0);
    let mut at = time_length;
    if !blank(line, at) {
        return None;
    }
    at += 1;
    let stream = ["stdout", "stderr"].into_iter().find(|stream| line[at..].starts_with(stream.as_bytes()))?;
    at += stream.len();
    if !blank(line, at) {
        return None;
    }
    at += 1;
    let flag = line.get(at).filter(|flag| matches!(flag, b'P' | b'F'));
    at += usize::from(flag.is_some());
    at += usize::from(blank(line, at));
    Some(Parsed { time: line.slice(..time_length), stream, partial: flag == Some(&b'P'), content: line.slice(at..) })
}

impl Cri {
    /// Cuts what is too long. What was cut once is not continued.
    fn finish(&self, work: Work, cut: bool) -> Partial {
        let mut partial = Partial { work, cut };
        if let Some(longest) = self.longest.filter(|longest| !cut && partial.work.line.len() > *longest) {
            let end = super::char_boundary(&partial.work.line, longest);
            partial.work.line.truncate(end);
            partial.cut = true;
            self.truncated.inc();
        }
        partial
    }

    fn join(&self, before: Partial, mut work: Work) -> Partial {
        if before.cut {
            work.line = before.work.line;
            return self.finish(work, true);
        }
        let mut line = BytesMut::with_capacity(before.work.line.len() + work.line.len());
        line.extend_from_slice(&before.work.line);
        line.extend_from_slice(&work.line);
        work.line = line.freeze();
        self.finish(work, false)
    }
}

impl Stage for Cri {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let Some(parsed) = parse(&work.line) else { return Flow::Next };
        let flag = if parsed.partial { "P" } else { "F" };
        if let Some(timestamp) = self.format.parse(&String::from_utf8_lossy(&parsed.time)) {
            work.timestamp = timestamp;
        }
        let values =
            [Bytes::from_static(flag.as_bytes()), Bytes::from_static(parsed.stream.as_bytes()), parsed.content.clone(), parsed.time];
        for (key, value) in self.keys.iter().zip(values) {
            work.extracted.set(*key, Value::Text(value));
        }
        work.line = parsed.content;
        work.set_label(scratch.memory(self.memory), "stream", parsed.stream);

        let mut kept = self.partial.lock();
        if parsed.partial {
            let mut out = Vec::new();
            if kept.len() >= self.most {
                tracing::warn!(most = self.most, "too many unfinished lines, sending them as they are");
                self.flushed.add(kept.len() as u64);
                out.extend(kept.drain().map(|(_, partial)| partial.work));
            }
            let partial = match kept.remove(&work.labels) {
                Some(before) => self.join(before, work.clone()),
                None => self.finish(work.clone(), false),
            };
            kept.insert(work.labels.clone(), partial);
            return if out.is_empty() { Flow::Held } else { Flow::Many(out) };
        }
        if !kept.is_empty()
            && let Some(before) = kept.remove(&work.labels)
        {
            *work = self.join(before, work.clone()).work;
        }
        Flow::Next
    }
}
