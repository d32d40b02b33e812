//! What another configuration changes, by names and keys alone: no value and no secret is in it. Whether two parts are the same is
//! `same`'s to say; taking up the other one is the notifier's.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use secrecy::ExposeSecret;
use serde::Serialize;

use crate::{
    plan::{ChannelKind, ChannelPlan, Plan, SmsProvider},
    same::Same,
};

/// What came, went and is another one under its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Changes {
    /// There now and not before.
    pub added: Vec<String>,
    /// There before and now, and not the same.
    pub changed: Vec<String>,
    /// There before and not now.
    pub removed: Vec<String>,
    /// How many stay as they are.
    pub kept: usize,
}

/// The difference between two configurations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// Whether there is any.
    pub changed: bool,
    /// The rules, by name.
    pub rules: Changes,
    /// The channels for users, by name.
    pub channels: Changes,
    /// The sinks for raw events, by name.
    pub sinks: Changes,
    /// The users, by id: their addresses, zones and wishes.
    pub users: Changes,
    /// The channels that others stand in for.
    pub fallbacks: Changes,
    /// The keys of other settings that take effect.
    pub settings: Vec<&'static str>,
    /// The keys of settings that take effect with the next start.
    pub restart: Vec<&'static str>,
}

/// What the second configuration changes of the first.
#[must_use]
pub fn difference(before: &Plan, after: &Plan) -> Difference {
    let (settings, restart) = (settings(before, after), restart(before, after));
    let mut found = Difference {
        changed: false,
        rules: changes(
            &named(&before.rules, |rule| &rule.name),
            &named(&after.rules, |rule| &rule.name),
            Same::is_same,
        ),
        channels: changes(&named_channels(before), &named_channels(after), |one, other| {
            is_same_channel(&(before, one), &(after, other))
        }),
        sinks: changes(
            &named(&before.sinks, |sink| &sink.name),
            &named(&after.sinks, |sink| &sink.name),
            |one, other| one.is_same(other) && before.destinations == after.destinations,
        ),
        users: changes(&users(before), &users(after), |one, other| one == other),
        fallbacks: changes(&before.fallbacks.iter().collect(), &after.fallbacks.iter().collect(), |one, other| {
            one == other
        }),
        settings,
        restart,
    };
    let parts = [&found.rules, &found.channels, &found.sinks, &found.users, &found.fallbacks];
    found.changed = parts.into_iter().any(Changes::is_any) || !found.settings.is_empty() || !found.restart.is_empty();
    found
}

impl Plan {
    /// Leaves as they run the settings that take a restart: what goes by them goes by one configuration, and they are told again until
    /// then.
    pub fn keep_until_restart(&mut self, running: &Self) {
        if opens(running, self) {
            self.server.keys.clone_from(&running.server.keys);
        }
        self.server.listen = running.server.listen;
        self.server.hosts.clone_from(&running.server.hosts);
        self.server.public_url.clone_from(&running.server.public_url);
        self.max_queue_size = running.max_queue_size;
        let retention = self.store.as_ref().map(|store| store.retention);
        self.store.clone_from(&running.store);
        if let Some((store, retention)) = self.store.as_mut().zip(retention) {
            store.retention = retention;
        }
    }
}

impl Changes {
    /// Whether anything is not as it was.
    #[must_use]
    pub fn is_any(&self) -> bool {
        !(self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty())
    }
}

type Named<'p, T> = BTreeMap<&'p String, &'p T>;

fn named<T>(list: &[T], name: impl Fn(&T) -> &String) -> Named<'_, T> {
    list.iter().map(|part| (name(part), part)).collect()
}

fn named_channels(plan: &Plan) -> Named<'_, ChannelPlan> {
    plan.channels.iter().collect()
}

/// A channel is also what all of them share.
fn is_same_channel((before, one): &(&Plan, &ChannelPlan), (after, other): &(&Plan, &ChannelPlan)) -> bool {
    let waits = one.retry.is_some() || before.delivery.retry == after.delivery.retry;
    waits && before.destinations == after.destinations && one.is_same(other)
}

/// The parts of a person, each with his wishes.
fn users(plan: &Plan) -> BTreeMap<&String, (&crate::UserPlan, Option<&tidings_policy::Preferences>)> {
    plan.users.iter().map(|(id, user)| (id, (user, plan.preferences.users.get(id)))).collect()
}

