//! `math.` functions of one number.

use crate::{arithmetic::number, fault::Reason, functions::Function, value::Value};

/// Ints pass the roundings as they are. NaN arrives here only in CEL's profile.
pub(super) fn apply<'a>(function: Function, value: &Value<'a>, strict: bool) -> Result<Value<'a>, Reason> {
    match (function, value) {
        (Function::Abs, Value::Int(whole)) => whole.checked_abs().map(Value::Int).ok_or(Reason::Overflow),
        (Function::Sign, Value::Int(whole)) => Ok(Value::Int(whole.signum())),
        (Function::Sign, Value::Unsigned(_)) => Ok(Value::Int(1)),
        (Function::Abs, Value::Unsigned(_)) => Ok(value.clone()),
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
        Function::Abs => value.abs(),
        Function::Sign if value.is_nan() => value,
        // Neither zero has a sign.
        Function::Sign if value == 0.0 => 0.0,
        Function::Sign => value.signum(),
        _ => return Err(Reason::Misused),
    };
    number(result, strict)
}
