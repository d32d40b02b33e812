//! Who we are to the server: a password, a token, a key or a credentials file. When it is asked for is `link`'s business.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use nkeys::KeyPair;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

/// A proof of who we are. Holds secrets, so it has no `Debug`.
#[derive(Clone)]
pub(super) enum Login {
    /// The server asks for none.
    Nobody,
    /// A name and a password.
    Password { username: String, password: SecretString },
    /// A token.
    Token(SecretString),
    /// The seed of a key that the server knows.
    Key(SecretString),
    /// A signed statement who we are, and the seed of its key.
    Credentials { statement: SecretString, seed: SecretString },
}

/// A seed from which no key comes.
pub(super) struct BadSeed;

impl Login {
    /// Reads the two parts of a credentials file.
    pub(super) fn from_credentials(text: &str) -> Result<Self, &'static str> {
        let statement = section(text, "JWT").ok_or("the file holds no user JWT: take the one that `nsc` writes")?;
        let seed = section(text, "SEED").ok_or("the file holds no user seed: take the one that `nsc` writes")?;
        key(seed).map_err(|_| "the seed in the file is damaged: take the file as `nsc` writes it")?;
        Ok(Self::Credentials { statement: statement.into(), seed: seed.into() })
    }

    /// Whether this is a seed from which a key comes.
    pub(super) fn is_seed(seed: &SecretString) -> bool {
        key(seed.expose_secret()).is_ok()
    }

    /// Adds what `CONNECT` says of us, signing the server's nonce where we hold a key.
    pub(super) fn sign_in(&self, nonce: &str, fields: &mut Map<String, Value>) -> Result<(), BadSeed> {
        let mut say = |name: &str, value: &str| drop(fields.insert(name.to_owned(), value.into()));
        match self {
            Self::Nobody => {}
            Self::Password { username, password } => {
                say("user", username);
                say("pass", password.expose_secret());
            }
            Self::Token(token) => say("auth_token", token.expose_secret()),
            Self::Key(seed) => {
                let key = key(seed.expose_secret())?;
                say("nkey", &key.public_key());
                say("sig", &sign(&key, nonce)?);
            }
            Self::Credentials { statement, seed } => {
                say("jwt", statement.expose_secret());
                say("sig", &sign(&key(seed.expose_secret())?, nonce)?);
            }
        }
        Ok(())
    }

    /// What must never be repeated.
    pub(super) fn secrets(&self) -> Vec<&str> {
        match self {
            Self::Nobody => Vec::new(),
            Self::Password { password: secret, .. } | Self::Token(secret) | Self::Key(secret) => {
                vec![secret.expose_secret()]
            }
            Self::Credentials { statement, seed } => vec![statement.expose_secret(), seed.expose_secret()],
        }
    }
}

fn key(seed: &str) -> Result<KeyPair, BadSeed> {
    KeyPair::from_seed(seed).map_err(|_| BadSeed)
}

fn sign(key: &KeyPair, nonce: &str) -> Result<String, BadSeed> {
    key.sign(nonce.as_bytes()).map(|signature| URL_SAFE_NO_PAD.encode(signature)).map_err(|_| BadSeed)
}

/// The first line behind a `-----BEGIN … NAME-----`.
fn section<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| line.starts_with("---") && line.contains("BEGIN") && line.contains(name))?;
    lines.find(|line| !line.is_empty()).filter(|line| !line.starts_with("---"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(statement: &str, seed: &str) -> String {
        format!(
            "-----BEGIN NATS USER JWT-----\n{statement}\n------END NATS USER JWT------\n\n*** IMPORTANT ***\n\n\
             -----BEGIN USER NKEY SEED-----\r\n{seed}\r\n------END USER NKEY SEED------\n"
        )
    }

    #[test]
    fn a_credentials_file_signs_in() {
        let pair = KeyPair::new_user();
        let login = Login::from_credentials(&file("e.y.J", &pair.seed().unwrap())).ok().unwrap();
        let mut fields = Map::new();
        assert!(login.sign_in("nonce", &mut fields).is_ok());
        assert_eq!(fields["jwt"], "e.y.J");
        let signature = URL_SAFE_NO_PAD.decode(fields["sig"].as_str().unwrap()).unwrap();
        assert!(pair.verify(b"nonce", &signature).is_ok());
    }

    #[test]
    fn a_damaged_file_is_told_without_its_content() {
        for (statement, seed) in [("", "SUhunter2"), ("e.y.J", ""), ("e.y.J", "SUhunter2")] {
            let refusal = Login::from_credentials(&file(statement, seed)).err().unwrap();
            assert!(!refusal.contains("hunter2"));
        }
        assert!(Login::from_credentials("").is_err());
    }
}
