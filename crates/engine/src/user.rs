//! The people who are told: their addresses and what they wish.

use std::{collections::BTreeMap, sync::Arc};

use indexmap::IndexMap;
use jiff::tz::TimeZone;
use tidings_core::Address;
use tidings_policy::Preferences;

/// A person.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// The person's address on each channel that needs one.
    pub contacts: BTreeMap<String, Address>,
    /// What the person wishes; the operator's default where there is nothing.
    pub preferences: Option<Preferences>,
    /// The person's time zone, one that has an IANA name; UTC where there is none.
    pub zone: Option<TimeZone>,
}

/// Everybody who can be told, in the order of the configuration, then in the order in which they came. A clone is cheap.
#[derive(Clone, Debug, Default)]
pub struct Users {
    people: Arc<IndexMap<Arc<str>, Arc<User>>>,
}

impl Users {
    /// Adds or replaces a person.
    pub fn insert(&mut self, id: impl Into<String>, user: User) {
        Arc::make_mut(&mut self.people).insert(id.into().into(), Arc::new(user));
    }

    /// Takes a person out; the others keep their order.
    pub fn remove(&mut self, id: &str) {
        if self.people.contains_key(id) {
            Arc::make_mut(&mut self.people).shift_remove(id);
        }
    }

    /// The person of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&User> {
        self.people.get(id).map(|user| &**user)
    }

    /// Everybody's ids.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.people.keys().map(|id| &**id)
    }

    /// Everybody, with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &User)> {
        self.people.iter().map(|(id, user)| (&**id, &**user))
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}
