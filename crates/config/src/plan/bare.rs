//! A config with everything off that keeps messages back: what its rules alone would send. What the mechanisms do is told by holding the two
//! against one another.

use std::{collections::BTreeMap, time::Duration};

use tidings_core::Priority;
use tidings_policy::{Choices, MinPriority, Preferences, Settings};

use super::Plan;

impl Plan {
    /// The same rules with everything off that keeps messages back.
    ///
    /// Off are cooldowns, the dedup window, the storm limit, all wishes of users, and of the operator's all but which channels are on. What is
    /// said again at the same moment stays one message. Conditions, with their `for`, `silent` and windows, who is told, titles, channels and
    /// fallbacks stay as they are.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.rules.iter_mut().for_each(|rule| rule.cooldown = Duration::ZERO);
        self.dedup_window = Duration::ZERO;
        self.delivery.storm = None;
        self.preferences.users.clear();
        self.preferences.operator = switches(&self.preferences.operator);
        self
    }
}

/// Which channels are on. Text messages have a threshold that nobody has to set: it is off as well.
fn switches(wishes: &Preferences) -> Preferences {
    let only = |choices: &Choices| Choices { channels: choices.channels.clone(), settings: Settings::default() };
    let agents = wishes.agents.iter().map(|(agent, choices)| (agent.clone(), only(choices))).collect();
    let mut default = only(&wishes.default);
    default.settings.min_priority =
        MinPriority { all: None, channels: BTreeMap::from([("sms".to_owned(), Priority::Low)]) };
    Preferences { default, agents }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Environment, Options, load};

    const CONFIG: &str = r#"
triggers: [{name: a, condition: x > 0, channels: [log], cooldown_seconds: 1h, mandatory: true}]
users: {ann: {}}
preferences:
  default: {log: true, sms: false, min_priority: high, topics: {a: false}}
  quiet_hours: {from: "22:00", to: "07:00"}
  digest: {every: hourly, channel: log}
  agents: {noisy: {log: false, snooze_until: "2026-05-01T08:00:00Z"}}
  users: {ann: {default: {log: false}}}
"#;

    #[test]
    fn only_the_rules_and_the_operators_channels_are_left() {
        let options = Options { environment: Environment::default(), ..Options::default() };
        let (plan, _) = load(CONFIG, &options).unwrap();
        let bare = plan.clone().bare();
        assert_eq!((bare.rules[0].cooldown, bare.dedup_window), (Duration::ZERO, Duration::ZERO));
        assert_eq!((bare.delivery.storm, bare.preferences.users.len()), (None, 0));
        let operator = &bare.preferences.operator;
        assert_eq!(operator.default.channels, plan.preferences.operator.default.channels);
        assert_eq!(operator.default.settings.min_priority.of("log"), None);
        let other = Settings { min_priority: MinPriority::default(), ..operator.default.settings.clone() };
        assert_eq!(other, Settings::default(), "no quiet hours, no digest, no topics");
        let noisy = &operator.agents["noisy"];
        assert_eq!((noisy.channels["log"], &noisy.settings), (false, &Settings::default()));
        assert_eq!(bare.clone().bare().preferences, bare.preferences);
    }
}
