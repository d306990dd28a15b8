//! Waits between attempts: doubling, with jitter, no shorter than the server asks for.

use http::HeaderMap;
use http::header::RETRY_AFTER;
use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, SystemTime};

/// The longest wait that a server may ask for.
const LONGEST: Duration = Duration::from_secs(3600);

/// The waits of one series of attempts.
#[derive(Clone, Debug)]
pub struct Backoff {
    min: Duration,
    max: Duration,
    attempt: u32,
    random: u64,
}

impl Backoff {
    /// Waits from `min`, doubling up to `max`.
    pub fn new(min: Duration, max: Duration) -> Self {
        // The keys of a new hasher are random: enough to spread attempts, and no further dependency.
        let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
        Self { min, max: max.max(min), attempt: 0, random: random | 1 }
    }

    /// How many waits there were since the start or the last [`Self::reset`].
    pub fn attempts(&self) -> u32 {
        self.attempt
    }

    /// The next wait: between half and the whole of the doubled time, never below the minimum. A time that the server
    /// asked for is honoured, however long up to an hour, with up to a tenth more so that not all come back at once.
    pub fn next(&mut self, retry_after: Option<Duration>) -> Duration {
        let doubled = self.min.saturating_mul(1u32.checked_shl(self.attempt).unwrap_or(u32::MAX)).min(self.max);
        self.attempt = self.attempt.saturating_add(1);
        let share = self.share();
        match retry_after {
            Some(wanted) => wanted.min(LONGEST).mul_f64(1.0 + share / 10.0).max(doubled / 2),
            None => doubled.mul_f64(0.5 + share / 2.0).max(self.min),
        }
    }

    /// Starts again, after a success.
    pub fn reset(&mut self) {
        self.attempt = 0;
    }

    /// From 0 to 1 (xorshift).
    fn share(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        f64::from(u32::try_from(self.random >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }
}

/// What the header `Retry-After` says: seconds, or a date.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    httpdate::parse_http_date(text).ok()?.duration_since(now).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn doubles_up_to_the_maximum() {
        let mut backoff = Backoff::new(ms(100), ms(1000));
        for whole in [100, 200, 400, 800, 1000, 1000] {
            let wait = backoff.next(None);
            assert!(wait >= ms(whole / 2).max(ms(100)) && wait <= ms(whole), "{wait:?} of {whole} ms");
        }
        assert_eq!(backoff.attempts(), 6);
        backoff.reset();
        assert!(backoff.next(None) <= ms(100));
        let mut many = Backoff { attempt: u32::MAX, ..backoff };
        assert!(many.next(None) <= ms(1000));
    }

    #[test]
    fn honours_the_server() {
        let mut backoff = Backoff::new(ms(100), ms(1000));
        let wait = backoff.next(Some(ms(7000)));
        assert!(wait >= ms(7000) && wait <= ms(7700), "{wait:?}");
        assert!(backoff.next(Some(Duration::MAX)) <= LONGEST.mul_f64(1.1));
    }

    #[test]
    fn reads_the_header() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 5);
        for (text, expected) in [
            ("3", Some(3)),
            (" 7 ", Some(7)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(5)),
            ("soon", None),
            ("-1", None),
            ("Sun, 06 Nov 1900 08:49:37 GMT", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().expect("a header"))]);
            assert_eq!(retry_after(&headers, now), expected.map(Duration::from_secs), "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
