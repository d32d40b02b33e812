//! Order and equality of values: numbers as mathematical values, text by code point, no order across types.

use std::cmp::Ordering;

use crate::{
    fault::Reason,
    syntax::Relation,
    value::{List, Map, Value},
};

/// What a relation other than `in` says of two values.
pub(crate) fn relate(relation: Relation, left: &Value<'_>, right: &Value<'_>, strict: bool) -> Result<bool, Reason> {
    match relation {
        Relation::Equal => Ok(equal_at_top(left, right, strict)),
        Relation::NotEqual => Ok(!equal_at_top(left, right, strict)),
        _ => ordered(relation, left, right, strict),
    }
}

/// Whether a relation other than `in` holds between two values in this order.
pub(crate) const fn holds(relation: Relation, order: Ordering) -> bool {
    match relation {
        Relation::Less => order.is_lt(),
        Relation::LessEqual => order.is_le(),
        Relation::Greater => order.is_gt(),
        Relation::GreaterEqual => order.is_ge(),
        Relation::NotEqual => order.is_ne(),
        _ => order.is_eq(),
    }
}

/// Equality of the operands of `==`: outside of CEL's profile a bool is 0 or 1 against a number.
fn equal_at_top(left: &Value<'_>, right: &Value<'_>, strict: bool) -> bool {
    match (left, right) {
        (Value::Bool(flag), number @ (Value::Int(_) | Value::Double(_)))
        | (number @ (Value::Int(_) | Value::Double(_)), Value::Bool(flag))
            if !strict =>
        {
            equal(&Value::Int(i64::from(*flag)), number)
        }
        _ => equal(left, right),
    }
}

fn ordered(relation: Relation, left: &Value<'_>, right: &Value<'_>, strict: bool) -> Result<bool, Reason> {
    if !strict && matches!((left, right), (Value::Null, _) | (_, Value::Null)) {
        return Err(Reason::NullOperand);
    }
    let numbers = left.as_double().is_some() && right.as_double().is_some();
    let Some(order) = order(left, right)? else {
        // Only NaN has no order among numbers: in CEL's profile every comparison with it is false.
        return if numbers { Ok(false) } else { Err(Reason::Unordered(relation, left.kind(), right.kind())) };
    };
    Ok(holds(relation, order))
}

/// The order of two values; `None` where they have none.
fn order(left: &Value<'_>, right: &Value<'_>) -> Result<Option<Ordering>, Reason> {
    Ok(match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
        (Value::Severity(a), Value::Severity(b)) => Some(a.cmp(b)),
        (Value::Severity(a), Value::Text(b)) => Some(a.cmp(&severity(b)?)),
        (Value::Text(a), Value::Severity(b)) => Some(severity(a)?.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        _ => numbers(left, right),
    })
}

fn severity(name: &str) -> Result<tidings_core::Severity, Reason> {
    name.parse().map_err(|_| Reason::UnknownSeverity)
}

/// The order of two numbers as mathematical values; `None` for NaN and for what is no number.
pub(crate) fn numbers(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b),
        (Value::Double(a), _) => integer_to_double(right.as_integer()?, *a).map(Ordering::reverse),
        (_, Value::Double(b)) => integer_to_double(left.as_integer()?, *b),
        _ => Some(left.as_integer()?.cmp(&right.as_integer()?)),
    }
}

/// Compares without rounding the integer to a double, which would make neighbours of 2^53 equal.
pub(crate) fn integer_to_double(integer: i128, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    // Saturates beyond the range of i128, which lies far beyond any integer here.
    let whole = double.trunc() as i128;
    let order = integer.cmp(&whole);
    Some(order.then_with(|| 0.0_f64.total_cmp(&(double.fract() + 0.0))))
}

/// Deep equality; false across types, and false for NaN.
pub(crate) fn equal(left: &Value<'_>, right: &Value<'_>) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
        (Value::List(a), Value::List(b)) => equal_lists(a, b),
        (Value::Map(a), Value::Map(b)) => equal_maps(a, b),
        _ => match (left.as_text(), right.as_text()) {
            (Some(a), Some(b)) => a == b,
            _ => numbers(left, right) == Some(Ordering::Equal),
        },
    }
}

fn equal_lists(left: &List<'_>, right: &List<'_>) -> bool {
    left.len() == right.len() && left.iter().zip(right.iter()).all(|(a, b)| equal(&a, &b))
}

fn equal_maps(left: &Map<'_>, right: &Map<'_>) -> bool {
    left.len() == right.len()
        && left.iter().all(|(key, value)| lookup(right, &key).is_some_and(|other| equal(&value, &other)))
}

/// The value under a key of any kind; numbers find each other by value.
pub(crate) fn lookup<'a>(map: &Map<'a>, key: &Value<'_>) -> Option<Value<'a>> {
    match key.as_text() {
        Some(key) => map.get(key),
        None if matches!(map, Map::Json(_)) => None,
        None => map.iter().find(|(name, _)| equal(name, key)).map(|(_, value)| value),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn integers_and_doubles_compare_as_mathematical_values() {
        let check = |integer: i128, double: f64, expected| {
            assert_eq!(integer_to_double(integer, double), expected, "{integer} against {double}");
        };
        check(1 << 53, 9_007_199_254_740_992.0, Some(Ordering::Equal));
        check((1 << 53) + 1, 9_007_199_254_740_992.0, Some(Ordering::Greater));
        check(i128::from(i64::MAX), 9_223_372_036_854_775_808.0, Some(Ordering::Less));
        check(i128::from(u64::MAX), 18_446_744_073_709_551_616.0, Some(Ordering::Less));
        check(2, 2.5, Some(Ordering::Less));
        check(-2, -2.5, Some(Ordering::Greater));
        check(0, -0.0, Some(Ordering::Equal));
        check(0, -0.5, Some(Ordering::Greater));
        check(0, f64::INFINITY, Some(Ordering::Less));
        check(0, f64::NEG_INFINITY, Some(Ordering::Greater));
        check(0, f64::NAN, None);
    }

    proptest! {
        #[test]
        fn small_numbers_compare_alike_in_either_type(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000) {
            prop_assert_eq!(numbers(&Value::Int(a), &Value::Double(b as f64)), Some(a.cmp(&b)));
            prop_assert_eq!(numbers(&Value::Double(a as f64), &Value::Int(b)), Some(a.cmp(&b)));
        }
    }
}
