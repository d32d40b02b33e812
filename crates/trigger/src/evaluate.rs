//! Walks a compiled tree over one event. Nothing here looks up a name or allocates, but for values that are new.

mod call;
mod comprehend;
mod convert;
mod format;
mod mathematics;
mod part;
mod plain;
mod texts;
mod window;

use crate::{
    arithmetic, compare,
    diagnostic::Span,
    fault::{Reason, Stop},
    node::{Node, Op},
    path::{self, Frame},
    syntax::{Logic, Relation},
    value::{Map, Value},
};

pub(crate) use comprehend::ITEM_LIMIT;
pub(crate) use convert::{convert_constant, render_double, with_exponent};
use part::part;
pub(crate) use texts::pattern;

pub(crate) type Outcome<'a> = Result<Value<'a>, Stop>;

/// The variables of a macro, and those of the one around it.
pub(crate) struct Locals<'a, 's> {
    values: [Value<'a>; 2],
    outer: Option<&'s Locals<'a, 's>>,
}

/// What an expression can see: the frame, and the variables of the macros around it.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a, 's> {
    pub(crate) frame: &'s Frame<'a>,
    locals: Option<&'s Locals<'a, 's>>,
}

impl<'a, 's> Scope<'a, 's> {
    pub(crate) const fn new(frame: &'s Frame<'a>) -> Self {
        Self { frame, locals: None }
    }

    fn local(self, outer: u8, index: u8) -> Option<&'s Value<'a>> {
        let mut locals = self.locals;
        for _ in 0..outer {
            locals = locals.and_then(|locals| locals.outer);
        }
        locals.and_then(|locals| locals.values.get(usize::from(index)))
    }

    /// What is read: outside of CEL's profile NaN is missing.
    fn read(self, value: Value<'a>) -> Result<Value<'a>, Reason> {
        match value {
            Value::Double(number) => arithmetic::number(number, self.frame.strict),
            other => Ok(other),
        }
    }
}

/// The value of a node.
pub(crate) fn evaluate<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Outcome<'a> {
    let located = |result: Result<Value<'a>, Reason>| result.map_err(|reason| reason.at(node.span));
    match &node.op {
        Op::Constant(value) => Ok(value.view()),
        Op::Slot(slot) => located(scope.frame.slot(*slot).and_then(|value| scope.read(value))),
        Op::Logic(..) | Op::Relate(..) | Op::Not(_) => truth(node, scope).map(Value::Bool),
        Op::Compute(operator, sides) => {
            let (left, right) = (evaluate(&sides[0], scope)?, evaluate(&sides[1], scope)?);
            located(
                arithmetic::apply(*operator, &left, &right, scope.frame.strict).and_then(|value| made(value, scope)),
            )
        }
        Op::Negate(part) => located(arithmetic::negate(&evaluate(part, scope)?, scope.frame.strict)),
        Op::Local { outer, index } => {
            located(scope.local(*outer, *index).cloned().ok_or(Reason::Absent).and_then(|value| scope.read(value)))
        }
        Op::Binding(names) => located(scope.frame.binding(names)),
        Op::Fail(reason) => Err(reason.at(node.span)),
        _ => evaluate_rare(node, scope),
    }
}

