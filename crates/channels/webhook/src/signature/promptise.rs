//! The signature of Promptise 1.10.1: `t=<seconds>,v1=<hex>` over the seconds, a dot and the body. Source: spec/compat.md,
//! "The request on the wire".

use subtle::{Choice, ConstantTimeEq};
use tidings_core::Timestamp;

use super::{hmac, is_fresh, parse_seconds, usable};

/// The signature alone: 64 lower-case hex digits. The key is the secret's bytes, a prefix included.
#[must_use]
pub fn sign_promptise(secret: &str, seconds: i64, body: &[u8]) -> String {
    let digest = hmac(secret.as_bytes(), &[seconds.to_string().as_bytes(), b".", body]);
    let mut text = String::with_capacity(2 * digest.len());
    let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    text.extend(nibbles.map(|nibble| char::from(b"0123456789abcdef"[usize::from(nibble)])));
    text
}

/// The header `X-Promptise-Signature`: the time, and a `v1` for each secret, the current one first.
#[must_use]
pub fn promptise_header<'a>(secrets: impl IntoIterator<Item = &'a str>, seconds: i64, body: &[u8]) -> String {
    let signatures = secrets.into_iter().map(|secret| format!(",v1={}", sign_promptise(secret, seconds, body)));
    signatures.fold(format!("t={seconds}"), |header, signature| header + &signature)
}

/// Whether the header signs these bytes by one of the secrets, within 300 s of now.
///
/// The last `t` counts, any number of `v1` may stand there, other keys are ignored. Whatever is malformed is false, and so is
/// every header where the list of secrets is empty or holds an empty one. Takes the same time whichever secret fits.
#[must_use]
pub fn verify_promptise(header: &str, body: &[u8], secrets: &[&str], now: Timestamp) -> bool {
    let Some((seconds, signatures)) = parse(header) else { return false };
    if !usable(secrets) || !is_fresh(seconds, now) {
        return false;
    }
    let mut found = Choice::from(0);
    for secret in secrets {
        let expected = sign_promptise(secret, seconds, body);
        for signature in &signatures {
            found |= expected.as_bytes().ct_eq(signature.as_bytes());
        }
    }
    found.into()
}

/// The time and the signatures of a header; `None` where it is malformed.
fn parse(header: &str) -> Option<(i64, Vec<&str>)> {
    let mut seconds = None;
    let mut signatures = Vec::new();
    for part in header.split(',').map(str::trim) {
        match part.split_once('=').unwrap_or((part, "")) {
            ("t", text) => seconds = Some(text),
            ("v1", signature) if signature.is_ascii() => signatures.push(signature),
            ("v1", _) => return None,
            _ => {}
        }
    }
    Some((parse_seconds(seconds?)?, signatures))
}
