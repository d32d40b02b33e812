//! `prefs test`: what would become of a message for a person, asked of the same function that decides for the notifier.

use anyhow::{anyhow, bail, ensure};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};
use tidings::{
    Question, Timestamp,
    clock::system_now,
    config::{self, Plan},
    explain::utc,
    policy::{Judgement, Reason, Recent, Silence, Told, Why},
};

use super::{people::Everybody, wall_clock::local};
use crate::{
    Exit,
    args::{Output, TestPrefs},
    output,
    table::Table,
};

/// Asks for each channel, and tells.
pub(crate) async fn test(test: &TestPrefs, output: &Output) -> anyhow::Result<Exit> {
    let everybody = Everybody::to_read(&test.config).await?;
    let people = everybody.people();
    let user = people.users().get(&test.user).ok_or_else(|| everybody.unknown(&test.user))?;
    let zone = user.zone.clone().unwrap_or(TimeZone::UTC);
    let question = question(test, everybody.plan(), test.at.from(system_now()))?;
    let silence = people.silenced(&test.user, &question);
    let words = people.judge(&test.user, &question, Recent::default());
    let row = |(channel, judgement): &(String, Judgement)| {
        let told = judgement.told(channel);
        let until_local = told.until.map(|until| local(until, &zone));
        let no_address = needs_address(everybody.plan(), channel) && !user.contacts.contains_key(channel);
        Row { told, until_local, silence, no_address }
    };
    let rows = words.iter().map(row).collect();
    let answer = Answer { user: &test.user, zone, question: &question, rows, source: everybody.source() };
    if output.json {
        output::json(&answer.to_json());
    } else {
        everybody.note_source();
        answer.tell();
    }
    Ok(Exit::Done)
}

/// What is asked: what the rule says, and over it what the call says.
fn question(test: &TestPrefs, plan: &Plan, at: Timestamp) -> anyhow::Result<Question> {
    let mut question = Question::new(plan.channels.keys().cloned(), at);
    if let Some(name) = &test.rule {
        let known = plan.rules.iter().map(|rule| rule.name.as_str());
        question = tidings::question(plan, name, at)
            .ok_or_else(|| anyhow!("there is no rule `{}`: {}", output::plain(name), config::hint(name, known)))?;
    }
    if let Some(problem) = test.channels.iter().find_map(|channel| plan.channel_problem(channel)) {
        bail!(problem);
    }
    if !test.channels.is_empty() {
        question.channels.clone_from(&test.channels);
    }
    ensure!(!question.channels.is_empty(), "there is no channel to ask about: name one with `--channel NAME`");
    question.priority = test.priority.unwrap_or(question.priority);
    question.agent.clone_from(&test.agent);
    question.event_type.clone_from(&test.event_type);
    question.topic = test.topic.clone().or(question.topic);
    Ok(question)
}

/// Whether a message reaches nobody there without an address of the person's.
fn needs_address(plan: &Plan, channel: &str) -> bool {
    let type_name = plan.channels.get(channel).map_or(channel, |plan| &plan.type_name);
    matches!(type_name, "email" | "sms")
}

/// What was asked, and the word on each channel.
struct Answer<'a> {
    user: &'a str,
    zone: TimeZone,
    question: &'a Question,
    rows: Vec<Row<'a>>,
    source: &'static str,
}

/// The word on one channel, and what a judgement alone does not know.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    told: Told,
    #[serde(skip_serializing_if = "Option::is_none")]
    until_local: Option<String>,
    /// What covers the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    silence: Option<&'a Silence>,
    /// Nothing can be sent there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_address: bool,
}

impl Answer<'_> {
    fn to_json(&self) -> Value {
        let Question { rule, topic, mandatory, agent, priority, at, .. } = self.question;
        json!({
            "user": self.user, "timezone": self.zone.iana_name(), "at": at, "at_local": local(*at, &self.zone),
            "source": self.source, "rule": rule, "topic": topic, "mandatory": mandatory, "agent": agent, "priority": priority,
            "channels": self.rows,
        })
    }

    fn tell(&self) {
        let Question { rule, agent, priority, at, .. } = self.question;
        let rule = rule.as_ref().map(|rule| format!(", rule {rule}")).unwrap_or_default();
        let agent = agent.as_ref().map(|agent| format!(", agent {agent}")).unwrap_or_default();
        let heading = format!("{priority} to {}{rule}{agent}, at {}", self.user, self.both(*at));
        output::line(output::plain(&heading));
        let mut table = Table::new(["channel", "decision", "by", "why", "until"]);
        for row in &self.rows {
            let Told { channel, layer, until, .. } = &row.told;
            let until = until.map(|until| self.both(until)).unwrap_or_default();
            table.row([channel.clone(), row.decision(), layer.to_string(), row.why(), until]);
        }
        table.print();
    }

    /// A moment by the person's clock and in UTC.
    fn both(&self, at: Timestamp) -> String {
        let zone = self.zone.iana_name().unwrap_or("UTC");
        match zone {
            "UTC" => format!("{} UTC", utc(at)),
            _ => format!("{} {zone} ({} UTC)", local(at, &self.zone), utc(at)),
        }
    }
}

impl Row<'_> {
    fn decision(&self) -> String {
        let digest = self.told.digest.as_ref().map(|channel| format!(" on {channel}")).unwrap_or_default();
        format!("{}{digest}", self.told.decision)
    }

    fn why(&self) -> String {
        let why = match (self.told.why, self.silence) {
            (Some(Why::Not(Reason::Silenced)), Some(Silence { id, until, author, reason, .. })) => {
                format!("silenced until {} UTC by {author}: {reason} (silence {id})", utc(*until))
            }
            (Some(why), _) => why.to_string(),
            (None, _) => "nothing is against it".to_owned(),
        };
        if self.no_address { format!("{why}; but there is no address") } else { why }
    }
}
