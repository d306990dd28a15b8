//! Sending one batch to several receivers.

use crate::receiver::{Receiver, SendError, Signal};
use arc_swap::ArcSwap;
use std::sync::Arc;
use std::time::Duration;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The receivers of a component's output, exchanged by an update while batches flow.
pub struct Fanout<B: Signal> {
    receivers: ArcSwap<Vec<Receiver<B>>>,
}

impl<B: Signal> Fanout<B> {
    /// Sends to `receivers`, in this order. A receiver listed twice gets every batch twice.
    pub fn new(receivers: Vec<Receiver<B>>) -> Self {
        Self { receivers: ArcSwap::from_pointee(receivers) }
    }

    /// Exchanges the receivers; batches under way still go to the old ones.
    pub fn set(&self, receivers: Vec<Receiver<B>>) {
        self.receivers.store(Arc::new(receivers));
    }

    /// The receivers.
    pub fn receivers(&self) -> Arc<Vec<Receiver<B>>> {
        self.receivers.load_full()
    }

    /// Hands `batch` to every receiver. With one receiver its answer is passed on. With several, a receiver that
    /// asks to be tried again is tried again here until it takes the batch: the others have it already, and an
    /// error would make the source send it to them twice.
    ///
    /// # Errors
    /// [`SendError::Retry`] only while no receiver has taken the batch; [`SendError::Stopped`] when all are stopped.
    pub async fn send(&self, batch: B) -> Result<(), SendError> {
        let receivers = self.receivers.load_full();
        let Some((last, first)) = receivers.split_last() else { return Ok(()) };
        let mut taken = false;
        let mut stopped = None;
        for receiver in first {
            Self::deliver(receiver, batch.clone(), &mut taken, &mut stopped).await?;
        }
        Self::deliver(last, batch, &mut taken, &mut stopped).await?;
        match stopped {
            Some(error) if !taken => Err(error),
            _ => Ok(()),
        }
    }

    async fn deliver(receiver: &Receiver<B>, batch: B, taken: &mut bool, stopped: &mut Option<SendError>) -> Result<(), SendError> {
        let mut pause = FIRST_PAUSE;
        loop {
            // Keeping a copy costs a reference count, but would make `make_mut` downstream copy the batch: only when needed.
            let again = if *taken { Some(batch.clone()) } else { None };
            let Some(again) = again else {
                match receiver.send(batch).await {
                    Ok(()) => *taken = true,
                    Err(SendError::Retry(reason)) => return Err(SendError::Retry(reason)),
                    Err(error) => *stopped = Some(error),
                }
                return Ok(());
            };
            match receiver.send(again).await {
                Ok(()) => return Ok(()),
                Err(SendError::Retry(_)) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => {
                    *stopped = Some(error);
                    return Ok(());
                }
            }
        }
    }
}
