//! Takes samples of events: from a condition's inputs into an agent's series. What a series keeps is left to `history`.

use std::hash::{DefaultHasher, Hash, Hasher};

use tidings_core::{Event, Timestamp};

use crate::{
    evaluate::{Outcome, Scope, evaluate, is_present, plain_number, truth},
    expression::Expression,
    fault::Reason,
    history::{Change, Distinct, Ends, Ewma, Marks, Moments, Quantiles, Reads, Run, Series},
    past::{Absence, Basis},
    path::Frame,
    value::Value,
    window::{AbsenceSpec, Awaited, Input, Keep, SeriesSpec},
};

/// An empty series.
pub(crate) fn open(keep: Keep, reads: Reads) -> Series {
    match keep {
        Keep::Moments(window) => Series::Moments(Moments::new(window, reads)),
        Keep::Change(window) => Series::Change(Change::new(window)),
        Keep::Order(window) => Series::Quantiles(Quantiles::new(window)),
        Keep::Ends(window) => Series::Ends(Ends::new(window)),
        Keep::Values(window) => Series::Distinct(Distinct::new(window)),
        Keep::Decay(constant) => Series::Ewma(Ewma::new(constant)),
        Keep::Run(events) => Series::Run(Run::new(usize::from(events))),
        Keep::Marks(within) => Series::Marks(Marks::new(within)),
    }
}

/// The series of an expression after one event, the first.
pub(crate) fn first(expression: &Expression, event: &Event) -> Vec<Series> {
    let frame = expression.frame(event);
    let one = |spec: &SeriesSpec| {
        let mut series = open(spec.keep, spec.reads);
        take(&mut series, spec, &frame, event.timestamp.as_nanos());
        series
    };
    expression.series.iter().map(one).collect()
}

/// What an expression awaits from one moment on.
pub(crate) fn awaited(expression: &Expression, since: Timestamp) -> Vec<Absence> {
    let answer = |spec: &AbsenceSpec| matches!(spec.awaited, Awaited::Answer(_));
    let absences = expression.absences.iter();
    absences.map(|spec| Absence { since: (!answer(spec)).then_some(since), ..Absence::new(spec.after) }).collect()
}

/// Adds what an event says to a series; `newest` is the greatest time of its agent, this event's included. Marks are taken with
/// [`mark`], when all is judged.
pub(crate) fn take<'a>(series: &mut Series, spec: &'a SeriesSpec, frame: &Frame<'a>, newest: i64) {
    let at = frame.event.timestamp.as_nanos();
    match (&mut *series, &spec.input) {
        (Series::Marks(_), _) => {}
        (Series::Run(run), Input::Holds(node)) => _ = run.add(at, truth(node, Scope::new(frame)) == Ok(true)),
        (Series::Distinct(values), Input::Path(node)) => {
            let hash = evaluate(node, Scope::new(frame)).ok().and_then(|value| hash(&value));
            _ = hash.map(|hash| values.add(at, newest, hash));
        }
        (series, input) => match number(input, frame) {
            // With the sample the series has moved to this time already.
            Ok(Some(value)) if series.add_number(at, newest, value) => return,
            Ok(_) => {}
            Err(NotANumber) => series.skip(),
        },
    }
    // What has left the window leaves now; what is read from it is right after this.
    series.advance(newest);
}

/// Notes that a condition held: afterwards, since an event does not come before itself.
pub(crate) fn mark<'a>(series: &mut Series, spec: &'a SeriesSpec, frame: &Frame<'a>, newest: i64) {
    if let (Series::Marks(marks), Input::Holds(node)) = (series, &spec.input)
        && truth(node, Scope::new(frame)) == Ok(true)
    {
        marks.add(frame.event.timestamp.as_nanos(), newest);
    }
}

/// What an event means for something awaited; says whether it moved what was kept.
pub(crate) fn await_on<'a>(absence: &mut Absence, spec: &'a AbsenceSpec, frame: &Frame<'a>, now: Timestamp) -> bool {
    let holds = |node| truth(node, Scope::new(frame)) == Ok(true);
    let (came, asks) = match &spec.awaited {
        Awaited::Event => (true, true),
        Awaited::Path(node) => (is_present(node, Scope::new(frame)), true),
        Awaited::Answer(pair) => (holds(&pair[1]), holds(&pair[0])),
    };
    let moved = came && absence.basis.is_kept();
    if came {
        (absence.since, absence.basis) = (None, Basis::Moved);
    }
    if asks {
        absence.since.get_or_insert(now);
    }
    moved
}

struct NotANumber;

/// The number that an input gives; `None` where there is nothing.
fn number<'a>(input: &'a Input, frame: &Frame<'a>) -> Result<Option<f64>, NotANumber> {
    match input {
        Input::Events => Ok(Some(1.0)),
        Input::Path(node) => match plain_number(node, Scope::new(frame)) {
            Some(number) => Ok(Some(number)),
            None => number_of(evaluate(node, Scope::new(frame))),
        },
        Input::Holds(node) => number_of(truth(node, Scope::new(frame)).map(Value::Bool)),
    }
}

fn number_of(outcome: Outcome<'_>) -> Result<Option<f64>, NotANumber> {
    match outcome {
        Ok(Value::Bool(held)) => Ok(Some(f64::from(u8::from(held)))),
        Ok(Value::Null) => Ok(None),
        Ok(value) => value.as_double().map(Some).ok_or(NotANumber),
        Err(stop) if stop.reason.is_missing() && stop.reason != Reason::NotANumber => Ok(None),
        Err(_) => Err(NotANumber),
    }
}

/// Equal values have equal hashes: numbers by value, a bool as its number, a severity as its name. Lists and maps have none.
fn hash(value: &Value<'_>) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Text(_) | Value::Severity(_) => (0, value.as_text()).hash(&mut hasher),
        Value::Bool(held) => (1, i128::from(*held)).hash(&mut hasher),
        Value::Int(_) | Value::Unsigned(_) => (1, value.as_integer()?).hash(&mut hasher),
        Value::Double(number) if number.fract() == 0.0 && number.abs() < 1e38 => {
            (1, *number as i128).hash(&mut hasher);
        }
        Value::Double(number) => (2, number.to_bits()).hash(&mut hasher),
        Value::Duration(length) => (3, *length).hash(&mut hasher),
        Value::Timestamp(moment) => (4, moment.to_string()).hash(&mut hasher),
        Value::Null | Value::List(_) | Value::Map(_) => return None,
    }
    Some(hasher.finish())
}
