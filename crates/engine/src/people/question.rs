//! What would become of a message for a person: the same word as on a real one, by the same people. What is asked is made up; the word
//! is the policy's.

use serde_json::{Map, Value};
use tidings_core::{Notification, NotificationId, NotificationKind, Priority, Timestamp};
use tidings_policy::{Circumstances, Judgement, Recent, Silence, judge, silenced};

use super::People;
use crate::rule::Rule;

/// A message that might be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The rule that would say it; `None`: a direct message.
    pub rule: Option<String>,
    /// The topic; `None`: the rule's name.
    pub topic: Option<String>,
    /// Whether the rule is mandatory: it passes every preference.
    pub mandatory: bool,
    /// The agent that it would be about.
    pub agent: Option<String>,
    /// The type of the event that it would be about: silences look at it.
    pub event_type: Option<String>,
    /// How much it wants attention.
    pub priority: Priority,
    /// The channels, in order of preference.
    pub channels: Vec<String>,
    /// When it would be told.
    pub at: Timestamp,
}

impl Question {
    /// A direct message of medium priority on these channels.
    #[must_use]
    pub fn new(channels: impl IntoIterator<Item = impl Into<String>>, at: Timestamp) -> Self {
        Self {
            rule: None,
            topic: None,
            mandatory: false,
            agent: None,
            event_type: None,
            priority: Priority::Medium,
            channels: channels.into_iter().map(Into::into).collect(),
            at,
        }
    }

    /// What this rule would say.
    #[must_use]
    pub fn of(rule: &Rule, at: Timestamp) -> Self {
        Self {
            rule: Some(rule.name.to_string()),
            topic: rule.topic.clone(),
            mandatory: rule.mandatory,
            priority: rule.priority,
            ..Self::new(rule.channels.iter().cloned(), at)
        }
    }

    /// The message that is asked about.
    pub(super) fn message(&self, user: &str) -> Notification {
        let event_type = self.event_type.as_deref().map(|name| ("event_type".to_owned(), Value::from(name)));
        Notification {
            notification_id: NotificationId::from_bytes([0; 16]),
            agent_id: self.agent.clone(),
            title: String::new(),
            body: String::new(),
            priority: self.priority,
            channels: self.channels.clone(),
            user_id: user.to_owned(),
            metadata: event_type.into_iter().collect::<Map<_, _>>(),
            created_at: self.at,
            dedup_key: String::new(),
            rule: self.rule.clone(),
            event: None,
            kind: NotificationKind::Firing,
            incident: None,
        }
    }
}

impl People {
    /// The word on a message to a user, by channel, each once, in the question's order. `recent` is what its rule told the user lately;
    /// [`Recent::default`] where that is not known. Of a user who is not there nothing is known: only the operator's wishes hold.
    #[must_use]
    pub fn judge(&self, user: &str, question: &Question, recent: Recent) -> Vec<(String, Judgement)> {
        let told = question.message(user);
        let about = Circumstances {
            mandatory: question.mandatory,
            topic: question.topic.as_deref(),
            ..self.about(&told, None, recent)
        };
        let mut words: Vec<(String, Judgement)> = Vec::with_capacity(question.channels.len());
        for channel in &question.channels {
            if words.iter().all(|(judged, _)| judged != channel) {
                words.push((channel.clone(), judge(channel, &about, question.at)));
            }
        }
        words
    }

    /// The silence that covers such a message, if one does.
    #[must_use]
    pub fn silenced(&self, user: &str, question: &Question) -> Option<&Silence> {
        silenced(&self.silences, &question.message(user), question.at)
    }
}
