//! Makes bearer keys. Only their hash is kept, in the configuration; who may do what with them is told there.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::tickets::hash;

/// What keys begin with, so that they are known for what they are wherever they turn up.
const PREFIX: &str = "tidings_";

/// A key that was made just now: 256 random bits. `Debug` shows none of it.
pub struct NewKey {
    text: String,
    sha256: [u8; 32],
}

/// The system gives no randomness, so that there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no randomness for a key")]
pub struct NoRandomness;

impl NewKey {
    /// Makes one.
    ///
    /// # Errors
    /// If the system gives no randomness.
    pub fn make() -> Result<Self, NoRandomness> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|_| NoRandomness)?;
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
        Ok(Self { sha256: hash(&text), text })
    }

    /// The key, to be shown once to whom it is for.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its SHA-256 in hex, as `server.keys` takes it.
    #[must_use]
    pub fn sha256(&self) -> String {
        self.sha256.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_another_and_none_is_shown() {
        let [one, two] = [NewKey::make().unwrap(), NewKey::make().unwrap()];
        assert_ne!(one.text(), two.text());
        assert_eq!((one.text().len(), one.sha256().len()), (PREFIX.len() + 43, 64));
        assert_eq!(format!("{one:?}"), "NewKey { .. }");
    }
}
