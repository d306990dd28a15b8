//! Takes what `loki.write` pushes.

use super::listener::Listener;
use data::Labels;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

/// The longest request that is taken.
const MOST: usize = 16 << 20;

/// How often each line of each stream has come.
type Lines = Arc<Mutex<HashMap<(String, String), usize>>>;

/// A receiver of Loki pushes that remembers every line.
pub struct PushReceiver {
    listener: Listener,
    lines: Lines,
}

impl PushReceiver {
    pub fn start() -> Self {
        let lines = Lines::default();
        let store = Arc::clone(&lines);
        let listener = Listener::start(move |stream| {
            let store = Arc::clone(&store);
            // Ends with its connection, which ends with the program under test.
            std::thread::spawn(move || while take(&stream, &store).is_some() {});
        });
        Self { listener, lines }
    }

    pub fn address(&self) -> &str {
        self.listener.address()
    }

    /// How often `line` has come in the stream of these labels.
    pub fn count(&self, labels: &str, line: &str) -> usize {
        let lines = self.lines.lock();
        lines.get(&(labels.to_owned(), line.to_owned())).copied().unwrap_or(0)
    }

    /// How many different lines have come in all.
    pub fn len(&self) -> usize {
        self.lines.lock().len()
    }
}

/// One request of a connection; `None` when it ends.
fn take(stream: &TcpStream, lines: &Lines) -> Option<()> {
    let mut reader = BufReader::with_capacity(1, stream);
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let pushed = wire::loki_push::decode(&body, MOST).expect("a request as Loki takes it");
    let mut lines = lines.lock();
    for stream in pushed.streams {
        let labels: &Labels = &stream.labels;
        for entry in &stream.entries {
            *lines.entry((labels.to_string(), entry.text().into_owned())).or_default() += 1;
        }
    }
    let mut stream = stream;
    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").ok()
}
