//! Encoders that are used again: their buffers have grown to the size of requests.

use parking_lot::Mutex;

/// As many as are seldom in use at once.
const KEPT: usize = 4;

/// What is not in use.
pub struct Pool<T> {
    kept: Mutex<Vec<T>>,
    reset: fn(&mut T),
}

impl<T: Default> Pool<T> {
    /// `reset` empties what comes back, and gives back memory that is more than is worth keeping.
    pub fn new(reset: fn(&mut T)) -> Self {
        Self { kept: Mutex::default(), reset }
    }

    /// One that is empty.
    pub fn take(&self) -> T {
        self.kept.lock().pop().unwrap_or_default()
    }

    /// Takes one back.
    pub fn give_back(&self, mut one: T) {
        (self.reset)(&mut one);
        let mut kept = self.kept.lock();
        if kept.len() < KEPT {
            kept.push(one);
        }
    }
}
