//! Which of its channels a notification takes now, which later, which never, and who decided. The word on each channel is `judge`'s;
//! retries and fallbacks are the engine's.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tidings_core::{Notification, Priority, Timestamp};

use crate::{
    judge::{Verdict, judge},
    preferences::{Choices, Preferences},
    recent::Recent,
    silence::Silence,
    window::DigestWindow,
};

/// A channel's name, as rules and preferences spell it.
pub type ChannelName = String;

/// The priority from which SMS is used unless a `min_priority.sms` says otherwise.
pub const SMS_FLOOR: Priority = Priority::High;

/// All that a message is judged by, beside the moment.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// What is to be sent, with the channels that its rule names.
    pub notification: &'a Notification,
    /// The operator's wishes, for everyone.
    pub operator: &'a Preferences,
    /// The user's own wishes, where there are any.
    pub user: Option<&'a Preferences>,
    /// The user's time zone.
    pub zone: &'a TimeZone,
    /// The rule's `mandatory: true`: passes every preference.
    pub mandatory: bool,
    /// The rule's `topic`; `None`: the rule's name.
    pub topic: Option<&'a str>,
    /// All silences that there are.
    pub silences: &'a [Silence],
    /// What the rule told this user lately.
    pub recent: Recent,
}

impl<'a> Circumstances<'a> {
    /// A message that nobody has any wish about, of a user in UTC.
    #[must_use]
    pub fn of(notification: &'a Notification, operator: &'a Preferences) -> Self {
        const UTC: &TimeZone = &TimeZone::UTC;
        Self {
            notification,
            operator,
            user: None,
            zone: UTC,
            mandatory: false,
            topic: None,
            silences: &[],
            recent: Recent::default(),
        }
    }
}

/// Who had the word, from the most special to the most general.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreferenceLayer {
    /// The rule is mandatory.
    Mandatory,
    /// The user's block for this agent.
    UserAgent,
    /// The user's default.
    User,
    /// The operator's block for this agent.
    OperatorAgent,
    /// The operator's default, or a silence.
    Operator,
    /// Nobody said anything: channels are on, SMS is for high and critical, a storm is summed up.
    BuiltIn,
}

/// Why a channel is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The channel is switched off.
    ChannelOff,
    /// The priority is lower than the least that is wanted there.
    BelowMinPriority,
    /// The topic is switched off.
    TopicOff,
    /// Quiet hours are open, and what comes then is not wanted.
    QuietHours,
    /// A silence covers it.
    Silenced,
}

/// Why a message is not told now but later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Delay {
    /// The user wants nothing but critical until a moment.
    Snooze,
    /// Quiet hours are open.
    QuietHours,
    /// The user wants it in a digest.
    Digest,
    /// Its rule tells this user too much at once.
    Storm,
}

/// What a message waits for that is not told now: the same for all of its channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// When it is looked at again.
    pub until: Timestamp,
    /// Why it waits.
    pub why: Delay,
    /// Who said so.
    pub layer: PreferenceLayer,
    /// Together with what else it is told; `None`: by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Gathering>,
}

/// A digest that is being gathered: what has the same one, the same end and the same user is told together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gathering {
    /// Since when.
    pub from: Timestamp,
    /// The channel that carries the digest; `None`: a storm's summary, on the channels of what it sums up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelName>,
    /// The rule that a summary is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// A channel that is not used, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Muted {
    /// The channel.
    pub channel: ChannelName,
    /// Why.
    pub reason: Reason,
    /// Who said so.
    pub layer: PreferenceLayer,
}

/// Where a notification goes. Every channel that it names stands in exactly one of the four lists, once, in the rule's order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Route {
    /// Sent now.
    pub now: Vec<ChannelName>,
    /// Sent later.
    pub held: Vec<ChannelName>,
    /// Told in a digest or a summary, in the place of a message on these.
    pub digested: Vec<ChannelName>,
    /// Not sent.
    pub muted: Vec<Muted>,
    /// What those wait for that are held or digested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
}

