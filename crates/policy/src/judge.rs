//! The one word on a message for one user on one channel: sent now, held, put into a digest, or not told; and whose word it was. Everything that
//! decides about people asks here: the notifier, a test of preferences, a replay. Retries and fallbacks are the engine's.

use std::time::Duration;

use tidings_core::{Priority, Timestamp};

use crate::{
    preferences::Choices,
    quiet::{quiet_span, quiet_until},
    route::{ChannelName, Circumstances, Delay, PreferenceLayer, Reason, layers, minimum, switch},
    schedule::time_zone,
    settings::{Digest, DigestPeriod, QuietHours, QuietPolicy},
    silence::silenced,
    window::{DigestWindow, digest_window},
};

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
        /// What keeps it.
        why: Delay,
    },
    /// Told together with others, in the place of a message on any channel.
    Digest {
        /// The channel that carries the digest; `None`: a storm's summary, on the channels of what it sums up.
        channel: Option<ChannelName>,
        /// When it is sent, and since when it collects.
        window: DigestWindow,
        /// What gathers it.
        why: Delay,
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
/// first layer that sets it, and what denies goes before what delays: topic, channel, threshold, snooze, digest, quiet hours. A snooze that
/// is over sets nothing, and a digest on a channel that is switched off is none: what it gathers would be told to nobody. Last comes what
/// nobody wishes: a rule that tells this user too much at once is summed up, whatever its priority and mandatory or not.
#[must_use]
pub fn judge(channel: &str, about: &Circumstances<'_>, now: Timestamp) -> Judgement {
    if silenced(about.silences, about.notification, now).is_some() {
        return deny(Reason::Silenced, PreferenceLayer::Operator);
    }
    wished(channel, about, now).or_else(|| summed_up(about, now)).unwrap_or_else(|| {
        let (_, layer) = switched(channel, about);
        let layer = if about.mandatory { PreferenceLayer::Mandatory } else { layer };
        Judgement { verdict: Verdict::Send, layer }
    })
}

/// What preferences have against sending now.
fn wished(channel: &str, about: &Circumstances<'_>, now: Timestamp) -> Option<Judgement> {
    if about.mandatory {
        return None;
    }
    if is_digest(about) {
        // What a user's digest gathers was judged one by one. A rule's summary goes where the rule's messages go, and no further.
        let of_rule = about.notification.rule.is_some();
        let off = if of_rule { denied(channel, about) } else { channel_off(channel, about) };
        return off.or_else(|| snoozed(about, now)).or_else(|| digest_quiet(about, now));
    }
    denied(channel, about)
        .or_else(|| snoozed(about, now))
        .or_else(|| digested(about, now))
        .or_else(|| quiet(about, now))
}

fn is_digest(about: &Circumstances<'_>) -> bool {
    about.notification.metadata.contains_key("digest")
}

fn deny(reason: Reason, layer: PreferenceLayer) -> Judgement {
    Judgement { verdict: Verdict::Deny(reason), layer }
}

fn switched(channel: &str, about: &Circumstances<'_>) -> (bool, PreferenceLayer) {
    switch(about.operator, about.user, about.notification.agent_id.as_deref(), channel)
}

/// What the first layer that sets it says.
fn first<'a, T>(about: &Circumstances<'a>, set: impl Fn(&'a Choices) -> Option<T>) -> Option<(T, PreferenceLayer)> {
    let agent = about.notification.agent_id.as_deref();
    layers(about.operator, about.user, agent).find_map(|(choices, layer)| Some((set(choices)?, layer)))
}

fn denied(channel: &str, about: &Circumstances<'_>) -> Option<Judgement> {
    let told = about.notification;
    let topic = about.topic.or(told.rule.as_deref());
    if let Some((false, layer)) =
        topic.and_then(|topic| first(about, |choices| choices.settings.topics.get(topic).copied()))
    {
        return Some(deny(Reason::TopicOff, layer));
    }
    if let Some(off) = channel_off(channel, about) {
        return Some(off);
    }
    let (least, layer) = minimum(about.operator, about.user, told.agent_id.as_deref(), channel)?;
    (told.priority < least).then(|| deny(Reason::BelowMinPriority, layer))
}

fn channel_off(channel: &str, about: &Circumstances<'_>) -> Option<Judgement> {
    let (on, layer) = switched(channel, about);
    (!on).then(|| deny(Reason::ChannelOff, layer))
}

fn snoozed(about: &Circumstances<'_>, now: Timestamp) -> Option<Judgement> {
    // One that is over on a special layer must not end one that a more general layer still has.
    let (until, layer) = first(about, |choices| choices.settings.snooze_until.filter(|until| now < *until))?;
    let waits = about.notification.priority < Priority::Critical;
    waits.then_some(Judgement { verdict: Verdict::Hold { until, why: Delay::Snooze }, layer })
}

fn digested(about: &Circumstances<'_>, now: Timestamp) -> Option<Judgement> {
    let (digest, layer) = first(about, |choices| choices.settings.digest.as_ref())?;
    if about.notification.priority > digest.max_priority || !can_carry(&digest.channel, about) {
        return None;
    }
    let window = gathering_window(digest, about, now)?;
    // The first of a window is told at once, where that is wished.
    let is_first = about.notification.rule.is_some() && about.recent.last.is_none_or(|last| last < window.from);
    if digest.first_now && is_first {
        return None;
    }
    Some(Judgement { verdict: into(digest, window, Delay::Digest), layer })
}

/// Whether a digest on this channel would be told.
pub(crate) fn can_carry(channel: &str, about: &Circumstances<'_>) -> bool {
    switched(channel, about).0
}

/// The window of a digest. In quiet hours hourly ones would pile up until the morning: all that would end in them are one.
fn gathering_window(digest: &Digest, about: &Circumstances<'_>, now: Timestamp) -> Option<DigestWindow> {
    let window = digest_window(digest, about.zone, now)?;
    let quiet = quiet_hours(about).filter(|_| digest.every == DigestPeriod::Hourly);
    let Some((hours, _)) = quiet else { return Some(window) };
    let Some((opens, closes)) =
        [window.until, window.from].into_iter().find_map(|at| quiet_span(hours, about.zone, at))
    else {
        return Some(window);
    };
    let before = |at: Timestamp| digest_window(digest, about.zone, at - Duration::from_nanos(1));
    Some(DigestWindow { from: before(opens)?.from, until: before(closes)?.until })
}

/// The quiet hours that this message does not pass.
pub(crate) fn quiet_hours<'a>(about: &Circumstances<'a>) -> Option<(&'a QuietHours, PreferenceLayer)> {
    first(about, |choices| choices.settings.quiet_hours.as_ref())
        .filter(|(hours, _)| about.notification.priority < hours.except)
}

