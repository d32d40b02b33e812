//! What would become of a message for a person, asked of the same function that decides for the notifier: the question as people put it,
//! and the words on it.

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};
use tidings::{
    People, Priority, Question, Timestamp,
    config::{self, Plan},
    policy::{Judgement, Silence, Told},
};

use super::wall_clock::local;

/// What somebody asks. What is left out is the rule's, where one is named.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// The rule that would say it.
    pub rule: Option<String>,
    /// The agent that it would be about.
    pub agent: Option<String>,
    /// The type of the event that it would be about: silences look at it.
    pub event_type: Option<String>,
    /// How much it wants attention. Default: the rule's, else medium.
    pub priority: Option<Priority>,
    /// The channels. Default: the rule's, else all that there are.
    pub channels: Vec<String>,
    /// The topic. Default: the rule's.
    pub topic: Option<String>,
}

/// Nobody could answer that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unanswerable {
    /// There is no rule of this name.
    #[error("there is no rule `{name}`: {hint}")]
    Rule {
        /// The name.
        name: String,
        /// What there is.
        hint: String,
    },
    /// A channel is wrong.
    #[error("{0}")]
    Channel(String),
    /// Nothing is configured that could be asked about.
    #[error("there is no channel to ask about: name one")]
    NoChannel,
}

impl Asked {
    /// The question: what the rule says, and over it what is asked.
    ///
    /// # Errors
    /// If there is no such rule or channel.
    pub fn question(&self, plan: &Plan, at: Timestamp) -> Result<Question, Unanswerable> {
        let mut question = self.of_rule(plan, at)?;
        if let Some(problem) = self.channels.iter().find_map(|channel| plan.channel_problem(channel)) {
            return Err(Unanswerable::Channel(problem));
        }
        if !self.channels.is_empty() {
            question.channels.clone_from(&self.channels);
        }
        if question.channels.is_empty() {
            return Err(Unanswerable::NoChannel);
        }
        question.priority = self.priority.unwrap_or(question.priority);
        question.agent.clone_from(&self.agent);
        question.event_type.clone_from(&self.event_type);
        question.topic = self.topic.clone().or(question.topic);
        Ok(question)
    }

    fn of_rule(&self, plan: &Plan, at: Timestamp) -> Result<Question, Unanswerable> {
        let Some(name) = &self.rule else { return Ok(Question::new(plan.channels.keys().cloned(), at)) };
        tidings::question(plan, name, at).ok_or_else(|| {
            let known = plan.rules.iter().map(|rule| rule.name.as_str());
            Unanswerable::Rule { name: name.clone(), hint: config::hint(name, known) }
        })
    }
}

/// What was asked, and the word on each channel.
#[derive(Clone, Debug)]
pub struct Judged<'a> {
    /// Who would be told.
    pub user: &'a str,
    /// The zone of the person's clock.
    pub zone: TimeZone,
    /// What was asked.
    pub question: &'a Question,
    /// The word on each channel, in the question's order.
    pub words: Vec<ChannelWord<'a>>,
    /// Where this is from: `store` or `configuration`.
    pub source: &'static str,
}

/// The word on one channel, and what a judgement alone does not know.
#[derive(Clone, Debug, Serialize)]
pub struct ChannelWord<'a> {
    /// The word.
    #[serde(flatten)]
    pub told: Told,
    /// Until when, by the person's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_local: Option<String>,
    /// What covers the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silence: Option<&'a Silence>,
    /// Nothing can be sent there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_address: bool,
}

impl<'a> Judged<'a> {
    /// These words on a question about somebody who is there.
    #[must_use]
    pub fn of(
        plan: &Plan,
        people: &'a People,
        user: &'a str,
        (question, words): (&'a Question, &[(String, Judgement)]),
        source: &'static str,
    ) -> Option<Self> {
        let person = people.users().get(user)?;
        let zone = person.zone.clone().unwrap_or(TimeZone::UTC);
        let silence = people.silenced(user, question);
        let word = |(channel, judgement): &(String, Judgement)| {
            let told = judgement.told(channel);
            let until_local = told.until.map(|until| local(until, &zone));
            let no_address = needs_address(plan, channel) && !person.contacts.contains_key(channel);
            ChannelWord { told, until_local, silence, no_address }
        };
        let words = words.iter().map(word).collect();
        Some(Self { user, zone, question, words, source })
    }

    /// All of it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Question { rule, topic, mandatory, agent, priority, at, .. } = self.question;
        json!({
            "user": self.user, "timezone": self.zone.iana_name(), "at": at, "at_local": local(*at, &self.zone),
            "source": self.source, "rule": rule, "topic": topic, "mandatory": mandatory, "agent": agent, "priority": priority,
            "channels": self.words,
        })
    }
}

/// Whether a message reaches nobody there without an address of the person's.
fn needs_address(plan: &Plan, channel: &str) -> bool {
    let type_name = plan.channels.get(channel).map_or(channel, |plan| &plan.type_name);
    matches!(type_name, "email" | "sms")
}
