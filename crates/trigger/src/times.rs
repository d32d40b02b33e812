//! Durations and timestamps: reading, writing, arithmetic, and their parts in a time zone.

use std::{borrow::Cow, sync::LazyLock};

use jiff::{
    SignedDuration, Timestamp,
    tz::{Offset, TimeZone, TimeZoneDatabase},
};

use crate::{fault::Reason, functions::Part, syntax::Arithmetic, value::Value};

const SECOND: i128 = 1_000_000_000;

/// The units of durations in nanoseconds; a longer name goes before its prefix.
const UNITS: [(&str, i128); 9] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", 3_600 * SECOND),
    ("d", 86_400 * SECOND),
];

/// The zones that ship with the program: the same condition gives the same answer on every machine.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Reads `1h30m`, `-1.5s` or `0` as nanoseconds; days only where they are asked for. At most 292 years.
pub(crate) fn parse_duration(text: &str, days: bool) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) if text.starts_with('-') => (-1, rest),
        Some(rest) => (1, rest),
        None => (1, text),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total = 0_i128;
    while !rest.is_empty() {
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, behind) = rest.split_at(length);
        let (unit, nanoseconds) =
            UNITS.into_iter().find(|(unit, _)| behind.starts_with(unit) && (days || *unit != "d"))?;
        total = total.checked_add(scaled(number, nanoseconds)?)?;
        rest = &behind[unit.len()..];
    }
    if text.is_empty() || rest.len() == text.len() {
        return None;
    }
    i64::try_from(sign * total).ok()
}

/// A decimal number times a unit, cut to whole nanoseconds.
fn scaled(number: &str, unit: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || whole.len() > 20 || fraction.contains('.') {
        return None;
    }
    let digits = &fraction[..fraction.len().min(15)];
    let part: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    whole.checked_mul(unit)?.checked_add(part * unit / 10_i128.pow(u32::try_from(digits.len()).ok()?))
}

/// Writes a duration as CEL does: in seconds, `5400s` or `-0.25s`.
pub(crate) fn format_duration(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let magnitude = nanoseconds.unsigned_abs();
    let fraction = format!("{:09}", magnitude % 1_000_000_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}s", magnitude / 1_000_000_000)
}

/// Reads an RFC 3339 timestamp of the years 1 to 9999.
pub(crate) fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let date = text.as_bytes().get(..4).is_some_and(|year| year.iter().all(u8::is_ascii_digit));
    if !date || !text.contains(['T', 't']) || text.contains('[') {
        return None;
    }
    bounded(text.parse().ok()?)
}

/// The timestamp, if it lies in the years 1 to 9999.
pub(crate) fn bounded(timestamp: Timestamp) -> Option<Timestamp> {
    let seconds = timestamp.as_second();
    (-62_135_596_800..=253_402_300_799).contains(&seconds).then_some(timestamp)
}

pub(crate) fn from_core(timestamp: tidings_core::Timestamp) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(timestamp.as_nanos())).unwrap_or_default()
}

/// `+` and `-` on durations and timestamps. `None`: the operator does not take these.
pub(crate) fn combine<'a>(
    operator: Arithmetic,
    left: &Value<'a>,
    right: &Value<'a>,
) -> Option<Result<Value<'a>, Reason>> {
    let result = match (operator, left, right) {
        (Arithmetic::Add, Value::Duration(a), Value::Duration(b)) => a.checked_add(*b).map(Value::Duration),
        (Arithmetic::Subtract, Value::Duration(a), Value::Duration(b)) => a.checked_sub(*b).map(Value::Duration),
        (Arithmetic::Add, Value::Timestamp(time), Value::Duration(span))
        | (Arithmetic::Add, Value::Duration(span), Value::Timestamp(time)) => shifted(*time, *span),
        (Arithmetic::Subtract, Value::Timestamp(time), Value::Duration(span)) => {
            span.checked_neg().and_then(|span| shifted(*time, span))
        }
        (Arithmetic::Subtract, Value::Timestamp(a), Value::Timestamp(b)) => {
            i64::try_from(a.as_nanosecond() - b.as_nanosecond()).ok().map(Value::Duration)
        }
        _ => return None,
    };
    Some(result.ok_or(Reason::Overflow))
}

