//! Thresholds on one metric that leave nothing, or everything: `x > 5 && x < 3`, `x != "a" || x != "b"`. Which parts of a
//! condition are looked at is left to `lint`.

use super::witness;
use crate::{
    compare,
    diagnostic::{Code, Diagnostic, Span},
    node::{Node, Op},
    syntax::{Logic, Relation},
    value::{List, Value},
};

/// What a condition that shall be true, or false, asks of one metric or of something computed.
#[derive(Clone)]
pub(super) struct Bound<'n> {
    pub(super) subject: &'n Node,
    demand: Demand<'n>,
    wanted: bool,
    span: Span,
}

#[derive(Clone)]
enum Demand<'n> {
    Relation(Relation, &'n Value<'static>),
    /// Its value alone decides: it is a bool.
    Truth,
}

impl<'n> Bound<'n> {
    /// What a part asks for; `None` where it is no comparison with a constant.
    fn of(part: &'n Node, wanted: bool) -> Option<Self> {
        let (subject, demand) = match &part.op {
            Op::Relate(relation, sides) => match (sides[0].as_constant(), sides[1].as_constant()) {
                (None, Some(Value::List(_))) if *relation != Relation::In => return None,
                (None, Some(constant)) => (&sides[0], Demand::Relation(*relation, constant)),
                (Some(constant), None) if *relation != Relation::In => {
                    (&sides[1], Demand::Relation(mirrored(*relation), constant))
                }
                _ => return None,
            },
            Op::Slot(_) | Op::Local { .. } | Op::Window(_) | Op::Overdue(_) => (part, Demand::Truth),
            _ => return None,
        };
        Some(Self { subject, demand, wanted, span: part.span })
    }

    pub(super) const fn constant(&self) -> Option<&'n Value<'static>> {
        match self.demand {
            Demand::Relation(_, constant) => Some(constant),
            Demand::Truth => None,
        }
    }

    /// Whether a value meets it; `None` where the comparison is an error.
    pub(super) fn met_by(&self, value: &Value<'_>) -> Option<bool> {
        let truth = match (&self.demand, value) {
            (Demand::Relation(Relation::In, Value::List(list)), _) => {
                list.iter().any(|item| compare::equal(&item, value))
            }
            (Demand::Relation(relation, constant), _) => compare::relate(*relation, value, constant, false).ok()?,
            (Demand::Truth, Value::Bool(truth)) => *truth,
            (Demand::Truth, _) => return None,
        };
        Some(truth == self.wanted)
    }

    /// Whether it can leave nothing on its own: a scale or a list that ends.
    fn ends(&self) -> bool {
        match self.constant() {
            Some(Value::Severity(_)) => true,
            Some(Value::List(List::Owned(items))) => items.is_empty(),
            _ => false,
        }
    }
}

const fn mirrored(relation: Relation) -> Relation {
    match relation {
        Relation::Less => Relation::Greater,
        Relation::LessEqual => Relation::GreaterEqual,
        Relation::Greater => Relation::Less,
        Relation::GreaterEqual => Relation::LessEqual,
        same => same,
    }
}

/// Whether two nodes are the same computation on the same values.
pub(super) fn same(left: &Node, right: &Node) -> bool {
    let alike = match (&left.op, &right.op) {
        (Op::Slot(a), Op::Slot(b)) => return a == b,
        (Op::Local { outer: a, index: b }, Op::Local { outer: c, index: d }) => return (a, b) == (c, d),
        (Op::Overdue(a), Op::Overdue(b)) => return a == b,
        (Op::Window(a), Op::Window(b)) => (a.series, a.measure) == (b.series, b.measure),
        (Op::Constant(a), Op::Constant(b)) => return a.kind() == b.kind() && compare::equal(a, b),
        (Op::Select(_, a), Op::Select(_, b)) => a == b,
        (Op::Compute(a, _), Op::Compute(b, _)) => a == b,
        (Op::Call(a, _), Op::Call(b, _)) => a == b,
        (Op::Index(_), Op::Index(_)) | (Op::Negate(_), Op::Negate(_)) | (Op::Coalesce(_), Op::Coalesce(_)) => true,
        _ => false,
    };
    alike && {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        left.each_part(&mut |part| ours.push(part));
        right.each_part(&mut |part| theirs.push(part));
        ours.len() == theirs.len() && ours.into_iter().zip(theirs).all(|(a, b)| same(a, b))
    }
}

/// What a condition asks for, if it is nothing but bounds of which each must be met.
pub(super) fn bounds(node: &Node) -> Option<Vec<Bound<'_>>> {
    let mut joined = Joined { bounds: Vec::new(), choices: Vec::new(), other: false };
    joined.add(node, true);
    (joined.choices.is_empty() && !joined.other).then_some(joined.bounds)
}

