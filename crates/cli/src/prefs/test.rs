//! `prefs test`: what would become of a message for a person, asked of the same function that decides for the notifier.

use anyhow::{anyhow, bail, ensure};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tidings::{
    Message, People, Question, Timestamp,
    clock::system_now,
    config::{self, Plan},
    explain::utc,
    policy::{Judgement, Reason, Recent, Silence, Verdict, silenced},
};

use super::{people::Everybody, words};
use crate::{
    Exit,
    args::{Output, TestPrefs},
    output, parts,
    table::Table,
};

/// Asks for each channel, and tells.
pub(crate) async fn test(test: &TestPrefs, output: &Output) -> anyhow::Result<Exit> {
    let everybody = Everybody::to_read(&test.config).await?;
    let people = everybody.people();
    let user = people.users().get(&test.user).ok_or_else(|| everybody.unknown(&test.user))?;
    let zone = user.zone.clone().unwrap_or(TimeZone::UTC);
    let question = question(test, everybody.plan(), test.at.from(system_now()))?;
    let words = people.judge(&test.user, &question, Recent::default());
    let silence = silence(people, &test.user, &question);
    let answer =
        Answer { user: &test.user, zone, question: &question, words: &words, silence, source: everybody.source() };
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

/// The silence that covers what is asked about, if one does.
fn silence<'a>(people: &'a People, user: &str, question: &Question) -> Option<&'a Silence> {
    let message = Message { agent_id: question.agent.clone(), priority: question.priority, ..Message::new("") };
    let mut told = parts::notification(&message, user);
    told.rule.clone_from(&question.rule);
    if let Some(event_type) = &question.event_type {
        told.metadata.insert("event_type".to_owned(), event_type.as_str().into());
    }
    silenced(people.silences(), &told, question.at)
}

/// What was asked, and the word on each channel.
struct Answer<'a> {
    user: &'a str,
    zone: TimeZone,
    question: &'a Question,
    words: &'a [(String, Judgement)],
    silence: Option<&'a Silence>,
    source: &'static str,
}

impl Answer<'_> {
    fn to_json(&self) -> Value {
        let Question { rule, topic, mandatory, agent, priority, at, .. } = self.question;
        let channels: Vec<_> = self.words.iter().map(|(channel, word)| self.channel_json(channel, word)).collect();
        json!({
            "user": self.user, "timezone": self.zone.iana_name(), "at": at, "at_local": words::local(*at, &self.zone),
            "source": self.source, "rule": rule, "topic": topic, "mandatory": mandatory, "agent": agent, "priority": priority,
            "channels": channels,
        })
    }

    fn channel_json(&self, channel: &str, judgement: &Judgement) -> Value {
        let verdict = &judgement.verdict;
        let until = words::until(verdict);
        let by_digest = match verdict {
            Verdict::Digest { channel, .. } => channel.as_deref(),
            _ => None,
        };
        json!({
            "channel": channel,
            "decision": verdict.word(),
            "until": until,
            "until_local": until.map(|until| words::local(until, &self.zone)),
            "digest_channel": by_digest,
            "layer": judgement.layer,
            "by": words::layer(judgement.layer),
            "reason": words::reason(verdict),
            "why": self.why(verdict),
        })
    }

    fn why(&self, verdict: &Verdict) -> String {
        match (verdict, self.silence) {
            (Verdict::Deny(Reason::Silenced), Some(silence)) => {
                let Silence { id, until, author, reason, .. } = silence;
                format!("silenced until {} UTC by {author}: {reason} (silence {id})", utc(*until))
            }
            _ => words::why(verdict),
        }
    }

    fn tell(&self) {
        let Question { rule, agent, priority, at, .. } = self.question;
        let rule = rule.as_ref().map(|rule| format!(", rule {rule}")).unwrap_or_default();
        let agent = agent.as_ref().map(|agent| format!(", agent {agent}")).unwrap_or_default();
        let heading = format!("{priority} to {}{rule}{agent}, at {}", self.user, self.both(*at));
        output::line(output::plain(&heading));
        let mut table = Table::new(["channel", "decision", "by", "why", "until"]);
        for (channel, judgement) in self.words {
            let until = words::until(&judgement.verdict).map(|until| self.both(until)).unwrap_or_default();
            let word = words::decision(&judgement.verdict).to_owned();
            let by = words::layer(judgement.layer).to_owned();
            table.row([channel.clone(), word, by, self.why(&judgement.verdict), until]);
        }
        table.print();
    }

    /// A moment by the person's clock and in UTC.
    fn both(&self, at: Timestamp) -> String {
        let zone = self.zone.iana_name().unwrap_or("UTC");
        match zone {
            "UTC" => format!("{} UTC", utc(at)),
            _ => format!("{} {zone} ({} UTC)", words::local(at, &self.zone), utc(at)),
        }
    }
}
