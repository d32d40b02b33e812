//! Values with their kind beside them, as the CEL cases have them: `{"k": "int64", "v": "42"}`.

use std::{cmp::Ordering, sync::Arc};

use serde_json::{Value as Json, json};

use crate::{
    compare,
    moment::Moment,
    times,
    value::{Map, Value},
};

/// Reads a tagged value; `None` if it is not one.
pub(super) fn read(json: &Json) -> Option<Value<'static>> {
    let text = || json.get("v").and_then(Json::as_str);
    Some(match json.get("k")?.as_str()? {
        "null" => Value::Null,
        "bool" => Value::Bool(json.get("v")?.as_bool()?),
        "int64" => Value::Int(text()?.parse().ok()?),
        "double" => Value::Double(text()?.parse().ok()?),
        "string" => Value::Text(text()?.to_owned().into()),
        "duration" => Value::Duration(times::parse_duration(text()?, false)?),
        "timestamp" => Value::Timestamp(Moment::parse(text()?)?),
        "list" => Value::list(json.get("v")?.as_array()?.iter().map(read).collect::<Option<_>>()?),
        "map" => {
            let entry = |pair: &Json| Some((read(pair.get(0)?)?, read(pair.get(1)?)?));
            let entries: Arc<[_]> = json.get("v")?.as_array()?.iter().map(entry).collect::<Option<_>>()?;
            Value::Map(Map::Owned(entries))
        }
        _ => return None,
    })
}

/// Writes a value with its kind. The entries of a map are in the order of their keys.
pub(super) fn write(value: &Value<'_>) -> Json {
    match value {
        Value::Null => json!({"k": "null"}),
        Value::Bool(value) => json!({"k": "bool", "v": value}),
        Value::Int(value) => json!({"k": "int64", "v": value.to_string()}),
        Value::Unsigned(value) => json!({"k": "int64", "v": value.to_string()}),
        Value::Double(value) => json!({"k": "double", "v": double(*value)}),
        Value::Text(text) => json!({"k": "string", "v": text}),
        Value::Severity(severity) => json!({"k": "string", "v": severity.as_str()}),
        Value::Duration(nanoseconds) => json!({"k": "duration", "v": times::format_duration(*nanoseconds)}),
        Value::Timestamp(time) => json!({"k": "timestamp", "v": time.to_string()}),
        Value::List(list) => json!({"k": "list", "v": list.iter().map(|item| write(&item)).collect::<Vec<_>>()}),
        Value::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|(a, _), (b, _)| by_key(a, b));
            let pairs: Vec<Json> = entries.iter().map(|(key, value)| json!([write(key), write(value)])).collect();
            json!({"k": "map", "v": pairs})
        }
    }
}

fn by_key(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    match (a.as_text(), b.as_text()) {
        (Some(a), Some(b)) => a.cmp(b),
        (None, None) => compare::numbers(a, b).unwrap_or(Ordering::Equal),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// The shortest text that is this double: a point or an exponent always, an exponent from 1e16 on, as Python prints it.
fn double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    if value == 0.0 || (1e-4..1e16).contains(&value.abs()) {
        let text = value.to_string();
        return if text.contains('.') { text } else { text + ".0" };
    }
    crate::evaluate::with_exponent(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_python_does() {
        let check = |value: f64, expected: &str| assert_eq!(double(value), expected);
        check(1.0, "1.0");
        check(-0.0, "-0.0");
        check(1e12, "1000000000000.0");
        check(1e16, "1e+16");
        check(6.02214e23, "6.02214e+23");
        check(1.38e-23, "1.38e-23");
        check(0.0001, "0.0001");
        check(0.00001, "1e-05");
        check(f64::INFINITY, "Infinity");
        check(f64::NEG_INFINITY, "-Infinity");
    }
}
