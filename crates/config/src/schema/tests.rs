use std::{fs, path::Path};

use super::*;
use crate::yaml::{self, Raw};

#[test]
fn the_committed_schema_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tidings.schema.json");
    let generated = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "run the test with UPDATE_SCHEMA=1 and commit the file");
}

#[test]
fn the_designs_example_is_accepted() {
    let example = json_of(yaml::read(include_str!("../../tests/it/design.yaml")).unwrap());
    let schema = schema();
    assert_eq!(Checker { root: &schema }.check(&example, &schema, "$"), Ok(()));
}

#[test]
fn what_the_reader_refuses_by_type_the_schema_refuses_too() {
    let schema = schema();
    for bad in [
        "evnts: {}",
        "events: {sinks: [{type: log, min_severity: loud}]}",
        "events: {sinks: [{type: log, lgger: x}]}",
        "events: {max_queue_size: many}",
        "triggers: [{name: r, condition: x, channels: log}]",
        "triggers: [{name: r, condition: x}]",
        "triggers: [{name: r, condition: x, channels: [log], user_ids: ann}]",
        "preferences: {default: {push: 1}}",
        "preferences: {default: {quiet_hours: {from: '22:00'}}}",
        "dedup: {window: five}",
        "preferences: {default: {digest: {first: later}}}",
        "delivery: {storm: 20}",
        "delivery: {storm: {messages: few}}",
        "users: [ann]",
    ] {
        let value = json_of(yaml::read(bad).unwrap());
        assert!(Checker { root: &schema }.check(&value, &schema, "$").is_err(), "{bad}");
    }
}

/// Spellings that the reader takes, with variables that are not set but have a default.
const SPELLINGS: &[&str] = &[
    "events: {sinks: [{type: webhook, url: 'https://a.example.com', KEY}]}
max_retries: '${N:-3}' | max_retries: '3' | max_retries: 3.0 | retry_delay: '1.5' | retry_delay: 500ms | retry_delay: '${D:-2m}'
redact_sensitive: 'no' | redact_sensitive: '${R:-Off}' | redact_sensitive: 'TRUE' | min_severity: '${S:-error}' | name: '${X:-a}'
secret: | headers: {A: '${B:-b}'} | events: [tool.*, '${E:-tool.error}'] | min_severity: ",
    "users: {ann: }\ntriggers: [{name: r, condition: x > 1, channels: [log], KEY}]
priority: '${P:-high}' | cooldown_seconds: '60' | cooldown_seconds: 1m30s | mandatory: '${M:-yes}' | user_ids: '${U:-$event}'
user_ids: $event | user_ids: [$event, ann] | user_ids: | topic: x",
    "triggers: [{name: r, condition: x > 1, channels: [log], user_ids: $event}]\nKEY
users: {ann: , bob: {}} | channels: {push: , email: {smtp_host: a, smtp_port: '${P:-25}', from: a@b.example}} | delivery: {retry: '${R:-long}'}
delivery: {retry: [30s, 5, '5', '${R:-1m}'], critical: {quorum: '2'}} | delivery: {critical: } | fallbacks: {push: [email]}
allow_destinations: [{cidr: 10.0.0.0/8, ports: [443, '8443', '${P:-80}']}] | store: | preferences: | dedup: {window: '300'}
preferences: {default: {push: , sms: 'off', topics: , min_priority: , quiet_hours: , digest: }, agents: {a: , b: {}}, users: {u: }}
preferences: {default: {push: '${P:-true}', topics: {r: }, min_priority: {sms: '${L:-low}', push: }}, snooze_until: 1700000000}
preferences: {default: {quiet_hours: {from: '22:00', to: '${T:-07:00}', days: [mon], policy: , except: , timezone: }}}
channels: {ops: 'slack://T/B/x', log: {retry: long, timeout: 5}, chat: {url: '${U:-ntfy://topic}', retry: [5s]}}
preferences: {default: {digest: {every: , at: , max_priority: '${L:-low}', channel: , first: }}} | delivery: {storm: false}
preferences: {default: {digest: {first: now}}} | preferences: {digest: {first: '${F:-together}'}} | delivery: {storm: 'off'}
delivery: {storm: {messages: 20, window: 10m}} | delivery: {storm: {messages: '5'}} | delivery: {storm: {window: 60}} | delivery: {storm: }",
];

