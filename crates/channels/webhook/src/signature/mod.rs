//! Both signatures of a request, made and checked. Which of them a request carries is `headers`' business; the bytes are taken
//! as they are.

mod promptise;
mod standard;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tidings_core::Timestamp;

pub(crate) use self::standard::PREFIX;
pub use self::{
    promptise::{promptise_header, sign_promptise, verify_promptise},
    standard::{SignedMessage, StandardKey, sign_standard, verify_standard},
};

/// How far a signature's time may lie from now, in both directions: 300 s.
const TOLERANCE: i64 = 300;

/// HMAC-SHA256 over the parts, one after the other.
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("because HMAC takes a key of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// Unix seconds in decimal digits alone: no sign, no blank, nothing beyond an `i64`.
fn parse_seconds(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn is_fresh(seconds: i64, now: Timestamp) -> bool {
    let nanos = |seconds: i64| i128::from(seconds) * 1_000_000_000;
    (i128::from(now.as_nanos()) - nanos(seconds)).abs() <= nanos(TOLERANCE)
}

/// An empty list of secrets, or an empty secret in it, would make everything or everybody's guess valid.
fn usable(secrets: &[&str]) -> bool {
    !secrets.is_empty() && secrets.iter().all(|secret| !secret.is_empty())
}

#[cfg(test)]
mod tests;