fn changes<T: Copy>(
    before: &BTreeMap<&String, T>,
    after: &BTreeMap<&String, T>,
    is_same: impl Fn(T, T) -> bool,
) -> Changes {
    let mut found = Changes::default();
    for (name, now) in after {
        match before.get(name) {
            None => found.added.push((*name).clone()),
            Some(then) if is_same(*then, *now) => found.kept += 1,
            Some(_) => found.changed.push((*name).clone()),
        }
    }
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    found.removed = gone.map(|name| (*name).clone()).collect();
    found
}

/// The keys of those that differ.
fn keys(all: impl IntoIterator<Item = (&'static str, bool)>) -> Vec<&'static str> {
    all.into_iter().filter(|(_, is_same)| !is_same).map(|(key, _)| key).collect()
}

fn settings(before: &Plan, after: &Plan) -> Vec<&'static str> {
    let (old, new) = (&before.delivery, &after.delivery);
    let (server, next) = (&before.server, &after.server);
    let retention = |plan: &Plan| plan.store.as_ref().map(|store| store.retention);
    let stays = before.store.is_some() != after.store.is_some() || retention(before) == retention(after);
    keys([
        ("preferences", before.preferences.operator == after.preferences.operator),
        ("dedup.window", before.dedup_window == after.dedup_window),
        ("events.shutdown_timeout", before.shutdown_timeout == after.shutdown_timeout),
        ("delivery.retry", old.retry == new.retry),
        ("delivery.critical.quorum", old.critical_quorum == new.critical_quorum),
        ("delivery.expire_after", old.expire_after == new.expire_after),
        ("delivery.storm", old.storm == new.storm),
        ("allow_destinations", before.destinations == after.destinations),
        ("store.retention", stays),
        ("server.keys", server.keys == next.keys || opens(before, after)),
        ("server.heartbeat", server.heartbeat.is_same(&next.heartbeat)),
    ])
}

fn restart(before: &Plan, after: &Plan) -> Vec<&'static str> {
    let (server, next) = (&before.server, &after.server);
    let path = |plan: &Plan| plan.store.as_ref().map(|store| store.path.clone());
    keys([
        ("server.listen", server.listen == next.listen),
        ("server.hosts", server.hosts == next.hosts),
        ("server.public_url", server.public_url == next.public_url),
        ("server.keys", !opens(before, after)),
        ("store.path", path(before) == path(after)),
        ("events.max_queue_size", before.max_queue_size == after.max_queue_size),
        ("channels: live sessions", has_sessions(before) || !has_sessions(after)),
        (
            "channels: auth_token of Twilio, for callbacks",
            next.public_url.is_none() || signers(after).is_subset(&signers(before)),
        ),
        ("channels: suppressions_file", lists(before).is_empty() || lists(after).is_subset(&lists(before))),
    ])
}

/// Whether nobody would be asked for a key any more: whoever asks for keys does so until he is started anew.
fn opens(before: &Plan, after: &Plan) -> bool {
    !before.server.keys.is_empty() && after.server.keys.is_empty()
}

/// Whose callbacks are known, by account and by what they are signed with: that is read once.
fn signers(plan: &Plan) -> BTreeSet<(&str, &str)> {
    let accounts = plan.channels.values().filter_map(|channel| match &channel.kind {
        ChannelKind::Sms(sms) => match &sms.provider {
            SmsProvider::Twilio(account) => Some((account.account_sid.as_str(), account.auth_token.expose_secret())),
            SmsProvider::Gateway(_) => None,
        },
        _ => None,
    });
    accounts.collect()
}

/// Whether people's sessions have something to listen to: the first channel for them opens the door of the daemon at its start.
fn has_sessions(plan: &Plan) -> bool {
    plan.channels.values().any(|channel| matches!(channel.kind, ChannelKind::Push | ChannelKind::Inbox))
}

/// The files of those who said STOP, which are opened once.
fn lists(plan: &Plan) -> BTreeSet<Option<&PathBuf>> {
    let files = plan.channels.values().filter_map(|channel| match &channel.kind {
        ChannelKind::Sms(sms) => Some(sms.suppressions_file.as_ref()),
        _ => None,
    });
    files.collect()
}

#[cfg(test)]
mod tests;
