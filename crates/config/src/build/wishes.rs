//! Wishes that load but contradict themselves or the rest of the file: a digest that cannot be told, quiet hours that hold nothing, a
//! topic that no rule has. What wishes come to is the policy crate's.

use std::collections::BTreeMap;

use tidings_core::{Priority, Timestamp};
use tidings_policy::{Choices, Preferences, QuietPolicy, switch};

use crate::{
    build::{
        channels::unset,
        lints::{BY_ADDRESS, MOST_PAIRS, Subject, listed},
    },
    problem::{Findings, Spot},
    raw::PreferenceTree,
    read::value,
    suggest::shown,
    tree::join,
};

/// The channel of a digest that names none.
const DIGEST_ON: &str = "email";

/// Tells what is wrong with each block of wishes.
pub(crate) fn tell(subject: &Subject<'_>, now: Timestamp, findings: &mut Findings<'_>) {
    let Some(tree) = value(&subject.file.preferences) else { return };
    let topics = subject.rules.iter().map(|rule| (rule.name.as_str(), rule.topic.as_deref().unwrap_or(&rule.name)));
    let topics: BTreeMap<&str, &str> = topics.collect();
    let users = subject.preferences.users.iter().map(|(id, wishes)| (Some(id.as_str()), wishes));
    for (user, wishes) in std::iter::once((None, &subject.preferences.operator)).chain(users) {
        for block in blocks(user, wishes) {
            let place = Place { tree, block };
            place.topics(&topics, findings);
            place.thresholds(subject, findings);
            place.quiet_hours(findings);
            place.snooze(now, findings);
            place.digest(subject, findings);
        }
    }
}

/// One block of wishes.
struct Block<'a> {
    choices: &'a Choices,
    user: Option<&'a str>,
    agent: Option<&'a str>,
}

fn blocks<'a>(user: Option<&'a str>, wishes: &'a Preferences) -> impl Iterator<Item = Block<'a>> {
    let agents = wishes.agents.iter().map(move |(agent, choices)| Block { choices, user, agent: Some(agent) });
    std::iter::once(Block { choices: &wishes.default, user, agent: None }).chain(agents)
}

/// A block, and where it is written.
struct Place<'a> {
    tree: &'a PreferenceTree,
    block: Block<'a>,
}

