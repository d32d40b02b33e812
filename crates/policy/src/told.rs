//! A judgement as it is told to people and programs: the test of preferences, the page and a replay say it in these words. What they stand
//! for is decided by `judge`.

use std::fmt;

use serde::Serialize;
use tidings_core::Timestamp;

use crate::{
    judge::{Judgement, Verdict},
    route::{ChannelName, Delay, PreferenceLayer, Reason},
};

/// What becomes of a message, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// Sent now.
    Allow,
    /// Sent later, by itself.
    Hold,
    /// Told later, together with others.
    Digest,
    /// Not told.
    Deny,
}

/// What stands against telling a message now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum Why {
    /// It is not told at all.
    Not(Reason),
    /// It is told later.
    Later(Delay),
}

/// What becomes of a message on one channel, whose word it was, and why: one flat object in JSON.
///
/// ```
/// use tidings_policy::{Judgement, PreferenceLayer, Reason, Verdict};
///
/// let judgement = Judgement { verdict: Verdict::Deny(Reason::ChannelOff), layer: PreferenceLayer::User };
/// let told = judgement.told("sms");
/// assert_eq!(told.to_string(), "sms: deny, the channel is off (the user's default)");
/// let json = serde_json::to_value(&told)?;
/// assert_eq!(json, serde_json::json!({"channel": "sms", "decision": "deny", "layer": "user", "why": "channel_off"}));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// The channel that was asked about.
    pub channel: ChannelName,
    /// What becomes of the message there.
    pub decision: Word,
    /// Who decided.
    pub layer: PreferenceLayer,
    /// Why it is not told now; `None` where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// When it is judged again, or its digest is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The channel that carries its digest; `None` for a storm's summary, which goes where its messages would have gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<ChannelName>,
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

impl Judgement {
    /// What it says about this channel, which is the one that it was asked about.
    #[must_use]
    pub fn told(&self, channel: &str) -> Told {
        let (why, until, digest) = match &self.verdict {
            Verdict::Send => (None, None, None),
            Verdict::Deny(reason) => (Some(Why::Not(*reason)), None, None),
            Verdict::Hold { until, why } => (Some(Why::Later(*why)), Some(*until), None),
            Verdict::Digest { channel, window, why } => (Some(Why::Later(*why)), Some(window.until), channel.clone()),
        };
        let (channel, decision) = (channel.to_owned(), self.verdict.word());
        Told { channel, decision, layer: self.layer, why, until, digest }
    }
}

impl Word {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Hold => "hold",
            Self::Digest => "digest",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Not(Reason::ChannelOff) => "the channel is off",
            Self::Not(Reason::BelowMinPriority) => "the priority is too low",
            Self::Not(Reason::TopicOff) => "the topic is off",
            Self::Not(Reason::Silenced) => "silenced",
            Self::Not(Reason::QuietHours) | Self::Later(Delay::QuietHours) => "quiet hours",
            Self::Later(Delay::Snooze) => "snoozed",
            Self::Later(Delay::Digest) => "wished in a digest",
            Self::Later(Delay::Storm) => "too much of one rule at once",
        })
    }
}

impl fmt::Display for PreferenceLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mandatory => "the rule is mandatory",
            Self::UserAgent => "the user's wish for the agent",
            Self::User => "the user's default",
            Self::OperatorAgent => "the operator's wish for the agent",
            Self::Operator => "the operator",
            Self::BuiltIn => "built in",
        })
    }
}

/// One line for people, with times in UTC: `push: hold until 2026-03-11T07:00:00Z, quiet hours (the user's default)`.
impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.channel, self.decision)?;
        if let Some(by) = &self.digest {
            write!(f, " on {by}")?;
        }
        if let Some(until) = self.until.and_then(|at| jiff::Timestamp::from_nanosecond(at.as_nanos().into()).ok()) {
            write!(f, " until {until}")?;
        }
        if let Some(why) = self.why {
            write!(f, ", {why}")?;
        }
        write!(f, " ({})", self.layer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::window::DigestWindow;

    fn check(verdict: Verdict, layer: PreferenceLayer, expected: &(&str, Value)) {
        let told = Judgement { verdict, layer }.told("push");
        assert_eq!(&(told.to_string().as_str(), serde_json::to_value(&told).unwrap()), expected);
    }

    #[test]
    fn a_line_for_people_and_an_object_for_programs() {
        use PreferenceLayer::{BuiltIn, Mandatory, User, UserAgent};
        let (from, until) = (Timestamp::EPOCH, Timestamp::from_secs(1_773_212_400));
        let window = DigestWindow { from, until };
        check(
            Verdict::Send,
            Mandatory,
            &(
                "push: allow (the rule is mandatory)",
                json!({"channel": "push", "decision": "allow", "layer": "mandatory"}),
            ),
        );
        check(
            Verdict::Hold { until, why: Delay::QuietHours },
            User,
            &(
                "push: hold until 2026-03-11T07:00:00Z, quiet hours (the user's default)",
                json!({"channel": "push", "decision": "hold", "layer": "user", "why": "quiet_hours", "until": 1_773_212_400.0}),
            ),
        );
        check(
            Verdict::Digest { channel: Some("email".to_owned()), window, why: Delay::Digest },
            UserAgent,
            &(
                "push: digest on email until 2026-03-11T07:00:00Z, wished in a digest (the user's wish for the agent)",
                json!({"channel": "push", "decision": "digest", "layer": "user_agent", "why": "digest",
                    "until": 1_773_212_400.0, "digest": "email"}),
            ),
        );
        check(
            Verdict::Digest { channel: None, window, why: Delay::Storm },
            BuiltIn,
            &(
                "push: digest until 2026-03-11T07:00:00Z, too much of one rule at once (built in)",
                json!({"channel": "push", "decision": "digest", "layer": "built_in", "why": "storm", "until": 1_773_212_400.0}),
            ),
        );
    }
}
