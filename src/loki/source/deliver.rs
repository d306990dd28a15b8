//! Handing lines on: a batch is done when the receivers own it, and until then it is tried again.

use component::{Context, Counter, Ledger, Shutdown};
use data::fanout::Fanout;
use data::{LogBatch, LogsReceiver, SendError};
use std::time::Duration;

/// Pauses between attempts.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a batch under way may take when it is time to stop.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Delivery {
    /// The receivers own these lines: the position may advance.
    Done(usize),
    /// It was time to stop: nobody owns them.
    Stopped,
}

/// The receivers of a source, and its books.
pub(crate) struct Outlet {
    fanout: Fanout<LogBatch>,
    received: Counter,
    ledger: Ledger,
}

impl Outlet {
    /// Sends to `receivers`.
    pub fn new(context: &Context, receivers: Vec<LogsReceiver>) -> Self {
        Self {
            fanout: Fanout::new(receivers),
            received: context.metrics.counter("ferroalloy_lines_received_total", "Log lines taken in."),
            ledger: context.ledger.clone(),
        }
    }

    /// Exchanges the receivers.
    pub fn set(&self, receivers: Vec<LogsReceiver>) {
        self.fanout.set(receivers);
    }

    /// Hands on one batch, once. The caller counts it.
    ///
    /// # Errors
    /// When nobody owns it afterwards.
    pub async fn send(&self, batch: LogBatch) -> Result<(), SendError> {
        self.fanout.send(batch).await
    }

    /// Counts lines that were handed on.
    pub fn count(&self, lines: usize) {
        self.received.add(lines as u64);
        self.ledger.took(lines);
        self.ledger.passed(lines);
    }

    /// Hands on what `batch` makes, again and again until it is taken. Made anew for each attempt, so that the
    /// receivers are its only owners and may change it without a copy.
    pub async fn deliver(&self, batch: impl Fn() -> LogBatch, stop: &Shutdown) -> Delivery {
        let mut pause = FIRST_PAUSE;
        loop {
            let fresh = batch();
            let lines = fresh.entries();
            let send = self.fanout.send(fresh);
            // What is under way may finish: dropped, it would be sent twice when the receiver has it already.
            let limit = async {
                stop.wait().await;
                tokio::time::sleep(LAST_WAIT).await;
            };
            let result = tokio::select! {
                result = send => result,
                () = limit => return Delivery::Stopped,
            };
            match result {
                Ok(()) => {
                    self.count(lines);
                    return Delivery::Done(lines);
                }
                Err(error) => tracing::debug!(%error, "lines were not taken; they are sent again"),
            }
            if stop.or(tokio::time::sleep(pause)).await.is_none() {
                return Delivery::Stopped;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
