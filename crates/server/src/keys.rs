//! The keys of a configuration: which one a request brings, and whose it is. What its owner may do is `caller`'s.

use std::fmt;

use axum::http::{HeaderMap, StatusCode, header};
use subtle::ConstantTimeEq;
use tidings::config::KeyPlan;

use crate::{caller::Caller, problem::Refusal, tickets::hash};

/// All keys. Without any, whoever reaches the daemon is its operator: it listens on loopback alone then.
pub(crate) struct Keys(Vec<Key>);

struct Key {
    sha256: [u8; 32],
    owner: Caller,
}

impl Keys {
    pub(crate) fn new(plans: &[KeyPlan]) -> Self {
        Self(plans.iter().map(|plan| Key { sha256: plan.sha256, owner: Caller::of(plan) }).collect())
    }

    /// Whether anybody may ask.
    pub(crate) fn are_open(&self) -> bool {
        self.0.is_empty()
    }

    /// The owner of the key of this name: whoever has shown it before.
    pub(crate) fn named(&self, name: &str) -> Option<Caller> {
        if self.are_open() {
            return Some(Caller::anybody());
        }
        self.0.iter().map(|key| &key.owner).find(|owner| owner.name() == name).cloned()
    }

    /// Whose key the header holds.
    ///
    /// # Errors
    /// If it holds none, or one that is not known.
    pub(crate) fn owner(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        if self.are_open() {
            return Ok(Caller::anybody());
        }
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = value.and_then(|value| value.split_once(' '));
        let key = key.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| hash(key.trim()));
        let wanted = key.ok_or_else(refused)?;
        // All are looked at, so that the time tells nothing of where it lies.
        let found = self
            .0
            .iter()
            .fold(None, |found, key| if bool::from(key.sha256.ct_eq(&wanted)) { Some(&key.owner) } else { found });
        found.cloned().ok_or_else(refused)
    }
}

fn refused() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "send `Authorization: Bearer KEY` with one of the keys under `server.keys`")
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keys").field(&self.0.len()).finish()
    }
}
