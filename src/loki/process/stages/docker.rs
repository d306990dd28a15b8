//! `stage.docker` reads the lines of Docker's JSON files.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::{Key, Value};
use crate::process::go_time::{Format, Location};
use crate::process::json::{Malformed, Scan, Token};
use crate::process::pipeline::{Build, Memory, Scratch};
use bytes::Bytes;
use std::ops::Range;
use value::{Arguments, ValidateError};

/// Reads the lines of Docker's JSON files: the line, its stream as label `stream`, and its time.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(crate) struct DockerArgs {}

struct Docker {
    output: Key,
    stream: Key,
    time: Key,
    format: Format,
    memory: Memory,
}

impl BuildStage for DockerArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        Ok(Box::new(Docker {
            output: build.key("output"),
            stream: build.key("stream"),
            time: build.key("timestamp"),
            format: Format::new("RFC3339Nano", &Location::Utc, &build.clock),
            memory: build.memory(),
        }))
    }
}

#[derive(Default)]
struct Field {
    range: Range<usize>,
    escaped: bool,
}

impl Field {
    fn bytes(&self, line: &Bytes) -> Bytes {
        if !self.escaped {
            return line.slice(self.range.clone());
        }
        let text = Scan::new(line).unescape(&self.range, true);
        Bytes::from(text.into_owned())
    }
}

/// The fields `log`, `stream` and `time`, whatever the case of their names.
fn fields(line: &[u8]) -> Result<[Field; 3], Malformed> {
    let mut fields = <[Field; 3]>::default();
    let mut scan = Scan::new(line);
    scan.expect(b'{')?;
    let mut more = !scan.closes(b'}')?;
    while more {
        let (range, escaped) = scan.key()?;
        let key = scan.unescape(&range, escaped);
        match ["log", "stream", "time"].iter().position(|name| key.eq_ignore_ascii_case(name.as_bytes())) {
            None => scan.skip()?,
            Some(index) => match scan.value()? {
                Token::String(range, escaped) => fields[index] = Field { range, escaped },
                Token::Null => {}
                _ => return Err(Malformed),
            },
        }
        more = scan.another(b'}')?;
    }
    scan.end()?;
    Ok(fields)
}

impl Stage for Docker {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        let Ok([log, stream, time]) = fields(&work.line) else { return Flow::Next };
        if log.range.is_empty() {
            return Flow::Next;
        }
        let [log, stream, time] = [log, stream, time].map(|field| field.bytes(&work.line));
        work.line = log.clone();
        work.set_label(scratch.memory(self.memory), "stream", &String::from_utf8_lossy(&stream));
        if let Some(timestamp) = self.format.parse(&String::from_utf8_lossy(&time)) {
            work.timestamp = timestamp;
        }
        work.extracted.set(self.output, Value::Text(log));
        work.extracted.set(self.stream, Value::Text(stream));
        work.extracted.set(self.time, Value::Text(time));
        Flow::Next
    }
}
