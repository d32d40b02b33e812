//! Texts that stand for other values: a variable may stand anywhere, and switches and numbers may be written in quotes. What each type
//! takes beyond that is said where it is declared.

use serde_json::{Map, Value, json};

/// The keys that narrow a value so far that a variable would not fit.
const NARROW: [&str; 8] = ["type", "enum", "const", "pattern", "format", "minimum", "maximum", "exclusiveMinimum"];
/// `${NAME}` somewhere in the text.
const VARIABLE: &str = r"\$\{";
/// The words for switches, in any case.
pub(super) const SWITCH: &str = "^([Tt][Rr][Uu][Ee]|[Yy][Ee][Ss]|[Oo][Nn]|[Ff][Aa][Ll][Ss][Ee]|[Nn][Oo]|[Oo][Ff][Ff])$";
/// A number in quotes.
pub(super) const NUMBER: &str = r"^\s*[0-9]+(\.[0-9]+)?\s*$";

/// Allows such texts throughout a schema.
pub(super) fn allow(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(allow),
        Value::Object(map) => {
            map.values_mut().for_each(allow);
            widen(map);
        }
        _ => {}
    }
}

/// The value as it was, or a text instead.
fn widen(schema: &mut Map<String, Value>) {
    let Some(patterns) = texts(schema) else { return };
    let narrow: Map<String, Value> =
        NARROW.iter().filter_map(|key| Some(((*key).to_owned(), schema.remove(*key)?))).collect();
    let texts = patterns.iter().map(|pattern| json!({"type": "string", "pattern": pattern}));
    let any: Vec<Value> = std::iter::once(Value::Object(narrow)).chain(texts).collect();
    schema.insert("anyOf".to_owned(), Value::Array(any));
}

/// The texts that a value of this schema may be instead; `None` where none is needed.
fn texts(schema: &Map<String, Value>) -> Option<Vec<&'static str>> {
    let is = |name: &str| match schema.get("type") {
        Some(Value::String(only)) => only == name,
        Some(Value::Array(types)) => types.iter().any(|one| one == name),
        _ => false,
    };
    let named = |key: &str| matches!(schema.get(key), Some(Value::Array(_) | Value::String(_)));
    if is("boolean") {
        Some(vec![SWITCH, VARIABLE])
    } else if is("integer") || is("number") && !is("string") {
        Some(vec![NUMBER, VARIABLE])
    } else if named("enum") || named("const") || named("pattern") {
        Some(vec![VARIABLE])
    } else {
        None
    }
}
