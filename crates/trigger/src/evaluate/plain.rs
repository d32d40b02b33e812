//! The short way to what most conditions are: numbers and texts that are compared where they lie, without a value on the way.
//! Where it cannot tell, it says so and leaves the answer, and every reason for there being none, to the long way.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::Scope;
use crate::{
    compare,
    functions::Function,
    node::{Node, Op},
    syntax::{Arithmetic, Relation},
    value::{Map, Value, find},
};

/// A list of up to this many items is looked through without being charged for.
const SHORT_LIST: usize = 16;

enum Plain<'p> {
    Int(i64),
    /// Never NaN.
    Double(f64),
    Text(&'p str),
}

/// Whether a relation holds between two parts.
#[inline]
pub(super) fn relate<'a>(relation: Relation, [left, right]: &'a [Node; 2], scope: Scope<'a, '_>) -> Option<bool> {
    if relation == Relation::In {
        let (Plain::Text(text), Value::List(list)) = (plain(left, scope)?, right.as_constant()?) else { return None };
        let same = |item: &Value<'_>| matches!(item, Value::Text(wanted) if text == wanted);
        return (list.len() <= SHORT_LIST).then(|| list.any(same));
    }
    let order = match (plain(left, scope)?, plain(right, scope)?) {
        (Plain::Text(a), Plain::Text(b)) if relation == Relation::Equal => return Some(a == b),
        (Plain::Text(a), Plain::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (a, b) => numbers(&a, &b)?,
    };
    Some(compare::holds(relation, order))
}

fn numbers(left: &Plain<'_>, right: &Plain<'_>) -> Option<Ordering> {
    match (left, right) {
        (Plain::Int(a), Plain::Int(b)) => Some(a.cmp(b)),
        (Plain::Double(a), Plain::Double(b)) => a.partial_cmp(b),
        (Plain::Int(a), Plain::Double(b)) => compare::integer_to_double((*a).into(), *b),
        (Plain::Double(a), Plain::Int(b)) => compare::integer_to_double((*b).into(), *a).map(Ordering::reverse),
        _ => None,
    }
}

/// Whether a text has in it, or at one of its ends, what is known.
pub(super) fn test<'a>(function: Function, parts: &'a [Node], scope: Scope<'a, '_>) -> Option<bool> {
    let [text, Node { op: Op::Constant(Value::Text(wanted)), .. }] = parts else { return None };
    let test: fn(&str, &str) -> bool = match function {
        Function::StartsWith => |text, wanted| text.starts_with(wanted),
        Function::EndsWith => |text, wanted| text.ends_with(wanted),
        Function::Contains => |text, wanted| text.contains(wanted),
        _ => return None,
    };
    let Plain::Text(text) = plain(text, scope)? else { return None };
    scope.frame.spend(text.len()).ok()?;
    Some(test(text, wanted))
}

#[inline]
fn plain<'a, 's>(node: &'a Node, scope: Scope<'a, 's>) -> Option<Plain<'s>> {
    match &node.op {
        Op::Constant(value) => of_value(value),
        Op::Slot(slot) => of_json(scope.frame.metric(*slot)?),
        _ => less_plain(node, scope),
    }
}

/// The rest of [`plain`]: apart, so that the usual half of it stays small enough to stand where it is called.
fn less_plain<'a, 's>(node: &'a Node, scope: Scope<'a, 's>) -> Option<Plain<'s>> {
    match &node.op {
        Op::Select(..) => of_json(in_place(node, scope)?),
        Op::Local { outer, index } => of_value(scope.local(*outer, *index)?),
        Op::Compute(operator, sides) if !scope.frame.strict => {
            let [left, right] = &**sides;
            compute(*operator, &plain(left, scope)?, &plain(right, scope)?)
        }
        _ => None,
    }
}

/// What a path leads to.
fn in_place<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Option<&'a Json> {
    match &node.op {
        Op::Slot(slot) => scope.frame.metric(*slot),
        Op::Select(base, key) => match base.op {
            Op::Local { outer, index } => match scope.local(outer, index)? {
                Value::Map(Map::Json(entries)) => find(entries, key),
                _ => None,
            },
            _ => find(in_place(base, scope)?.as_object()?, key),
        },
        _ => None,
    }
}

fn of_value<'p>(value: &'p Value<'_>) -> Option<Plain<'p>> {
    match value {
        Value::Int(value) => Some(Plain::Int(*value)),
        Value::Double(value) => double(*value),
        Value::Text(text) => Some(Plain::Text(text)),
        _ => None,
    }
}

fn of_json(json: &Json) -> Option<Plain<'_>> {
    match json {
        Json::String(text) => Some(Plain::Text(text)),
        Json::Number(number) if number.is_f64() => double(number.as_f64()?),
        Json::Number(number) => number.as_i64().map(Plain::Int),
        _ => None,
    }
}

fn double<'p>(value: f64) -> Option<Plain<'p>> {
    (!value.is_nan()).then_some(Plain::Double(value))
}

/// Arithmetic whose result is beyond doubt.
fn compute<'p>(operator: Arithmetic, left: &Plain<'_>, right: &Plain<'_>) -> Option<Plain<'p>> {
    if let (Plain::Int(a), Plain::Int(b)) = (left, right) {
        match operator {
            Arithmetic::Add => return a.checked_add(*b).map(Plain::Int),
            Arithmetic::Subtract => return a.checked_sub(*b).map(Plain::Int),
            Arithmetic::Multiply => return a.checked_mul(*b).map(Plain::Int),
            Arithmetic::Remainder => return None,
            Arithmetic::Divide => {}
        }
    }
    let (a, b) = (as_double(left)?, as_double(right)?);
    match operator {
        Arithmetic::Add => double(a + b),
        Arithmetic::Subtract => double(a - b),
        Arithmetic::Multiply => double(a * b),
        Arithmetic::Divide if b != 0.0 => double(a / b),
        _ => None,
    }
}

fn as_double(plain: &Plain<'_>) -> Option<f64> {
    match plain {
        Plain::Int(value) => Some(*value as f64),
        Plain::Double(value) => Some(*value),
        Plain::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use tidings_core::Event;

    use super::{super::relate_values, *};
    use crate::{Expression, Profile};

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
            let event = Event::new("a").data(json!({
                "i": 3, "j": i64::MIN, "x": 2.5, "y": -1e308, "s": "abc", "t": "b", "n": null, "u": u64::MAX,
                "m": {"k": 3, "x": "abc"},
            }));
            let source = format!("{left} {relation} {right}");
            let Ok(expression) = Expression::compile(&source, Profile::Tidings) else { return Ok(()) };
            let frame = expression.frame(&event);
            let Op::Relate(relation, sides) = &expression.root.op else { return Ok(()) };
            if let Some(holds) = relate(*relation, sides, Scope::new(&frame)) {
                let long = relate_values(*relation, sides, expression.root.span, Scope::new(&frame));
                prop_assert_eq!(Ok(holds), long, "{}", source);
            }
        }
    }
}
