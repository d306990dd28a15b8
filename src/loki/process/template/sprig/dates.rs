//! Functions of points in time.

use super::args::{Args, Result, strval};
use crate::process::go_time::{Format, Location, format};
use crate::process::template::parser::Call;
use crate::process::template::value::Val;
use component::Clock;
use value::types::Duration;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("now", |_| Ok(Val::Time(now()))),
    ("date", |args| Ok(Val::text(format(time(Args::of(args, 2)?.any(1)), &Location::Utc, Args(args).text(0)?)))),
    ("dateInZone", in_zone),
    ("date_in_zone", in_zone),
    ("htmlDate", |args| Ok(Val::text(format(time(Args::of(args, 1)?.any(0)), &Location::Utc, "2006-01-02")))),
    ("htmlDateInZone", |args| Ok(Val::text(format(time(Args::of(args, 2)?.any(0)), &zone(Args(args).text(1)?), "2006-01-02")))),
    ("toDate", |args| Ok(Val::Time(to_date(Args::of(args, 2)?)?.unwrap_or(ZERO)))),
    ("mustToDate", |args| to_date(Args::of(args, 2)?)?.map(Val::Time).ok_or_else(|| "the time does not fit the layout".to_owned())),
    ("unixEpoch", |args| match Args::of(args, 1)?.any(0) {
        Val::Time(nanos) => Ok(Val::text(seconds(*nanos).to_string())),
        other => Err(format!("argument 1 must be a time, not {}", other.type_name())),
    }),
    ("ago", ago),
    ("dateModify", |args| Ok(modified(Args::of(args, 2)?)?.unwrap_or_else(|| Args(args).any(1).clone()))),
    ("date_modify", |args| Ok(modified(Args::of(args, 2)?)?.unwrap_or_else(|| Args(args).any(1).clone()))),
    ("mustDateModify", |args| modified(Args::of(args, 2)?)?.ok_or_else(|| "the duration cannot be read".to_owned())),
    ("must_date_modify", |args| modified(Args::of(args, 2)?)?.ok_or_else(|| "the duration cannot be read".to_owned())),
    ("duration", duration),
    ("durationRound", duration_round),
];

const SECOND: i64 = 1_000_000_000;
/// Go's zero time is before what nanoseconds in i64 can say; the earliest one stands for it.
const ZERO: i64 = i64::MIN;
/// The seconds from Go's zero time to 1970.
const ZERO_SECONDS: i64 = -62_135_596_800;

fn now() -> i64 {
    Clock::default().nanos()
}

/// Times, and seconds since 1970; everything else is now.
fn time(value: &Val) -> i64 {
    match value {
        Val::Time(nanos) => *nanos,
        Val::Int(seconds) | Val::Int64(seconds) => seconds.saturating_mul(SECOND),
        _ => now(),
    }
}

/// Seconds since 1970.
fn seconds(nanos: i64) -> i64 {
    if nanos == ZERO { ZERO_SECONDS } else { nanos.div_euclid(SECOND) }
}

/// Of a number of seconds, which is `int64` or text; everything else counts as none.
fn duration(args: &[Val]) -> Result<Val> {
    let seconds = match Args::of(args, 1)?.any(0) {
        Val::Int64(seconds) => *seconds,
        Val::Str(text) => text.parse().unwrap_or(0),
        _ => 0,
    };
    Ok(Val::text(Duration::from_secs(seconds).to_string()))
}

/// An unknown zone counts as UTC.
fn zone(name: &str) -> Location {
    Location::find(name).unwrap_or(Location::Utc)
}

fn in_zone(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    Ok(Val::text(format(time(args.any(1)), &zone(args.text(2)?), args.text(0)?)))
}

fn to_date(args: Args<'_>) -> Result<Option<i64>> {
    Ok(Format::layout(args.text(0)?).parse(args.text(1)?))
}

fn ago(args: &[Val]) -> Result<Val> {
    let then = time(Args::of(args, 1)?.any(0));
    let seconds = now().saturating_sub(then).saturating_add(SECOND / 2).div_euclid(SECOND);
    Ok(Val::text(Duration::from_secs(seconds).to_string()))
}

fn modified(args: Args<'_>) -> Result<Option<Val>> {
    let by = args.text(0)?.parse::<Duration>().ok();
    let Val::Time(nanos) = args.any(1) else { return Err("argument 2 must be a time".to_owned()) };
    Ok(by.map(|by| Val::Time(nanos.saturating_add(by.nanos()))))
}

/// The largest unit only, without a sign: `2h`, `3d`, `5mo`.
fn duration_round(args: &[Val]) -> Result<Val> {
    let nanos = match Args::of(args, 1)?.any(0) {
        Val::Int64(nanos) => *nanos,
        Val::Time(then) => now().saturating_sub(*then),
        other => strval(other).parse::<Duration>().map_or(0, Duration::nanos),
    };
    const DAY: i64 = 24 * 3600 * SECOND;
    let units = [("y", 365 * DAY), ("mo", 30 * DAY), ("d", DAY), ("h", 3600 * SECOND), ("m", 60 * SECOND), ("s", SECOND)];
    let size = nanos.saturating_abs();
    let text =
        units.into_iter().find(|(_, unit)| size > *unit).map_or_else(|| "0s".to_owned(), |(name, unit)| format!("{}{name}", size / unit));
    Ok(Val::text(text))
}

/// A time as Go prints it.
pub(crate) fn time_text(nanos: i64) -> String {
    if nanos == ZERO {
        return "0001-01-01 00:00:00 +0000 UTC".to_owned();
    }
    format(nanos, &Location::Utc, "2006-01-02 15:04:05.999999999 -0700 MST")
}

/// Methods of times.
pub(super) fn method(nanos: i64, name: &str, args: &[Val]) -> Result<Val> {
    let number = |layout: &str| Ok(Val::Int(format(nanos, &Location::Utc, layout).trim_start_matches('0').parse().unwrap_or(0)));
    match name {
        "Unix" => Ok(Val::Int64(seconds(nanos))),
        "UnixMilli" => Ok(Val::Int64(nanos.div_euclid(1_000_000))),
        "UnixMicro" => Ok(Val::Int64(nanos.div_euclid(1_000))),
        "UnixNano" => Ok(Val::Int64(nanos)),
        "UTC" | "Local" => Ok(Val::Time(nanos)),
        "String" => Ok(Val::text(time_text(nanos))),
        "IsZero" => Ok(Val::Bool(nanos == ZERO)),
        "Format" => Ok(Val::text(format(nanos, &Location::Utc, Args::of(args, 1)?.text(0)?))),
        "Year" => number("2006"),
        "Day" => number("2"),
        "YearDay" => number("002"),
        "Hour" => number("15"),
        "Minute" => number("4"),
        "Second" => number("5"),
        "Month" => Ok(Val::text(format(nanos, &Location::Utc, "January"))),
        "Weekday" => Ok(Val::text(format(nanos, &Location::Utc, "Monday"))),
        name => Err(format!("a time has no method .{name}")),
    }
}
