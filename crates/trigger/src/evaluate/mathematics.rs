//! `math.` functions of one number, and of the bits of ints.

use crate::{arithmetic::number, fault::Reason, functions::Function, value::Value};

/// Ints pass the roundings as they are. NaN arrives here only in CEL's profile.
pub(super) fn apply<'a>(function: Function, value: &Value<'a>, strict: bool) -> Result<Value<'a>, Reason> {
    match (function, value) {
        (Function::Abs, Value::Int(whole)) => whole.checked_abs().map(Value::Int).ok_or(Reason::Overflow),
        (Function::Sign, Value::Int(whole)) => Ok(Value::Int(whole.signum())),
        (Function::Sign, Value::Unsigned(_)) => Ok(Value::Int(1)),
        (Function::Abs, Value::Unsigned(_)) => Ok(value.clone()),
        (Function::Sqrt, Value::Int(_) | Value::Unsigned(_)) => {
            of_double(function, value.as_double().unwrap_or(f64::NAN), strict)
        }
        (Function::BitNot, _) => bits(value).map(|(pattern, signed)| whole(!pattern, signed)),
        (_, Value::Double(value)) => of_double(function, *value, strict),
        (_, Value::Int(_) | Value::Unsigned(_)) if !strict => of_integer(function, value),
        _ => Err(Reason::Argument(value.kind())),
    }
}

fn of_integer<'a>(function: Function, value: &Value<'a>) -> Result<Value<'a>, Reason> {
    match function {
        Function::IsNan | Function::IsInf => Ok(Value::Bool(false)),
        Function::IsFinite => Ok(Value::Bool(true)),
        _ => Ok(value.clone()),
    }
}

fn of_double<'a>(function: Function, value: f64, strict: bool) -> Result<Value<'a>, Reason> {
    let result = match function {
        Function::IsNan => return Ok(Value::Bool(value.is_nan())),
        Function::IsInf => return Ok(Value::Bool(value.is_infinite())),
        Function::IsFinite => return Ok(Value::Bool(value.is_finite())),
        Function::Ceil => value.ceil(),
        Function::Floor => value.floor(),
        Function::Round => value.round(),
        Function::Trunc => value.trunc(),
        Function::Sqrt => value.sqrt(),
        Function::Abs => value.abs(),
        Function::Sign if value.is_nan() => value,
        // Neither zero has a sign.
        Function::Sign if value == 0.0 => 0.0,
        Function::Sign => value.signum(),
        _ => return Err(Reason::Misused),
    };
    number(result, strict)
}

/// Ints are taken as their 64 bits. One beyond `i64` has no sign, and so has what is made of it.
pub(super) fn combine_bits<'a>(function: Function, left: &Value<'a>, right: &Value<'a>) -> Result<Value<'a>, Reason> {
    let (pattern, signed) = bits(left)?;
    let (other, other_signed) = bits(right)?;
    let both = signed && other_signed;
    Ok(match function {
        Function::BitAnd => whole(pattern & other, both),
        Function::BitOr => whole(pattern | other, both),
        Function::BitXor => whole(pattern ^ other, both),
        // Nothing is left of 64 bits that are shifted by as many places or more.
        Function::BitShiftLeft => whole(pattern.checked_shl(places(right)?).unwrap_or(0), signed),
        // The sign moves like any other bit.
        Function::BitShiftRight => whole(pattern.checked_shr(places(right)?).unwrap_or(0), signed),
        _ => return Err(Reason::Misused),
    })
}

/// The bits of an int, and whether the first of them is its sign.
const fn bits(value: &Value<'_>) -> Result<(u64, bool), Reason> {
    match value {
        Value::Int(whole) => Ok((whole.cast_unsigned(), true)),
        Value::Unsigned(whole) => Ok((*whole, false)),
        _ => Err(Reason::Argument(value.kind())),
    }
}

fn whole<'a>(pattern: u64, signed: bool) -> Value<'a> {
    match i64::try_from(pattern) {
        Err(_) if !signed => Value::Unsigned(pattern),
        _ => Value::Int(pattern.cast_signed()),
    }
}

/// How far to shift: beyond the width of an int it does not matter how far.
fn places(value: &Value<'_>) -> Result<u32, Reason> {
    match value {
        Value::Int(places) if *places < 0 => Err(Reason::NegativeShift),
        Value::Int(places) => Ok(u32::try_from(*places).unwrap_or(u32::MAX)),
        _ => Ok(u32::MAX),
    }
}