/// The rest of [`evaluate`]: apart, so that the frame of the hot half stays small.
#[inline(never)]
fn evaluate_rare<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Outcome<'a> {
    let located = |result: Result<Value<'a>, Reason>| result.map_err(|reason| reason.at(node.span));
    match &node.op {
        Op::Select(base, key) => {
            let base = evaluate(base, scope)?;
            located(path::select(&base, key).and_then(|value| scope.read(value)))
        }
        Op::Index(sides) => {
            let (base, index) = (evaluate(&sides[0], scope)?, evaluate(&sides[1], scope)?);
            located(item(&base, &index).and_then(|value| scope.read(value)))
        }
        Op::Has(part) => present(part, scope).map(Value::Bool),
        Op::Absent(part) => present(part, scope).map(|there| Value::Bool(!there)),
        Op::Coalesce(sides) => match evaluate(&sides[0], scope) {
            Ok(Value::Null) => evaluate(&sides[1], scope),
            Err(stop) if stop.reason.is_missing() => evaluate(&sides[1], scope),
            settled => settled,
        },
        Op::Conditional(parts) => {
            let chosen = if truth(&parts[0], scope)? { &parts[1] } else { &parts[2] };
            evaluate(chosen, scope)
        }
        Op::List(parts) => parts.iter().map(|node| part(node, scope)).collect::<Result<_, _>>().map(Value::list),
        Op::Map(entries) => build_map(entries, scope),
        Op::Comprehend(comprehension) => comprehend::run(comprehension, scope),
        Op::Matches(part, regex) => {
            let text = evaluate(part, scope)?;
            located(texts::of(&text).and_then(|text| {
                scope.frame.spend(text.len())?;
                Ok(Value::Bool(regex.is_match(text)))
            }))
        }
        Op::Window(_) | Op::Overdue(_) => window::read(node, scope),
        Op::Call(..) | Op::Zoned(..) => call::call(node, scope),
        _ => Err(Reason::Misused.at(node.span)),
    }
}

/// A value that must be a bool. What can be nothing else is worked out here, without a value on the way.
pub(crate) fn truth<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Result<bool, Stop> {
    match &node.op {
        Op::Logic(logic, parts) => fold(*logic, parts, scope),
        Op::Relate(relation, sides) => relate(*relation, sides, node.span, scope),
        Op::Not(part) => truth(part, scope).map(|value| !value),
        Op::Call(function, parts) => match plain::test(*function, parts, scope) {
            Some(holds) => Ok(holds),
            None => truth_of_value(node, scope),
        },
        _ => truth_of_value(node, scope),
    }
}

fn truth_of_value<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Result<bool, Stop> {
    match evaluate(node, scope)? {
        Value::Bool(value) => Ok(value),
        other => Err(Reason::NotBool(other.kind()).at(node.span)),
    }
}

/// `&&` and `||`: one decisive operand decides, wherever it stands; otherwise an error beats what is missing.
fn fold<'a>(logic: Logic, parts: &'a [Node], scope: Scope<'a, '_>) -> Result<bool, Stop> {
    let decisive = logic == Logic::Any;
    let mut worst = None;
    for part in parts {
        match truth(part, scope) {
            Ok(value) if value == decisive => return Ok(decisive),
            Ok(_) => {}
            Err(stop) => worst = Some(Stop::worse(worst, stop)),
        }
    }
    worst.map_or(Ok(!decisive), Err)
}

fn relate<'a>(relation: Relation, sides: &'a [Node; 2], span: Span, scope: Scope<'a, '_>) -> Result<bool, Stop> {
    match plain::relate(relation, sides, scope) {
        Some(holds) => Ok(holds),
        None => relate_values(relation, sides, span, scope),
    }
}

fn relate_values<'a>(relation: Relation, sides: &'a [Node; 2], span: Span, scope: Scope<'a, '_>) -> Result<bool, Stop> {
    let (left, right) = (evaluate(&sides[0], scope)?, evaluate(&sides[1], scope)?);
    let related = if relation == Relation::In {
        contains(&left, &right, scope)
    } else {
        scope.frame.spend(items(&left)).and_then(|()| compare::relate(relation, &left, &right, scope.frame.strict))
    };
    related.map_err(|reason| reason.at(span))
}

/// How many items a comparison may have to go over.
fn items(value: &Value<'_>) -> usize {
    match value {
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        _ => 0,
    }
}

