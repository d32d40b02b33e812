//! The macros over lists and maps: `exists`, `all`, `exists_one`, `filter`, `map` and their kin with two variables.

use super::{Locals, Outcome, Scope, evaluate, insert, part, truth};
use crate::{
    fault::{Reason, Stop},
    node::{Comprehension, Shape},
    value::{Entry, Map, Value},
};

/// The most items that a macro goes over.
pub(crate) const ITEM_LIMIT: usize = 1024;

/// What an item costs in CEL's profile, which has no static limit of its own.
const STRICT_PRICE: usize = 64;

pub(super) fn run<'a>(macro_call: &'a Comprehension, scope: Scope<'a, '_>) -> Outcome<'a> {
    let range = evaluate(&macro_call.range, scope)?;
    let span = macro_call.range.span;
    let length = match &range {
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::Null => return Err(Reason::ThroughNull.at(span)),
        other => return Err(Reason::NotACollection(other.kind()).at(span)),
    };
    if length > ITEM_LIMIT {
        return Err(Reason::TooManyItems.at(span));
    }
    let run = Run { macro_call, scope };
    match macro_call.shape {
        Shape::Exists => run.test(&range, true),
        Shape::All => run.test(&range, false),
        Shape::ExistsOne => run.exists_one(&range),
        Shape::Filter => run.filter(&range),
        Shape::List => run.list(&range),
        Shape::Map => run.map(&range),
    }
}

/// One run over a range.
struct Run<'a, 's> {
    macro_call: &'a Comprehension,
    scope: Scope<'a, 's>,
}

impl<'a> Run<'a, '_> {
    /// Calls `step` with the scope of each item, and the item, until it says to stop.
    fn each<F>(&self, range: &Value<'a>, mut step: F) -> Result<(), Stop>
    where
        F: FnMut(Scope<'a, '_>, &Locals<'a, '_>) -> Result<bool, Stop>,
    {
        let mut visit = |locals: &Locals<'a, '_>| {
            let price = if self.scope.frame.strict { STRICT_PRICE } else { 1 };
            self.scope.frame.spend(price).map_err(|reason| reason.at(self.macro_call.range.span))?;
            step(Scope { frame: self.scope.frame, locals: Some(locals) }, locals)
        };
        // One place for the variables of all items: moving them costs more than most bodies do.
        let mut locals = Locals { values: [const { Value::Null }; 2], outer: self.scope.locals };
        match range {
            Value::List(list) => {
                let place = usize::from(self.macro_call.paired);
                for (index, item) in list.iter().enumerate() {
                    locals.values[0] = Value::Int(index as i64);
                    locals.values[place] = item;
                    if !visit(&locals)? {
                        break;
                    }
                }
            }
            Value::Map(map) => {
                for pair in map.iter() {
                    locals.values = pair.into();
                    if !visit(&locals)? {
                        break;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// `exists` and `all`: one decisive item decides, whatever the others are.
    fn test(&self, range: &Value<'a>, decisive: bool) -> Outcome<'a> {
        let mut worst = None;
        let mut decided = false;
        self.each(range, |scope, _| {
            match truth(&self.macro_call.body, scope) {
                Ok(value) => decided = value == decisive,
                Err(stop) => worst = Some(Stop::worse(worst, stop)),
            }
            Ok(!decided)
        })?;
        match worst {
            Some(stop) if !decided => Err(stop),
            _ => Ok(Value::Bool(decided == decisive)),
        }
    }

    fn exists_one(&self, range: &Value<'a>) -> Outcome<'a> {
        let mut found = 0_usize;
        self.each(range, |scope, _| {
            found += usize::from(truth(&self.macro_call.body, scope)?);
            Ok(true)
        })?;
        Ok(Value::Bool(found == 1))
    }

    fn filter(&self, range: &Value<'a>) -> Outcome<'a> {
        let mut kept: Vec<Value<'a>> = Vec::new();
        self.each(range, |scope, locals| {
            if truth(&self.macro_call.body, scope)? {
                kept.push(locals.values[0].clone());
            }
            Ok(true)
        })?;
        Ok(Value::list(kept))
    }

    fn list(&self, range: &Value<'a>) -> Outcome<'a> {
        let mut made: Vec<Value<'a>> = Vec::new();
        self.each(range, |scope, _| {
            if self.admits(scope)? {
                made.push(part(&self.macro_call.body, scope)?);
            }
            Ok(true)
        })?;
        Ok(Value::list(made))
    }

    fn map(&self, range: &Value<'a>) -> Outcome<'a> {
        let mut made: Vec<Entry<'a>> = Vec::new();
        self.each(range, |scope, locals| {
            if self.admits(scope)? {
                let value = part(&self.macro_call.body, scope)?;
                insert(&mut made, locals.values[0].clone(), value)
                    .map_err(|reason| reason.at(self.macro_call.body.span))?;
            }
            Ok(true)
        })?;
        Ok(Value::Map(Map::Owned(made.into())))
    }

    fn admits(&self, scope: Scope<'a, '_>) -> Result<bool, Stop> {
        self.macro_call.condition.as_ref().map_or(Ok(true), |condition| truth(condition, scope))
    }
}
