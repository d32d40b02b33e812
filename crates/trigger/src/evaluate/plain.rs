//! The short way to what most conditions are: numbers and texts that are compared where they lie, without a value on the way.
//! Where it cannot tell, it says so and leaves the answer, and every reason for there being none, to the long way.

use std::{borrow::Cow, cmp::Ordering};

use serde_json::Value as Json;

use super::{Scope, local::Local, window};
use crate::{
    compare,
    functions::Function,
    node::{Node, Op},
    syntax::{Arithmetic, Relation},
    value::{Value, find},
};

/// A list of up to this many items is looked through without being charged for.
const SHORT_LIST: usize = 16;

/// A number of a kind that most are of: two plain words, since those stay in registers on their way.
#[derive(Clone, Copy)]
struct Number {
    kind: NumberKind,
    bits: u64,
}

#[derive(Clone, Copy)]
enum NumberKind {
    Int,
    /// Never NaN.
    Double,
}

/// Whether a part that must be a bool holds.
#[inline]
pub(super) fn decide<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Option<bool> {
    match &node.op {
        Op::Relate(relation, sides) => relate(*relation, sides, scope),
        Op::Call(function, parts) => test(*function, parts, scope),
        _ => None,
    }
}

/// A part that is a number other than NaN, as a double.
pub(super) fn double<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Option<f64> {
    number(node, scope).map(Number::as_double)
}

/// Whether a relation holds between two parts. The right one, mostly a constant, says what the left one has to be.
fn relate<'a>(relation: Relation, [left, right]: &'a [Node; 2], scope: Scope<'a, '_>) -> Option<bool> {
    if relation == Relation::In {
        return among(text(left, scope)?, right.as_constant()?);
    }
    let Some(wanted) = text(right, scope) else {
        let order = order(number(left, scope)?, number(right, scope)?)?;
        return Some(compare::holds(relation, order));
    };
    let text = text(left, scope)?;
    if relation == Relation::Equal {
        return Some(text == wanted);
    }
    Some(compare::holds(relation, text.as_bytes().cmp(wanted.as_bytes())))
}

fn among(text: &str, range: &Value<'_>) -> Option<bool> {
    let Value::List(list) = range else { return None };
    let same = |item: &Value<'_>| matches!(item, Value::Text(wanted) if text == wanted);
    (list.len() <= SHORT_LIST).then(|| list.any(same))
}

fn order(left: Number, right: Number) -> Option<Ordering> {
    match (left.as_int(), right.as_int()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        (None, None) => left.as_double().partial_cmp(&right.as_double()),
        (Some(a), None) => compare::integer_to_double(a.into(), right.as_double()),
        (None, Some(b)) => compare::integer_to_double(b.into(), left.as_double()).map(Ordering::reverse),
    }
}

/// Whether a text has in it, or at one of its ends, what is known.
fn test<'a>(function: Function, parts: &'a [Node], scope: Scope<'a, '_>) -> Option<bool> {
    let [subject, Node { op: Op::Constant(Value::Text(wanted)), .. }] = parts else { return None };
    let test: fn(&str, &str) -> bool = match function {
        Function::StartsWith => |text, wanted| text.starts_with(wanted),
        Function::EndsWith => |text, wanted| text.ends_with(wanted),
        Function::Contains => |text, wanted| text.contains(wanted),
        _ => return None,
    };
    let text = text(subject, scope)?;
    scope.frame.spend(text.len()).ok()?;
    Some(test(text, wanted))
}

/// A part that is a text.
#[inline]
fn text<'a, 's>(node: &'a Node, scope: Scope<'a, 's>) -> Option<&'s str> {
    match &node.op {
        Op::Constant(value) => text_of(value),
        Op::Slot(slot) => match scope.frame.known.get(usize::from(*slot)) {
            Some(known) => text_of(known.as_ref().ok()?),
            None => scope.frame.text(*slot),
        },
        Op::Local { outer, index } => scope.local(*outer, *index)?.text(),
        Op::Select(..) => in_place(node, scope)?.as_str(),
        _ => None,
    }
}

const fn text_of<'p>(value: &'p Value<'_>) -> Option<&'p str> {
    match value {
        Value::Text(Cow::Borrowed(text)) => Some(text),
        Value::Text(Cow::Owned(text)) => Some(text.as_str()),
        _ => None,
    }
}

/// A part that is a number.
#[inline]
fn number<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Option<Number> {
    match &node.op {
        Op::Constant(value) => number_of(value),
        Op::Slot(slot) => match scope.frame.known.get(usize::from(*slot)) {
            Some(known) => number_of(known.as_ref().ok()?),
            None => number_in(scope.frame.metric(*slot)?),
        },
        _ => rarer_number(node, scope),
    }
}

/// The rest of [`number`]: apart, so that the usual half of it stays small enough to stand where it is called.
fn rarer_number<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Option<Number> {
    match &node.op {
        Op::Select(..) => number_in(in_place(node, scope)?),
        Op::Local { outer, index } => match scope.local(*outer, *index)? {
            Local::Json(json) => number_in(json),
            Local::Value(value) => number_of(value),
            _ => None,
        },
        Op::Window(reading) if reading.current.is_none() => number_of(&window::read(node, scope).ok()?),
        Op::Compute(operator, sides) if !scope.frame.strict => {
            let [left, right] = &**sides;
            compute(*operator, number(left, scope)?, number(right, scope)?)
        }
        _ => None,
    }
}

const fn number_of(value: &Value<'_>) -> Option<Number> {
    match value {
        Value::Int(value) => Some(Number::int(*value)),
        Value::Double(value) => Number::double(*value),
        _ => None,
    }
}

fn number_in(json: &Json) -> Option<Number> {
    let Json::Number(number) = json else { return None };
    if number.is_f64() { Number::double(number.as_f64()?) } else { number.as_i64().map(Number::int) }
}

/// What a path leads to.
fn in_place<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Option<&'a Json> {
    match &node.op {
        Op::Slot(slot) => scope.frame.metric(*slot),
        Op::Select(base, key) => match base.op {
            Op::Local { outer, index } => scope.local(outer, index)?.field(key),
            _ => find(in_place(base, scope)?.as_object()?, key),
        },
        _ => None,
    }
}

