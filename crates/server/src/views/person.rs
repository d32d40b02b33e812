//! A person: what comes of what they and the operator wish, channel by channel, who decides, and where they are reached, masked. Which layer
//! wins is the policy's knowledge.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use tidings::{
    Kept, Priority, Profile, Timestamp,
    policy::{PreferenceLayer, Preferences, minimum, switch},
};

/// Who changed something last, and when.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stamp {
    /// The version that stands.
    pub version: u64,
    /// Who made it.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

impl Stamp {
    /// Of something that is kept.
    #[must_use]
    pub fn of<T>(kept: &Kept<T>) -> Self {
        Self { version: kept.version, author: kept.author.clone(), at: kept.at }
    }
}

/// One channel for a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelView {
    /// Its name.
    pub channel: String,
    /// Whether it is on.
    pub on: bool,
    /// Who says so.
    pub by: PreferenceLayer,
    /// What is lower is not told there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_priority: Option<Priority>,
    /// Who says that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_priority_by: Option<PreferenceLayer>,
}

/// What the operator and a person wish.
#[derive(Clone, Copy, Debug)]
pub struct Wishes<'a> {
    /// The operator, for everybody.
    pub operator: &'a Preferences,
    /// The person; `None`: nothing of their own.
    pub user: Option<&'a Preferences>,
}

impl<'a> Wishes<'a> {
    /// Each of these channels, for messages of this agent.
    #[must_use]
    pub fn channels(&self, agent: Option<&str>, channels: &[String]) -> Vec<ChannelView> {
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
    #[must_use]
    pub fn agents(&self) -> BTreeSet<&'a str> {
        let all = self.user.into_iter().chain([self.operator]);
        all.flat_map(|wishes| wishes.agents.keys().map(String::as_str)).collect()
    }

    /// Each of these channels for each agent of whom something of its own is wished.
    fn by_agent(&self, channels: &[String]) -> BTreeMap<&'a str, Vec<ChannelView>> {
        self.agents().into_iter().map(|agent| (agent, self.channels(Some(agent), channels))).collect()
    }
}

impl ChannelView {
    /// In words, without the channel's name.
    #[must_use]
    pub fn told(&self) -> String {
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

/// A person, and who changed the profile last.
#[derive(Clone, Debug)]
pub struct PersonView<'a> {
    /// The person's id.
    pub user: &'a str,
    /// The profile that holds.
    pub profile: Profile,
    /// Who changed it last; `None`: the store does not know the person.
    pub stamp: Option<Stamp>,
    /// What the operator wishes for everybody.
    pub operator: &'a Preferences,
    /// The channels that there are.
    pub channels: Vec<String>,
    /// Where this is from: `store` or `configuration`.
    pub source: &'static str,
}

impl PersonView<'_> {
    /// What holds for the person.
    #[must_use]
    pub fn wishes(&self) -> Wishes<'_> {
        Wishes { operator: self.operator, user: self.profile.preferences.as_ref() }
    }

    /// The addresses by channel, masked.
    #[must_use]
    pub fn contacts(&self) -> BTreeMap<&str, String> {
        let contacts = self.profile.contacts.iter();
        contacts.map(|(channel, address)| (channel.as_str(), address.to_string())).collect()
    }

    /// All of it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let wishes = self.wishes();
        json!({
            "user": self.user,
            "source": self.source,
            "version": self.stamp.as_ref().map(|stamp| stamp.version),
            "author": self.stamp.as_ref().map(|stamp| &stamp.author),
            "at": self.stamp.as_ref().map(|stamp| stamp.at),
            "timezone": self.profile.timezone,
            "contacts": self.contacts(),
            "preferences": self.profile.preferences,
            "channels": wishes.channels(None, &self.channels),
            "agents": wishes.by_agent(&self.channels),
        })
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
