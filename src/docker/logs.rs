//! Log lines of a container: frames of the daemon put together to lines, each with its time.

use crate::{Client, Error, rfc3339_nanos};
use bollard::container::LogOutput;
use bollard::query_parameters::LogsOptions;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The daemon cuts lines into pieces of this size.
const PIECE: usize = 16 * 1024;
/// A line that is longer is cut.
const LONGEST: usize = 1 << 20;

/// What a container wrote to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Output {
    /// Its standard output, or its terminal.
    Stdout,
    /// Its standard error.
    Stderr,
}

impl Output {
    /// As labels name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// A log line.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Where it was written to.
    pub output: Output,
    /// When, in nanoseconds since 1970. `None` when the daemon gave no time: the line cannot be placed.
    pub timestamp: Option<i64>,
    /// The line without its line end.
    pub line: Bytes,
}

type Frames = Pin<Box<dyn Stream<Item = Result<LogOutput, bollard::errors::Error>> + Send>>;

/// Log lines as they come. It ends when the container stops, or at the last line when it is not followed.
pub struct LogStream {
    frames: Frames,
    tty: bool,
    unfinished: [Option<Message>; 2],
    ready: VecDeque<Message>,
    ended: bool,
}

impl Client {
    /// Lines of a container since a time in seconds since 1970; 0 means all. With `follow` also those to come.
    pub fn logs(&self, container: &str, since: i64, tty: bool, follow: bool) -> LogStream {
        let since = i32::try_from(since.max(0)).unwrap_or(i32::MAX);
        let options = LogsOptions { follow, stdout: true, stderr: true, since, timestamps: true, ..LogsOptions::default() };
        LogStream::new(Box::pin(self.docker.logs(container, Some(options))), tty)
    }
}

impl LogStream {
    fn new(frames: Frames, tty: bool) -> Self {
        Self { frames, tty, unfinished: [None, None], ready: VecDeque::new(), ended: false }
    }

    fn accept(&mut self, frame: LogOutput) {
        let (output, bytes) = match frame {
            LogOutput::StdErr { message } => (Output::Stderr, message),
            LogOutput::StdOut { message } | LogOutput::StdIn { message } | LogOutput::Console { message } => (Output::Stdout, message),
        };
        if self.tty {
            // A terminal's output has no frames: there may be several lines, or a part of one.
            for line in bytes.split_inclusive(|b| *b == b'\n') {
                self.accept_terminal(bytes.slice_ref(line));
            }
        } else {
            self.accept_framed(output, bytes);
        }
    }

    /// One frame is one message: a time, a blank, and a line or a piece of it.
    fn accept_framed(&mut self, output: Output, bytes: Bytes) {
        let whole = bytes.ends_with(b"\n");
        let (timestamp, content) = split_time(&bytes);
        let unfinished = &mut self.unfinished[output as usize];
        let message = match unfinished.take() {
            // The pieces after the first have times of their own, which are not part of the line.
            Some(started) => Message { line: join(&started.line, &content), ..started },
            None => Message { output, timestamp, line: content },
        };
        if whole || message.line.len() >= LONGEST {
            self.finish(message);
        } else {
            *unfinished = Some(message);
        }
    }

    fn accept_terminal(&mut self, bytes: Bytes) {
        let unfinished = &mut self.unfinished[Output::Stdout as usize];
        let bytes = match unfinished.take() {
            Some(started) => join(&started.line, &bytes),
            None => bytes,
        };
        if !bytes.ends_with(b"\n") && bytes.len() < LONGEST {
            *unfinished = Some(Message { output: Output::Stdout, timestamp: None, line: bytes });
            return;
        }
        let (timestamp, content) = split_time(&bytes);
        self.finish(Message { output: Output::Stdout, timestamp, line: without_inner_times(content) });
    }

    fn finish(&mut self, mut message: Message) {
        let line = &message.line;
        let end = line.len() - usize::from(line.ends_with(b"\n"));
        let end = end - usize::from(line[..end].ends_with(b"\r"));
        message.line.truncate(end);
        self.ready.push_back(message);
    }

