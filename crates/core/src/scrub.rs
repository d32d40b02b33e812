//! The seam by which a transport cleans its final bytes before it signs them. What is a secret is the `redact` crate's knowledge.

use std::{borrow::Cow, fmt};

/// Takes secrets out of rendered text: bytes in, bytes out. It fails closed: what it cannot read comes out as a placeholder.
pub trait Scrub: fmt::Debug + Send + Sync {
    /// The bytes without their secrets; borrowed where nothing had to go.
    fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]>;

    /// The payload's own JSON, where it was read before and nothing had to go: who sends just that need neither make it again nor
    /// have it read again.
    fn clean_json(&self) -> Option<&[u8]> {
        None
    }
}

/// Keeps everything: for a sink with `redact_sensitive: false`.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeepAll;

impl Scrub for KeepAll {
    fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        Cow::Borrowed(bytes)
    }
}
