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

/// A scrub, and beside it texts of our own: a receiver knows our credentials, and may repeat them.
pub struct OwnSecrets<'a> {
    inner: &'a dyn Scrub,
    /// The longest first, so that no part of a longer one is left standing.
    secrets: Vec<&'a str>,
}

impl<'a> OwnSecrets<'a> {
    /// Takes out these texts, empty ones aside, before the scrub, which may know a part of one.
    pub fn new(inner: &'a dyn Scrub, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut secrets: Vec<&str> = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { inner, secrets }
    }
}

impl Scrub for OwnSecrets<'_> {
    fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let text = String::from_utf8_lossy(bytes);
        if !self.secrets.iter().any(|secret| text.contains(secret)) {
            return self.inner.scrub(bytes);
        }
        let mask = |text: String, secret: &&str| text.replace(secret, "[REDACTED:secret]");
        let masked = self.secrets.iter().fold(text.into_owned(), mask);
        Cow::Owned(self.inner.scrub(masked.as_bytes()).into_owned())
    }
}

/// How many texts, never which.
impl fmt::Debug for OwnSecrets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnSecrets").field("inner", &self.inner).field("secrets", &self.secrets.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Knows one word.
    #[derive(Debug)]
    struct Knows(&'static str);

    impl Scrub for Knows {
        fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
            Cow::Owned(String::from_utf8_lossy(bytes).replace(self.0, "[REDACTED:word]").into_bytes())
        }
    }

    #[test]
    fn what_is_ours_goes_the_longest_first_and_before_the_scrub() {
        let scrub = OwnSecrets::new(&Knows("ann"), ["hunter2", "", "1:hunter2", "ann/hunter2"]);
        let check = |text: &str, expected: &str| {
            assert_eq!(String::from_utf8_lossy(&scrub.scrub(text.as_bytes())), expected);
        };
        check("nothing", "nothing");
        check("1:hunter2 hunter2", "[REDACTED:secret] [REDACTED:secret]");
        check("ann/hunter2 of ann", "[REDACTED:secret] of [REDACTED:word]");
        assert!(!format!("{scrub:?}").contains("hunter2"));
    }
}
