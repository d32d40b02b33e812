//! People changed by the daemon that holds the store: only what differs is asked for, so that nobody else's change is undone.

use serde_json::{Map, Value, json};
use tidings::Profile;

use crate::daemon::{AskError, Daemon, Question, segment};

/// A change of one person.
pub(super) struct Change<'a> {
    pub(super) user: &'a str,
    /// The person as he was read.
    pub(super) before: Option<Profile>,
    /// The version that must stand.
    pub(super) expected: Option<u64>,
}

/// Puts a profile in the place of the person's.
pub(super) async fn put(daemon: &Daemon, change: &Change<'_>, profile: &Profile) -> Result<(), AskError> {
    let before = change.before.clone().unwrap_or_default();
    let path = format!("/v1/users/{}", segment(change.user));
    let mut patch = patch(&before, profile);
    if change.before.is_none() {
        patch.insert("new".to_owned(), true.into());
    }
    let is_patched = !patch.is_empty();
    let mut expected = change.expected;
    if is_patched {
        let patched = daemon.ask(Question::patch(&path, &Value::Object(patch)).expecting(expected)).await?;
        // What stands now is what the wishes are to replace.
        expected = expected.and(patched["version"].as_u64());
    }
    if before.preferences != profile.preferences || !is_patched {
        let wishes = profile.preferences.as_ref().map_or_else(|| json!({}), |wishes| json!(wishes));
        let path = format!("{path}/preferences");
        daemon.ask(Question::put(&path, &wishes).expecting(expected)).await?;
    }
    Ok(())
}

/// Removes a person.
pub(super) async fn remove(daemon: &Daemon, user: &str, expected: Option<u64>) -> Result<(), AskError> {
    let path = format!("/v1/users/{}", segment(user));
    daemon.ask(Question::delete(&path).expecting(expected)).await.map(drop)
}

/// The time zone and the addresses that differ; null for what goes.
fn patch(before: &Profile, after: &Profile) -> Map<String, Value> {
    let mut contacts = Map::new();
    for (channel, address) in &after.contacts {
        if before.contacts.get(channel) != Some(address) {
            contacts.insert(channel.clone(), json!(address.as_str()));
        }
    }
    for channel in before.contacts.keys().filter(|channel| !after.contacts.contains_key(*channel)) {
        contacts.insert(channel.clone(), Value::Null);
    }
    let mut patch = Map::new();
    if before.timezone != after.timezone {
        patch.insert("timezone".to_owned(), json!(after.timezone));
    }
    if !contacts.is_empty() {
        patch.insert("contacts".to_owned(), Value::Object(contacts));
    }
    patch
}

#[cfg(test)]
mod tests {
    use tidings::Address;

    use super::*;

    #[test]
    fn only_what_differs_is_asked_for() {
        let profile = |zone: Option<&str>, contacts: &[(&str, &str)]| Profile {
            timezone: zone.map(str::to_owned),
            contacts: contacts.iter().map(|(name, to)| ((*name).to_owned(), Address::new(*to))).collect(),
            ..Profile::default()
        };
        let before = profile(Some("UTC"), &[("email", "a@example.com"), ("sms", "+15550101")]);
        let check = |after: &Profile, expected: Value| assert_eq!(Value::Object(patch(&before, after)), expected);
        check(&before, json!({}));
        check(&profile(None, &[("email", "a@example.com"), ("sms", "+15550101")]), json!({"timezone": null}));
        check(
            &profile(Some("UTC"), &[("email", "b@example.com")]),
            json!({"contacts": {"email": "b@example.com", "sms": null}}),
        );
    }
}
