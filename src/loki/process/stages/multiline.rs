//! `stage.multiline` joins lines that belong together.

use super::{BuildStage, Stage, regex};
use crate::process::entry::{Flow, Work};
use crate::process::pipeline::{Build, Scratch};
use bytes::{Bytes, BytesMut};
use component::Clock;
use data::Labels;
use data::relabel::GoRegex;
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use value::types::Duration;
use value::{Arguments, ValidateError};

/// Joins lines that belong together, such as those of a stack trace.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct MultilineArgs {
    /// Matches the first line of a block.
    #[alloy(attr)]
    firstline: String,
    /// The most lines of a block. 0 means no limit.
    #[alloy(attr, default = 128)]
    max_lines: u64,
    /// How long to wait for the next line of a block.
    #[alloy(attr, default = "3s")]
    max_wait_time: Duration,
    /// Removes line ends from the ends of the lines.
    #[alloy(attr, default = true)]
    trim_newlines: bool,
}

/// A block of one stream.
struct Block {
    first: Work,
    text: BytesMut,
    lines: u64,
    seen: i64,
}

struct Multiline {
    regex: GoRegex,
    most: u64,
    wait: i64,
    trim: bool,
    clock: Clock,
    blocks: Mutex<HashMap<Labels, Block>>,
    /// When the earliest block is due; `i64::MAX` without one.
    due: AtomicI64,
}

impl BuildStage for MultilineArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        if self.firstline.is_empty() {
            return Err(ValidateError::at("firstline", "the expression for the first line must not be empty"));
        }
        if self.max_wait_time.nanos() <= 0 {
            return Err(ValidateError::at("max_wait_time", "`max_wait_time` must be above 0"));
        }
        build.keeps_state();
        Ok(Box::new(Multiline {
            regex: regex("firstline", &self.firstline)?,
            most: self.max_lines,
            wait: self.max_wait_time.nanos(),
            trim: self.trim_newlines,
            clock: build.clock.clone(),
            blocks: Mutex::default(),
            due: AtomicI64::new(i64::MAX),
        }))
    }
}

impl Block {
    /// The block as one line. What follows before the next first line has the same time and values.
    fn flush(&mut self) -> Work {
        let mut work = self.first.clone();
        work.line = std::mem::take(&mut self.text).freeze();
        self.lines = 0;
        work
    }
}

fn trimmed(line: &Bytes) -> &[u8] {
    let end = line.iter().rposition(|b| !matches!(b, b'\r' | b'\n')).map_or(0, |at| at + 1);
    &line[..end]
}

impl Stage for Multiline {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        let now = self.clock.nanos();
        let first = self.regex.regex().is_match(&work.text());
        let mut blocks = self.blocks.lock();
        let mut out = Vec::new();
        let block = match blocks.get_mut(&work.labels) {
            Some(block) => {
                let stale = now.saturating_sub(block.seen) >= self.wait;
                if block.lines > 0 && (stale || first) {
                    out.push(block.flush());
                }
                block
            }
            // Until the first block begins lines pass as they are.
            None if !first => return Flow::Next,
            None => {
                let block = Block { first: work.clone(), text: BytesMut::new(), lines: 0, seen: now };
                blocks.entry(work.labels.clone()).or_insert(block)
            }
        };
        if first {
            block.first = work.clone();
        }
        if !block.text.is_empty() {
            block.text.extend_from_slice(b"\n");
        }
        block.text.extend_from_slice(if self.trim { trimmed(&work.line) } else { &work.line });
        block.lines += 1;
        block.seen = now;
        if block.lines == self.most {
            out.push(block.flush());
        }
        self.due.fetch_min(now.saturating_add(self.wait), Ordering::Relaxed);
        if out.is_empty() { Flow::Held } else { Flow::Many(out) }
    }

    fn release(&self, now: Option<i64>, _scratch: &mut Scratch) -> Vec<Work> {
        let mut out = Vec::new();
        let mut next = i64::MAX;
        let mut blocks = self.blocks.lock();
        blocks.retain(|_, block| {
            let due = block.seen.saturating_add(self.wait);
            if now.is_none_or(|now| due <= now) {
                if block.lines > 0 {
                    out.push(block.flush());
                }
                return false;
            }
            next = next.min(due);
            true
        });
        // Still under the lock, so that a block begun meanwhile is not forgotten.
        self.due.store(next, Ordering::Relaxed);
        drop(blocks);
        out
    }

    fn due(&self) -> Option<i64> {
        Some(self.due.load(Ordering::Relaxed)).filter(|due| *due != i64::MAX)
    }
}