fn quiet(about: &Circumstances<'_>, now: Timestamp) -> Option<Judgement> {
    let (hours, layer) = quiet_hours(about)?;
    let until = quiet_until(hours, about.zone, now)?;
    let hold = Verdict::Hold { until, why: Delay::QuietHours };
    let verdict = match hours.policy {
        QuietPolicy::Hold => hold,
        QuietPolicy::Drop => Verdict::Deny(Reason::QuietHours),
        QuietPolicy::Digest => into_next(hours, about, now).unwrap_or(hold),
    };
    Some(Judgement { verdict, layer })
}

/// Into the user's own digest, by the user's clock; without one into the morning's, by the clock of the quiet hours. `None`: its channel is
/// off.
fn into_next(hours: &QuietHours, about: &Circumstances<'_>, now: Timestamp) -> Option<Verdict> {
    if let Some((own, _)) = first(about, |choices| choices.settings.digest.as_ref()) {
        let window = gathering_window(own, about, now).filter(|_| can_carry(&own.channel, about))?;
        return Some(into(own, window, Delay::QuietHours));
    }
    let digest = morning();
    let zone = hours.timezone.as_deref().and_then(|name| time_zone(name).ok());
    let window = digest_window(&digest, zone.as_ref().unwrap_or(about.zone), now)?;
    can_carry(&digest.channel, about).then(|| into(&digest, window, Delay::QuietHours))
}

/// Quiet hours hold a digest too, unless its user has set its time by hand: then that was meant.
fn digest_quiet(about: &Circumstances<'_>, now: Timestamp) -> Option<Judgement> {
    let by_hand = first(about, |choices| choices.settings.digest.as_ref())
        .is_some_and(|(digest, _)| digest.every == DigestPeriod::Daily && digest.at.is_some());
    if by_hand && about.notification.rule.is_none() {
        return None;
    }
    let (hours, layer) = quiet_hours(about)?;
    let until = quiet_until(hours, about.zone, now)?;
    Some(Judgement { verdict: Verdict::Hold { until, why: Delay::QuietHours }, layer })
}

/// A storm of one rule is told as one summary a window.
fn summed_up(about: &Circumstances<'_>, now: Timestamp) -> Option<Judgement> {
    let window = about.recent.storm.filter(|window| now < window.until && !is_digest(about))?;
    let verdict = Verdict::Digest { channel: None, window, why: Delay::Storm };
    Some(Judgement { verdict, layer: PreferenceLayer::BuiltIn })
}

/// The digest of a user who has set none: daily, by mail.
fn morning() -> Digest {
    Digest {
        every: DigestPeriod::Daily,
        at: None,
        max_priority: Priority::High,
        channel: "email".to_owned(),
        first_now: false,
    }
}

fn into(digest: &Digest, window: DigestWindow, why: Delay) -> Verdict {
    Verdict::Digest { channel: Some(digest.channel.clone()), window, why }
}

#[cfg(test)]
mod tests;