#[test]
fn every_spelling_that_loads_fits_the_schema() {
    let schema = schema();
    for group in SPELLINGS {
        let (frame, keys) = group.split_once("KEY").unwrap();
        let (end, keys) = keys.split_once('\n').unwrap();
        for key in keys.split(['|', '\n']) {
            let text = format!("{frame}{}{end}", key.trim_start());
            let loaded = crate::load(&text, &crate::Options::default());
            assert!(loaded.is_ok(), "{text}: {loaded:?}");
            let value = json_of(yaml::read(&text).unwrap());
            assert_eq!(Checker { root: &schema }.check(&value, &schema, "$"), Ok(()), "{text}");
        }
    }
}

/// As much of JSON Schema as ours uses.
struct Checker<'a> {
    root: &'a Value,
}

impl Checker<'_> {
    fn check(&self, value: &Value, schema: &Value, path: &str) -> Result<(), String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self.root.pointer(reference.trim_start_matches('#')).ok_or("a broken reference")?;
            return self.check(value, target, path);
        }
        let options = schema["anyOf"].as_array();
        let fits = |options: &Vec<Value>| options.iter().any(|option| self.check(value, option, path).is_ok());
        let right = right_type(value, &schema["type"])
            && schema.get("const").is_none_or(|only| only == value)
            && schema["enum"].as_array().is_none_or(|all| all.contains(value))
            && schema["pattern"].as_str().is_none_or(|pattern| matches(pattern, value))
            && options.is_none_or(fits);
        if !right {
            return Err(format!("{path} does not fit {schema}"));
        }
        self.inner(value, schema, path)
    }

    fn inner(&self, value: &Value, schema: &Value, path: &str) -> Result<(), String> {
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.check(item, &schema["items"], &format!("{path}[{index}]"))?;
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let Some(map) = value.as_object() else { return Ok(()) };
        for key in required {
            map.get(key).ok_or_else(|| format!("{path}.{key} is missing"))?;
        }
        for (key, value) in map {
            let inner = schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]);
            if *inner == Value::Bool(false) {
                return Err(format!("{path}.{key} is unknown"));
            }
            self.check(value, inner, &format!("{path}.{key}"))?;
        }
        Ok(())
    }
}

fn right_type(value: &Value, types: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    };
    match types {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

/// The patterns that the schema has, by what they are for.
fn matches(pattern: &str, value: &Value) -> bool {
    let Some(text) = value.as_str() else { return true };
    match pattern {
        "\\$\\{" => text.contains("${"),
        text::SWITCH => crate::values::switch(text).is_some(),
        text::NUMBER => text.trim().parse::<f64>().is_ok(),
        time if time.contains(":[0-5]") => text.parse::<tidings_policy::TimeOfDay>().is_ok(),
        _ => crate::duration::parse(text).is_some(),
    }
}

fn json_of(raw: Raw) -> Value {
    match raw {
        Raw::Null | Raw::Tagged => Value::Null,
        Raw::Bool(value) => value.into(),
        Raw::Integer(value) => value.into(),
        Raw::Float(value) => value.into(),
        Raw::Text(value) => value.into(),
        Raw::List(items) => items.into_iter().map(json_of).collect(),
        Raw::Map(entries) => {
            let entry = |(key, value)| match key {
                Raw::Text(key) => Some((key, json_of(value))),
                _ => None,
            };
            Value::Object(entries.into_iter().filter_map(entry).collect())
        }
    }
}
