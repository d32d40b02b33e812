//! Whether the parts of a notifier go together. Putting them together is left to `builder`.

use std::collections::HashSet;

use super::Builder;
use crate::rule::{Recipients, Rule};

/// Why a notifier cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Two rules, or two sinks and channels, have one name.
    #[error("{kind} `{name}` is there twice: give each a name of its own")]
    Twice {
        /// `rule` or `sink or channel`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A rule names a channel that does not exist.
    #[error("rule `{rule}` names the channel `{channel}`, which does not exist")]
    UnknownChannel {
        /// The rule.
        rule: String,
        /// The channel.
        channel: String,
    },
    /// A fallback does not exist.
    #[error("`{channel}` falls back to the channel `{fallback}`, which does not exist")]
    UnknownFallback {
        /// The channel.
        channel: String,
        /// Its fallback.
        fallback: String,
    },
    /// A rule is for nobody.
    #[error("rule `{0}` is for every user, and there is none: add a user or name one")]
    NobodyToTell(String),
    /// A part is to stay as it runs, and none runs under its name.
    #[error("`{0}` is to stay, and no sink or channel of that name runs")]
    NothingToKeep(String),
    /// A name would stand for something of another kind while the notifier runs.
    #[error("`{0}` becomes something of another kind: give it another name, or start anew")]
    OtherKind(String),
    /// The queue's room is out of bounds.
    #[error("a queue holds 1 to 1,000,000 events, not {0}")]
    QueueSize(usize),
}

impl Builder {
    /// Names the first part that does not fit.
    pub(super) fn check(&self, durable: bool) -> Result<(), BuildError> {
        if self.queue_size == 0 || self.queue_size > 1_000_000 {
            return Err(BuildError::QueueSize(self.queue_size));
        }
        let endpoints = self.sinks.iter().map(|sink| &sink.name).chain(self.channels.iter().map(|spec| &spec.name));
        all_different("sink or channel", endpoints)?;
        all_different("rule", self.rules.iter().map(|rule| &rule.spec.name))?;
        self.check_fallbacks()?;
        self.rules.iter().try_for_each(|rule| self.check_rule(rule, durable))
    }

    fn has_channel(&self, name: &str) -> bool {
        self.channels.iter().any(|spec| spec.name == name)
    }

    fn check_fallbacks(&self) -> Result<(), BuildError> {
        for (channel, list) in &self.fallbacks.by_channel {
            if let Some(fallback) = list.iter().find(|name| !self.has_channel(name)) {
                return Err(BuildError::UnknownFallback { channel: channel.clone(), fallback: fallback.clone() });
            }
        }
        Ok(())
    }

    fn check_rule(&self, rule: &Rule, durable: bool) -> Result<(), BuildError> {
        if let Some(channel) = rule.channels.iter().find(|name| !self.has_channel(name)) {
            return Err(BuildError::UnknownChannel { rule: rule.name.to_string(), channel: channel.clone() });
        }
        // Whom a store that outlives the process knows is seen at the start.
        if rule.recipients == Recipients::Everyone && self.users.is_empty() && !durable {
            return Err(BuildError::NobodyToTell(rule.name.to_string()));
        }
        Ok(())
    }
}

fn all_different<'a>(kind: &'static str, names: impl Iterator<Item = &'a String>) -> Result<(), BuildError> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(BuildError::Twice { kind, name: name.clone() });
        }
    }
    Ok(())
}
