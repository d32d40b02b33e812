//! Keeps what is ours out of what services say: they know our credentials and receivers, and may repeat them.

use std::{borrow::Cow, fmt};

use tidings_core::Scrub;

/// The scrub of an attempt, and beside it these texts.
pub(crate) struct OwnSecrets<'a> {
    pub(crate) inner: &'a dyn Scrub,
    pub(crate) secrets: Vec<&'a str>,
}

impl Scrub for OwnSecrets<'_> {
    fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let text = String::from_utf8_lossy(bytes);
        let hidden = self.secrets.iter().filter(|secret| !secret.is_empty() && text.contains(**secret));
        let mut hidden: Vec<&str> = hidden.copied().collect();
        if hidden.is_empty() {
            return self.inner.scrub(bytes);
        }
        // The longest first, so that no part of a longer one is left standing; and before the scrub, which may take a part of one.
        hidden.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let mask = |text: String, secret: &&str| text.replace(secret, "[REDACTED:secret]");
        let masked = hidden.iter().fold(text.into_owned(), mask);
        Cow::Owned(self.inner.scrub(masked.as_bytes()).into_owned())
    }
}

impl fmt::Debug for OwnSecrets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnSecrets").field("inner", &self.inner).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tidings_redact::Redactor;

    use super::*;

    #[test]
    fn what_is_ours_is_masked_the_longest_first_and_before_the_scrub() {
        let check = |text: &str, expected: &str| {
            let secrets = vec!["hunter2", "", "1:hunter2", "ann@example.com/hunter2"];
            let scrub = OwnSecrets { inner: &Redactor::default(), secrets };
            assert_eq!(String::from_utf8_lossy(&scrub.scrub(text.as_bytes())), expected);
        };
        check("nothing", "nothing");
        check("1:hunter2 hunter2", "[REDACTED:secret] [REDACTED:secret]");
        check("ann@example.com/hunter2 bob@example.com", "[REDACTED:secret] [REDACTED:email]");
    }
}
