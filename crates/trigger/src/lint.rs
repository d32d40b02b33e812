//! What is allowed but probably not meant, and what is too expensive: looks at a compiled tree as a whole. What thresholds
//! make of each other is left to `thresholds`, what two conditions do to `overlap`.

mod overlap;
mod thresholds;
mod witness;

use crate::{
    diagnostic::{Code, Diagnostic, Span},
    evaluate::ITEM_LIMIT,
    functions::{self, Function},
    node::{Node, Op},
    syntax::{Arithmetic, Relation},
    value::{List, Value},
    window::Measure,
};

pub(crate) use overlap::overlap;

/// The highest cost of one evaluation, in readings of a metric: about a quarter of a second.
const COST_LIMIT: u64 = 1 << 24;

/// The problem of an expression whose worst case takes too long.
pub(crate) fn cost_problem(root: &Node) -> Option<Diagnostic> {
    (cost(root) > COST_LIMIT).then(|| {
        let problem = Diagnostic::error(Code::Cost, root.span, "the worst case of this is too expensive");
        problem.help("avoid macros inside of macros, or shorten the inner one")
    })
}

fn cost(node: &Node) -> u64 {
    let mut parts = 0_u64;
    if let Op::Comprehend(comprehension) = &node.op {
        let condition = comprehension.condition.as_ref().map_or(0, cost);
        let once = 1 + condition + cost(&comprehension.body);
        return cost(&comprehension.range).saturating_add(once.saturating_mul(most_items(&comprehension.range) as u64));
    }
    node.each_part(&mut |part| parts = parts.saturating_add(cost(part)));
    let own = match &node.op {
        Op::Call(function, _) | Op::Zoned(function, ..) => functions::weight(*function),
        Op::Matches(..) => functions::weight(Function::Matches),
        _ => 1,
    };
    parts.saturating_add(own)
}

/// How many items a macro goes over at most.
fn most_items(range: &Node) -> usize {
    let most = match &range.op {
        Op::Constant(Value::List(list)) => list.len(),
        Op::List(items) => items.len(),
        Op::Map(entries) => entries.len(),
        // What a macro makes has no more items than what it goes over.
        Op::Comprehend(inner) => most_items(&inner.range),
        _ => ITEM_LIMIT,
    };
    most.min(ITEM_LIMIT)
}

/// The warnings for a condition.
pub(crate) fn warnings(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if is_constant(root, 0) {
        found.push(always_the_same(root.span));
        return found;
    }
    visit(root, false, &mut found);
    found
}

fn always_the_same(span: Span) -> Diagnostic {
    Diagnostic::warning(Code::Constant, span, "the same for every event")
}

/// Looks at a node and its parts. What stands inside of `&&`, `||` and `!` was seen together with what stands around it.
fn visit(node: &Node, joined: bool, found: &mut Vec<Diagnostic>) {
    if !joined && matches!(node.op, Op::Logic(..) | Op::Not(_) | Op::Relate(..)) {
        found.extend(thresholds::problems(node));
    }
    match &node.op {
        Op::Constant(_) | Op::Slot(_) => return,
        Op::Logic(_, parts) => {
            found.extend(parts.iter().filter(|part| is_constant(part, 0)).map(|part| always_the_same(part.span)));
        }
        Op::Conditional(parts) if is_constant(&parts[0], 0) => found.push(always_the_same(parts[0].span)),
        Op::Relate(_, sides) if thresholds::same(&sides[0], &sides[1]) => {
            found.push(Diagnostic::warning(Code::Constant, node.span, "compares something with itself"));
        }
        Op::Relate(relation, sides) => found.extend(double_equality(*relation, sides)),
        _ => {}
    }
    let joins = matches!(node.op, Op::Logic(..) | Op::Not(_));
    node.each_part(&mut |part| visit(part, joins, found));
}

/// Whether a value is known before any event is. Of the macros around it, `bound` ones go over what is known as well.
fn is_constant(node: &Node, bound: u8) -> bool {
    let plain = match &node.op {
        Op::Constant(_) => true,
        Op::Local { outer, .. } => *outer < bound,
        Op::Comprehend(comprehension) => {
            let inner = bound.saturating_add(1);
            return is_constant(&comprehension.range, bound)
                && comprehension.condition.as_ref().is_none_or(|condition| is_constant(condition, inner))
                && is_constant(&comprehension.body, inner);
        }
        _ => computes(&node.op),
    };
    let mut constant = plain;
    node.each_part(&mut |part| constant = constant && is_constant(part, bound));
    constant
}

/// Whether an operation depends on its parts and on nothing else: not on the event, not on the past.
const fn computes(op: &Op) -> bool {
    matches!(
        op,
        Op::Select(..)
            | Op::Index(_)
            | Op::Has(_)
            | Op::Absent(_)
            | Op::Coalesce(_)
            | Op::Not(_)
            | Op::Negate(_)
            | Op::Logic(..)
            | Op::Relate(..)
            | Op::Compute(..)
            | Op::Conditional(_)
            | Op::List(_)
            | Op::Map(_)
            | Op::Call(..)
            | Op::Matches(..)
            | Op::Zoned(..)
    )
}

/// `==` where rounding decides: with a fraction, or with what was computed.
fn double_equality(relation: Relation, sides: &[Node; 2]) -> Option<Diagnostic> {
    if !matches!(relation, Relation::Equal | Relation::NotEqual | Relation::In) {
        return None;
    }
    let [left, right] = sides;
    let (side, what) = if let Some(side) = sides.iter().find(|side| holds_fraction(side)) {
        (side, "with a fraction")
    } else if rounds_against(left, right) {
        (left, "on a computed double")
    } else if rounds_against(right, left) {
        (right, "on a computed double")
    } else {
        return None;
    };
    let label = format!("`{}` {what} is rarely exact", relation.as_str());
    Some(Diagnostic::warning(Code::DoubleEquality, side.span, label).help("compare with `<` or `>`"))
}

/// Whether a constant is a fraction, or a list with one.
fn holds_fraction(side: &Node) -> bool {
    let fraction = |value: &Value<'_>| matches!(value, Value::Double(number) if number.fract() != 0.0);
    match side.as_constant() {
        Some(Value::List(List::Owned(items))) => items.iter().any(fraction),
        Some(value) => fraction(value),
        None => false,
    }
}

/// Whether a side is a double whose last digits decide a comparison with the other one.
fn rounds_against(side: &Node, other: &Node) -> bool {
    let known = other.as_constant().and_then(Value::as_double);
    match &side.op {
        // A quotient is 0 only where its dividend is.
        Op::Compute(..) | Op::Negate(_) => known != Some(0.0) && is_double(side),
        Op::Call(Function::ToDouble, _) => known.is_none(),
        Op::Window(reading) => known != Some(0.0) && is_rounded(reading.measure),
        _ => false,
    }
}

/// Whether a measure is no sample and no count, but computed from them.
const fn is_rounded(measure: Measure) -> bool {
    use Measure::{Change, Decayed, Deviation, Mean, Quantile, Rate, Score, Share};
    matches!(measure, Mean | Deviation | Quantile(_) | Rate | Share | Change | Score(_) | Decayed)
}

fn is_double(node: &Node) -> bool {
    match &node.op {
        Op::Compute(Arithmetic::Divide, _) | Op::Call(Function::ToDouble, _) => true,
        Op::Compute(_, sides) => sides.iter().any(is_double),
        Op::Negate(part) => is_double(part),
        Op::Window(reading) => is_rounded(reading.measure),
        _ => holds_fraction(node),
    }
}

#[cfg(test)]
mod tests;
