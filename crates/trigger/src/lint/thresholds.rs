//! Thresholds on one metric that leave nothing, or everything: `x > 5 && x < 3`, `x != "a" || x != "b"`. Which parts of a
//! condition are looked at is left to `lint`.

use std::ops::Range;

use tidings_core::Severity;

use super::witness;
use crate::{
    compare,
    diagnostic::{Code, Diagnostic, Span},
    node::{Node, Op},
    syntax::{Logic, Relation},
    value::{List, Value},
};

/// What a condition that shall be true, or false, asks of one metric or of something computed.
pub(super) struct Bound<'n> {
    pub(super) subject: &'n Node,
    demand: Demand<'n>,
    wanted: bool,
    span: Span,
}

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
                    (&sides[1], Demand::Relation(relation.mirrored(), constant))
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

    /// Whether it leaves nothing on its own: beyond the end of a scale, in an empty list.
    fn ends(&self) -> bool {
        match self.constant() {
            Some(Value::Severity(_)) => {
                !Severity::ALL.into_iter().any(|severity| self.met_by(&Value::Severity(severity)) == Some(true))
            }
            Some(Value::List(List::Owned(items))) => items.is_empty(),
            _ => false,
        }
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
    let mut bounds = Vec::new();
    join(node, true, &mut bounds).then_some(bounds)
}

/// Collects the bounds that must hold together so that a part is true, or false. Says whether there is nothing else to it.
fn join<'n>(node: &'n Node, wanted: bool, bounds: &mut Vec<Bound<'n>>) -> bool {
    match &node.op {
        Op::Not(part) => {
            let before = bounds.len();
            let whole = join(part, !wanted, bounds);
            if let Some([bound]) = bounds.get_mut(before..) {
                bound.span = node.span;
            }
            whole
        }
        Op::Logic(logic, parts) if is_joint(*logic, wanted) => {
            // Each is collected, whatever the others are.
            let mut whole = true;
            parts.iter().for_each(|part| whole &= join(part, wanted, bounds));
            whole
        }
        Op::Logic(..) => false,
        _ => {
            let bound = Bound::of(node, wanted);
            let whole = bound.is_some();
            bounds.extend(bound);
            whole
        }
    }
}

/// Whether all parts must be as the whole shall be, and not only one of them.
const fn is_joint(logic: Logic, wanted: bool) -> bool {
    matches!(logic, Logic::All) == wanted
}

/// The problems of a condition that is not itself a part of `&&`, `||` or `!`.
pub(super) fn problems(node: &Node) -> Vec<Diagnostic> {
    // Most conditions are a single comparison or a few of different metrics: there is little that these can do wrong.
    if (matches!(node.op, Op::Relate(..)) && !ends(node)) || is_unrelated(node) {
        return Vec::new();
    }
    let mut search = Search { goal: true, bounds: Vec::new(), found: Vec::new() };
    for goal in [true, false] {
        search.goal = goal;
        search.check(node, goal, 0);
    }
    search.found
}

/// Whether a comparison alone asks for what there is not, or for what is always there.
fn ends(node: &Node) -> bool {
    [true, false].into_iter().any(|wanted| Bound::of(node, wanted).is_some_and(|bound| bound.ends()))
}

/// Whether the parts of a plain `&&` or `||` are about different metrics and none is odd by itself.
fn is_unrelated(node: &Node) -> bool {
    let Op::Logic(_, parts) = &node.op else { return false };
    let mut metrics = Metrics::default();
    parts.iter().all(|part| metrics.takes(part))
}

/// The metrics that the parts of a condition are about.
#[derive(Default)]
struct Metrics {
    /// Those with the first numbers, as bits.
    slots: u64,
    /// Whether something computed is compared, and whether something computed stands for itself.
    computed: bool,
    bare: bool,
}

