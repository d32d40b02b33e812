//! The JSON Schema of a config, made from the same declarations that read it. Types that are not declared as sections say here what
//! they look like.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Value, json};
use tidings_core::{Priority, Severity};

use crate::{
    raw::{Channel, ChannelEntry, File, PreferenceTree, Storm},
    read::{At, Named, Read},
    values::{OffOrStorm, OneOrMany, OneOrSpans, PriorityName, Secret, SeverityName, Span},
};

/// The JSON Schema of a config of our own, for editors and checkers (draft 2020-12).
#[must_use]
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<File>();
    schema.insert("title".to_owned(), json!("Tidings"));
    let mut schema = schema.to_value();
    text::allow(&mut schema);
    schema
}

/// A type that looks like another one in the file.
macro_rules! looks_like {
    ([$($generic:ident)?] $type:ty => |$generator:ident| $schema:expr) => {
        impl$(<$generic: JsonSchema + Read>)? JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

looks_like!([T] At<T> => |generator| generator.subschema_for::<T>());
looks_like!([T] Named<T> => |generator| {
    let mut inner = generator.subschema_for::<T>();
    if T::of_nothing().is_some() {
        inner = json_schema!({"anyOf": [inner, {"type": "null"}]});
    }
    json_schema!({"type": "object", "additionalProperties": inner})
});
looks_like!([] ChannelEntry => |generator| {
    json_schema!({"anyOf": [generator.subschema_for::<Channel>(), {"type": "string"}]})
});
looks_like!([] Secret => |_generator| json_schema!({"type": "string"}));
looks_like!([] Span => |_generator| span());
looks_like!([] SeverityName => |_generator| names(Severity::ALL.map(Severity::as_str)));
looks_like!([] PriorityName => |_generator| names(Priority::ALL.map(Priority::as_str)));
looks_like!([] OneOrMany => |_generator| json_schema!({
    "anyOf": [{"const": "$event"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}));
looks_like!([] OneOrSpans => |_generator| json_schema!({
    "anyOf": [{"const": "long"}, {"type": "array", "items": span()}]
}));
looks_like!([] OffOrStorm => |generator| {
    json_schema!({"anyOf": [generator.subschema_for::<Storm>(), {"type": "boolean"}]})
});
looks_like!([] PreferenceTree => |_generator| preferences());

fn span() -> Schema {
    json_schema!({
        "anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$"},
        ],
    })
}

fn names(names: [&str; 4]) -> Schema {
    json_schema!({"enum": names})
}

/// The article's shape, with the optional keys. Every key may hold nothing, and then is unset.
fn preferences() -> Schema {
    let with = |more: Value| {
        let mut properties = settings();
        properties
            .as_object_mut()
            .into_iter()
            .for_each(|map| map.extend(more.as_object().cloned().unwrap_or_default()));
        properties
    };
    let choices = json!({
        "type": ["object", "null"],
        "properties": settings(),
        "additionalProperties": {"description": "A channel, on or off.", "type": ["boolean", "null"]},
    });
    let wishes = json!({
        "default": choices,
        "agents": {"description": "By agent id.", "type": ["object", "null"], "additionalProperties": choices},
    });
    let user = json!({"type": ["object", "null"], "properties": with(wishes.clone()), "additionalProperties": false});
    let mut all = with(wishes);
    all["users"] = json!({"description": "By user id.", "type": ["object", "null"], "additionalProperties": user});
    json_schema!({"type": "object", "properties": all, "additionalProperties": false})
}

fn settings() -> Value {
    let priority = json!({"anyOf": [{"enum": Priority::ALL.map(Priority::as_str)}, {"type": "null"}]});
    let time = json!({"type": ["string", "null"], "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"});
    let text = json!({"type": ["string", "null"]});
    let switch = json!({"type": ["boolean", "null"]});
    json!({
        "topics": {
            "description": "On or off by topic.",
            "type": ["object", "null"],
            "additionalProperties": switch,
        },
        "min_priority": {
            "description": "What is lower is muted; for all channels or by channel.",
            "anyOf": [priority, {"type": "object", "additionalProperties": priority}],
        },
        "quiet_hours": {
            "description": "When not to be disturbed.",
            "type": ["object", "null"],
            "properties": {
                "from": time,
                "to": time,
                "timezone": text,
                "days": {"type": ["array", "null"], "items": {"type": "string"}},
                "policy": {"enum": ["hold", "digest", "drop", null]},
                "except": priority,
            },
            "required": ["from", "to"],
            "additionalProperties": false,
        },
        "digest": {
            "description": "What to collect instead of sending at once.",
            "type": ["object", "null"],
            "properties": {
                "every": {"enum": ["hourly", "daily", null]},
                "at": time,
                "max_priority": priority,
                "channel": text,
                "first": {
                    "description": "Whether the first message of a rule in each window is told at once.",
                    "enum": ["now", "together", null],
                },
            },
            "additionalProperties": false,
        },
        "snooze_until": {"description": "Nothing but critical until then.", "type": ["string", "number", "null"]},
    })
}

mod text;

#[cfg(test)]
mod tests;
