//! Redacting twice is redacting once, JSON stays JSON, and a planted secret is gone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings_redact::Redactor;

const SECRET: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

fuzz_target!(|text: &str| {
    let redactor = Redactor::default();
    let once = redactor.redact_text(text).into_owned();
    assert_eq!(redactor.redact_text(&once), once);
    if serde_json::from_str::<serde_json::Value>(text).is_ok() {
        assert!(serde_json::from_str::<serde_json::Value>(&once).is_ok());
    }
    let planted = format!("{text} {SECRET} {text}");
    assert!(!redactor.redact_text(&planted).contains(SECRET));
});