/// Arithmetic whose result is beyond doubt.
fn compute(operator: Arithmetic, left: Number, right: Number) -> Option<Number> {
    if let (Some(a), Some(b)) = (left.as_int(), right.as_int()) {
        match operator {
            Arithmetic::Add => return a.checked_add(b).map(Number::int),
            Arithmetic::Subtract => return a.checked_sub(b).map(Number::int),
            Arithmetic::Multiply => return a.checked_mul(b).map(Number::int),
            Arithmetic::Remainder => return None,
            Arithmetic::Divide => {}
        }
    }
    let (a, b) = (left.as_double(), right.as_double());
    match operator {
        Arithmetic::Add => Number::double(a + b),
        Arithmetic::Subtract => Number::double(a - b),
        Arithmetic::Multiply => Number::double(a * b),
        Arithmetic::Divide if b != 0.0 => Number::double(a / b),
        _ => None,
    }
}

impl Number {
    const fn int(value: i64) -> Self {
        Self { kind: NumberKind::Int, bits: value.cast_unsigned() }
    }

    const fn double(value: f64) -> Option<Self> {
        if value.is_nan() { None } else { Some(Self { kind: NumberKind::Double, bits: value.to_bits() }) }
    }

    const fn as_int(self) -> Option<i64> {
        match self.kind {
            NumberKind::Int => Some(self.bits.cast_signed()),
            NumberKind::Double => None,
        }
    }

    const fn as_double(self) -> f64 {
        match self.kind {
            NumberKind::Int => self.bits.cast_signed() as f64,
            NumberKind::Double => f64::from_bits(self.bits),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use tidings_core::Event;

    use super::{super::relate_values, *};
    use crate::{Expression, Profile, path::Frame};

    fn operand() -> impl Strategy<Value = String> {
        let leaves = [
            "i",
            "j",
            "x",
            "y",
            "s",
            "t",
            "n",
            "u",
            "none",
            "m.k",
            "event_type",
            "agent_id",
            "user_id",
            "severity",
            "m.x",
            "i.z",
            "0",
            "-3",
            "2.5",
            "1e308",
            "0.0",
            "'abc'",
            "'b'",
            "null",
            "true",
            "9223372036854775807",
            "['abc', 1, 'b']",
            "[]",
        ];
        let leaf = prop::sample::select(leaves.to_vec()).prop_map(str::to_owned);
        leaf.prop_recursive(2, 6, 2, |inner| {
            let operator = prop::sample::select(vec!["+", "-", "*", "/", "%"]);
            (operator, inner.clone(), inner).prop_map(|(operator, a, b)| format!("({a} {operator} {b})"))
        })
    }

    proptest! {
        #[test]
        fn the_short_way_ends_where_the_long_one_does(
            left in operand(),
            relation in prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!=", "in"]),
            right in operand(),
        ) {
            let event = Event::new("a").agent("abc").data(json!({
                "i": 3, "j": i64::MIN, "x": 2.5, "y": -1e308, "s": "abc", "t": "b", "n": null, "u": u64::MAX,
                "m": {"k": 3, "x": "abc"},
            }));
            let source = format!("{left} {relation} {right}");
            let Ok(expression) = Expression::compile(&source, Profile::Tidings) else { return Ok(()) };
            let Op::Relate(relation, sides) = &expression.root.op else { return Ok(()) };
            let looked_up = expression.frame(&event);
            let known: Vec<_> = expression.paths.iter().map(|path| looked_up.read(path)).collect();
            for frame in [Frame { known: &known, ..expression.frame(&event) }, expression.frame(&event)] {
                if let Some(holds) = relate(*relation, sides, Scope::new(&frame)) {
                    let long = relate_values(*relation, sides, expression.root.span, Scope::new(&looked_up));
                    prop_assert_eq!(Ok(holds), long, "{}", source);
                }
            }
        }
    }
}