fn contains(item: &Value<'_>, range: &Value<'_>, scope: Scope<'_, '_>) -> Result<bool, Reason> {
    match range {
        Value::List(list) => {
            scope.frame.spend(list.len())?;
            Ok(list.any(|other| compare::equal(other, item)))
        }
        Value::Map(map) => Ok(compare::lookup(map, item).is_some()),
        Value::Null => Err(Reason::ThroughNull),
        _ => Err(Reason::NotACollection(range.kind())),
    }
}

/// Whether there is a value. It never fails, but for errors of its base in CEL's profile.
fn present<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Result<bool, Stop> {
    let found = match &node.op {
        Op::Slot(slot) => scope.frame.slot(*slot).map_err(|reason| reason.at(node.span)),
        Op::Select(base, _) if scope.frame.strict => {
            evaluate(base, scope)?;
            evaluate(node, scope)
        }
        _ => evaluate(node, scope),
    };
    match found {
        Ok(_) => Ok(true),
        Err(Stop { reason: Reason::NotANumber, .. }) => Ok(true),
        Err(Stop { reason: Reason::Absent, .. }) => Ok(false),
        Err(_) if !scope.frame.strict => Ok(false),
        Err(stop) => Err(stop),
    }
}

/// Whether there is a value, in the language's own profile.
pub(crate) fn is_present<'a>(node: &'a Node, scope: Scope<'a, '_>) -> bool {
    present(node, scope) == Ok(true)
}

fn item<'a>(base: &Value<'a>, index: &Value<'a>) -> Result<Value<'a>, Reason> {
    match (base, index) {
        (Value::Null, _) => Err(Reason::ThroughNull),
        (_, Value::Null) if matches!(base, Value::List(_)) => Err(Reason::NullOperand),
        (Value::List(list), _) => {
            let whole = match index {
                Value::Double(value) if value.fract() == 0.0 && value.abs() < 1e15 => Some(*value as i128),
                other => other.as_integer(),
            };
            let whole = whole.ok_or(Reason::BadIndex(index.kind()))?;
            usize::try_from(whole).ok().and_then(|whole| list.get(whole)).ok_or(Reason::OutOfRange)
        }
        (Value::Map(map), _) => compare::lookup(map, index).ok_or(Reason::Absent),
        _ => Err(Reason::NotIndexable(base.kind())),
    }
}

fn build_map<'a>(entries: &'a [[Node; 2]], scope: Scope<'a, '_>) -> Outcome<'a> {
    let mut built: Vec<(Value<'a>, Value<'a>)> = Vec::with_capacity(entries.len());
    for [key_node, value] in entries {
        let key = evaluate(key_node, scope)?;
        insert(&mut built, key, part(value, scope)?).map_err(|reason| reason.at(key_node.span))?;
    }
    Ok(Value::Map(Map::Owned(built.into())))
}

/// Adds an entry to a map that is being built. Keys are bools, ints or text, each once.
fn insert<'a>(entries: &mut Vec<(Value<'a>, Value<'a>)>, key: Value<'a>, value: Value<'a>) -> Result<(), Reason> {
    if !matches!(key, Value::Bool(_) | Value::Int(_) | Value::Unsigned(_) | Value::Text(_) | Value::Severity(_)) {
        return Err(Reason::KeyKind(key.kind()));
    }
    if entries.iter().any(|(other, _)| compare::equal(other, &key)) {
        return Err(Reason::RepeatedKey);
    }
    entries.push((key, value));
    Ok(())
}

/// A byte that is made costs this many that are read, so that no evaluation makes more than a few megabytes.
const MAKING: usize = 8;

/// Charges a value that is new for the memory that it takes.
fn made<'a>(value: Value<'a>, scope: Scope<'a, '_>) -> Result<Value<'a>, Reason> {
    match &value {
        Value::Text(text) => scope.frame.spend(text.len() * MAKING)?,
        Value::List(list) => scope.frame.spend(list.len() * size_of::<Value<'_>>() * MAKING)?,
        _ => {}
    }
    Ok(value)
}
