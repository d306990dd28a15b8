//! Points in time as Go reads them from text: layouts built of a reference time, and the formats with names.

mod civil;
mod format;
mod layout;
mod parse;
#[cfg(test)]
mod tests;
mod zone;

pub(crate) use format::format;
pub(crate) use zone::Location;

use civil::days_from_civil;
use component::Clock;
use layout::Layout;

/// How to read points in time.
pub(crate) struct Format(Kind);

enum Kind {
    /// With or without a fraction.
    Rfc3339(Layout),
    Named(Layout),
    Unix,
    UnixUnits(i64),
    Custom {
        layout: Layout,
        location: Location,
        year_from: Option<Clock>,
    },
}

impl Format {
    /// The format called `name`, or the layout that it is. `location` counts for layouts only.
    pub(crate) fn new(name: &str, location: &Location, clock: &Clock) -> Self {
        let named = |layout: &str| Kind::Named(Layout::new(layout));
        Self(match name {
            "ANSIC" => named("Mon Jan _2 15:04:05 2006"),
            "UnixDate" => named("Mon Jan _2 15:04:05 MST 2006"),
            "RubyDate" => named("Mon Jan 02 15:04:05 -0700 2006"),
            "RFC822" => named("02 Jan 06 15:04 MST"),
            "RFC822Z" => named("02 Jan 06 15:04 -0700"),
            "RFC850" => named("Monday, 02-Jan-06 15:04:05 MST"),
            "RFC1123" => named("Mon, 02 Jan 2006 15:04:05 MST"),
            "RFC1123Z" => named("Mon, 02 Jan 2006 15:04:05 -0700"),
            "RFC3339" => Kind::Rfc3339(Layout::new("2006-01-02T15:04:05Z07:00")),
            "RFC3339Nano" => Kind::Rfc3339(Layout::new("2006-01-02T15:04:05.999999999Z07:00")),
            "Unix" => Kind::Unix,
            "UnixMs" => Kind::UnixUnits(1_000_000),
            "UnixUs" => Kind::UnixUnits(1_000),
            "UnixNs" => Kind::UnixUnits(1),
            layout => Kind::Custom {
                layout: Layout::new(layout),
                location: location.clone(),
                // Without a year in it the time is taken to be near to now.
                year_from: (!layout.contains("06")).then(|| clock.clone()),
            },
        })
    }

    /// The layout `text`, in UTC, whatever names it may look like.
    pub(crate) fn layout(text: &str) -> Self {
        Self(Kind::Named(Layout::new(text)))
    }

    /// Nanoseconds since 1970; `None` when `text` does not fit. What i64 cannot hold becomes its limit.
    pub(crate) fn parse(&self, text: &str) -> Option<i64> {
        match &self.0 {
            Kind::Rfc3339(layout) => rfc3339(text.as_bytes()).or_else(|| Some(parse::parse(layout, text, &Location::Utc)?.nanos())),
            Kind::Named(layout) => Some(parse::parse(layout, text, &Location::Utc)?.nanos()),
            Kind::Unix => unix(text),
            Kind::UnixUnits(factor) => whole(text).map(|n| n.wrapping_mul(*factor)),
            Kind::Custom { layout, location, year_from } => {
                let mut time = parse::parse(layout, text, location)?;
                if let Some(clock) = year_from {
                    if time.year != 0 {
                        return None;
                    }
                    time.set_year_near(clock.nanos());
                }
                Some(time.nanos())
            }
        }
    }
}

/// What Go reads as a whole number.
fn whole(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Seconds, or seconds and a fraction.
fn unix(text: &str) -> Option<i64> {
    const SECOND: i64 = 1_000_000_000;
    let Some((seconds, fraction)) = text.split_once('.').filter(|(_, fraction)| !fraction.contains('.')) else {
        return whole(text).map(|seconds| seconds.saturating_mul(SECOND));
    };
    let digits = i32::try_from(fraction.len()).ok()?;
    let (seconds, fraction) = (whole(seconds)?, whole(fraction)?);
    let nanos = (fraction as f64 * 10f64.powi(9 - digits)) as i64;
    Some(seconds.saturating_mul(SECOND).saturating_add(nanos))
}

/// The strict form of RFC 3339, which is nearly always what is there.
fn rfc3339(text: &[u8]) -> Option<i64> {
    let (head, mut rest) = text.split_at_checked(19)?;
    let digit = |i: usize| head[i].wrapping_sub(b'0');
    let two = |i: usize| Some(u32::from(digit(i)) * 10 + u32::from(digit(i + 1))).filter(|_| digit(i) < 10 && digit(i + 1) < 10);
    if [head[4], head[7], head[10], head[13], head[16]] != *b"--T::" {
        return None;
    }
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    let year = i64::from(year);
    if !(1..=12).contains(&month) || day < 1 || day > civil::days_in(year, month) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut nanos = 0i64;
    if let [b'.', b'0'..=b'9', ..] = rest {
        let mut scale = 100_000_000;
        let mut at = 1;
        while let Some(digit @ b'0'..=b'9') = rest.get(at) {
            nanos += i64::from(digit - b'0') * scale;
            scale /= 10;
            at += 1;
        }
        rest = &rest[at..];
    }
    let offset = match rest {
        [b'Z'] => 0,
        [sign @ (b'+' | b'-'), h1 @ b'0'..=b'2', h2 @ b'0'..=b'9', b':', m1 @ b'0'..=b'5', m2 @ b'0'..=b'9'] => {
            let number = |a: &u8, b: &u8| i64::from(a - b'0') * 10 + i64::from(b - b'0');
            let (hours, seconds) = (number(h1, h2), number(h1, h2) * 3600 + number(m1, m2) * 60);
            if hours > 23 {
                return None;
            }
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let seconds = days_from_civil(year, month, day) * 86_400 + i64::from(hour * 3600 + minute * 60 + second) - offset;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
}
