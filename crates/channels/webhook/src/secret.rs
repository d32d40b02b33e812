//! The secrets of a webhook: made, weighed, and kept out of what receivers say. Where they are stored is the store's business.

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};

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

#[cfg(test)]
mod tests {
    use super::*;

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
