//! A rule whose end can hold at the moment of its beginning: `x > 5 resolve when x > 3` fires and resolves by turns. What is
//! wrong within one condition is left to `lint`.

use tidings_core::Event;

use super::{computes, cost, witness};
use crate::{
    diagnostic::{Code, Diagnostic, shown},
    evaluate::{Scope, truth},
    explain,
    node::{Node, Op},
    path::{Field, Frame, Path},
    value::{Map, Value},
};

/// The highest cost of a condition that is tried out.
const COST_LIMIT: u64 = 4096;
/// The key that stands for the metric while it is tried out.
const KEY: &str = "metric";
/// The most constants of which the middles are tried as well: they are only there to be read with pleasure.
const MIDDLE_LIMIT: usize = 8;

/// The warning for a `resolve when` that can hold together with what fires, given only where there is a value to show for it:
/// both conditions, over one list of slots, read the same metric and nothing else.
pub(crate) fn overlap(fire: &Node, resolve: &Node) -> Option<Diagnostic> {
    let slot = only_slot(fire)?;
    if only_slot(resolve)? != slot || cost(fire).max(cost(resolve)) > COST_LIMIT {
        return None;
    }
    let mut constants = Vec::new();
    collect(fire, &mut constants);
    collect(resolve, &mut constants);
    let middles = middles(&constants);
    let witnesses = witness::around(&constants)?;
    let both = |value: &&Value<'_>| holds(fire, slot, value) && holds(resolve, slot, value);
    let example = middles.iter().chain(&witnesses).find(both)?;
    let example = shown(&explain::to_json(example).to_string());
    let label = format!("resolves at once where the rule fires, for example at {example}");
    let problem = Diagnostic::warning(Code::Overlap, resolve.span, label);
    Some(problem.help("leave a gap between the two: `x > 5 resolve when x < 4`"))
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
    let path = Path { field: Field::Data, keys: Box::new([KEY.into()]), text: KEY.into() };
    let paths = vec![path; usize::from(slot) + 1];
    let entries = [(Value::text(KEY), value.view())];
    let frame = Frame { data: Map::Borrowed(&entries), ..Frame::new(&event, &paths, false) };
    matches!(truth(root, Scope::new(&frame)), Ok(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Profile, lower::lower, parser::parse};

    /// Both conditions over one list of slots: as the two operands of one tree.
    fn example(fire: &str, resolve: &str) -> Option<String> {
        let lowered = lower(&parse(&format!("({fire}) || ({resolve})"), Profile::Tidings).tree, None, Profile::Tidings);
        let Op::Logic(_, parts) = &lowered.root.op else { panic!("two operands") };
        let problem = overlap(&parts[0], &parts[1])?;
        assert_eq!((problem.code, problem.is_error()), (Code::Overlap, false));
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
        check("xs.all(i, i > 5)", "xs.exists(i, i < 3)");
    }
}
