//! The signature of Standard Webhooks: `v1,<base64>` over id, seconds and body, joined by dots. Source: spec/compat.md, "The
//! request on the wire".

use std::fmt;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use subtle::{Choice, ConstantTimeEq};
use tidings_core::Timestamp;

use super::{hmac, is_fresh, parse_seconds, usable};

/// The prefix of a secret of Standard Webhooks.
pub(crate) const PREFIX: &str = "whsec_";
/// Padded when written; secrets are taken with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key of a secret: 24 to 64 bytes. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct StandardKey(Vec<u8>);

impl StandardKey {
    /// Reads `whsec_` and base64 of 24 to 64 bytes; the prefix may be missing. `None` for anything else.
    #[must_use]
    pub fn parse(secret: &str) -> Option<Self> {
        let key = BASE64.decode(secret.strip_prefix(PREFIX).unwrap_or(secret)).ok()?;
        (24..=64).contains(&key.len()).then_some(Self(key))
    }
}

impl fmt::Debug for StandardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StandardKey")
    }
}

/// One entry of the header `webhook-signature`: `v1,` and padded base64.
#[must_use]
pub fn sign_standard(key: &StandardKey, id: &str, seconds: i64, body: &[u8]) -> String {
    let digest = hmac(&key.0, &[id.as_bytes(), b".", seconds.to_string().as_bytes(), b".", body]);
    format!("v1,{}", BASE64.encode(digest))
}

/// Whether one of the signatures, which stand apart by blanks, signs these bytes by one of the secrets, within 300 s of now.
///
/// A secret that is no key of Standard Webhooks fits nothing. Whatever is malformed is false, and so is everything where the
/// list of secrets is empty or holds an empty one. Takes the same time whichever secret fits.
#[must_use]
pub fn verify_standard(message: &SignedMessage<'_>, secrets: &[&str], now: Timestamp) -> bool {
    let Some(seconds) = parse_seconds(message.timestamp).filter(|seconds| is_fresh(*seconds, now)) else {
        return false;
    };
    if !usable(secrets) {
        return false;
    }
    let mut found = Choice::from(0);
    for key in secrets.iter().filter_map(|secret| StandardKey::parse(secret)) {
        let expected = sign_standard(&key, message.id, seconds, message.body);
        // Texts are compared, not decoded bytes: base64 has several spellings of the same bytes.
        for signature in message.signatures.split(' ') {
            found |= expected.as_bytes().ct_eq(signature.as_bytes());
        }
    }
    found.into()
}

/// What a receiver got, as the headers and the body have it.
#[derive(Clone, Copy, Debug)]
pub struct SignedMessage<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`.
    pub timestamp: &'a str,
    /// `webhook-signature`.
    pub signatures: &'a str,
    /// The body, byte for byte.
    pub body: &'a [u8],
}
