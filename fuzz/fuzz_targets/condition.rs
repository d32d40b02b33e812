//! Any text is a condition or a list of problems; what is a condition has a verdict, and its printed form is the same condition.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use tidings_core::Event;
use tidings_trigger::{Condition, Profile};

fuzz_target!(|text: &str| {
    let event = Event::new("tool.error").agent("a").data(json!({"a": 1, "b": "x", "c": [1, {"d": null}], "e": 0.5}));
    for profile in [Profile::Tidings, Profile::Cel] {
        if let Ok(condition) = Condition::compile_with(text, profile) {
            let verdict = condition.verdict(&event);
            let printed =
                Condition::compile_with(&condition.normal_form(), profile).expect("what is printed is a condition");
            assert_eq!(printed.verdict(&event), verdict);
        }
    }
});
