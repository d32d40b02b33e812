//! The macros over lists and maps: `exists`, `all`, `exists_one`, `filter`, `map` and their kin with two variables.

use super::{Local, Locals, Outcome, Scope, evaluate, insert, part, truth};
use crate::{
    fault::{Reason, Stop},
    node::{Comprehension, Shape},
    value::{Entry, List, Map, Value},
};

/// The most items that a macro goes over.
pub(crate) const ITEM_LIMIT: usize = 1024;

/// What an item costs in CEL's profile, which has no static limit of its own.
const STRICT_PRICE: usize = 64;

pub(super) fn run<'a>(macro_call: &'a Comprehension, scope: Scope<'a, '_>) -> Outcome<'a> {
    let range = range(macro_call, scope)?;
    let run = Run { macro_call, scope };
    match macro_call.shape {
        Shape::Exists => run.test(&range, true),
        Shape::All => run.test(&range, false),
        Shape::ExistsOne => run.count(&range).map(|found| Value::Bool(found == 1)),
        Shape::Filter => run.filter(&range),
        Shape::List => run.list(&range),
        Shape::Map => run.map(&range),
    }
}

/// How many items a filter keeps, without a list of them.
pub(super) fn count<'a>(filter: &'a Comprehension, scope: Scope<'a, '_>) -> Result<i64, Stop> {
    let range = range(filter, scope)?;
    Run { macro_call: filter, scope }.count(&range)
}

/// What a macro goes over, which is neither missing nor too much.
fn range<'a>(macro_call: &'a Comprehension, scope: Scope<'a, '_>) -> Outcome<'a> {
    let range = evaluate(&macro_call.range, scope)?;
    let reason = match &range {
        Value::List(list) if list.len() <= ITEM_LIMIT => return Ok(range),
        Value::Map(map) if map.len() <= ITEM_LIMIT => return Ok(range),
        Value::List(_) | Value::Map(_) => Reason::TooManyItems,
        Value::Null => Reason::ThroughNull,
        other => Reason::NotACollection(other.kind()),
    };
    Err(reason.at(macro_call.range.span))
}

/// What is done for each item; it says whether to go on.
trait Step<'a>: FnMut(Scope<'a, '_>, Local<'a, '_>) -> Result<bool, Stop> {}

impl<'a, F: FnMut(Scope<'a, '_>, Local<'a, '_>) -> Result<bool, Stop>> Step<'a> for F {}

fn pair<'a, 'i>((key, value): &'i Entry<'a>) -> (Local<'a, 'i>, Local<'a, 'i>) {
    (Local::Value(key), Local::Value(value))
}

/// One run over a range.
struct Run<'a, 's> {
    macro_call: &'a Comprehension,
    scope: Scope<'a, 's>,
}

impl<'a> Run<'a, '_> {
    /// Calls `step` with the scope of each item, and the first variable, until it says to stop.
    fn each(&self, range: &Value<'a>, step: impl Step<'a>) -> Result<(), Stop> {
        match range {
            Value::List(List::Json(items)) => self.over_items(items.iter().map(Local::Json), step),
            Value::List(List::Borrowed(items)) => self.over_items(items.iter().map(Local::Value), step),
            Value::List(List::Owned(items)) => self.over_items(items.iter().map(Local::Value), step),
            Value::Map(Map::Json(entries)) => {
                self.over_entries(entries.iter().map(|(key, value)| (Local::Key(key), Local::Json(value))), step)
            }
            Value::Map(Map::Borrowed(entries)) => self.over_entries(entries.iter().map(pair), step),
            Value::Map(Map::Owned(entries)) => self.over_entries(entries.iter().map(pair), step),
            _ => Ok(()),
        }
    }

    fn over_items<'i>(&self, items: impl Iterator<Item = Local<'a, 'i>>, mut step: impl Step<'a>) -> Result<(), Stop>
    where
        'a: 'i,
    {
        let place = usize::from(self.macro_call.paired);
        let mut locals = Locals { values: [Local::Index(0); 2], outer: self.scope.locals };
        for (index, item) in items.enumerate() {
            locals.values[0] = Local::Index(index);
            locals.values[place] = item;
            if !self.visit(&locals, &mut step)? {
                break;
            }
        }
        Ok(())
    }

    fn over_entries<'i>(
        &self,
        entries: impl Iterator<Item = (Local<'a, 'i>, Local<'a, 'i>)>,
        mut step: impl Step<'a>,
    ) -> Result<(), Stop>
    where
        'a: 'i,
    {
        for entry in entries {
            if !self.visit(&Locals { values: entry.into(), outer: self.scope.locals }, &mut step)? {
                break;
            }
        }
        Ok(())
    }

    fn visit(&self, locals: &Locals<'a, '_>, step: &mut impl Step<'a>) -> Result<bool, Stop> {
        let price = if self.scope.frame.strict { STRICT_PRICE } else { 1 };
        self.scope.frame.spend(price).map_err(|reason| reason.at(self.macro_call.range.span))?;
        step(Scope { frame: self.scope.frame, locals: Some(locals) }, locals.values[0])
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

    /// For how many items it holds.
    fn count(&self, range: &Value<'a>) -> Result<i64, Stop> {
        let mut found = 0;
        self.each(range, |scope, _| {
            found += i64::from(truth(&self.macro_call.body, scope)?);
            Ok(true)
        })?;
        Ok(found)
    }

    fn filter(&self, range: &Value<'a>) -> Outcome<'a> {
        let mut kept: Vec<Value<'a>> = Vec::new();
        self.each(range, |scope, first| {
            if truth(&self.macro_call.body, scope)? {
                kept.push(first.value());
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
        self.each(range, |scope, first| {
            if self.admits(scope)? {
                let value = part(&self.macro_call.body, scope)?;
                insert(&mut made, first.value(), value).map_err(|reason| reason.at(self.macro_call.body.span))?;
            }
            Ok(true)
        })?;
        Ok(Value::Map(Map::Owned(made.into())))
    }

    fn admits(&self, scope: Scope<'a, '_>) -> Result<bool, Stop> {
        self.macro_call.condition.as_ref().map_or(Ok(true), |condition| truth(condition, scope))
    }
}
