//! Conversions between types, as in CEL.

use std::borrow::Cow;

use crate::{arithmetic::number, fault::Reason, functions::Function, moment::Moment, times, value::Value};

pub(super) fn convert<'a>(function: Function, value: &Value<'a>, strict: bool) -> Result<Value<'a>, Reason> {
    match function {
        Function::ToInt => to_int(value),
        Function::ToDouble => to_double(value, strict),
        Function::ToText => to_text(value),
        Function::ToBool => to_bool(value),
        Function::ToDuration => to_duration(value, strict),
        _ => to_timestamp(value),
    }
}

/// A conversion of what is known at load. `None` where it fails, so that it fails when it is evaluated.
pub(crate) fn convert_constant(function: Function, value: &Value<'static>, strict: bool) -> Option<Value<'static>> {
    convert(function, value, strict).ok()
}

fn to_int<'a>(value: &Value<'a>) -> Result<Value<'a>, Reason> {
    match value {
        Value::Int(_) => Ok(value.clone()),
        Value::Unsigned(_) => Err(Reason::Overflow),
        // The bounds themselves are out: as doubles they are already rounded.
        Value::Double(value) if value.is_nan() => Err(Reason::NotANumber),
        Value::Double(value) if value.abs() < 9_223_372_036_854_775_808.0 => Ok(Value::Int(value.trunc() as i64)),
        Value::Double(_) => Err(Reason::Overflow),
        Value::Text(text) => text.parse().map(Value::Int).map_err(|_| Reason::NotConvertible),
        Value::Timestamp(time) => Ok(Value::Int(time.seconds())),
        _ => Err(Reason::Argument(value.kind())),
    }
}

fn to_double<'a>(value: &Value<'a>, strict: bool) -> Result<Value<'a>, Reason> {
    match value {
        Value::Text(text) => {
            let parsed: f64 = text.parse().map_err(|_| Reason::NotConvertible)?;
            // Digits that no double can hold are no infinity; only the word is.
            if parsed.is_infinite() && text.contains(|c: char| c.is_ascii_digit()) {
                return Err(Reason::Overflow);
            }
            number(parsed, strict)
        }
        _ => value.as_double().map(Value::Double).ok_or(Reason::Argument(value.kind())),
    }
}

fn to_text<'a>(value: &Value<'a>) -> Result<Value<'a>, Reason> {
    let text = match value {
        Value::Text(_) => return Ok(value.clone()),
        Value::Severity(severity) => return Ok(Value::text(severity.as_str())),
        Value::Timestamp(time) => return Ok(Value::Text(Cow::Owned(time.to_string()))),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Unsigned(value) => value.to_string(),
        Value::Double(value) => render_double(*value),
        Value::Duration(nanoseconds) => times::format_duration(*nanoseconds),
        _ => return Err(Reason::Argument(value.kind())),
    };
    Ok(Value::Text(Cow::Owned(text)))
}

/// A double as people write it: no point behind a whole one, an exponent only for the very large and very small.
pub(crate) fn render_double(value: f64) -> String {
    let magnitude = value.abs();
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() };
    }
    if magnitude == 0.0 || value.is_nan() || (1e-4..1e21).contains(&magnitude) {
        return value.to_string();
    }
    with_exponent(value)
}

/// A finite double with a sign and at least two digits in its exponent: `6.02214e+23`.
pub(crate) fn with_exponent(value: f64) -> String {
    signed_exponent(&format!("{value:e}"))
}

/// The exponent of `6.02214e23` with a sign and at least two digits.
pub(super) fn signed_exponent(text: &str) -> String {
    match text.split_once('e') {
        Some((digits, exponent)) => match exponent.strip_prefix('-') {
            Some(exponent) => format!("{digits}e-{exponent:0>2}"),
            None => format!("{digits}e+{exponent:0>2}"),
        },
        None => text.to_owned(),
    }
}

fn to_bool<'a>(value: &Value<'a>) -> Result<Value<'a>, Reason> {
    match value {
        Value::Bool(_) => Ok(value.clone()),
        Value::Text(text) => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
            _ => Err(Reason::NotConvertible),
        },
        _ => Err(Reason::Argument(value.kind())),
    }
}

fn to_duration<'a>(value: &Value<'a>, strict: bool) -> Result<Value<'a>, Reason> {
    match value {
        Value::Duration(_) => Ok(value.clone()),
        Value::Text(text) => times::parse_duration(text, !strict).map(Value::Duration).ok_or(Reason::NotConvertible),
        _ => Err(Reason::Argument(value.kind())),
    }
}

fn to_timestamp<'a>(value: &Value<'a>) -> Result<Value<'a>, Reason> {
    match value {
        Value::Timestamp(_) => Ok(value.clone()),
        Value::Int(seconds) => Moment::new(*seconds, 0).map(Value::Timestamp).ok_or(Reason::Overflow),
        Value::Text(text) => Moment::parse(text).map(Value::Timestamp).ok_or(Reason::NotConvertible),
        _ => Err(Reason::Argument(value.kind())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_people_do() {
        let check = |value: f64, expected: &str| assert_eq!(render_double(value), expected);
        check(0.2, "0.2");
        check(-0.0045, "-0.0045");
        check(1.0, "1");
        check(1e12, "1000000000000");
        check(6.02214e23, "6.02214e+23");
        check(1.38e-23, "1.38e-23");
        check(f64::NEG_INFINITY, "-Inf");
    }
}
