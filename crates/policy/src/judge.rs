//! The one word on a message for one user on one channel: sent now, held, put into a digest, or not told; and whose word it was. Everything that
//! decides about people asks here: the notifier, a test of preferences, a replay. Retries and fallbacks are the engine's.

use jiff::tz::TimeZone;
use serde::Serialize;
use tidings_core::{Priority, Timestamp};

use crate::{
    preferences::Choices,
    quiet::quiet_until,
    route::{ChannelName, PreferenceLayer, Reason, RoutingInput, layers, minimum, switch},
    schedule::time_zone,
    settings::{Digest, DigestPeriod, QuietPolicy},
    silence::{Silence, silenced},
    window::{DigestWindow, digest_window},
};

/// What a message is judged by, beside what its route is decided from.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The message, its user's wishes and the operator's.
    pub input: &'a RoutingInput<'a>,
    /// The rule's `topic`; `None`: the rule's name.
    pub topic: Option<&'a str>,
    /// The user's time zone.
    pub zone: &'a TimeZone,
    /// All silences that there are.
    pub silences: &'a [Silence],
}

/// What becomes of a message on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Sent now.
    Send,
    /// Kept until then, and judged again.
    Hold {
        /// The moment.
        until: Timestamp,
    },
    /// Told in the next digest, in the place of a message on any channel.
    Digest {
        /// The channel that carries the digest.
        channel: ChannelName,
        /// When it is sent, and since when it collects.
        window: DigestWindow,
    },
    /// Not told.
    Deny(Reason),
}

/// A verdict, and who decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What becomes of the message.
    pub verdict: Verdict,
    /// Whose word it was; a silence is the operator's.
    pub layer: PreferenceLayer,
}

/// Judges a message for one channel.
///
/// A silence holds whatever anybody wishes. A rule that is mandatory passes every preference. Of preferences each key is decided by the
/// first layer that sets it, and what denies goes before what delays: topic, channel, threshold, snooze, digest, quiet hours.
#[must_use]
pub fn judge(channel: &str, about: &Circumstances<'_>, now: Timestamp) -> Judgement {
    let told = about.input.notification;
    if silenced(about.silences, told, now).is_some() {
        return deny(Reason::Silenced, PreferenceLayer::Operator);
    }
    if about.input.mandatory {
        return Judgement { verdict: Verdict::Send, layer: PreferenceLayer::Mandatory };
    }
    denied(channel, about)
        .or_else(|| snoozed(about, now))
        .or_else(|| digested(about, now))
        .or_else(|| quiet(about, now))
        .unwrap_or_else(|| Judgement { verdict: Verdict::Send, layer: switched(channel, about).1 })
}

fn deny(reason: Reason, layer: PreferenceLayer) -> Judgement {
    Judgement { verdict: Verdict::Deny(reason), layer }
}

fn switched(channel: &str, about: &Circumstances<'_>) -> (bool, PreferenceLayer) {
    let RoutingInput { operator, user, notification, .. } = about.input;
    switch(operator, *user, notification.agent_id.as_deref(), channel)
}

/// What the first layer that sets it says.
fn first<'a, T>(about: &Circumstances<'a>, set: impl Fn(&'a Choices) -> Option<T>) -> Option<(T, PreferenceLayer)> {
    let RoutingInput { operator, user, notification, .. } = *about.input;
    layers(operator, user, notification.agent_id.as_deref()).find_map(|(choices, layer)| Some((set(choices)?, layer)))
}

fn denied(channel: &str, about: &Circumstances<'_>) -> Option<Judgement> {
    let RoutingInput { operator, user, notification, .. } = *about.input;
    let topic = about.topic.or(notification.rule.as_deref());
    if let Some((false, layer)) =
        topic.and_then(|topic| first(about, |choices| choices.settings.topics.get(topic).copied()))
    {
        return Some(deny(Reason::TopicOff, layer));
    }
    if let (false, layer) = switched(channel, about) {
        return Some(deny(Reason::ChannelOff, layer));
    }
    let (least, layer) = minimum(operator, user, notification.agent_id.as_deref(), channel)?;
    (notification.priority < least).then(|| deny(Reason::BelowMinPriority, layer))
}

fn snoozed(about: &Circumstances<'_>, now: Timestamp) -> Option<Judgement> {
    let (until, layer) = first(about, |choices| choices.settings.snooze_until)?;
    let waits = now < until && about.input.notification.priority < Priority::Critical;
    waits.then_some(Judgement { verdict: Verdict::Hold { until }, layer })
}

fn digested(about: &Circumstances<'_>, now: Timestamp) -> Option<Judgement> {
    let (digest, layer) = first(about, |choices| choices.settings.digest.as_ref())?;
    let is_low = about.input.notification.priority <= digest.max_priority;
    is_low.then(|| into(digest, about.zone, now)).flatten().map(|verdict| Judgement { verdict, layer })
}

fn quiet(about: &Circumstances<'_>, now: Timestamp) -> Option<Judgement> {
    let (hours, layer) = first(about, |choices| choices.settings.quiet_hours.as_ref())?;
    if about.input.notification.priority >= hours.except {
        return None;
    }
    let until = quiet_until(hours, about.zone, now)?;
    let verdict = match hours.policy {
        QuietPolicy::Hold => Verdict::Hold { until },
        QuietPolicy::Drop => Verdict::Deny(Reason::QuietHours),
        QuietPolicy::Digest => {
            let own = first(about, |choices| choices.settings.digest.as_ref()).map(|(digest, _)| digest.clone());
            let zone = hours.timezone.as_deref().and_then(|name| time_zone(name).ok());
            into(&own.unwrap_or_else(morning), zone.as_ref().unwrap_or(about.zone), now)?
        }
    };
    Some(Judgement { verdict, layer })
}

/// The digest of a user who has set none: daily, by mail.
fn morning() -> Digest {
    Digest { every: DigestPeriod::Daily, at: None, max_priority: Priority::High, channel: "email".to_owned() }
}

fn into(digest: &Digest, zone: &TimeZone, now: Timestamp) -> Option<Verdict> {
    let window = digest_window(digest, zone, now)?;
    Some(Verdict::Digest { channel: digest.channel.clone(), window })
}

/// A judgement as it is told to people and programs.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Word {
    Allow,
    Hold,
    Digest,
    Deny,
}

impl Verdict {
    /// Its word.
    #[must_use]
    pub const fn word(&self) -> Word {
        match self {
            Self::Send => Word::Allow,
            Self::Hold { .. } => Word::Hold,
            Self::Digest { .. } => Word::Digest,
            Self::Deny(_) => Word::Deny,
        }
    }
}

#[cfg(test)]
mod tests;
