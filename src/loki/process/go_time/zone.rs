//! Time zones.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::{OffsetName, Tz};

/// Where a time without an offset is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Location {
    /// UTC, which also stands for the zone of this machine.
    Utc,
    /// A zone of the IANA database.
    Zone(Tz),
}

impl Location {
    /// The zone called `name`; nothing and `Local` mean UTC.
    pub(crate) fn find(name: &str) -> Option<Self> {
        match name {
            "" | "UTC" | "Local" => Some(Self::Utc),
            name => name.parse().ok().map(Self::Zone),
        }
    }

    fn at(&self, unix: i64) -> Option<chrono_tz::TzOffset> {
        match self {
            Self::Utc => None,
            Self::Zone(zone) => Some(zone.offset_from_utc_datetime(&DateTime::from_timestamp(unix, 0)?.naive_utc())),
        }
    }

    /// Seconds east of UTC at this time.
    pub(super) fn offset(&self, unix: i64) -> i64 {
        self.at(unix).map_or(0, |offset| i64::from(offset.fix().local_minus_utc()))
    }

    /// The abbreviation of the zone at this time.
    pub(super) fn abbreviation(&self, unix: i64) -> String {
        self.at(unix).and_then(|offset| offset.abbreviation().map(str::to_owned)).unwrap_or_else(|| "UTC".to_owned())
    }

    /// Seconds since 1970 of a local time, which is given as if it were UTC. Times that there are twice or never are
    /// taken as Go takes them.
    pub(super) fn unix(&self, local: i64) -> i64 {
        let guess = self.offset(local);
        if guess == 0 { local } else { local - self.offset(local - guess) }
    }

    /// The offset that an abbreviation such as `CET` stands for around a local time.
    pub(super) fn named_offset(&self, name: &str, local: i64) -> Option<i64> {
        const QUARTER: i64 = 91 * 86_400;
        let around = [0, 1, -1, 2, -2, 3, -3].map(|quarters| local + quarters * QUARTER);
        let found = around.into_iter().filter_map(|unix| self.at(unix)).find(|offset| offset.abbreviation() == Some(name))?;
        Some(i64::from(found.fix().local_minus_utc()))
    }
}
