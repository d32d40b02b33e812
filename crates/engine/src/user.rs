//! The people who are told: their addresses and what they wish.

use std::collections::BTreeMap;

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
    /// The person's time zone; UTC where there is none.
    pub zone: Option<TimeZone>,
}

/// Everybody who can be told, in the order of the configuration.
#[derive(Clone, Debug, Default)]
pub struct Users {
    people: IndexMap<String, User>,
}

impl Users {
    /// Adds or replaces a person.
    pub fn insert(&mut self, id: impl Into<String>, user: User) {
        self.people.insert(id.into(), user);
    }

    /// The person of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&User> {
        self.people.get(id)
    }

    /// Everybody's ids.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.people.keys().map(String::as_str)
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}
