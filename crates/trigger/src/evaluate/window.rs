//! Reads an agent's history. What is not in the window is missing, never an error.

use super::{Outcome, Scope, evaluate, truth};
use crate::{
    fault::Reason,
    history::Series,
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
    let count = |count: u64| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let number = match (measure, series) {
        // Samples of a condition are ones and zeros: their sum is how often it held.
        (Measure::Count, Series::Moments(moments)) => return Ok(count(moments.sum() as u64)),
        (Measure::Rate, Series::Moments(moments)) => Some(moments.sum() * moments.per_second()),
        (Measure::Mean | Measure::Share, Series::Moments(moments)) => moments.mean(),
        (Measure::Least, Series::Moments(moments)) => moments.min(),
        (Measure::Greatest, Series::Moments(moments)) => moments.max(),
        (Measure::Sum, Series::Moments(moments)) => Some(moments.sum()),
        (Measure::Deviation, Series::Moments(moments)) => moments.deviation(),
        (Measure::Quantile(fraction), Series::Quantiles(quantiles)) => quantiles.quantile(fraction),
        (Measure::Last, Series::Ends(ends)) => ends.last(),
        (Measure::Previous, Series::Ends(ends)) => ends.previous(),
        (Measure::Delta, Series::Change(change)) => change.delta(),
        (Measure::Change, Series::Change(change)) => change.relative(),
        (Measure::Increase, Series::Change(change)) => change.increase(),
        (Measure::Decayed, Series::Ewma(average)) => average.value(),
        (Measure::Distinct, Series::Distinct(values)) => {
            return Some(values.count()).filter(|values| *values > 0).map(count).ok_or(Reason::TooFew);
        }
        (Measure::Consecutive, Series::Run(run)) => return Ok(Value::Bool(run.holds())),
        _ => return Err(Reason::Misused),
    };
    match number {
        Some(number) if number.is_nan() => Err(Reason::NotANumber),
        number => number.map(Value::Double).ok_or(Reason::TooFew),
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
            // An event that has left its own mark does not come before itself.
            let up_to = at.saturating_sub(i64::from(past.timed));
            Ok(Value::Bool(now && marks.within(at.saturating_sub(within), up_to)))
        }
        (Measure::Score(window), Series::Moments(moments)) => {
            let missing = |reason: Reason| reason.at(current.span);
            let number = match evaluate(current, scope)? {
                Value::Bool(held) => Some(f64::from(u8::from(held))),
                value => value.as_double(),
            };
            let number = number.ok_or(missing(Reason::NotANumber))?;
            let included = at > past.newest.saturating_sub(window);
            moments.zscore(number, included).map(Value::Double).ok_or(missing(Reason::TooFew))
        }
        _ => Err(Reason::Misused.at(current.span)),
    }
}
