//! `+ - * / %`, `div` and the minus sign, on numbers, text, lists, durations and timestamps.

use std::borrow::Cow;

use crate::{fault::Reason, syntax::Arithmetic, times, value::Value};

/// The result of an operator. `strict` is CEL's profile: whole division of ints, no mixing of ints and doubles, NaN as a value.
pub(crate) fn apply<'a>(
    operator: Arithmetic,
    left: &Value<'a>,
    right: &Value<'a>,
    strict: bool,
) -> Result<Value<'a>, Reason> {
    let mismatch = Reason::Arithmetic(operator, left.kind(), right.kind());
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => Err(Reason::NullOperand),
        (Value::Double(a), Value::Double(b)) => doubles(operator, *a, *b, strict).unwrap_or(Err(mismatch)),
        (a, b) if a.as_double().is_some() && b.as_double().is_some() => {
            mixed(operator, a, b, strict).unwrap_or(Err(mismatch))
        }
        (a, b) if operator == Arithmetic::Add => joined(a, b).unwrap_or(Err(mismatch)),
        (a, b) => times::combine(operator, a, b).unwrap_or(Err(mismatch)),
    }
}

/// Two numbers of which at least one is an integer. `None`: the operator does not take them.
fn mixed<'a>(
    operator: Arithmetic,
    left: &Value<'a>,
    right: &Value<'a>,
    strict: bool,
) -> Option<Result<Value<'a>, Reason>> {
    let real = !strict && operator == Arithmetic::Divide;
    if let (Some(a), Some(b), false) = (left.as_integer(), right.as_integer(), real) {
        return Some(integers(operator, a, b));
    }
    if strict {
        return None;
    }
    doubles(operator, left.as_double()?, right.as_double()?, strict)
}

fn doubles<'a>(operator: Arithmetic, a: f64, b: f64, strict: bool) -> Option<Result<Value<'a>, Reason>> {
    let result = match operator {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide if b == 0.0 && !strict => return Some(Err(Reason::DivisionByZero)),
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => return None,
    };
    Some(number(result, strict))
}

/// A double as a value: outside of CEL's profile NaN is missing.
pub(crate) const fn number<'a>(value: f64, strict: bool) -> Result<Value<'a>, Reason> {
    if value.is_nan() && !strict { Err(Reason::NotANumber) } else { Ok(Value::Double(value)) }
}

fn integers<'a>(operator: Arithmetic, a: i128, b: i128) -> Result<Value<'a>, Reason> {
    let result = match operator {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide | Arithmetic::Remainder if b == 0 => return Err(Reason::DivisionByZero),
        Arithmetic::Divide => a.checked_div(b),
        // As in CEL's implementations: the division that goes with it overflows.
        Arithmetic::Remainder if a == i128::from(i64::MIN) && b == -1 => None,
        Arithmetic::Remainder => a.checked_rem(b),
    };
    let beyond = a.max(b) > i128::from(i64::MAX);
    result.and_then(|result| integer(result, beyond)).ok_or(Reason::Overflow)
}

/// An integer as a value. Beyond `i64` it only fits where an operand was there already.
fn integer<'a>(value: i128, beyond: bool) -> Option<Value<'a>> {
    let large = || u64::try_from(value).ok().filter(|_| beyond).map(Value::Unsigned);
    i64::try_from(value).ok().map(Value::Int).or_else(large)
}

/// `div(a, b)`: whole division towards zero.
pub(crate) fn divide_whole<'a>(left: &Value<'a>, right: &Value<'a>, strict: bool) -> Result<Value<'a>, Reason> {
    if let (Some(a), Some(b)) = (left.as_integer(), right.as_integer()) {
        return integers(Arithmetic::Divide, a, b);
    }
    match (left.as_double(), right.as_double()) {
        (Some(_), Some(0.0)) => Err(Reason::DivisionByZero),
        (Some(a), Some(b)) => number((a / b).trunc(), strict),
        (None, _) => Err(Reason::Argument(left.kind())),
        _ => Err(Reason::Argument(right.kind())),
    }
}

/// What `+` makes of text, lists and times. `None`: it does not take them.
fn joined<'a>(left: &Value<'a>, right: &Value<'a>) -> Option<Result<Value<'a>, Reason>> {
    match (left, right) {
        (Value::List(a), Value::List(b)) => Some(Ok(Value::list(a.iter().chain(b.iter()).collect()))),
        _ => match (left.as_text(), right.as_text()) {
            (Some(a), Some(b)) => Some(Ok(Value::Text(Cow::Owned([a, b].concat())))),
            _ => times::combine(Arithmetic::Add, left, right),
        },
    }
}

/// `-value`; a duration has a negative only outside of CEL's profile.
pub(crate) fn negate<'a>(value: &Value<'a>, strict: bool) -> Result<Value<'a>, Reason> {
    match value {
        Value::Null => Err(Reason::NullOperand),
        Value::Double(value) => Ok(Value::Double(-value)),
        Value::Duration(nanoseconds) if !strict => {
            nanoseconds.checked_neg().map(Value::Duration).ok_or(Reason::Overflow)
        }
        Value::Int(_) | Value::Unsigned(_) => {
            value.as_integer().and_then(|value| integer(-value, false)).ok_or(Reason::Overflow)
        }
        _ => Err(Reason::NotNegatable(value.kind())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_beyond_the_signed_range_stay_only_where_they_were() {
        let check = |operator, a: Value<'_>, b: Value<'_>, expected: Option<i128>| {
            let result = apply(operator, &a, &b, false);
            assert_eq!(result.ok().and_then(|value| value.as_integer()), expected);
        };
        check(Arithmetic::Add, Value::Int(i64::MAX), Value::Int(1), None);
        check(Arithmetic::Subtract, Value::Unsigned(u64::MAX), Value::Int(1), Some(i128::from(u64::MAX) - 1));
        check(Arithmetic::Multiply, Value::Unsigned(u64::MAX), Value::Unsigned(u64::MAX), None);
        check(Arithmetic::Remainder, Value::Int(i64::MIN), Value::Int(-1), None);
    }
}
