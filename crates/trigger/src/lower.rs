//! Turns a tree into a compiled one: names become slots, types are checked where they are known, what is constant is made ready.
//! In CEL's profile nothing is refused here: what the checker would refuse fails when it is evaluated.

mod calls;
mod macros;
mod names;
mod relations;
mod windows;

use std::borrow::Cow;

use crate::{
    Profile,
    diagnostic::{Code, Diagnostic, Span},
    fault::Reason,
    kind::Kind,
    node::{Node, Op},
    path::Path,
    syntax::{Arithmetic, Expr, ExprKind, Literal, Logic, Operator},
    value::Value,
    window::{AbsenceSpec, SeriesSpec},
};

/// What lowering gives: a tree that is of use only where no problem is an error.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) root: Node,
    pub(crate) kind: Kind,
    /// What ends a firing rule.
    pub(crate) resolve: Option<Node>,
    pub(crate) paths: Vec<Path>,
    pub(crate) series: Vec<SeriesSpec>,
    pub(crate) absences: Vec<AbsenceSpec>,
    /// Whether there is a macro: nothing else can be too expensive.
    pub(crate) loops: bool,
    pub(crate) problems: Vec<Diagnostic>,
}

pub(crate) fn lower<'e>(tree: &'e Expr<'e>, resolve: Option<&'e Expr<'e>>, profile: Profile) -> Lowered {
    let mut lowering = Lowering { strict: profile == Profile::Cel, ..Lowering::default() };
    let root = lowering.expr(tree);
    let resolve = resolve.map(|resolve| lowering.boolean(resolve, "`resolve when`"));
    let Lowering { paths, series, absences, loops, problems, .. } = lowering;
    Lowered { root: root.node, kind: root.kind, resolve, paths, series, absences, loops, problems }
}

/// A node with what is known of its type.
struct Typed {
    node: Node,
    kind: Kind,
}

impl Typed {
    fn span(&self) -> Span {
        self.node.span
    }
}

#[derive(Default)]
struct Lowering<'e> {
    strict: bool,
    paths: Vec<Path>,
    series: Vec<SeriesSpec>,
    absences: Vec<AbsenceSpec>,
    loops: bool,
    /// Whether this is an argument of a function over time.
    sampling: bool,
    /// The variables of the macros around this place, the innermost last.
    locals: Vec<[Option<&'e str>; 2]>,
    problems: Vec<Diagnostic>,
}

impl<'e> Lowering<'e> {
    fn expr(&mut self, expr: &'e Expr<'e>) -> Typed {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Broken => typed(Op::Fail(Reason::Misused), span, Kind::Any),
            ExprKind::Literal(literal) => constant(literal, span),
            ExprKind::Name(_) | ExprKind::Select(..) => self.path(expr),
            ExprKind::Index(parts) => self.index(expr, parts),
            ExprKind::Call(call) => self.call(call, span),
            ExprKind::Not(operand) => {
                let operand = self.boolean(operand, "`!`");
                typed(Op::Not(Box::new(operand)), span, Kind::Bool)
            }
            ExprKind::Negate(operand) => self.negate(operand, span),
            ExprKind::Binary(Operator::Relation(relation), sides) => self.relation(*relation, sides, span),
            ExprKind::Binary(Operator::Coalesce, sides) => {
                let [left, right] = self.pair(sides);
                let kind = left.kind.join(right.kind);
                typed(Op::Coalesce(Box::new([left.node, right.node])), span, kind)
            }
            ExprKind::Binary(Operator::Arithmetic(operator), sides) => self.arithmetic(*operator, sides, span),
            ExprKind::Logic(logic, parts) => self.logic(*logic, parts, span),
            ExprKind::Conditional(parts) => self.conditional(parts, span),
            ExprKind::List(items) => self.list(items, span),
            ExprKind::Map(entries) => {
                let pairs = entries.iter().map(|(key, value)| [self.expr(key).node, self.expr(value).node]);
                typed(Op::Map(pairs.collect()), span, Kind::Map)
            }
        }
    }

    fn pair(&mut self, [left, right]: &'e [Expr<'e>; 2]) -> [Typed; 2] {
        [self.expr(left), self.expr(right)]
    }

    /// An operand that must be a bool.
    fn boolean(&mut self, expr: &'e Expr<'e>, whose: &str) -> Node {
        let operand = self.expr(expr);
        if operand.kind.is_known() && operand.kind != Kind::Bool {
            let label = format!("{whose} takes a bool, this is {}", operand.kind.as_str());
            self.complain(Diagnostic::error(Code::Type, operand.span(), label));
        }
        operand.node
    }

    fn negate(&mut self, operand: &'e Expr<'e>, span: Span) -> Typed {
        let operand = self.expr(operand);
        if operand.kind.is_known() && !operand.kind.is_number() && operand.kind != Kind::Duration {
            let label = format!("`-` takes a number or a duration, this is {}", operand.kind.as_str());
            self.complain(Diagnostic::error(Code::Type, operand.span(), label));
        }
        let kind = operand.kind;
        typed(Op::Negate(Box::new(operand.node)), span, kind)
    }

    fn logic(&mut self, logic: Logic, parts: &'e [Expr<'e>], span: Span) -> Typed {
        let whose = if logic == Logic::All { "`&&`" } else { "`||`" };
        let parts = parts.iter().map(|part| self.boolean(part, whose)).collect();
        typed(Op::Logic(logic, parts), span, Kind::Bool)
    }

    fn conditional(&mut self, [condition, then, otherwise]: &'e [Expr<'e>; 3], span: Span) -> Typed {
        let condition = self.boolean(condition, "`?`");
        let (then, otherwise) = (self.expr(then), self.expr(otherwise));
        let kind = then.kind.join(otherwise.kind);
        typed(Op::Conditional(Box::new([condition, then.node, otherwise.node])), span, kind)
    }

    /// A list of constants is one constant.
    fn list(&mut self, items: &'e [Expr<'e>], span: Span) -> Typed {
        let items: Vec<Node> = items.iter().map(|item| self.expr(item).node).collect();
        let op = if items.iter().all(|item| item.as_constant().is_some()) {
            Op::Constant(Value::list(items.into_iter().filter_map(Node::into_constant).collect()))
        } else {
            Op::List(items.into())
        };
        typed(op, span, Kind::List)
    }

    fn arithmetic(&mut self, operator: Arithmetic, sides: &'e [Expr<'e>; 2], span: Span) -> Typed {
        let [left, right] = self.pair(sides);
        let kind = if self.strict { Some(Kind::Any) } else { arithmetic_kind(operator, left.kind, right.kind) };
        let Some(kind) = kind else {
            let label = format!("`{}` between {} and {}", operator.as_str(), left.kind.as_str(), right.kind.as_str());
            let problem = Diagnostic::error(Code::Type, span, label);
            let reason = Reason::Arithmetic(operator, left.kind, right.kind);
            return self.refuse(problem, reason);
        };
        typed(Op::Compute(operator, Box::new([left.node, right.node])), span, kind)
    }

    /// Reports a problem; in CEL's profile it shows when it is evaluated.
    fn complain(&mut self, problem: Diagnostic) {
        if !self.strict && self.problems.len() < crate::lexer::PROBLEM_LIMIT {
            self.problems.push(problem);
        }
    }

    /// Reports a problem; in CEL's profile the expression fails with the reason instead.
    fn refuse(&mut self, problem: Diagnostic, reason: Reason) -> Typed {
        let span = Span::new(problem.span.start, problem.span.end);
        self.complain(problem);
        typed(Op::Fail(reason), span, Kind::Any)
    }
}

