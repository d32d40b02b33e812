//! Values that stand for all others: around every constant of a condition, so that between them nothing changes. Which of them
//! a condition holds for is left to its readers.

use tidings_core::Severity;

use crate::{
    moment::Moment,
    value::{List, Value},
};

/// The most values that are tried: a condition with more constants is believed.
const WITNESS_LIMIT: usize = 256;
/// Room for as many as two or three constants have.
const ROOM: usize = 24;

/// The constants, their next neighbours on both sides, and a value of every other kind. Between two neighbours there is nothing
/// that a comparison with one of the constants could tell from both. `None`: too many.
pub(super) fn around<'c>(constants: &[&'c Value<'static>]) -> Option<Vec<Value<'c>>> {
    // A severity has no value beyond its scale.
    if constants.iter().any(|constant| matches!(constant, Value::Severity(_))) {
        return Some(Severity::ALL.map(Value::Severity).into());
    }
    // A bool equals 0 or 1.
    let bools = [Value::Bool(true), Value::Bool(false), Value::Int(1), Value::Int(0)];
    let mut witnesses = Vec::with_capacity(ROOM);
    witnesses.extend(bools);
    witnesses.extend([Value::Null, Value::text("")]);
    for constant in constants {
        match constant {
            Value::List(List::Owned(items)) => items.iter().for_each(|item| add(item, &mut witnesses)),
            single => add(single, &mut witnesses),
        }
        if witnesses.len() > WITNESS_LIMIT {
            return None;
        }
    }
    Some(witnesses)
}

fn add<'c>(constant: &'c Value<'static>, witnesses: &mut Vec<Value<'c>>) {
    witnesses.push(constant.view());
    match constant {
        Value::Int(whole) => {
            witnesses.extend([whole.saturating_add(1), whole.saturating_sub(1)].map(Value::Int));
            add_doubles(*whole as f64, witnesses);
        }
        Value::Double(number) => add_doubles(*number, witnesses),
        Value::Text(text) => witnesses.push(Value::Text(format!("{text}\0").into())),
        Value::Duration(span) => {
            witnesses.extend([span.saturating_add(1), span.saturating_sub(1)].map(Value::Duration));
        }
        Value::Timestamp(time) => {
            let neighbours = [1, -1].map(|step| Moment::from_nanoseconds(time.nanoseconds() + step));
            witnesses.extend(neighbours.into_iter().flatten().map(Value::Timestamp));
        }
        _ => {}
    }
}

fn add_doubles(number: f64, witnesses: &mut Vec<Value<'_>>) {
    let near = [number, number.next_up(), number.next_down()];
    witnesses.extend(near.into_iter().filter(|number| number.is_finite()).map(Value::Double));
}
