//! An event as the `cel` crate sees it: as variables that are made beforehand, and as ones that are made when they are asked for.

use std::collections::HashMap;

use cel::{
    Value,
    common::{
        types::{CelBool, CelDouble, CelInt, CelNull, CelString},
        value::{CowVal, Val},
    },
    context::VariableResolver,
};
use serde_json::Value as Json;
use tidings_core::Event;

/// The fields of an event, by the names that conditions call them.
pub(crate) fn variables(event: &Event) -> impl Iterator<Item = (&str, Value)> {
    let optional = |field: &Option<String>| field.as_deref().map_or(Value::Null, Value::from);
    let fields = [
        ("event_type", Value::from(event.event_type.as_str())),
        ("severity", Value::from(event.severity.as_str())),
        ("agent_id", optional(&event.agent_id)),
        ("user_id", optional(&event.user_id)),
        ("session_id", optional(&event.session_id)),
    ];
    fields.into_iter().chain(event.data.iter().map(|(key, json)| (key.as_str(), value(json))))
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Value::Float(number.as_f64().unwrap_or(f64::NAN)), Value::Int)
        }
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::from(items.iter().map(value).collect::<Vec<_>>()),
        Json::Object(entries) => {
            let entries: HashMap<&str, Value> = entries.iter().map(|(key, json)| (key.as_str(), value(json))).collect();
            Value::from(entries)
        }
    }
}

/// Makes a variable only where a program asks for it, and borrows its text.
pub(crate) struct Lazy<'e>(pub(crate) &'e Event);

impl VariableResolver for Lazy<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let text = |text: &'b str| Some(CowVal::owned(CelString::from(text)));
        match variable {
            "event_type" => text(&self.0.event_type),
            "severity" => text(self.0.severity.as_str()),
            "agent_id" => text(self.0.agent_id.as_deref()?),
            "user_id" => text(self.0.user_id.as_deref()?),
            "session_id" => text(self.0.session_id.as_deref()?),
            _ => self.0.data.get(variable).map(resolved),
        }
    }
}

fn resolved(json: &Json) -> CowVal<'_, '_> {
    match json {
        Json::Null => CowVal::owned(CelNull),
        Json::Bool(value) => CowVal::owned(CelBool::from(*value)),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => CowVal::owned(CelInt::from(whole)),
            None => CowVal::owned(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        },
        Json::String(text) => CowVal::owned(CelString::from(text.as_str())),
        nested => {
            let nested: Box<dyn Val> = value(nested).try_into().expect("lists and maps are values");
            CowVal::Owned(nested)
        }
    }
}
