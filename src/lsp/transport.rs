//! Messages on a byte stream: a header with the length, an empty line, and JSON.

use serde_json::Value;
use std::io::{self, BufRead, Read, Write};

/// A message longer than this is no message: the largest configuration that is read, escaped, fits several times.
const LARGEST_MESSAGE: u64 = 512 << 20;
const LONGEST_HEADER_LINE: u64 = 4096;
const MOST_HEADER_LINES: usize = 64;

/// What stands on the stream next.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A JSON value.
    Message(Value),
    /// As many bytes as announced, but no JSON; the text says why.
    NotJson(String),
    /// The other side has closed the stream.
    End,
}

/// Reads one message.
///
/// # Errors
/// When the stream fails, ends inside of a message, or holds something else than messages: what follows cannot be
/// told apart then.
pub(crate) fn read(input: &mut impl BufRead) -> io::Result<Incoming> {
    let Some(length) = read_header(input)? else { return Ok(Incoming::End) };
    let mut body = Vec::new();
    let got = input.take(length).read_to_end(&mut body)?;
    if (got as u64) < length {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the stream ended inside of a message"));
    }
    Ok(match serde_json::from_slice(&body) {
        Ok(message) => Incoming::Message(message),
        Err(error) => Incoming::NotJson(error.to_string()),
    })
}

/// The length of the message that follows; `None` at the end of the stream.
fn read_header(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    for count in 0..MOST_HEADER_LINES {
        let mut line = Vec::new();
        input.by_ref().take(LONGEST_HEADER_LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() && count == 0 {
            return Ok(None);
        }
        if !line.ends_with(b"\n") {
            return Err(invalid("a header line that does not end"));
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            return length.map(Some).ok_or_else(|| invalid("a header without `Content-Length`"));
        }
        let Some((name, value)) = line.split_once(':') else { return Err(invalid("a header line without a colon")) };
        if name.trim().eq_ignore_ascii_case("Content-Length") {
            let bytes = value.trim().parse().ok().filter(|bytes| *bytes <= LARGEST_MESSAGE);
            length = Some(bytes.ok_or_else(|| invalid("a `Content-Length` that is no number of bytes, or too large"))?);
        }
    }
    Err(invalid("too many header lines"))
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not the language server protocol: {what}"))
}

/// Writes one message.
///
/// # Errors
/// When the stream fails.
pub(crate) fn write(output: &mut impl Write, message: &Value) -> io::Result<()> {
    let body = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    output.flush()
}
