//! What is allowed but probably not meant, and what is too expensive: looks at a compiled tree as a whole.

use crate::{
    diagnostic::{Code, Diagnostic, Span},
    evaluate::ITEM_LIMIT,
    functions,
    node::{Node, Op},
    syntax::{Logic, Relation},
    value::Value,
};

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
        Op::Matches(..) => functions::weight(functions::Function::Matches),
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
    if !reads(root) {
        found.push(Diagnostic::warning(Code::Constant, root.span, "the same for every event"));
        return found;
    }
    visit(root, &mut found);
    found
}

fn visit(node: &Node, found: &mut Vec<Diagnostic>) {
    match &node.op {
        Op::Logic(logic, parts) => {
            let constant = parts.iter().filter(|part| !reads(part));
            found.extend(
                constant.map(|part| Diagnostic::warning(Code::Constant, part.span, "the same for every event")),
            );
            if *logic == Logic::All {
                found.extend(contradiction(parts));
            }
        }
        Op::Relate(relation @ (Relation::Equal | Relation::NotEqual), sides) => {
            let fraction =
                sides.iter().find(|side| matches!(side.as_constant(), Some(Value::Double(v)) if v.fract() != 0.0));
            if let Some(side) = fraction {
                let label = format!("`{}` with a fraction is rarely exact", relation.as_str());
                let problem = Diagnostic::warning(Code::DoubleEquality, side.span, label);
                found.push(problem.help("compare with `<` or `>`"));
            }
        }
        _ => {}
    }
    node.each_part(&mut |part| visit(part, found));
}

/// Whether a value depends on the event or on a macro's variable.
fn reads(node: &Node) -> bool {
    let mut reads = matches!(node.op, Op::Slot(_) | Op::Binding(_) | Op::Local { .. });
    node.each_part(&mut |part| reads = reads || self::reads(part));
    reads
}

/// What a comparison with a constant asks of a metric.
struct Bound {
    slot: u16,
    relation: Relation,
    value: f64,
    span: Span,
}

/// Bounds that no number can meet: `x > 5 && x < 3`.
fn contradiction(parts: &[Node]) -> Option<Diagnostic> {
    let bounds: Vec<Bound> = parts.iter().filter_map(bound).collect();
    let pair = bounds.iter().enumerate().find_map(|(position, later)| {
        bounds[..position].iter().find(|earlier| excludes(earlier, later)).map(|_| later)
    })?;
    let problem = Diagnostic::warning(Code::Contradiction, pair.span, "contradicts an earlier part: never true");
    Some(problem.help("join them with `||`, or mend one of the thresholds"))
}

fn bound(node: &Node) -> Option<Bound> {
    let Op::Relate(relation, sides) = &node.op else { return None };
    let (slot, constant, relation) = match (&sides[0].op, &sides[1].op) {
        (Op::Slot(slot), Op::Constant(constant)) => (*slot, constant, *relation),
        (Op::Constant(constant), Op::Slot(slot)) => (*slot, constant, relation.mirrored()),
        _ => return None,
    };
    let relevant = relation.is_ordering() || relation == Relation::Equal;
    relevant.then_some(Bound { slot, relation, value: constant.as_double()?, span: node.span })
}

fn excludes(a: &Bound, b: &Bound) -> bool {
    a.slot == b.slot && (apart(a, b) || apart(b, a))
}

/// Whether the first one's upper end lies below the second one's lower end.
fn apart(upper: &Bound, lower: &Bound) -> bool {
    let has_upper = matches!(upper.relation, Relation::Less | Relation::LessEqual | Relation::Equal);
    let has_lower = matches!(lower.relation, Relation::Greater | Relation::GreaterEqual | Relation::Equal);
    let open = upper.relation == Relation::Less || lower.relation == Relation::Greater;
    has_upper && has_lower && (upper.value < lower.value || (open && upper.value == lower.value))
}
