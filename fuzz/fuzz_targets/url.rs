//! What the guard lets through is public: no literal of a denied range, no local name, however it is spelt.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings_http::{Policy, SafeUrl, deny_address};

fuzz_target!(|text: &str| {
    if let Ok(url) = SafeUrl::parse(text, &Policy::default()) {
        assert!(matches!(url.url().scheme(), "http" | "https"));
        assert!(url.url().username().is_empty() && url.url().password().is_none());
        if let Some(address) = url.literal() {
            assert!(deny_address(address, false).is_none());
        }
        assert!(
            SafeUrl::parse(url.url().as_str(), &Policy::default()).is_ok(),
            "what was let through is let through again"
        );
    }
});
