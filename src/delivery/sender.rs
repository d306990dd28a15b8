//! Senders: from the queue to the far end. Each shard has one, which keeps its records in order.

use crate::merge;
use arc_swap::ArcSwap;
use bytes::Bytes;
use component::Shutdown;
use http::HeaderMap;
use net::backoff::Backoff;
use net::client::{Client, FailureKind, SendFailure};
use queue::{Reader, Record};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::Instant;

/// Bytes of records in memory at once; the rest waits on disk.
const BYTES_IN_FLIGHT: usize = 8 << 20;

/// Where an endpoint's requests go, and how.
#[derive(Clone)]
pub struct Settings {
    /// The address.
    pub url: String,
    /// Sends them.
    pub client: Client,
    /// Headers of every request; `meta` of the record may add to them.
    pub headers: HeaderMap,
    /// Headers that the opaque `meta` of a record stands for. Only records with equal `meta` are merged.
    pub meta_headers: fn(&[u8], &mut HeaderMap),
    /// How long an answer may take.
    pub timeout: Duration,
    /// First and longest pause between attempts.
    pub backoff: (Duration, Duration),
    /// True when "too many requests" means later rather than never.
    pub retry_on_429: bool,
    /// How many requests may be under way at once; records of one shard go one after the other.
    pub parallel: u16,
    /// Records wait so long for others to share a request with.
    pub linger: Duration,
    /// A request holds no more uncompressed bytes than this, unless one record does.
    pub max_bytes: usize,
    /// A request holds no more items than this, unless one record does.
    pub max_items: usize,
}

/// Is told what becomes of requests.
pub trait Meter: Send + Sync {
    /// A request was taken.
    fn sent(&self, items: u64, bytes: u64, took: Duration);
    /// A request failed and will be tried again.
    fn retrying(&self, items: u64, failure: &SendFailure);
    /// Items are lost, and why: a word or two in snake case.
    fn dropped(&self, items: u64, reason: &'static str);
    /// The far end refused items for good; they are counted by `dropped` as well.
    fn refused(&self, items: u64, failure: &SendFailure);
}

/// How an endpoint's senders are told to hurry and to stop, and what they tell.
#[derive(Default)]
pub(crate) struct Pace {
    /// Ends every wait: what is not sent stays in the queue.
    pub stop: Shutdown,
    /// From now on records wait for no others to share a request with.
    pub hurry: Shutdown,
    /// True while the far end does not take what it is sent.
    pub failing: AtomicBool,
}

/// A record with its share of the memory.
struct Held {
    record: Record,
    _bytes: OwnedSemaphorePermit,
}

/// Sends until `stop`. The number of senders is that of the settings at the start.
pub(crate) async fn run(reader: &Reader, settings: &ArcSwap<Settings>, meter: &Arc<dyn Meter>, pace: &Pace) {
    let stop = &pace.stop;
    let parallel = usize::from(settings.load().parallel.max(1));
    let memory = Arc::new(Semaphore::new(BYTES_IN_FLIGHT));
    let mut senders = Vec::with_capacity(parallel);
    let mut work = Vec::with_capacity(parallel);
    for _ in 0..parallel {
        let (sender, records) = mpsc::channel(crate::MOST_IN_FLIGHT);
        senders.push(sender);
        work.push(Sender { reader, settings, meter, pace, records, next: None }.run());
    }
    let hand_out = async move {
        while let Some(Some(record)) = stop.or(reader.next()).await {
            let bytes = u32::try_from(record.body().len().min(BYTES_IN_FLIGHT)).unwrap_or(u32::MAX);
            let Some(Ok(permit)) = stop.or(Arc::clone(&memory).acquire_many_owned(bytes)).await else { return };
            let shard = usize::from(record.shard()) % senders.len();
            // The channel has room for all records that may be in flight, and its sender ends only with this task.
            let _room = senders[shard].send(Held { record, _bytes: permit }).await;
        }
    };
    futures_util::future::join(hand_out, futures_util::future::join_all(work)).await;
}

struct Sender<'a> {
    reader: &'a Reader,
    settings: &'a ArcSwap<Settings>,
    meter: &'a Arc<dyn Meter>,
    pace: &'a Pace,
    records: mpsc::Receiver<Held>,
    /// A record that did not fit into the last request.
    next: Option<Held>,
}

