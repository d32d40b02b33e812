//! Reads an agent's history. What is not in the window is missing, never an error.

use super::{Outcome, Scope, evaluate, truth};
use crate::{
    fault::Reason,
    history::{Numbers, Series},
    node::{Node, Op, Reading},
    past::Past,
    value::Value,
    window::Measure,
};

pub(super) fn read<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Outcome<'a> {
    let missing = |reason: Reason| reason.at(node.span);
    let past = scope.frame.past.ok_or(missing(Reason::NoHistory))?;
    match &node.op {
        Op::Overdue(number) => {
            let absence = past.absence(*number).ok_or(missing(Reason::NoHistory))?;
            Ok(Value::Bool(absence.is_overdue(past.now)))
        }
        Op::Window(reading) => {
            let series = past.series(reading.series).ok_or(missing(Reason::NoHistory))?;
            match &reading.current {
                None => measure(reading.measure, series).map_err(missing),
                Some(current) => with_current(reading, current, series, (past, scope)),
            }
        }
        _ => Err(missing(Reason::Misused)),
    }
}

fn measure(measure: Measure, series: &Series) -> Result<Value<'static>, Reason> {
    let value = match series {
        Series::Numbers(numbers) => number(measure, numbers)?,
        Series::Distinct(values) => values.count().map(|count| Value::Int(i64::try_from(count).unwrap_or(i64::MAX))),
        Series::Ewma(average) => average.value().map(Value::Double),
        Series::Run(run) => Some(Value::Bool(run.holds())),
        Series::Marks(_) => None,
    };
    value.ok_or(Reason::TooFew)
}

fn number(measure: Measure, numbers: &Numbers) -> Result<Option<Value<'static>>, Reason> {
    let value = match measure {
        Measure::Mean | Measure::Share => numbers.mean(),
        Measure::Least => numbers.min(),
        Measure::Greatest => numbers.max(),
        Measure::Sum => Some(numbers.sum()),
        Measure::Deviation => numbers.stddev(),
        Measure::Quantile(fraction) => numbers.quantile(fraction),
        Measure::Last => numbers.last(),
        Measure::Previous => numbers.prev(),
        // Samples are ones and zeros: their sum is how often it held.
        Measure::Count => return Ok(Some(Value::Int(numbers.sum() as i64))),
        Measure::Rate(window) => Some(numbers.sum() / (window as f64 / 1e9)),
        Measure::Delta => numbers.delta(),
        Measure::Change => numbers.pct_change(),
        Measure::Increase => numbers.increase(),
        _ => return Err(Reason::Misused),
    };
    match value {
        Some(value) if value.is_nan() => Err(Reason::NotANumber),
        value => Ok(value.map(Value::Double)),
    }
}

/// What takes the event itself into account.
fn with_current<'a>(
    reading: &'a Reading,
    current: &'a Node,
    series: &Series,
    (past, scope): (&Past<'_>, Scope<'a, '_>),
) -> Outcome<'a> {
    let at = scope.frame.event.timestamp.as_nanos();
    match (reading.measure, series) {
        (Measure::Sequence(within), Series::Marks(marks)) => {
            let now = truth(current, scope)?;
            Ok(Value::Bool(now && marks.any_within(at.saturating_sub(within), at)))
        }
        (Measure::Score, Series::Numbers(numbers)) => {
            let value = evaluate(current, scope)?;
            let number = match value {
                Value::Bool(held) => f64::from(u8::from(held)),
                Value::Null => return Err(Reason::NullOperand.at(current.span)),
                _ => value.as_double().ok_or(Reason::Argument(value.kind()).at(current.span))?,
            };
            let included = numbers.covers(at, past.newest);
            numbers.zscore(number, included).map(Value::Double).ok_or(Reason::TooFew.at(current.span))
        }
        _ => Err(Reason::Misused.at(current.span)),
    }
}
