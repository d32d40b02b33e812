//! A person as it is kept: time zone, contacts, preferences, as JSON and back. Where it is kept, and who may change it, is left to
//! `records`.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value};
use tidings_core::Address;
use tidings_policy::{PreferenceProblem, Preferences, PreferencesError, time_zone};

use crate::user::User;

/// The keys of a profile.
const KNOWN: &[&str] = &["timezone", "contacts", "preferences"];
/// The longest content that is kept, in bytes of JSON.
const LONGEST: usize = 64 * 1024;
/// The longest address, in bytes: web addresses are the longest.
const LONGEST_ADDRESS: usize = 4_096;

/// A person: time zone, contacts and wishes. `Debug` shows addresses masked.
///
/// As JSON it is `{"timezone": "Europe/Zurich", "contacts": {"email": "ann@example.com"}, "preferences": {...}}`; each key may be left
/// out, and the preferences have the shape that they have everywhere. A moment in it is kept to the microsecond.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// An IANA name; `None` is UTC.
    pub timezone: Option<String>,
    /// The person's address on each channel that needs one, by the channel's name.
    pub contacts: BTreeMap<String, Address>,
    /// What the person wishes; `None`: the operator's default holds.
    pub preferences: Option<Preferences>,
}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// Tells every problem with its path: unknown keys, a time zone that does not exist, an address that is none. An address is never
    /// told.
    pub fn from_json(value: &Value) -> Result<Self, PreferencesError> {
        let mut problems = Vec::new();
        let mut profile = Self::default();
        let Some(map) = object(value, &[], &mut problems) else { return finish(profile, problems) };
        for (key, value) in map {
            let given = Some(value).filter(|value| !value.is_null());
            match key.as_str() {
                "timezone" => profile.timezone = given.and_then(|value| zone_name(value, &mut problems)),
                "contacts" => profile.contacts = given.map(|value| contacts(value, &mut problems)).unwrap_or_default(),
                "preferences" => profile.preferences = given.and_then(|value| preferences(value, &mut problems)),
                _ => problems.push(unknown(key)),
            }
        }
        finish(profile, problems)
    }

    /// The profile as JSON, with its addresses in full: not for logs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut map = Map::new();
        if let Some(name) = &self.timezone {
            map.insert("timezone".to_owned(), name.as_str().into());
        }
        if !self.contacts.is_empty() {
            let contacts = self.contacts.iter().map(|(channel, address)| (channel.clone(), address.as_str().into()));
            map.insert("contacts".to_owned(), Value::Object(contacts.collect()));
        }
        if let Some(preferences) = &self.preferences {
            // Names, switches and texts: there is nothing in it that JSON cannot say.
            map.insert("preferences".to_owned(), serde_json::to_value(preferences).unwrap_or_default());
        }
        Value::Object(map)
    }

    /// As it is kept, and as it is read from there: what cannot be read back is not taken.
    pub(super) fn kept(&self) -> Result<(Self, Arc<str>), PreferencesError> {
        let value = self.to_json();
        let profile = Self::from_json(&value)?;
        let content = value.to_string();
        if content.len() > LONGEST {
            return Err(PreferencesError(vec![problem(&[], format!("too long: at most {LONGEST} bytes of JSON"))]));
        }
        Ok((profile, content.into()))
    }

    /// What was kept.
    pub(super) fn from_content(content: &str) -> Result<Self, PreferencesError> {
        match serde_json::from_str(content) {
            Ok(value) => Self::from_json(&value),
            Err(_) => Err(PreferencesError(vec![problem(&[], "expected JSON")])),
        }
    }
}

impl From<&User> for Profile {
    fn from(user: &User) -> Self {
        Self {
            timezone: user.zone.as_ref().and_then(|zone| zone.iana_name()).map(str::to_owned),
            contacts: user.contacts.clone(),
            preferences: user.preferences.clone(),
        }
    }
}

impl From<&Profile> for User {
    /// A zone of an unknown name is UTC.
    fn from(profile: &Profile) -> Self {
        Self {
            contacts: profile.contacts.clone(),
            preferences: profile.preferences.clone(),
            zone: profile.timezone.as_deref().and_then(|name| time_zone(name).ok()),
        }
    }
}

fn finish(profile: Profile, problems: Vec<PreferenceProblem>) -> Result<Profile, PreferencesError> {
    if problems.is_empty() { Ok(profile) } else { Err(PreferencesError(problems)) }
}

fn problem(path: &[&str], message: impl Into<String>) -> PreferenceProblem {
    let path = path.iter().map(|key| (*key).to_owned()).collect();
    PreferenceProblem { path, message: message.into(), known: &[] }
}

fn unknown(key: &str) -> PreferenceProblem {
    let message = format!("unknown key; known are {}", KNOWN.join(", "));
    PreferenceProblem { known: KNOWN, ..problem(&[key], message) }
}

fn object<'a>(
    value: &'a Value,
    path: &[&str],
    problems: &mut Vec<PreferenceProblem>,
) -> Option<&'a Map<String, Value>> {
    let map = value.as_object();
    if map.is_none() {
        problems.push(problem(path, "expected keys and values"));
    }
    map
}

fn zone_name(value: &Value, problems: &mut Vec<PreferenceProblem>) -> Option<String> {
    let checked = match value.as_str() {
        Some(name) => time_zone(name).map(|_| name.to_owned()).map_err(|error| error.to_string()),
        None => Err("expected the name of a time zone".to_owned()),
    };
    checked.map_err(|message| problems.push(problem(&["timezone"], message))).ok()
}

fn contacts(value: &Value, problems: &mut Vec<PreferenceProblem>) -> BTreeMap<String, Address> {
    let mut contacts = BTreeMap::new();
    let given = object(value, &["contacts"], problems).into_iter().flatten();
    for (channel, value) in given.filter(|(_, value)| !value.is_null()) {
        match value.as_str().filter(|address| !channel.is_empty() && is_address(address)) {
            Some(address) => drop(contacts.insert(channel.clone(), Address::new(address))),
            None => problems.push(problem(
                &["contacts", channel],
                format!(
                    "expected an address for a channel's name: one line of text of at most {LONGEST_ADDRESS} bytes"
                ),
            )),
        }
    }
    contacts
}

fn is_address(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST_ADDRESS && !text.chars().any(char::is_control)
}

fn preferences(value: &Value, problems: &mut Vec<PreferenceProblem>) -> Option<Preferences> {
    let within = |mut found: PreferenceProblem| {
        found.path.insert(0, "preferences".to_owned());
        found
    };
    Preferences::read(value).map_err(|error| problems.extend(error.0.into_iter().map(within))).ok()
}

#[cfg(test)]
mod tests;
