//! Buffers that are used again: a steady flow of scrapes allocates none.

use data::{MetricBatch, Sample};
use parking_lot::Mutex;

/// Buffers kept of each kind; more scrapes than this are seldom under way at once.
const KEPT: usize = 16;
/// Larger buffers are given back to the system.
const LARGEST_BYTES: usize = 4 << 20;

static SAMPLES: Mutex<Vec<Vec<Sample>>> = Mutex::new(Vec::new());
static BODIES: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// An empty list for about `len` samples.
pub fn samples(len: usize) -> Vec<Sample> {
    let mut list = SAMPLES.lock().pop().unwrap_or_default();
    list.reserve(len);
    list
}

/// Takes back the list of a batch that nobody else holds. The last owner of a batch calls it in place of dropping it.
pub fn recycle(batch: MetricBatch) {
    if let Ok(inner) = batch.try_unwrap() {
        recycle_samples(inner.samples);
    }
}

/// Takes back a list of samples.
pub fn recycle_samples(mut list: Vec<Sample>) {
    list.clear();
    if list.capacity() > 0 && list.capacity() * size_of::<Sample>() <= LARGEST_BYTES {
        keep(&SAMPLES, list);
    }
}

/// An empty buffer for a page.
pub(crate) fn body() -> Vec<u8> {
    BODIES.lock().pop().unwrap_or_default()
}

/// Takes back a buffer.
pub(crate) fn recycle_body(mut body: Vec<u8>) {
    body.clear();
    if body.capacity() > 0 && body.capacity() <= LARGEST_BYTES {
        keep(&BODIES, body);
    }
}

fn keep<T>(kept: &Mutex<Vec<T>>, buffer: T) {
    let mut kept = kept.lock();
    if kept.len() < KEPT {
        kept.push(buffer);
    }
}