impl Sender<'_> {
    async fn run(mut self) {
        while let Some(request) = self.gather().await {
            if self.deliver(request).await.is_none() {
                return;
            }
        }
    }

    /// Records for one request: the next one, and what comes within the linger and fits.
    async fn gather(&mut self) -> Option<Vec<Held>> {
        let first = match self.next.take() {
            Some(held) => held,
            None => self.pace.stop.or(self.records.recv()).await??,
        };
        let settings = self.settings.load();
        let deadline = Instant::now() + settings.linger;
        let size = |record: &Record| (merge::preamble(&record.body()).map_or(usize::MAX, |p| p.0), record.items() as usize);
        let (mut bytes, mut items) = size(&first.record);
        let mut request = vec![first];
        while bytes < settings.max_bytes && items < settings.max_items {
            let more = tokio::time::timeout_at(deadline, self.pace.hurry.or(self.records.recv())).await;
            let Ok(Some(Some(held))) = more else { break };
            let (b, i) = size(&held.record);
            bytes = bytes.saturating_add(b);
            items += i;
            let fits = bytes <= settings.max_bytes && items <= settings.max_items;
            if !fits || held.record.meta() != request[0].record.meta() {
                self.next = Some(held);
                break;
            }
            request.push(held);
        }
        Some(request)
    }

    /// Posts until the far end has the records or refuses them for good. `None` when it is time to stop.
    async fn deliver(&self, request: Vec<Held>) -> Option<()> {
        let bodies: Vec<Bytes> = request.iter().map(|held| held.record.body()).collect();
        let failure = match merge::blocks(&bodies) {
            Some(body) => self.post(&request, body).await?,
            None if request.len() == 1 => self.post(&request, bodies[0].clone()).await?,
            // `gather` lets nothing join a record that is no snappy block.
            None => Err(SendFailure { kind: FailureKind::Invalid, message: "records that cannot be merged".into(), retry_after: None }),
        };
        match failure {
            Ok(()) => request.iter().for_each(|held| self.reader.ack(held.record.id())),
            Err(failure) if request.len() == 1 => self.refuse(&request[0], &failure),
            // One bad record must not take the others with it: each on its own.
            Err(_) => {
                for held in request {
                    let single = [held];
                    match self.post(&single, single[0].record.body()).await? {
                        Ok(()) => self.reader.ack(single[0].record.id()),
                        Err(failure) => self.refuse(&single[0], &failure),
                    }
                }
            }
        }
        Some(())
    }

    fn refuse(&self, held: &Held, failure: &SendFailure) {
        self.meter.refused(u64::from(held.record.items()), failure);
        self.reader.reject(held.record.id(), "refused_by_receiver");
    }

    /// Posts `body` again and again. `Some(Err)` is a refusal for good, `None` means stop.
    async fn post(&self, request: &[Held], body: Bytes) -> Option<Result<(), SendFailure>> {
        let items = request.iter().map(|held| u64::from(held.record.items())).sum();
        let mut backoff: Option<Backoff> = None;
        loop {
            if let Some(reason) = self.reader.overdue(&request[0].record) {
                return Some(self.give_up(request, reason));
            }
            let settings = self.settings.load_full();
            let mut headers = settings.headers.clone();
            (settings.meta_headers)(request[0].record.meta(), &mut headers);
            let begun = Instant::now();
            let attempt = settings.client.post(&settings.url, headers, body.clone(), settings.timeout);
            let failure = match self.pace.stop.or(attempt).await?.and_then(net::client::Response::ok) {
                Ok(_) => {
                    self.pace.failing.store(false, Ordering::Relaxed);
                    self.meter.sent(items, body.len() as u64, begun.elapsed());
                    return Some(Ok(()));
                }
                Err(failure) => failure,
            };
            if is_final(&failure, settings.retry_on_429) {
                return Some(Err(failure));
            }
            self.pace.failing.store(true, Ordering::Relaxed);
            self.meter.retrying(items, &failure);
            let backoff = backoff.get_or_insert_with(|| Backoff::new(settings.backoff.0, settings.backoff.1));
            let pause = backoff.next(failure.retry_after);
            self.pace.stop.or(tokio::time::sleep(pause)).await?;
        }
    }

    /// The queue no longer holds these records: they are settled, which is no refusal by the far end.
    fn give_up(&self, request: &[Held], reason: &'static str) -> Result<(), SendFailure> {
        for held in request {
            self.reader.reject(held.record.id(), reason);
        }
        Ok(())
    }
}

/// True when trying again cannot help: the far end says that the request itself is wrong.
fn is_final(failure: &SendFailure, retry_on_429: bool) -> bool {
    match failure.kind {
        FailureKind::Status(429) => !retry_on_429,
        FailureKind::Status(408) => false,
        FailureKind::Status(status) => (400..500).contains(&status),
        _ => false,
    }
}
