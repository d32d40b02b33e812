//! A rule whose end can hold at the moment of its beginning: `x > 5 resolve when x > 3` fires and resolves by turns. What is
//! wrong within one condition is left to `lint`.

use tidings_core::Event;

use super::{computes, cost, thresholds, witness};
use crate::{
    diagnostic::{Code, Diagnostic, shown},
    evaluate::{Scope, truth},
    explain,
    node::{Node, Op},
    path::{Field, Frame, Keys, Path},
    value::{Map, Value},
    window::Measure,
};

/// The highest cost of a condition that is tried out.
const COST_LIMIT: u64 = 4096;
/// The key that stands for the metric while it is tried out.
const KEY: &str = "metric";
/// The most constants of which the middles are tried as well: they are only there to be read with pleasure.
const MIDDLE_LIMIT: usize = 8;

/// The warning for a `resolve when` that can hold together with what fires, given only where there is a value to show for it:
/// both conditions, over one list of slots and series, read the same metric and nothing else.
pub(crate) fn overlap(fire: &Node, resolve: &Node) -> Option<Diagnostic> {
    let example = on_metric(fire, resolve).or_else(|| on_window(fire, resolve))?;
    let label = format!("resolves at once where the rule fires, for example at {example}");
    let problem = Diagnostic::warning(Code::Overlap, resolve.span, label);
    Some(problem.help("leave a gap between the two: `x > 5 resolve when x < 4`"))
}

/// A value of the one metric for which both hold.
fn on_metric(fire: &Node, resolve: &Node) -> Option<String> {
    let slot = only_slot(fire)?;
    if only_slot(resolve)? != slot || cost(fire).max(cost(resolve)) > COST_LIMIT {
        return None;
    }
    let mut constants = Vec::new();
    collect(fire, &mut constants);
    collect(resolve, &mut constants);
    first(&constants, |value| holds(fire, slot, value) && holds(resolve, slot, value))
}

/// A value of the one thing that is read from the past for which both hold.
fn on_window(fire: &Node, resolve: &Node) -> Option<String> {
    let mut bounds = thresholds::bounds(fire)?;
    bounds.extend(thresholds::bounds(resolve)?);
    let subject = bounds.first()?.subject;
    let Op::Window(reading) = &subject.op else { return None };
    if !bounds.iter().all(|bound| thresholds::same(bound.subject, subject)) {
        return None;
    }
    let constants: Vec<_> = bounds.iter().filter_map(|bound| bound.constant()).collect();
    first(&constants, |value| {
        is_possible(reading.measure, value) && bounds.iter().all(|bound| bound.met_by(value) == Some(true))
    })
}

/// Whether a measure can have a value.
fn is_possible(measure: Measure, value: &Value<'_>) -> bool {
    match (measure, value.as_double()) {
        (Measure::Consecutive | Measure::Sequence(_), _) => matches!(value, Value::Bool(_)),
        (_, None) => false,
        (Measure::Count | Measure::Distinct, Some(number)) => number >= 0.0 && number.fract() == 0.0,
        (Measure::Rate | Measure::Deviation | Measure::Increase, Some(number)) => number >= 0.0,
        (Measure::Share, Some(number)) => (0.0..=1.0).contains(&number),
        _ => true,
    }
}

/// The first value around the constants that fits, as text.
fn first(constants: &[&Value<'static>], fits: impl Fn(&Value<'_>) -> bool) -> Option<String> {
    let middles = middles(constants);
    let witnesses = witness::around(constants)?;
    let example = middles.iter().chain(&witnesses).find(|value| fits(value))?;
    Some(shown(&explain::to_json(example).to_string()))
}

/// The one metric of a condition that depends on nothing else.
fn only_slot(root: &Node) -> Option<u16> {
    let mut slots = Vec::new();
    simple(root, &mut slots).then_some(())?;
    slots.dedup();
    match slots[..] {
        [slot] => Some(slot),
        _ => None,
    }
}

/// Whether a condition can be tried out; collects the metrics that it reads.
fn simple(node: &Node, slots: &mut Vec<u16>) -> bool {
    let mut simple = match &node.op {
        Op::Slot(slot) => {
            slots.push(*slot);
            true
        }
        Op::Constant(_) | Op::Local { .. } | Op::Comprehend(_) => true,
        other => computes(other),
    };
    node.each_part(&mut |part| simple = simple && self::simple(part, slots));
    simple
}

