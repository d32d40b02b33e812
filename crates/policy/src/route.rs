//! Which of its channels a notification takes now, and which layer of preferences decided. Retries and fallbacks are the engine's.

use serde::Serialize;
use tidings_core::{Notification, Priority, Timestamp};

use crate::preferences::{Choices, Preferences};

/// A channel's name, as rules and preferences spell it.
pub type ChannelName = String;

/// The priority from which SMS is used unless a `min_priority.sms` says otherwise.
pub const SMS_FLOOR: Priority = Priority::High;

/// What a route is decided from.
#[derive(Clone, Copy, Debug)]
pub struct RoutingInput<'a> {
    /// The operator's wishes, for everyone.
    pub operator: &'a Preferences,
    /// The user's own wishes, where there are any.
    pub user: Option<&'a Preferences>,
    /// What is to be sent, with the channels that its rule names.
    pub notification: &'a Notification,
    /// The rule's `mandatory: true`: passes every preference.
    pub mandatory: bool,
}

/// Who had the word, from the most special to the most general.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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
    /// The operator's default.
    Operator,
    /// Nobody said anything: channels are on, SMS is for high and critical.
    BuiltIn,
}

/// Why a channel is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
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

/// The verdict on one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// `None`: the channel is used.
    pub muted: Option<Reason>,
    /// Who decided.
    pub layer: PreferenceLayer,
}

/// Where a notification goes. Every channel that it names stands in exactly one of the four lists, once, in the rule's order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Route {
    /// Sent now.
    pub now: Vec<ChannelName>,
    /// Sent when quiet hours end; not yet filled.
    pub held: Vec<ChannelName>,
    /// Put into a digest; not yet filled.
    pub digested: Vec<ChannelName>,
    /// Not sent.
    pub muted: Vec<Muted>,
}

/// The route of a notification. `now` decides quiet hours and snoozes, which are not acted on yet.
#[must_use]
pub fn route(input: &RoutingInput<'_>, _now: Timestamp) -> Route {
    let mut route = Route::default();
    let channels = &input.notification.channels;
    for (index, channel) in channels.iter().enumerate() {
        // A channel that a rule names twice is still one message.
        if channels[..index].contains(channel) {
            continue;
        }
        match decide(input, channel) {
            Decision { muted: None, .. } => route.now.push(channel.clone()),
            Decision { muted: Some(reason), layer } => {
                route.muted.push(Muted { channel: channel.clone(), reason, layer })
            }
        }
    }
    route
}

/// The verdict on one channel, and who decided.
#[must_use]
pub fn decide(input: &RoutingInput<'_>, channel: &str) -> Decision {
    if input.mandatory {
        return Decision { muted: None, layer: PreferenceLayer::Mandatory };
    }
    let agent = input.notification.agent_id.as_deref();
    let (on, layer) = switch(input.operator, input.user, agent, channel);
    if !on {
        return Decision { muted: Some(Reason::ChannelOff), layer };
    }
    match minimum(input.operator, input.user, agent, channel) {
        Some((least, layer)) if input.notification.priority < least => {
            Decision { muted: Some(Reason::BelowMinPriority), layer }
        }
        _ => Decision { muted: None, layer },
    }
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
