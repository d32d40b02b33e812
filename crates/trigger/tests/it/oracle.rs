//! The `cel` crate as an oracle: what both languages have means the same, but for what is listed here with its reason.

mod deviations;
mod expressions;
mod words;

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use cel::{Context, Env, Value, objects::Key};
use proptest::{prelude::*, test_runner::RngSeed};
use serde_json::{Value as Json, json};
use tidings_trigger::{Profile, cases};

use crate::normal;
use expressions::Maker;

/// The fewest cases of a run; `PROPTEST_CASES` asks for more.
const CASES: u32 = 512;
const SEED: u64 = 7;
/// How deep expressions nest.
const DEPTH: usize = 4;

/// What the variables are bound to, tagged as in the case files.
fn bindings() -> Json {
    let text = |text: &str| json!({"k": "string", "v": text});
    let int = |value: i64| json!({"k": "int64", "v": value.to_string()});
    let double = |value: &str| json!({"k": "double", "v": value});
    let list = |items: &[Json]| json!({"k": "list", "v": items});
    let inner = json!({"k": "map", "v": [[text("deep"), text("down")], [text("k"), {"k": "null"}]]});
    json!({
        "i": int(3), "j": int(-4), "low": int(i64::MIN),
        "x": double("2.5"), "nan": double("NaN"),
        "s": text("Grüße, Welt"), "t": text("2"),
        "yes": {"k": "bool", "v": true}, "no": {"k": "bool", "v": false}, "nothing": {"k": "null"},
        "numbers": list(&[int(1), int(2), int(3)]),
        "mixed": list(&[int(1), text("a"), json!({"k": "null"}), double("2.0"), list(&[int(1)])]),
        "words": list(&[text("a"), text("bc"), text("é")]),
        "m": {"k": "map", "v": [[text("a"), int(1)], [text("count"), int(5)], [text("inner"), inner]]},
    })
}

/// A tagged value as the oracle has it.
fn untagged(tagged: &Json) -> Value {
    let text = tagged["v"].as_str().unwrap_or_default();
    let items = tagged["v"].as_array().map(Vec::as_slice).unwrap_or_default();
    match tagged["k"].as_str() {
        Some("int64") => Value::Int(text.parse().expect("it is a number")),
        Some("double") => Value::Float(text.parse().expect("it is a number")),
        Some("string") => Value::from(text),
        Some("bool") => Value::Bool(tagged["v"] == json!(true)),
        Some("list") => Value::from(items.iter().map(untagged).collect::<Vec<_>>()),
        Some("map") => {
            let key = |key: &Json| Key::String(Arc::new(key["v"].as_str().unwrap_or_default().to_owned()));
            let entries: HashMap<Key, Value> = items.iter().map(|pair| (key(&pair[0]), untagged(&pair[1]))).collect();
            Value::from(entries)
        }
        _ => Value::Null,
    }
}

/// The oracle's value with its kind; `None` where it has one that is not in our language.
fn tagged(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null => json!({"k": "null"}),
        Value::Bool(value) => json!({"k": "bool", "v": value}),
        Value::Int(value) => json!({"k": "int64", "v": value.to_string()}),
        Value::Float(value) => json!({"k": "double", "v": value.to_string()}),
        Value::String(text) => json!({"k": "string", "v": text.as_str()}),
        Value::List(items) => json!({"k": "list", "v": items.iter().map(tagged).collect::<Option<Vec<_>>>()?}),
        Value::Map(map) => {
            let pair = |(key, value): (&Key, &Value)| Some(json!([tagged(&Value::from(key))?, tagged(value)?]));
            json!({"k": "map", "v": map.map.iter().map(pair).collect::<Option<Vec<_>>>()?})
        }
        Value::Duration(span) => {
            let total = span.num_nanoseconds()?;
            let sign = if total < 0 { "-" } else { "" };
            let (seconds, rest) = (total.unsigned_abs() / 1_000_000_000, total.unsigned_abs() % 1_000_000_000);
            json!({"k": "duration", "v": format!("{sign}{}s", trimmed(&format!("{seconds}.{rest:09}")))})
        }
        Value::Timestamp(time) => {
            let text = time.to_utc().format("%Y-%m-%dT%H:%M:%S.%f").to_string();
            json!({"k": "timestamp", "v": format!("{}Z", trimmed(&text))})
        }
        _ => return None,
    })
}

fn trimmed(fraction: &str) -> &str {
    fraction.trim_end_matches('0').trim_end_matches('.')
}

/// The standard library with the extensions that our language has too.
static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut environment = Env::stdlib();
    environment.add_extension(cel::extensions::strings).expect("it is new");
    environment.add_extension(cel::extensions::math).expect("it is new");
    environment.add_extension(cel::extensions::lists).expect("it is new");
    Arc::new(environment)
});

/// What both say of a source: a value with its kind, or `None` for any error.
#[derive(Debug)]
struct Answers {
    ours: Option<Json>,
    oracle: Option<Json>,
}

impl Answers {
    fn agree(&self) -> bool {
        self.ours == self.oracle
    }
}

fn ask(source: &str) -> Answers {
    let ours = cases::answer(&json!({"expr": source, "bind": bindings()}), Profile::Cel);
    let ours = ours.get("value").map(normal);
    let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
    for (name, value) in bindings().as_object().into_iter().flatten() {
        context.add_variable_from_value(name.as_str(), untagged(value));
    }
    let program = ENVIRONMENT.compile(source).ok();
    let value = program.and_then(|program| program.execute(&context).ok());
    let oracle = value.map(|value| normal(&tagged(&value).unwrap_or(Json::Null)));
    Answers { ours, oracle }
}

/// The same cases in every run, so that no build fails for what it has not changed.
fn configuration() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: CASES.max(usual.cases), rng_seed: RngSeed::Fixed(SEED), ..usual }
}

proptest! {
    #![proptest_config(configuration())]

    #[test]
    fn both_mean_the_same(choices in prop::collection::vec(any::<u8>(), 1..80)) {
        let source = Maker::new(&choices).any(DEPTH);
        let answers = ask(&source);
        prop_assert!(answers.agree() || deviations::explain(&source).is_some(), "{source}\n{answers:#?}");
    }
}
