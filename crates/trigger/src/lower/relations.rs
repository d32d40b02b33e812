//! Comparisons: what can be compared, severities by rank, and the hints for what people probably meant.

use tidings_core::Severity;

use super::{Lowering, Typed, typed};
use crate::{
    diagnostic::{Code, Diagnostic, Span, nearest, shown},
    fault::Reason,
    kind::Kind,
    node::{Node, Op},
    syntax::{Expr, ExprKind, Relation},
    value::{List, Value},
};

impl<'e> Lowering<'e> {
    pub(super) fn relation(&mut self, relation: Relation, sides: &'e [Expr<'e>; 2], span: Span) -> Typed {
        let negated = matches!(sides[0].kind, ExprKind::Not(_));
        let [mut left, mut right] = self.pair(sides);
        if !self.strict {
            self.rank_severities(relation, &mut left, &mut right);
        }
        let problem = match relation {
            Relation::In => in_problem(&right),
            _ if relation.is_ordering() => ordering_problem(relation, &left, &right, span),
            _ => equality_problem(relation, &left, &right, span),
        };
        if let Some(problem) = problem {
            self.complain(if negated { hint_not(problem) } else { problem });
        } else if negated && relation != Relation::In && right.kind != Kind::Bool {
            let problem = Diagnostic::warning(Code::Type, left.span(), "`!` takes only what stands directly behind it");
            self.complain(hint_not(problem));
        }
        typed(Op::Relate(relation, Box::new([left.node, right.node])), span, Kind::Bool)
    }

    /// A text beside a severity is the name of one, so that it compares by rank.
    fn rank_severities(&mut self, relation: Relation, left: &mut Typed, right: &mut Typed) {
        if left.kind == Kind::Severity && relation == Relation::In {
            if let Some(Value::List(List::Owned(items))) = right.node.as_constant() {
                for name in items.iter().filter_map(Value::as_text) {
                    self.severity(name, right.span());
                }
            } else if let Op::List(items) = &right.node.op {
                for item in items {
                    if let Some(name) = item.as_constant_text() {
                        self.severity(name, item.span);
                    }
                }
            }
        } else if left.kind == Kind::Severity {
            self.rank(right);
        } else if right.kind == Kind::Severity && relation != Relation::In {
            self.rank(left);
        }
    }

    fn rank(&mut self, side: &mut Typed) {
        let Some(name) = side.node.as_constant_text() else { return };
        if let Some(severity) = self.severity(name, side.span()) {
            *side = Typed { node: Node::constant(Value::Severity(severity), side.span()), kind: Kind::Severity };
        }
    }

    fn severity(&mut self, name: &str, span: Span) -> Option<Severity> {
        let found = name.parse().ok();
        if found.is_none() {
            let known = Severity::ALL.map(Severity::as_str);
            let help = match nearest(name, known) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!("known are {}", known.join(", ")),
            };
            let label = format!("\"{}\" is no severity", shown(name));
            self.complain(Diagnostic::error(Code::SeverityLiteral, span, label).help(help));
        }
        found
    }
}

fn in_problem(right: &Typed) -> Option<Diagnostic> {
    if !right.kind.is_known() || matches!(right.kind, Kind::List | Kind::Map) {
        return None;
    }
    let label = format!("`in` takes a list or a map, this is {}", right.kind.as_str());
    let problem = Diagnostic::error(Code::Type, right.span(), label);
    Some(if right.kind.is_text() { problem.help("for a part of a text write `text.contains(part)`") } else { problem })
}

fn ordering_problem(relation: Relation, left: &Typed, right: &Typed, span: Span) -> Option<Diagnostic> {
    let quoted = [left, right].into_iter().find(|side| is_quoted_number(&side.node));
    if !left.kind.orders_with(right.kind) {
        let label = Reason::Unordered(relation, left.kind, right.kind).to_string();
        let problem = Diagnostic::error(Code::Type, span, label);
        return Some(if quoted.is_some() { problem.help("remove the quotes around the number") } else { problem });
    }
    if let Some(quoted) = quoted
        && (left.kind == Kind::Any || right.kind == Kind::Any)
    {
        let problem = Diagnostic::warning(Code::Type, quoted.span(), "a number in quotes is text");
        return Some(problem.help("remove the quotes: text never compares with a number"));
    }
    if left.kind == Kind::Null || right.kind == Kind::Null {
        let problem = Diagnostic::warning(Code::Constant, span, "null has no order: this is always missing");
        return Some(problem.help("ask with `== null`, `has(...)` or `absent(...)`"));
    }
    None
}

fn equality_problem(relation: Relation, left: &Typed, right: &Typed, span: Span) -> Option<Diagnostic> {
    if left.kind.equals_with(right.kind) {
        return None;
    }
    let always = if relation == Relation::Equal { "false" } else { "true" };
    let (left, right) = (left.kind.as_str(), right.kind.as_str());
    let label = format!("{left} never equals {right}: this is always {always}");
    Some(Diagnostic::warning(Code::Constant, span, label))
}

fn is_quoted_number(node: &Node) -> bool {
    node.as_constant_text().is_some_and(|text| text.trim().parse::<f64>().is_ok_and(f64::is_finite))
}

fn hint_not(problem: Diagnostic) -> Diagnostic {
    problem.help("for the whole comparison write `!(a > b)` or `not a > b`")
}
