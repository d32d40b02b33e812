//! The compiled tree: names are slots, functions are numbers, patterns and zones are ready. It is made by `lower` and walked by
//! `evaluate`.

use jiff::tz::TimeZone;
use regex::Regex;

use crate::{
    diagnostic::Span,
    fault::Reason,
    functions::Function,
    path::Keys,
    syntax::{Arithmetic, Logic, Relation},
    value::Value,
    window::Measure,
};

/// A compiled expression with the part of the source that it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) op: Op,
}

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Constant(Value<'static>),
    /// A path into the event, by its number in the expression's list.
    Slot(u16),
    /// A name of CEL's profile, looked up in the bindings: as one dotted name, or as a shorter one and the keys behind it.
    Binding(Keys),
    /// A macro's variable: how many macros further out, and which of its two.
    Local {
        outer: u8,
        index: u8,
    },
    Select(Box<Node>, Box<str>),
    Index(Box<[Node; 2]>),
    /// Whether there is a value. In CEL's profile errors of its base show through.
    Has(Box<Node>),
    Absent(Box<Node>),
    Coalesce(Box<[Node; 2]>),
    Not(Box<Node>),
    Negate(Box<Node>),
    Logic(Logic, Box<[Node]>),
    Relate(Relation, Box<[Node; 2]>),
    Compute(Arithmetic, Box<[Node; 2]>),
    Conditional(Box<[Node; 3]>),
    List(Box<[Node]>),
    Map(Box<[[Node; 2]]>),
    Call(Function, Box<[Node]>),
    /// `matches` with a pattern that was known at load.
    Matches(Box<Node>, Regex),
    /// A part of a time in a zone that was known at load.
    Zoned(Function, Box<Node>, TimeZone),
    Comprehend(Box<Comprehension>),
    /// What an agent's history says.
    Window(Box<Reading>),
    /// Whether something is overdue, by its number in the expression's list.
    Overdue(u8),
    /// What the checker would refuse, in CEL's profile: fails when it is evaluated.
    Fail(Reason),
}

/// A macro over a list or a map.
#[derive(Clone, Debug)]
pub(crate) struct Comprehension {
    pub(crate) shape: Shape,
    pub(crate) range: Node,
    /// Whether it has two variables: index and item, or key and value.
    pub(crate) paired: bool,
    pub(crate) condition: Option<Node>,
    /// The transformation, or the predicate of a test.
    pub(crate) body: Node,
}

/// One thing that is read from a series.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The series, by its number in the expression's list.
    pub(crate) series: u8,
    pub(crate) measure: Measure,
    /// What the event itself must say: the value that a z-score is of, the second condition of a sequence.
    pub(crate) current: Option<Node>,
}

/// What a macro makes of its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Exists,
    All,
    ExistsOne,
    /// Keeps the items whose body is true.
    Filter,
    List,
    Map,
}

impl Node {
    pub(crate) const fn constant(value: Value<'static>, span: Span) -> Self {
        Self { span, op: Op::Constant(value) }
    }

    /// The value, if it is known before any event is.
    pub(crate) const fn as_constant(&self) -> Option<&Value<'static>> {
        match &self.op {
            Op::Constant(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn into_constant(self) -> Option<Value<'static>> {
        match self.op {
            Op::Constant(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn as_constant_text(&self) -> Option<&str> {
        match self.as_constant() {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Hands every direct part to the visitor, in the order of the source.
    pub(crate) fn each_part<'n>(&'n self, visit: &mut dyn FnMut(&'n Self)) {
        match &self.op {
            Op::Constant(_) | Op::Slot(_) | Op::Binding(_) | Op::Local { .. } | Op::Overdue(_) | Op::Fail(_) => {}
            Op::Select(part, _)
            | Op::Has(part)
            | Op::Absent(part)
            | Op::Not(part)
            | Op::Negate(part)
            | Op::Matches(part, _)
            | Op::Zoned(_, part, _) => visit(part),
            Op::Index(parts) | Op::Coalesce(parts) | Op::Relate(_, parts) | Op::Compute(_, parts) => {
                parts.iter().for_each(visit);
            }
            Op::Conditional(parts) => parts.iter().for_each(visit),
            Op::Logic(_, parts) | Op::List(parts) | Op::Call(_, parts) => parts.iter().for_each(visit),
            Op::Map(entries) => entries.iter().flatten().for_each(visit),
            Op::Window(reading) => reading.current.iter().for_each(visit),
            Op::Comprehend(comprehension) => {
                visit(&comprehension.range);
                comprehension.condition.iter().for_each(&mut *visit);
                visit(&comprehension.body);
            }
        }
    }
}
