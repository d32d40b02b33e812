//! The secrets of a webhook: made, weighed, and kept out of what receivers say. Where they are stored is the store's business.

use std::{borrow::Cow, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use tidings_core::Scrub;

use crate::signature::{PREFIX, StandardKey};

/// Fewer bytes than these give a warning.
const SHORTEST: usize = 16;

/// A new secret: `whsec_` and base64 of 32 random bytes, good for both signatures.
///
/// # Errors
/// If the system has no randomness to give.
pub fn generate_secret() -> Result<SecretString, getrandom::Error> {
    let mut key = [0; 32];
    getrandom::fill(&mut key)?;
    Ok(format!("{PREFIX}{}", STANDARD.encode(key)).into())
}

/// What a person should know of a secret that is accepted all the same.
pub(crate) fn warning(secret: &SecretString) -> Option<&'static str> {
    let text = secret.expose_secret();
    if text.len() < SHORTEST {
        Some("the secret is shorter than 16 bytes: make a longer one")
    } else if text.starts_with(PREFIX) && StandardKey::parse(text).is_none() {
        Some(
            "the secret begins with whsec_ but is not base64 of 24 to 64 bytes: Standard Webhooks headers are not sent",
        )
    } else {
        None
    }
}

/// The scrub of an attempt, and beside it our own secrets: a receiver knows them, and may repeat them.
pub(crate) struct OwnSecrets<'a> {
    pub(crate) inner: &'a dyn Scrub,
    pub(crate) secrets: &'a [SecretString],
}

impl Scrub for OwnSecrets<'_> {
    fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let text = String::from_utf8_lossy(bytes);
        let hidden = self.secrets.iter().map(ExposeSecret::expose_secret).filter(|secret| text.contains(*secret));
        let mut hidden: Vec<&str> = hidden.collect();
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
        let secrets = ["hunter2".into(), "to ann@example.com hunter2".into()];
        let redactor = Redactor::default();
        let scrub = OwnSecrets { inner: &redactor, secrets: &secrets };
        let check = |text: &str, expected: &str| assert_eq!(scrub.scrub(text.as_bytes()), expected.as_bytes());
        check("you sent to ann@example.com hunter2", "you sent [REDACTED:secret]");
        check("hunter2, to bob@example.com", "[REDACTED:secret], to [REDACTED:email]");
        check("nothing", "nothing");
    }

    #[test]
    fn generated_secrets_differ_and_serve_both_signatures() {
        let (one, other) = (generate_secret().unwrap(), generate_secret().unwrap());
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert!(StandardKey::parse(one.expose_secret()).is_some());
        assert_eq!(warning(&one), None);
    }

    #[test]
    fn weak_secrets_give_a_warning() {
        assert!(warning(&"k".into()).is_some());
        assert!(warning(&"whsec_but-not-base64".into()).is_some());
        assert_eq!(warning(&"a plain long secret".into()), None);
    }
}
