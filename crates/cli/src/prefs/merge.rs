//! A part of what somebody wishes put over what stood before, as a JSON merge patch does (RFC 7396). What the result may say is the policy's
//! knowledge.

use serde_json::{Map, Value, json};
use tidings::policy::Preferences;

/// The wishes with the patch over them.
pub(crate) fn over(standing: &Preferences, patch: Value) -> Value {
    let standing = serde_json::to_value(standing).unwrap_or_default();
    merged(standing, settled(patch))
}

/// The keys that may stand beside `default` mean the same as within it. What stands is written within, and so must be what changes it.
fn settled(patch: Value) -> Value {
    let Value::Object(mut patch) = patch else { return patch };
    let beside: Vec<String> = patch.keys().filter(|key| is_beside(key)).cloned().collect();
    // Where `default` goes as a whole, or is wrong, nothing can be put into it.
    if beside.is_empty() || patch.get("default").is_some_and(|default| !default.is_object()) {
        return Value::Object(patch);
    }
    let mut default = match patch.remove("default") {
        Some(Value::Object(default)) => default,
        _ => Map::new(),
    };
    for key in beside {
        // One that stands in both places stays a contradiction.
        if !default.contains_key(&key)
            && let Some(value) = patch.remove(&key)
        {
            default.insert(key, value);
        }
    }
    patch.insert("default".to_owned(), Value::Object(default));
    Value::Object(patch)
}

fn is_beside(key: &str) -> bool {
    !matches!(key, "default" | "agents") && Preferences::read(&json!({key: null})).is_ok()
}

/// The patch over the target: objects key by key, null takes a key away, all else replaces.
fn merged(target: Value, patch: Value) -> Value {
    let Value::Object(patch) = patch else { return patch };
    let mut target = match target {
        Value::Object(target) => target,
        _ => Map::new(),
    };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(&key);
        } else {
            let before = target.remove(&key).unwrap_or_default();
            target.insert(key, merged(before, value));
        }
    }
    Value::Object(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases of RFC 7396, appendix A.
    #[test]
    fn a_patch_does_what_the_standard_says() {
        let check = |target: Value, patch: Value, expected: Value| assert_eq!(merged(target, patch), expected);
        check(json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"}));
        check(json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"}));
        check(json!({"a": "b"}), json!({"a": null}), json!({}));
        check(json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"}));
        check(json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"}));
        check(json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]}));
        check(json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}}));
        check(json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]}));
        check(json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"]));
        check(json!({"a": "b"}), json!(["c"]), json!(["c"]));
        check(json!({"a": "foo"}), json!(null), json!(null));
        check(json!({"a": "foo"}), json!("bar"), json!("bar"));
        check(json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1}));
        check(json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"}));
        check(json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}}));
    }

    #[test]
    fn what_stands_beside_the_default_is_meant_within_it() {
        let standing = json!({"default": {"sms": false, "min_priority": "high"}, "agents": {"a": {"email": true}}});
        let standing = Preferences::read(&standing).unwrap();
        let check = |patch: Value, expected: Value| {
            let read = Preferences::read(&over(&standing, patch)).unwrap();
            assert_eq!(read, Preferences::read(&expected).unwrap());
        };
        let agents = json!({"a": {"email": true}});
        check(json!({"min_priority": null}), json!({"default": {"sms": false}, "agents": agents}));
        check(
            json!({"min_priority": "low", "default": {"sms": true}}),
            json!({"default": {"sms": true, "min_priority": "low"}, "agents": agents}),
        );
        check(json!({"agents": {"a": null}}), json!({"default": {"sms": false, "min_priority": "high"}}));
        check(json!({"default": null}), json!({"agents": agents}));
        check(json!({}), serde_json::to_value(&standing).unwrap());
        let twice = json!({"min_priority": "low", "default": {"min_priority": "high"}});
        assert!(Preferences::read(&over(&standing, twice)).is_err());
        assert!(Preferences::read(&over(&standing, json!({"min_prioritty": "low"}))).is_err());
        assert!(Preferences::read(&over(&standing, json!([]))).is_err());
    }
}
