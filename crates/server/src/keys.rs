//! The keys of a configuration: which one a request brings, and whose it is. What its owner may do is `caller`'s.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use axum::http::{HeaderMap, StatusCode, header};
use subtle::ConstantTimeEq;
use tidings::config::KeyPlan;

use crate::{caller::Caller, problem::Refusal, tickets::hash};

/// The longest `Authorization` header that is looked at, in bytes.
const LONGEST: usize = 1_024;

/// All keys. Cheap to clone; every clone sees the same ones.
#[derive(Clone)]
pub(crate) struct Keys(Arc<RwLock<Arc<Ring>>>);

struct Ring {
    keys: Vec<Key>,
    /// Whoever reaches the daemon is its operator: it listens on loopback alone then.
    is_open: bool,
}

struct Key {
    sha256: [u8; 32],
    owner: Caller,
}

impl Keys {
    /// The keys of a configuration. Without any, nobody is asked for one.
    pub(crate) fn new(plans: &[KeyPlan]) -> Self {
        Self::with(plans.iter().map(of_plan).collect(), plans.is_empty())
    }

    /// Keys of persons by their SHA-256. Without any, nobody may ask.
    pub(crate) fn of_people(people: Vec<([u8; 32], String)>) -> Self {
        let keys = people.into_iter().map(|(sha256, user)| Key { sha256, owner: Caller::person(user) });
        Self::with(keys.collect(), false)
    }

    fn with(keys: Vec<Key>, is_open: bool) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(Ring { keys, is_open }))))
    }

    /// Other keys from now on; what they have sent is forgotten. A daemon that asks for keys never stops to ask for them: without any
    /// among the new ones, the old ones stay, until it is started again.
    pub(crate) fn replace(&self, plans: &[KeyPlan]) {
        let is_open = plans.is_empty();
        if is_open && !self.are_open() {
            tracing::warn!("the keys stay as they were: to ask for none any more takes a restart");
            return;
        }
        let ring = Ring { keys: plans.iter().map(of_plan).collect(), is_open };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether anybody may ask.
    pub(crate) fn are_open(&self) -> bool {
        self.ring().is_open
    }

    /// The owner of the key of this name: whoever has shown it before.
    pub(crate) fn named(&self, name: &str) -> Option<Caller> {
        if self.are_open() {
            return Some(Caller::anybody());
        }
        self.ring().keys.iter().map(|key| &key.owner).find(|owner| owner.name() == name).cloned()
    }

    /// Whose key the header holds.
    ///
    /// # Errors
    /// If it holds none, several, or one that is not known.
    pub(crate) fn owner(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let ring = self.ring();
        if ring.is_open {
            return Ok(Caller::anybody());
        }
        let wanted = brought(headers).ok_or_else(refused)?;
        // All are looked at, so that the time tells nothing of where it lies.
        let found = ring
            .keys
            .iter()
            .fold(None, |found, key| if bool::from(key.sha256.ct_eq(&wanted)) { Some(&key.owner) } else { found });
        found.cloned().ok_or_else(refused)
    }
}

fn of_plan(plan: &KeyPlan) -> Key {
    Key { sha256: plan.sha256, owner: Caller::of(plan) }
}

/// The hash of the one key that is there.
fn brought(headers: &HeaderMap) -> Option<[u8; 32]> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, key) = value.to_str().ok().filter(|value| value.len() <= LONGEST)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| hash(key.trim()))
}

fn refused() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "send `Authorization: Bearer KEY` with one of the keys under `server.keys`")
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keys").field(&self.ring().keys.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(name: &str, key: &str) -> KeyPlan {
        KeyPlan { name: name.to_owned(), sha256: hash(key), agents: None, user: None, rate: 1 }
    }

    fn owner(keys: &Keys, values: &[&str]) -> Option<String> {
        let headers = values.iter().map(|value| (header::AUTHORIZATION, value.parse().unwrap())).collect();
        keys.owner(&headers).ok().map(|owner| owner.name().to_owned())
    }

    #[test]
    fn one_known_key_gives_its_owner() {
        let keys = Keys::new(&[plan("one", "k1"), plan("two", "k2")]);
        let check = |values: &[&str], expected: Option<&str>| {
            assert_eq!(owner(&keys, values).as_deref(), expected, "{values:?}");
        };
        check(&["Bearer k1"], Some("one"));
        check(&["bearer  k2"], Some("two"));
        for wrong in ["Bearer k3", "Bearer", "Bearer ", "Basic k1", "k1", "Bearer k1 k2", ""] {
            check(&[wrong], None);
        }
        check(&[], None);
        check(&["Bearer k1", "Bearer k1"], None);
        check(&[&format!("Bearer {}", "k".repeat(2_000))], None);
    }

    #[test]
    fn a_daemon_that_asks_for_keys_goes_on_to_do_so() {
        let keys = Keys::new(&[]);
        assert_eq!(owner(&keys, &[]).as_deref(), Some("local"));
        keys.replace(&[plan("one", "k1")]);
        assert_eq!((owner(&keys, &[]), owner(&keys, &["Bearer k1"]).as_deref()), (None, Some("one")));
        keys.replace(&[]);
        assert_eq!((owner(&keys, &[]), owner(&keys, &["Bearer k1"]).as_deref()), (None, Some("one")));
        keys.replace(&[plan("two", "k2")]);
        assert_eq!((owner(&keys, &["Bearer k1"]), owner(&keys, &["Bearer k2"]).as_deref()), (None, Some("two")));
        assert_eq!(owner(&Keys::of_people(Vec::new()), &[]), None);
    }
}
