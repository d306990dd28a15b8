//! A target whose only metric tells each scrape from all others.

use super::listener::Listener;
use super::processes::wait_for;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Serves `served_total`, which is 1 in the first answer and goes up by one with each.
pub struct CountingTarget {
    listener: Listener,
    served: Arc<AtomicU64>,
}

impl CountingTarget {
    pub fn start() -> Self {
        let served = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&served);
        let listener = Listener::start(move |stream| {
            // A scrape that breaks off has not been answered; the next one gets the same number.
            if answer(&stream, count.load(Ordering::SeqCst) + 1).is_some() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { listener, served }
    }

    pub fn address(&self) -> &str {
        self.listener.address()
    }

    /// The last value that was served.
    pub fn last(&self) -> u64 {
        self.served.load(Ordering::SeqCst)
    }

    /// Waits for `more` scrapes.
    pub fn wait_for_more(&self, more: usize) {
        let wanted = self.last() + more as u64;
        wait_for("a scrape", Duration::from_secs(40), || self.last() >= wanted);
    }
}

fn answer(stream: &TcpStream, value: u64) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut head = BufReader::new(stream).lines();
    while !head.next()?.ok()?.is_empty() {}
    let body = format!("# TYPE served_total counter\nserved_total {value}\n");
    let mut stream = stream;
    let length = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).ok()
}