impl Metrics {
    /// Takes a part in; false if it may have to do with an earlier one, or is odd by itself.
    fn takes(&mut self, part: &Node) -> bool {
        match &part.op {
            Op::Logic(..) | Op::Not(_) => false,
            Op::Slot(slot) => self.is_new(*slot),
            Op::Relate(_, sides) if ends(part) || !sides.iter().any(|side| side.as_constant().is_some()) => false,
            Op::Relate(_, sides) => match sides.iter().find(|side| side.as_constant().is_none()).map(|side| &side.op) {
                Some(Op::Slot(slot)) => self.is_new(*slot),
                _ => !std::mem::replace(&mut self.computed, true) && !self.bare,
            },
            _ => {
                self.bare = true;
                !self.computed
            }
        }
    }

    fn is_new(&mut self, slot: u16) -> bool {
        let bit = 1_u64.checked_shl(slot.into()).unwrap_or(0);
        let new = bit & !self.slots != 0;
        self.slots |= bit;
        new
    }
}

/// Looks for what must hold together so that the whole is true, or false, and cannot.
struct Search<'n> {
    goal: bool,
    /// What must hold around the part that is looked at, and then what it asks for itself.
    bounds: Vec<Bound<'n>>,
    found: Vec<Diagnostic>,
}

impl<'n> Search<'n> {
    /// Looks at a part that must hold together with the bounds from `context` on.
    fn check(&mut self, node: &'n Node, wanted: bool, context: usize) {
        let start = self.bounds.len();
        join(node, wanted, &mut self.bounds);
        match self.conflict(context, start) {
            Some((span, alone)) => self.found.push(problem(span, alone, self.goal)),
            // One of several choices that can never be the one is a mistake; one that is always there is only long-winded.
            None => self.choices(node, wanted, if self.goal { context } else { self.bounds.len() }),
        }
        self.bounds.truncate(start);
    }

    /// Looks at the choices of which one is enough.
    fn choices(&mut self, node: &'n Node, wanted: bool, context: usize) {
        match &node.op {
            Op::Not(part) => self.choices(part, !wanted, context),
            Op::Logic(logic, parts) if is_joint(*logic, wanted) => {
                parts.iter().for_each(|part| self.choices(part, wanted, context));
            }
            Op::Logic(_, parts) => parts.iter().for_each(|part| self.check(part, wanted, context)),
            _ => {}
        }
    }

    /// The bound that leaves nothing of its subject, and whether it does so alone. Only subjects of the bounds from `start` on
    /// are looked at: those before were.
    fn conflict(&self, context: usize, start: usize) -> Option<(Span, bool)> {
        let fresh = self.bounds.iter().enumerate().skip(start);
        fresh.filter_map(|(place, bound)| self.about(bound, context, start..place)).find_map(|about| {
            let alone = about.len() == 1;
            culprit(&about, self.goal).map(|span| (span, alone))
        })
    }

    /// The bounds that have the same subject, if they could leave nothing of it and were not looked at before.
    fn about(&self, bound: &Bound<'n>, context: usize, before: Range<usize>) -> Option<Vec<&Bound<'n>>> {
        let alike = |other: &&Bound<'n>| same(other.subject, bound.subject);
        let mut about = self.bounds.iter().skip(context).filter(alike);
        let (first, second) = (about.next()?, about.next());
        let seen = self.bounds.get(before).is_some_and(|before| before.iter().any(|earlier| alike(&earlier)));
        if seen || (second.is_none() && !bound.ends()) {
            return None;
        }
        Some([first].into_iter().chain(second).chain(about).collect())
    }
}

/// The first bound after which no value is left. An error is not true, but it is not false either: where it is false that is
/// looked for, a value stands for nothing that no bound can be compared with.
fn culprit(bounds: &[&Bound<'_>], goal: bool) -> Option<Span> {
    let constants: Vec<_> = bounds.iter().filter_map(|bound| bound.constant()).collect();
    let mut last = 0;
    for witness in witness::around(&constants)? {
        let unmet = |bound: &Bound<'_>| !bound.met_by(&witness).unwrap_or(!goal);
        let compares = |bound: &Bound<'_>| bound.met_by(&witness).is_some();
        if goal || bounds.iter().any(|bound| compares(bound)) {
            last = last.max(bounds.iter().position(|bound| unmet(bound))?);
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