impl Place<'_> {
    /// Where these keys of the block stand: within it, or beside `default`.
    fn spot(&self, keys: &[&str]) -> Option<&Spot> {
        let user = self.block.user.map_or(Vec::new(), |user| vec!["users", user]);
        let within = self.block.agent.map_or(vec!["default"], |agent| vec!["agents", agent]);
        let found = self.tree.given(&[&user, &within, keys].map(|keys| keys.to_vec()).concat());
        found.or_else(|| self.tree.given(&[&user, keys].map(|keys| keys.to_vec()).concat()))
    }

    /// Topics that no rule has.
    fn topics(&self, topics: &BTreeMap<&str, &str>, findings: &mut Findings<'_>) {
        for topic in self.block.choices.settings.topics.keys() {
            let Some(spot) = self.spot(&["topics", topic]) else { continue };
            if topics.values().any(|known| known == topic) {
                continue;
            }
            let help = match topics.get(topic.as_str()) {
                Some(own) => format!("the rule of this name has the topic `{}`", shown(own)),
                None => findings.did_you_mean(topic, topics.values().copied()),
            };
            findings.warn(&spot.at_key(), format!("no rule has the topic `{}`", shown(topic))).help(help);
        }
    }

    /// Thresholds on channels that nobody declared.
    fn thresholds(&self, subject: &Subject<'_>, findings: &mut Findings<'_>) {
        for channel in self.block.choices.settings.min_priority.channels.keys() {
            if let Some(spot) = self.spot(&["min_priority", channel]).filter(|_| !subject.channels.knows(channel)) {
                undeclared(channel, &spot.at_key(), findings);
            }
        }
    }

    fn quiet_hours(&self, findings: &mut Findings<'_>) {
        let passes_all = |hours: &&tidings_policy::QuietHours| hours.except == Priority::Low;
        let hours = self.block.choices.settings.quiet_hours.as_ref().filter(passes_all);
        if let Some(spot) = hours.and_then(|_| self.spot(&["quiet_hours", "except"])) {
            let message = "everything passes: these quiet hours keep nothing back";
            findings
                .lint(spot, message)
                .help("name the priority from which a message passes; `critical` is the default");
        }
    }

    fn snooze(&self, now: Timestamp, findings: &mut Findings<'_>) {
        let over = self.block.choices.settings.snooze_until.filter(|until| *until <= now);
        if let Some(spot) = over.and_then(|_| self.spot(&["snooze_until"])) {
            findings.lint(spot, "the snooze is over: it does nothing").help("take the key away, or name a later time");
        }
    }

    /// A digest that cannot be told, or is told to nobody.
    fn digest(&self, subject: &Subject<'_>, findings: &mut Findings<'_>) {
        let Some((channel, spot)) = self.digest_channel(subject) else { return };
        if !subject.channels.knows(channel) {
            undeclared(channel, spot, findings);
            return;
        }
        if let Some(smallest) = unset(channel).filter(|_| !subject.channels.is_written(channel)) {
            let message =
                format!("the digest's channel `{channel}` is not set up: what goes there is dead, and says so");
            let help = format!("add `channels: {{{smallest}}}`, or name another one with `channel`");
            findings.warn(spot, message).help(help);
        } else if !self.is_on(channel, subject) {
            let message = format!("the digest's channel `{}` is switched off: nothing is gathered", shown(channel));
            findings.lint(spot, message).help("switch it on, or name another one with `channel`");
        } else {
            self.addresses(channel, spot, subject, findings);
        }
    }

    /// The channel of the block's digest, and where it is named; of quiet hours that put messages into one, where nobody sets any.
    fn digest_channel(&self, subject: &Subject<'_>) -> Option<(&str, &Spot)> {
        let settings = &self.block.choices.settings;
        if let Some(digest) = &settings.digest {
            let spot = self.spot(&["digest", "channel"]).or_else(|| self.spot(&["digest"]))?;
            return Some((&digest.channel, spot));
        }
        let hours = settings.quiet_hours.as_ref()?;
        let users = &subject.preferences.users;
        let own = self.block.user.and_then(|user| users.get(user));
        let is_set = [own, Some(&subject.preferences.operator)].into_iter().flatten().any(has_digest);
        let spot = self.spot(&["quiet_hours", "policy"])?;
        (hours.policy == QuietPolicy::Digest && !is_set).then_some((DIGEST_ON, spot))
    }

    fn is_on(&self, channel: &str, subject: &Subject<'_>) -> bool {
        let user = self.block.user.and_then(|user| subject.preferences.users.get(user));
        switch(&subject.preferences.operator, user, self.block.agent, channel).0
    }

    /// Who has no address on the digest's channel: the user, or of everybody those without a digest of their own.
    fn addresses(&self, channel: &str, spot: &Spot, subject: &Subject<'_>, findings: &mut Findings<'_>) {
        let type_name = subject.channels.type_name(channel);
        let Some((_, key)) = BY_ADDRESS.into_iter().find(|(name, _)| *name == type_name) else { return };
        let operator = &subject.preferences.operator;
        if operator.agents.len().saturating_mul(subject.users.len()) > MOST_PAIRS {
            return;
        }
        let is_meant = |user: &str| match self.block.user {
            Some(own) => own == user,
            None => !subject.preferences.users.get(user).is_some_and(has_digest),
        };
        let users = subject.users.keys().map(String::as_str);
        let lost: Vec<&str> = users.filter(|user| is_meant(user) && !subject.finds(channel, user)).collect();
        let Some(first) = lost.first() else { return };
        let message = format!("the digest's channel `{}` has no address for {}", shown(channel), listed(&lost));
        findings.lint(spot, message).help(format!("give `{}`", join(&join("users", first), key)));
    }
}

fn has_digest(wishes: &Preferences) -> bool {
    let blocks = std::iter::once(&wishes.default).chain(wishes.agents.values());
    blocks.into_iter().any(|choices| choices.settings.digest.is_some())
}

/// Warns of a channel that nobody declared.
fn undeclared(channel: &str, spot: &Spot, findings: &mut Findings<'_>) {
    let message = format!("no channel is called `{}`", shown(channel));
    findings.warn(spot, message).help("declare it under `channels:`, or correct the name");
}
