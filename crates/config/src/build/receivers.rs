//! Whether every user who can be told on a chat service is found there, where the channel names no receiver of its own. Addresses of mail
//! and phones are left to the lints, since people come and go.

use std::collections::BTreeSet;

use crate::{
    build::lints::{MOST_PAIRS, Subject, listed},
    load::Options,
    plan::{Audience, ChannelKind, ChannelPlan, Recipient},
    problem::{Findings, Spot},
    read::named,
    suggest::shown,
    tree::join,
};

/// Tells each channel without a receiver that somebody without an address can be told on.
pub(crate) fn check(subject: &Subject<'_>, options: &Options<'_>, findings: &mut Findings<'_>) {
    // With variables left alone an address may be there that cannot be seen.
    if options.environment.leaves_out() {
        return;
    }
    let open: Vec<_> = named(&subject.file.channels)
        .filter_map(|(name, _, spot)| Some((name, missing(subject.channels.declared(name)?)?, spot)))
        .collect();
    let receivers = subject.users.len() + subject.rules.len();
    if open.len().saturating_mul(receivers).saturating_mul(subject.fallbacks.len().max(1)) > MOST_PAIRS {
        return;
    }
    for (name, key, spot) in open {
        one(name, key, spot, subject, findings);
    }
}

/// The key of the receiver that the channel leaves out.
fn missing(plan: &ChannelPlan) -> Option<&'static str> {
    match &plan.kind {
        ChannelKind::Chat(chat) => chat.service.missing_receiver(),
        _ => None,
    }
}

fn one(name: &str, key: &str, spot: &Spot, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some(told) = told(name, subject) else { return };
    let type_name = subject.channels.type_name(name);
    let found = |user: &&str| subject.users.get(*user).is_some_and(|plan| plan.address(name, type_name).is_some());
    let lost: Vec<&str> = told.iter().copied().filter(|user| !found(user)).collect();
    let (whom, help) = match lost.first() {
        Some(first) => (listed(&lost), format!("`{}`", join(&join(&join("users", first), "addresses"), name))),
        None if told.is_empty() => ("the event's own user".to_owned(), "the address of each under `users`".to_owned()),
        None => return,
    };
    let message = format!("`{key}` is missing, and `{}` has no address for {whom}", shown(name));
    findings.error(&spot.at_key(), message).help(format!("give `{key}`, or {help}"));
}

/// The users who can be told on a channel; `None` where no rule leads there.
fn told<'a>(name: &str, subject: &'a Subject<'_>) -> Option<BTreeSet<&'a str>> {
    let leading = leading_to(name, subject);
    let mut rules =
        subject.rules.iter().filter(|rule| rule.channels.iter().any(|from| leading.contains(from.as_str())));
    let first = rules.next()?;
    let mut told = BTreeSet::new();
    for rule in std::iter::once(first).chain(rules) {
        match &rule.audience {
            Audience::Everyone => told.extend(subject.users.keys().map(String::as_str)),
            Audience::Only(recipients) => {
                for recipient in recipients {
                    match recipient {
                        Recipient::User(id) => drop(told.insert(id.as_str())),
                        Recipient::OfEvent => told.extend(subject.users.keys().map(String::as_str)),
                    }
                }
            }
        }
    }
    Some(told)
}

/// The channel itself, and those that fall back to it, over however many steps.
fn leading_to<'a>(name: &'a str, subject: &'a Subject<'_>) -> BTreeSet<&'a str> {
    let mut leading = BTreeSet::from([name]);
    let mut open = vec![name];
    while let Some(here) = open.pop() {
        let before = subject.fallbacks.iter().filter(|(_, list)| list.iter().any(|to| to == here));
        for (from, _) in before {
            if leading.insert(from) {
                open.push(from);
            }
        }
    }
    leading
}
