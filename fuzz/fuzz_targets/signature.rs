//! No header but the right one verifies, and none panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings_core::Timestamp;
use tidings_webhook::signature::{SignedMessage, verify_promptise, verify_standard};

fuzz_target!(|input: (&str, &str, &str, &[u8])| {
    let (header, id, timestamp, body) = input;
    let now = Timestamp::from_secs(1_700_000_000);
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    assert!(!verify_promptise(header, body, &[secret], now));
    let message = SignedMessage { id, timestamp, signatures: header, body };
    assert!(!verify_standard(&message, &[secret], now));
});