impl Route {
    /// Whether a silence covers the notification.
    #[must_use]
    pub fn is_silenced(&self) -> bool {
        self.muted.iter().any(|muted| muted.reason == Reason::Silenced)
    }

    /// Whether it is told on any channel, now or later.
    #[must_use]
    pub const fn is_wanted(&self) -> bool {
        !self.now.is_empty() || self.wait.is_some()
    }

    /// Where one channel goes.
    fn place(&mut self, channel: &ChannelName, about: &Circumstances<'_>, now: Timestamp) {
        let found = judge(channel, about, now);
        let channel = channel.clone();
        match found.verdict {
            Verdict::Send => self.now.push(channel),
            Verdict::Deny(reason) => self.muted.push(Muted { channel, reason, layer: found.layer }),
            Verdict::Hold { until, why } => {
                self.held.push(channel);
                self.wait = Some(Wait { until, why, layer: found.layer, digest: None });
            }
            Verdict::Digest { channel: by, window: DigestWindow { from, until }, why } => {
                self.digested.push(channel);
                let rule = by.is_none().then(|| about.notification.rule.clone()).flatten();
                let digest = Some(Gathering { from, channel: by, rule });
                self.wait = Some(Wait { until, why, layer: found.layer, digest });
            }
        }
    }
}

/// The route of a notification at this moment.
///
/// What delays a message is the same on all of its channels: none is told now on one and later on another.
#[must_use]
pub fn route(about: &Circumstances<'_>, now: Timestamp) -> Route {
    let mut route = Route::default();
    let channels = &about.notification.channels;
    for (index, channel) in channels.iter().enumerate() {
        // A channel that a rule names twice is still one message.
        if !channels[..index].contains(channel) {
            route.place(channel, about, now);
        }
    }
    route
}

/// Whether a channel is on, and who says so: the user's block for the agent, the user's default, the operator's block for the
/// agent, the operator's default, and at last on.
#[must_use]
pub fn switch(
    operator: &Preferences,
    user: Option<&Preferences>,
    agent: Option<&str>,
    channel: &str,
) -> (bool, PreferenceLayer) {
    layers(operator, user, agent)
        .find_map(|(choices, layer)| Some((*choices.channels.get(channel)?, layer)))
        .unwrap_or((true, PreferenceLayer::BuiltIn))
}

/// The least priority that gets through on a channel, and who says so; the layers are those of [`switch`].
///
/// A value for all channels can raise the floor of SMS but not lower it: only `min_priority.sms` can.
#[must_use]
pub fn minimum(
    operator: &Preferences,
    user: Option<&Preferences>,
    agent: Option<&str>,
    channel: &str,
) -> Option<(Priority, PreferenceLayer)> {
    let found = layers(operator, user, agent).find_map(|(choices, layer)| {
        let least = &choices.settings.min_priority;
        Some((least.of(channel)?, layer, least.channels.contains_key(channel)))
    });
    let floor = (channel == "sms").then_some((SMS_FLOOR, PreferenceLayer::BuiltIn));
    match (found, floor) {
        (Some((least, _, false)), Some(floor)) if least < floor.0 => Some(floor),
        (Some((least, layer, _)), _) => Some((least, layer)),
        (None, floor) => floor,
    }
}

pub(crate) fn layers<'a>(
    operator: &'a Preferences,
    user: Option<&'a Preferences>,
    agent: Option<&str>,
) -> impl Iterator<Item = (&'a Choices, PreferenceLayer)> {
    [
        (user.and_then(|user| user.agent(agent)), PreferenceLayer::UserAgent),
        (user.map(|user| &user.default), PreferenceLayer::User),
        (operator.agent(agent), PreferenceLayer::OperatorAgent),
        (Some(&operator.default), PreferenceLayer::Operator),
    ]
    .into_iter()
    .filter_map(|(choices, layer)| Some((choices?, layer)))
}

#[cfg(test)]
mod tests;