    /// What was begun and has no line end is a line all the same.
    fn finish_all(&mut self) {
        for started in std::mem::take(&mut self.unfinished).into_iter().flatten() {
            let message = if self.tty {
                let (timestamp, content) = split_time(&started.line);
                Message { timestamp, line: content, ..started }
            } else {
                started
            };
            self.finish(message);
        }
    }
}

impl Stream for LogStream {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(message)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            match ready!(self.frames.poll_next_unpin(cx)) {
                Some(Ok(frame)) => self.accept(frame),
                // What is unfinished is read again from its beginning: it must not be taken for a line.
                Some(Err(error)) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error.into())));
                }
                None => {
                    self.ended = true;
                    self.finish_all();
                }
            }
        }
    }
}

/// The time in front of a message, and the rest.
fn split_time(bytes: &Bytes) -> (Option<i64>, Bytes) {
    let Some(blank) = bytes.iter().take(64).position(|b| *b == b' ') else { return (None, bytes.clone()) };
    match rfc3339_nanos(&bytes[..blank]) {
        Some(timestamp) => (Some(timestamp), bytes.slice(blank + 1..)),
        None => (None, bytes.clone()),
    }
}

/// Takes out the times that the daemon puts before the second and further pieces of a long line of a terminal.
fn without_inner_times(content: Bytes) -> Bytes {
    if content.len() <= PIECE {
        return content;
    }
    let mut out = BytesMut::with_capacity(content.len());
    let mut rest = content;
    while rest.len() > PIECE {
        out.extend_from_slice(&rest.split_to(PIECE));
        rest = split_time(&rest).1;
    }
    out.extend_from_slice(&rest);
    out.freeze()
}

fn join(start: &Bytes, rest: &Bytes) -> Bytes {
    let mut out = BytesMut::with_capacity(start.len() + rest.len());
    out.extend_from_slice(start);
    out.extend_from_slice(rest);
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(text: &str) -> LogOutput {
        LogOutput::StdOut { message: Bytes::copy_from_slice(text.as_bytes()) }
    }

    async fn read(tty: bool, frames: Vec<LogOutput>) -> Vec<(Output, i64, String)> {
        let frames = futures_util::stream::iter(frames.into_iter().map(Ok));
        let messages: Vec<_> = LogStream::new(Box::pin(frames), tty).collect().await;
        let shown = |m: Message| (m.output, m.timestamp.unwrap_or(-1), String::from_utf8_lossy(&m.line).into_owned());
        messages.into_iter().map(|m| shown(m.expect("no errors"))).collect()
    }

    #[tokio::test]
    async fn frames_become_lines() {
        let piece = "x".repeat(PIECE);
        let frames = vec![
            out("1970-01-01T00:00:01Z one\n"),
            out(&format!("1970-01-01T00:00:02Z {piece}")),
            LogOutput::StdErr { message: Bytes::from_static(b"1970-01-01T00:00:03.5Z err\r\n") },
            out("1970-01-01T00:00:04Z two\n"),
            out("no time\n"),
            out("1970-01-01T00:00:05Z last"),
        ];
        let lines = read(false, frames).await;
        let want = [
            (Output::Stdout, 1_000_000_000, "one".to_owned()),
            (Output::Stderr, 3_500_000_000, "err".to_owned()),
            (Output::Stdout, 2_000_000_000, format!("{piece}two")),
            (Output::Stdout, -1, "no time".to_owned()),
            (Output::Stdout, 5_000_000_000, "last".to_owned()),
        ];
        assert_eq!(lines, want);
    }

    #[tokio::test]
    async fn terminals_have_no_frames() {
        let piece = "x".repeat(PIECE);
        let long = format!("1970-01-01T00:00:03Z {piece}1970-01-01T00:00:03Z end\r\n");
        let frames =
            vec![out("1970-01-01T00:00:01Z one\r\n1970-01-01T00:00:02Z tw"), out("o\r\n"), out(&long), out("1970-01-01T00:00:04Z $ ")];
        let lines = read(true, frames).await;
        let want = [(1, "one".to_owned()), (2, "two".to_owned()), (3, format!("{piece}end")), (4, "$ ".to_owned())];
        assert_eq!(lines, want.map(|(second, line)| (Output::Stdout, second * 1_000_000_000, line)));
    }
}