const fn typed(op: Op, span: Span, kind: Kind) -> Typed {
    Typed { node: Node { span, op }, kind }
}

fn constant(literal: &Literal<'_>, span: Span) -> Typed {
    let value = match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Double(value) => Value::Double(*value),
        Literal::Duration(nanoseconds) => Value::Duration(*nanoseconds),
        Literal::Text(text) => Value::Text(Cow::Owned(text.to_string())),
    };
    let kind = value.kind();
    typed(Op::Constant(value), span, kind)
}

/// The type of a result; `None` where both operands are known and do not go together.
fn arithmetic_kind(operator: Arithmetic, left: Kind, right: Kind) -> Option<Kind> {
    use Arithmetic::{Add, Divide, Remainder, Subtract};
    match (operator, left, right) {
        (Remainder, Kind::Double, _) | (Remainder, _, Kind::Double) => None,
        (_, a, b) if !a.is_known() || !b.is_known() => {
            // What the other one is shows only in an event, and so does whether they go together.
            Some(half_known(operator, if a.is_known() { a } else { b }))
        }
        (Divide, a, b) if a.is_number() && b.is_number() => Some(Kind::Double),
        (_, Kind::Int, Kind::Int) => Some(Kind::Int),
        (_, Kind::Number, b) | (_, b, Kind::Number) if b.is_number() => Some(Kind::Number),
        (_, a, b) if a.is_number() && b.is_number() => Some(Kind::Double),
        (Add, a, b) if a.is_text() && b.is_text() => Some(Kind::Text),
        (Add, Kind::List, Kind::List) => Some(Kind::List),
        (Add | Subtract, Kind::Duration, Kind::Duration) | (Subtract, Kind::Timestamp, Kind::Timestamp) => {
            Some(Kind::Duration)
        }
        (Add | Subtract, Kind::Timestamp, Kind::Duration) | (Add, Kind::Duration, Kind::Timestamp) => {
            Some(Kind::Timestamp)
        }
        _ => None,
    }
}

/// The type of a result of which at most one operand is known.
const fn half_known(operator: Arithmetic, known: Kind) -> Kind {
    match (operator, known) {
        (Arithmetic::Divide, Kind::Any | Kind::Null | Kind::Int | Kind::Double | Kind::Number) => Kind::Double,
        (Arithmetic::Multiply | Arithmetic::Remainder, Kind::Any | Kind::Null)
        | (_, Kind::Int | Kind::Double | Kind::Number) => Kind::Number,
        (Arithmetic::Add, Kind::Text | Kind::Severity) => Kind::Text,
        (Arithmetic::Add, Kind::List) => Kind::List,
        _ => Kind::Any,
    }
}