fn shifted<'a>(time: Timestamp, nanoseconds: i64) -> Option<Value<'a>> {
    let moved = time.checked_add(SignedDuration::from_nanos(nanoseconds)).ok()?;
    bounded(moved).map(Value::Timestamp)
}

/// A zone by its IANA name or its offset: `Europe/Zurich`, `UTC`, `+02:00`, `-02:30`, `02:00`.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    offset(name).map(TimeZone::fixed).or_else(|| ZONES.get(name).ok())
}

fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (hours, minutes) = digits.split_once(':')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two_digits(hours) || !two_digits(minutes) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

/// A part of a duration or of a timestamp, counted as CEL counts it: months, and days but for `getDate`, from 0.
pub(crate) fn part(part: Part, value: &Value<'_>, zone: Option<&TimeZone>) -> Result<i64, Reason> {
    match value {
        Value::Null => Err(Reason::NullOperand),
        Value::Duration(nanoseconds) if zone.is_none() => {
            part_of_duration(part, *nanoseconds).ok_or(Reason::Argument(value.kind()))
        }
        Value::Timestamp(time) => Ok(part_of_timestamp(part, *time, zone)),
        _ => Err(Reason::Argument(value.kind())),
    }
}

const fn part_of_duration(part: Part, nanoseconds: i64) -> Option<i64> {
    Some(match part {
        Part::Hours => nanoseconds / 3_600_000_000_000,
        Part::Minutes => nanoseconds / 60_000_000_000,
        Part::Seconds => nanoseconds / 1_000_000_000,
        Part::Milliseconds => nanoseconds / 1_000_000 % 1_000,
        _ => return None,
    })
}

fn part_of_timestamp(part: Part, time: Timestamp, zone: Option<&TimeZone>) -> i64 {
    let local = zone.unwrap_or(&TimeZone::UTC).to_datetime(time);
    match part {
        Part::Year => i64::from(local.year()),
        Part::Month => i64::from(local.month()) - 1,
        Part::Date => i64::from(local.day()),
        Part::DayOfMonth => i64::from(local.day()) - 1,
        Part::DayOfWeek => i64::from(local.weekday().to_sunday_zero_offset()),
        Part::DayOfYear => i64::from(local.day_of_year()) - 1,
        Part::Hours => i64::from(local.hour()),
        Part::Minutes => i64::from(local.minute()),
        Part::Seconds => i64::from(local.second()),
        Part::Milliseconds => i64::from(local.millisecond()),
    }
}

/// A timestamp in RFC 3339, in UTC.
pub(crate) fn format_timestamp<'a>(time: Timestamp) -> Value<'a> {
    Value::Text(Cow::Owned(time.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(parse_duration(text, false).map(format_duration).as_deref(), expected, "{text}");
        };
        check("1h30m", Some("5400s"));
        check("-1.5s", Some("-1.5s"));
        check("1us", Some("0.000001s"));
        check("0", Some("0s"));
        check("+2ms", Some("0.002s"));
        check("1d", None);
        check("", None);
        check("-", None);
        check("5", None);
        check(".s", None);
        check("1..5s", None);
        check("320000000000s", None);
        assert_eq!(parse_duration("1d", true), Some(86_400_000_000_000));
    }

    #[test]
    fn zones_are_names_or_offsets() {
        let hour = |name: &str| {
            let time = parse_timestamp("2009-02-13T23:31:30Z").unwrap();
            zone(name).map(|zone| part_of_timestamp(Part::Hours, time, Some(&zone)))
        };
        assert_eq!(hour("Australia/Sydney"), Some(10));
        assert_eq!(hour("+11:00"), Some(10));
        assert_eq!(hour("02:00"), Some(1));
        assert_eq!(hour("-02:30"), Some(21));
        assert_eq!(hour("UTC"), Some(23));
        assert_eq!(hour("Mars/Olympus"), None);
        assert_eq!(hour("+2:00"), None);
        assert_eq!(hour("é"), None);
    }

    #[test]
    fn only_the_years_of_the_calendar_are_timestamps() {
        assert!(parse_timestamp("9999-12-31T23:59:59.999999999Z").is_some());
        for bad in ["10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2009-02-13", "", "now", "2009-02-13 23:31:30Z"] {
            assert_eq!(parse_timestamp(bad), None, "{bad}");
        }
    }
}
