//! What comes of what a person and the operator wish, channel by channel, and who decides. Which layer wins is the policy's knowledge.

use std::collections::BTreeSet;

use serde::Serialize;
use tidings::{
    Priority,
    policy::{PreferenceLayer, Preferences, minimum, switch},
};

/// One channel for a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ChannelView {
    pub(crate) channel: String,
    /// Whether it is on.
    pub(crate) on: bool,
    /// Who says so.
    pub(crate) by: PreferenceLayer,
    /// What is lower is not told there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min_priority: Option<Priority>,
    /// Who says that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min_priority_by: Option<PreferenceLayer>,
}

/// What the operator and a person wish.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wishes<'a> {
    pub(crate) operator: &'a Preferences,
    pub(crate) user: Option<&'a Preferences>,
}

impl Wishes<'_> {
    /// Each of these channels, for messages of this agent.
    pub(crate) fn channels(&self, agent: Option<&str>, channels: &[String]) -> Vec<ChannelView> {
        channels.iter().map(|channel| self.channel(agent, channel)).collect()
    }

    fn channel(&self, agent: Option<&str>, channel: &str) -> ChannelView {
        let (on, by) = switch(self.operator, self.user, agent, channel);
        let least = minimum(self.operator, self.user, agent, channel);
        ChannelView {
            channel: channel.to_owned(),
            on,
            by,
            min_priority: least.map(|(least, _)| least),
            min_priority_by: least.map(|(_, by)| by),
        }
    }

    /// The agents for which somebody wishes something of their own.
    pub(crate) fn agents(&self) -> BTreeSet<&str> {
        let all = self.user.into_iter().chain([self.operator]);
        all.flat_map(|wishes| wishes.agents.keys().map(String::as_str)).collect()
    }
}

impl ChannelView {
    /// In words, without the channel's name.
    pub(crate) fn told(&self) -> String {
        if !self.on {
            return format!("off ({})", self.by);
        }
        let on = format!("on ({})", self.by);
        match (self.min_priority, self.min_priority_by) {
            (Some(least), Some(by)) => format!("{on}, from {least} up ({by})"),
            _ => on,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_channel_tells_who_decides() {
        let read = |value| Preferences::read(&value).unwrap();
        let operator = read(json!({"default": {"sms": false, "push": true}, "agents": {"a": {"email": false}}}));
        let user = read(json!({"default": {"push": false, "min_priority": {"email": "high"}}, "agents": {"b": {}}}));
        let wishes = Wishes { operator: &operator, user: Some(&user) };
        let check = |agent, channel: &str, expected: &str| {
            assert_eq!(wishes.channel(agent, channel).told(), expected, "{agent:?} {channel}");
        };
        check(None, "push", "off (the user's default)");
        check(None, "sms", "off (the operator)");
        check(None, "email", "on (built in), from high up (the user's default)");
        check(Some("a"), "email", "off (the operator's wish for the agent)");
        check(None, "log", "on (built in)");
        assert_eq!(wishes.agents().into_iter().collect::<Vec<_>>(), ["a", "b"]);
    }
}