fn collect<'n>(node: &'n Node, constants: &mut Vec<&'n Value<'static>>) {
    constants.extend(node.as_constant());
    node.each_part(&mut |part| collect(part, constants));
}

/// Round values between the numbers: the best examples.
fn middles<'v>(constants: &[&Value<'_>]) -> Vec<Value<'v>> {
    let numbers: Vec<f64> = constants.iter().filter_map(|constant| constant.as_double()).take(MIDDLE_LIMIT).collect();
    let pairs = numbers.iter().flat_map(|a| numbers.iter().map(move |b| f64::midpoint(*a, *b)));
    let beyond = numbers.iter().flat_map(|number| [number + 1.0, number - 1.0]);
    pairs.filter(|middle| !numbers.contains(middle)).chain(beyond).map(Value::Double).collect()
}

/// Whether a condition holds where its metric has a value.
fn holds(root: &Node, slot: u16, value: &Value<'_>) -> bool {
    let event = Event::new(KEY);
    let path = Path::new(Field::Data, Keys::One(KEY.into()));
    let paths = vec![path; usize::from(slot) + 1];
    let entries = [(Value::text(KEY), value.view())];
    let frame = Frame { data: Map::Borrowed(&entries), ..Frame::new(&event, &paths, false) };
    matches!(truth(root, Scope::new(&frame)), Ok(true))
}

#[cfg(test)]
mod tests {
    use crate::{Code, Condition};

    /// The example in the warning, if there is one.
    fn example(fire: &str, resolve: &str) -> Option<String> {
        let condition = Condition::compile(&format!("{fire} resolve when {resolve}")).unwrap();
        let problem = condition.warnings().iter().find(|problem| problem.code == Code::Overlap)?;
        assert!(!problem.is_error());
        problem.label.rsplit_once(" at ").map(|(_, example)| example.to_owned())
    }

    #[test]
    fn an_overlap_is_shown_by_an_example() {
        let check = |fire: &str, resolve: &str, expected: &str| {
            assert_eq!(example(fire, resolve).as_deref(), Some(expected), "{fire} resolve when {resolve}");
        };
        check("x > 5", "x > 3", "6.0");
        check("x > 5", "x < 7", "6.0");
        check("x >= 5", "x <= 5", "5");
        check("error_rate > 0.5", "error_rate < 0.6", "0.55");
        check("x > 5", "not x > 9", "7.0");
        check("x.contains('err')", "x.contains('error')", "\"error\"");
        check("severity >= 'error'", "severity < 'critical'", "\"error\"");
        check("x in ['a', 'b']", "x != 'a'", "\"b\"");
        check("done", "done", "true");
        check("avg(x, 5m) > 5", "avg(x, 5m) > 3", "6.0");
        check("count(5m) >= 5", "count(5m) <= 5", "5");
        check("share(x > 5, 5m) > 0.5", "share(x > 5, 5m) < 0.8", "0.65");
        check("consecutive(x > 5, 3)", "consecutive(x > 5, 3)", "true");
    }

    #[test]
    fn what_excludes_each_other_or_is_not_known_to_meet_is_fine() {
        let check = |fire: &str, resolve: &str| {
            assert_eq!(example(fire, resolve), None, "{fire} resolve when {resolve}");
        };
        check("x > 5", "x < 3");
        check("x > 5", "x <= 5");
        check("x > 5", "y > 3");
        check("x > 5 && y > 3", "x > 3");
        check("x > y", "x > y");
        check("severity > 'error'", "severity <= 'error'");
        check("x == 'a'", "x == 'b'");
        check("x > 5", "absent(x)");
        check("count(5m) > 5", "count(5m) < 6");
        check("share(x > 5, 5m) >= 1", "share(x > 5, 5m) < 1");
        check("avg(x, 5m) > 5", "avg(x, 10m) > 3");
        check("avg(x, 5m) > 5", "max(x, 5m) > 3");
        check("avg(x, 5m) > 5", "x > 3");
        check("consecutive(x > 5, 3)", "not consecutive(x > 5, 3)");
        check("silent(5m)", "x > 3");
        check("xs.all(i, i > 5)", "xs.exists(i, i < 3)");
    }
}
