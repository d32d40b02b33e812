//! The seam by which a transport cleans its final bytes before it signs them. What is a secret is the `redact` crate's knowledge.

use std::{borrow::Cow, fmt};

/// Takes secrets out of rendered text: bytes in, bytes out. It fails closed: what it cannot read comes out as a placeholder.
pub trait Scrub: fmt::Debug + Send + Sync {
    /// The bytes without their secrets; borrowed where nothing had to go.
    fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]>;
}

/// Keeps everything: for a sink with `redact_sensitive: false`.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeepAll;

impl Scrub for KeepAll {
    fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        Cow::Borrowed(bytes)
    }
}
