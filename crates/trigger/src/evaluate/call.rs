//! Calls of functions: evaluates the arguments into a fixed array and hands them on.

use std::cmp::Ordering;

use super::{Outcome, Scope, convert, evaluate, made, mathematics, texts};
use crate::{
    arithmetic, compare,
    fault::Reason,
    functions::Function,
    moment,
    node::{Node, Op},
    times,
    value::Value,
};

/// No function but `math.greatest` and `math.least` takes more arguments.
const ARGUMENT_LIMIT: usize = 4;

pub(super) fn call<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Outcome<'a> {
    let result = match &node.op {
        Op::Call(function @ (Function::Greatest | Function::Least), parts) => {
            extreme(*function == Function::Greatest, parts, scope)?
        }
        Op::Call(function, parts) => {
            let mut values = [const { Value::Null }; ARGUMENT_LIMIT];
            for (value, part) in values.iter_mut().zip(parts) {
                *value = evaluate(part, scope)?;
            }
            let given = parts.len().min(ARGUMENT_LIMIT);
            dispatch(*function, &values[..given], scope)
        }
        Op::Zoned(Function::Part(part), base, zone) => {
            let time = evaluate(base, scope)?;
            times::part(*part, &time, Some(zone)).map(Value::Int)
        }
        _ => Err(Reason::Misused),
    };
    result.and_then(|value| made(value, scope)).map_err(|reason| reason.at(node.span))
}

fn dispatch<'a>(function: Function, values: &[Value<'a>], scope: Scope<'a, '_>) -> Result<Value<'a>, Reason> {
    let strict = scope.frame.strict;
    if !strict && values.iter().any(|value| matches!(value, Value::Null)) {
        return Err(Reason::NullOperand);
    }
    match (function, values) {
        (Function::Div, [left, right]) => arithmetic::divide_whole(left, right, strict),
        (Function::Part(part), [time]) => times::part(part, time, None).map(Value::Int),
        (Function::Part(part), [time, zone]) => {
            let zone = moment::zone(texts::of(zone)?).ok_or(Reason::UnknownZone)?;
            times::part(part, time, Some(&zone)).map(Value::Int)
        }
        (Function::Same, [value]) => Ok(value.clone()),
        (_, [value]) if function.converts() => convert::convert(function, value, strict),
        (_, [value]) if function.calculates() => mathematics::apply(function, value, strict),
        (_, [left, right]) if function.combines_bits() => mathematics::combine_bits(function, left, right),
        _ => texts::apply(function, values, scope),
    }
}

/// The greatest or the least of the arguments, or of the one list.
fn extreme<'a>(
    greatest: bool,
    parts: &'a [Node],
    scope: Scope<'a, '_>,
) -> Result<Result<Value<'a>, Reason>, crate::fault::Stop> {
    let mut best: Option<Value<'a>> = None;
    if let [part] = parts {
        let only = evaluate(part, scope)?;
        let Value::List(list) = &only else { return Ok(better(best, only, greatest)) };
        for item in list.iter() {
            match better(best, item, greatest) {
                Ok(value) => best = Some(value),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        // Nothing is the greatest of nothing.
        return Ok(best.ok_or(Reason::OutOfRange));
    }
    for part in parts {
        match better(best, evaluate(part, scope)?, greatest) {
            Ok(value) => best = Some(value),
            Err(reason) => return Ok(Err(reason)),
        }
    }
    Ok(best.ok_or(Reason::Misused))
}

fn better<'a>(best: Option<Value<'a>>, next: Value<'a>, greatest: bool) -> Result<Value<'a>, Reason> {
    if matches!(next, Value::Null) {
        return Err(Reason::NullOperand);
    }
    if next.as_double().is_none() {
        return Err(Reason::Argument(next.kind()));
    }
    let Some(best) = best else { return Ok(next) };
    let wanted = if greatest { Ordering::Greater } else { Ordering::Less };
    let order = compare::numbers(&next, &best).ok_or(Reason::NotANumber)?;
    Ok(if order == wanted { next } else { best })
}