/// The problems of a condition that is not itself a part of `&&`, `||` or `!`.
pub(super) fn problems(node: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for goal in [true, false] {
        let mut search = Search { goal, found: Vec::new() };
        search.check(node, goal, &[]);
        found.append(&mut search.found);
    }
    found
}

/// Looks for what must hold together so that the whole is true, or false, and cannot.
struct Search {
    goal: bool,
    found: Vec<Diagnostic>,
}

/// What must hold together: bounds, and choices of which one is enough.
struct Joined<'n> {
    bounds: Vec<Bound<'n>>,
    choices: Vec<(&'n [Node], bool)>,
    /// Whether there is anything else.
    other: bool,
}

impl Search {
    fn check<'n>(&mut self, node: &'n Node, wanted: bool, context: &[Bound<'n>]) {
        // Most comparisons stand alone, and can be met.
        let joins = matches!(node.op, Op::Logic(..) | Op::Not(_));
        if !joins && context.is_empty() && Bound::of(node, wanted).is_none_or(|bound| !bound.ends()) {
            return;
        }
        let mut joined = Joined { bounds: context.to_vec(), choices: Vec::new(), other: false };
        joined.add(node, wanted);
        if let Some((span, alone)) = joined.conflict(context.len(), self.goal) {
            self.found.push(problem(span, alone, self.goal));
            return;
        }
        // One of several choices that can never be the one is a mistake; one that is always there is only long-winded.
        let context = if self.goal { &*joined.bounds } else { &[] };
        for (parts, wanted) in joined.choices {
            parts.iter().for_each(|part| self.check(part, wanted, context));
        }
    }
}

impl<'n> Joined<'n> {
    fn add(&mut self, node: &'n Node, wanted: bool) {
        match &node.op {
            Op::Not(part) => {
                let before = self.bounds.len();
                self.add(part, !wanted);
                if let [bound] = &mut self.bounds[before..] {
                    bound.span = node.span;
                }
            }
            Op::Logic(logic, parts) if (*logic == Logic::All) == wanted => {
                parts.iter().for_each(|part| self.add(part, wanted));
            }
            Op::Logic(_, parts) => self.choices.push((parts, wanted)),
            _ => match Bound::of(node, wanted) {
                Some(bound) => self.bounds.push(bound),
                None => self.other = true,
            },
        }
    }

    /// The bound that leaves nothing of its subject, and whether it does so alone. Only subjects of the bounds from `start` on
    /// are looked at: those before were.
    fn conflict(&self, start: usize, goal: bool) -> Option<(Span, bool)> {
        let fresh = self.bounds.iter().enumerate().skip(start);
        let first = |(position, bound): &(usize, &Bound<'n>)| {
            !self.bounds[start..*position].iter().any(|earlier| same(earlier.subject, bound.subject))
        };
        fresh.filter(first).find_map(|(_, bound)| {
            let about: Vec<_> = self.bounds.iter().filter(|other| same(other.subject, bound.subject)).collect();
            let alone = about.len() == 1;
            if alone && !bound.ends() { None } else { culprit(&about, goal).map(|span| (span, alone)) }
        })
    }
}

/// The first bound after which no value is left. An error is not true, but it is not false either: where it is false that is
/// looked for, a value stands for nothing that no bound can be compared with.
fn culprit(bounds: &[&Bound<'_>], goal: bool) -> Option<Span> {
    let constants: Vec<_> = bounds.iter().filter_map(|bound| bound.constant()).collect();
    let mut last = 0;
    for witness in witness::around(&constants)? {
        let met: Vec<_> = bounds.iter().map(|bound| bound.met_by(&witness)).collect();
        if goal || met.iter().any(Option::is_some) {
            last = last.max(met.iter().position(|met| !met.unwrap_or(!goal))?);
        }
    }
    bounds.get(last).map(|bound| bound.span)
}

fn problem(span: Span, alone: bool, goal: bool) -> Diagnostic {
    let (code, label, help) = match (goal, alone) {
        (true, true) => (Code::Constant, "never true", "there is no such value"),
        (true, false) => {
            let help = "join them with `||`, or mend one of the thresholds";
            (Code::Contradiction, "contradicts another part: never true", help)
        }
        (false, true) => (Code::Constant, "always true where it is known", "every value is like that"),
        (false, false) => {
            let help = "join them with `&&`, or mend one of the thresholds";
            (Code::Constant, "always true together with another part", help)
        }
    };
    Diagnostic::warning(code, span, label).help(help)
}
