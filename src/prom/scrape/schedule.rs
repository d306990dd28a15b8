//! When a target is scraped: at a fixed offset in each interval.

use std::time::Duration;
use tokio::time::Instant;

/// A scrape that begins so little late has the time it should have begun at: even distances compress better.
const TOLERANCE_NANOS: i64 = 2_000_000;

/// The times of one target's scrapes.
pub(super) struct Schedule {
    interval: Duration,
    next: Instant,
    /// The time by the clock that `next` stands for, in nanoseconds since 1970.
    aligned: i64,
}

impl Schedule {
    /// Scrapes at `offset` after each multiple of `interval`; `now` is the time in nanoseconds since 1970.
    pub(super) fn new(interval: Duration, offset: Duration, now: i64) -> Self {
        let every = nanos(interval).max(1);
        let wait = (nanos(offset) - now.rem_euclid(every)).rem_euclid(every);
        Self { interval, next: Instant::now() + Duration::from_nanos(wait.unsigned_abs()), aligned: now.saturating_add(wait) }
    }

    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// Waits until the next scrape.
    pub(super) async fn wait(&self) {
        tokio::time::sleep_until(self.next).await;
    }

    /// Begins a scrape at `now`, in nanoseconds since 1970: its time in milliseconds. Scrapes that were missed are
    /// not made up for, except the last.
    pub(super) fn begin(&mut self, now: i64) -> i64 {
        let late = Instant::now().saturating_duration_since(self.next).as_nanos() / self.interval.as_nanos().max(1);
        let missed = u32::try_from(late).unwrap_or(u32::MAX);
        let this = self.aligned.saturating_add(nanos(self.interval).saturating_mul(i64::from(missed)));
        self.next += self.interval.saturating_mul(missed).saturating_add(self.interval);
        let tolerance = (nanos(self.interval) / 100).min(TOLERANCE_NANOS);
        // A clock that was set moves the times along.
        let begun = if now.abs_diff(this) <= tolerance.unsigned_abs() { this } else { now };
        let drifted = now.abs_diff(this) > nanos(self.interval).unsigned_abs();
        self.aligned = if drifted { now } else { this }.saturating_add(nanos(self.interval));
        begun.div_euclid(1_000_000)
    }
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrapes_are_at_their_offset_and_evenly_apart() {
        const MS: i64 = 1_000_000;
        let (interval, offset) = (Duration::from_secs(10), Duration::from_secs(3));
        for (now, first) in [(20_000, 23_000), (23_000, 23_000), (24_000, 33_000), (29_999, 33_000)] {
            let mut schedule = Schedule::new(interval, offset, now * MS);
            assert!(schedule.next <= Instant::now() + interval);
            // Waiting is left out: `next` is in the future, so nothing was missed.
            assert_eq!(schedule.begin(first * MS + MS), first, "a little late");
            assert_eq!(schedule.begin((first + 10_000) * MS), first + 10_000);
            assert_eq!(schedule.begin((first + 20_050) * MS), first + 20_050, "too late to be hidden");
            assert_eq!(schedule.begin((first + 30_000) * MS - MS), first + 30_000, "a little early");
            assert_eq!(schedule.begin(5_000_000 * MS), 5_000_000, "the clock was set");
            assert_eq!(schedule.begin(5_010_001 * MS), 5_010_000);
        }
    }

    #[test]
    fn missed_scrapes_are_left_out() {
        const MS: i64 = 1_000_000;
        let mut schedule = Schedule::new(Duration::from_secs(1), Duration::ZERO, 0);
        schedule.next = Instant::now().checked_sub(Duration::from_millis(3500)).expect("the machine runs for longer");
        assert_eq!(schedule.begin(3500 * MS), 3500);
        let wait = schedule.next.saturating_duration_since(Instant::now());
        assert!(wait > Duration::from_millis(300) && wait <= Duration::from_millis(500), "{wait:?}");
        assert_eq!(schedule.aligned, 4000 * MS);
    }
}
