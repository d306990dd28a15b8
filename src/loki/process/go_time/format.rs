//! Writing a time by a layout.

use super::civil::{civil_from_days, days_from_civil};
use super::layout::{Layout, Offset, Part};
use super::parse::{DAYS, MONTHS};
use super::zone::Location;
use std::fmt::Write;

const SECOND: i64 = 1_000_000_000;

struct Parts {
    year: i64,
    month: u32,
    day: u32,
    year_day: i64,
    week_day: usize,
    second_of_day: i64,
    nanos: i64,
    offset: i64,
    zone: String,
}

/// `nanos` since 1970 as it is written in `location` by `layout`.
pub(crate) fn format(nanos: i64, location: &Location, layout: &str) -> String {
    let unix = nanos.div_euclid(SECOND);
    let offset = location.offset(unix);
    let local = unix + offset;
    let days = local.div_euclid(86_400);
    let (year, month, day) = civil_from_days(days);
    let parts = Parts {
        year,
        month,
        day,
        year_day: days - days_from_civil(year, 1, 1) + 1,
        week_day: usize::try_from((days + 4).rem_euclid(7)).unwrap_or(0),
        second_of_day: local.rem_euclid(86_400),
        nanos: nanos.rem_euclid(SECOND),
        offset,
        zone: location.abbreviation(unix),
    };
    let layout = Layout::new(layout);
    let mut out = String::new();
    for (text, part) in &layout.parts {
        out.push_str(text);
        parts.write(&mut out, *part);
    }
    out.push_str(&layout.end);
    out
}

impl Parts {
    /// Writing to a string cannot fail, so its result is not looked at.
    fn write(&self, out: &mut String, part: Part) {
        let month = MONTHS[self.month.saturating_sub(1).min(11) as usize];
        let day = DAYS[self.week_day.min(6)];
        let (hour, minute, second) = (self.second_of_day / 3600, self.second_of_day / 60 % 60, self.second_of_day % 60);
        let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
        let _ = match part {
            Part::LongMonth => write!(out, "{month}"),
            Part::Month => write!(out, "{}", &month[..3]),
            Part::NumMonth => write!(out, "{}", self.month),
            Part::ZeroMonth => write!(out, "{:02}", self.month),
            Part::LongWeekDay => write!(out, "{day}"),
            Part::WeekDay => write!(out, "{}", &day[..3]),
            Part::Day => write!(out, "{}", self.day),
            Part::UnderDay => write!(out, "{:2}", self.day),
            Part::ZeroDay => write!(out, "{:02}", self.day),
            Part::UnderYearDay => write!(out, "{:3}", self.year_day),
            Part::ZeroYearDay => write!(out, "{:03}", self.year_day),
            Part::Hour => write!(out, "{hour:02}"),
            Part::Hour12 => write!(out, "{hour12}"),
            Part::ZeroHour12 => write!(out, "{hour12:02}"),
            Part::Minute => write!(out, "{minute}"),
            Part::ZeroMinute => write!(out, "{minute:02}"),
            Part::Second => write!(out, "{second}"),
            Part::ZeroSecond => write!(out, "{second:02}"),
            Part::LongYear => write!(out, "{:04}", self.year),
            Part::Year => write!(out, "{:02}", self.year.rem_euclid(100)),
            Part::Pm => write!(out, "{}", if hour < 12 { "AM" } else { "PM" }),
            Part::LowerPm => write!(out, "{}", if hour < 12 { "am" } else { "pm" }),
            Part::ZoneName => write!(out, "{}", self.zone),
            Part::Offset(how) => self.offset(out, how),
            Part::Fraction(digits) => write!(out, ".{}", &format!("{:09}", self.nanos)[..digits.min(9)]),
            Part::OptionalFraction(digits) => match format!("{:09}", self.nanos)[..digits.min(9)].trim_end_matches('0') {
                "" => Ok(()),
                digits => write!(out, ".{digits}"),
            },
        };
    }

    fn offset(&self, out: &mut String, how: Offset) -> std::fmt::Result {
        if how.z && self.offset == 0 {
            return write!(out, "Z");
        }
        let size = self.offset.abs();
        let colon = if how.colons { ":" } else { "" };
        write!(out, "{}{:02}", if self.offset < 0 { '-' } else { '+' }, size / 3600)?;
        if how.fields > 1 {
            write!(out, "{colon}{:02}", size / 60 % 60)?;
        }
        if how.fields > 2 {
            write!(out, "{colon}{:02}", size % 60)?;
        }
        Ok(())
    }
}
