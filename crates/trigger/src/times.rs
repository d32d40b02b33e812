//! Durations: reading, writing, and the arithmetic that they have with points in time.

use jiff::tz::TimeZone;

use crate::{fault::Reason, functions::Part, moment::Moment, syntax::Arithmetic, value::Value};

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
    if rest.is_empty() {
        return None;
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
            i64::try_from(a.nanoseconds() - b.nanoseconds()).ok().map(Value::Duration)
        }
        _ => return None,
    };
    Some(result.ok_or(Reason::Overflow))
}

fn shifted<'a>(time: Moment, nanoseconds: i64) -> Option<Value<'a>> {
    Moment::from_nanoseconds(time.nanoseconds() + i128::from(nanoseconds)).map(Value::Timestamp)
}

/// A part of a duration or of a timestamp, counted as CEL counts it: months, and days but for `getDate`, from 0.
pub(crate) fn part(part: Part, value: &Value<'_>, zone: Option<&TimeZone>) -> Result<i64, Reason> {
    match value {
        Value::Null => Err(Reason::NullOperand),
        Value::Duration(nanoseconds) if zone.is_none() => {
            part_of_duration(part, *nanoseconds).ok_or(Reason::Argument(value.kind()))
        }
        Value::Timestamp(time) => Ok(time.part(part, zone)),
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
}
