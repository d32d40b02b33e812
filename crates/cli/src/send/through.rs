//! `emit` and `send` through the daemon that holds the store, told as if they were done here.

use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};
use tidings::{Message, NotificationId, config::Plan, explain::Explanation};

use super::{Answered, beside};
use crate::{
    Exit,
    args::Output,
    daemon::{Daemon, Question, follow, totals},
    default_rule::ME,
    output,
    parts::Parts,
    summary,
};

/// How long an event is followed.
const PATIENCE: Duration = Duration::from_secs(10);

/// A message on its way to a daemon.
pub(super) struct Sending {
    pub(super) message: Message,
    pub(super) parts: Parts,
    /// How long it is followed.
    pub(super) wait: Duration,
}

/// Emits one event, and waits until it is dealt with.
pub(super) async fn emit(daemon: &Daemon, plan: &Plan, event: &Value, output: &Output) -> anyhow::Result<Exit> {
    let answer = daemon.ask(Question::post("/v1/events", event)).await?;
    let result = answer.pointer("/results/0").context("the daemon's answer says nothing of the event")?;
    let id = result.get("id").and_then(Value::as_str).context("the daemon's answer tells no id")?.to_owned();
    if !output.json {
        output::line(format_args!("accepted as {}", output::plain(&id)));
    }
    let told = follow(&daemon.store()?, &[id], PATIENCE).await?;
    let totals = totals(plan, &told);
    summary::tell_followed(&totals, serde_json::Map::new(), output);
    Ok(if summary::is_delivered(&totals.account) { Exit::Done } else { Exit::Failed })
}

/// Sends one notification, and waits until it is dealt with.
pub(super) async fn send(daemon: &Daemon, plan: &Plan, sending: Sending, output: &Output) -> anyhow::Result<Exit> {
    let Sending { message, parts, wait } = sending;
    let mut told = notify(daemon, &message).await?;
    if told.is_empty() {
        told = notify(daemon, &Message { user_ids: vec![ME.to_owned()], ..message }).await?;
    }
    let ids: Vec<String> = told.iter().map(|answer| answer.id.to_string()).collect();
    let store = daemon.store()?;
    let explanations = follow(&store, &ids, wait).await?;
    told.iter_mut().for_each(|answer| answer.complete(&explanations));
    let totals = totals(plan, &explanations);
    summary::tell_followed(&totals, beside(&told, &parts, output), output);
    let is_done = wait.is_zero() || summary::is_delivered(&totals.account);
    Ok(if is_done { Exit::Done } else { Exit::Failed })
}

async fn notify(daemon: &Daemon, message: &Message) -> anyhow::Result<Vec<Answered>> {
    let mut body = json!({
        "title": message.title, "body": message.body, "priority": message.priority, "channels": message.channels,
    });
    if !message.user_ids.is_empty() {
        body["users"] = json!(message.user_ids);
    }
    let answer = daemon.ask(Question::post("/v1/notifications", &body)).await?;
    let told = answer.get("told").and_then(Value::as_array);
    told.context("the daemon's answer tells nothing")?.iter().map(Answered::read).collect()
}

impl Answered {
    /// An answer as the daemon tells it.
    fn read(value: &Value) -> anyhow::Result<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let id = |key: &str| text(key).and_then(|id| id.parse::<NotificationId>().ok());
        let known = ["planned", "duplicate", "later", "silenced", "denied"];
        let answer = text("answer").and_then(|answer| known.into_iter().find(|known| *known == answer));
        Ok(Self {
            user: text("user").context("the daemon's answer names no user")?.to_owned(),
            answer: answer.context("the daemon's answer says nothing that is known")?,
            id: id("id").context("the daemon's answer tells no id")?,
            of: id("of"),
            waits: None,
            silence: None,
        })
    }

    /// Puts in what the explanation of it tells besides.
    fn complete(&mut self, explanations: &[Explanation]) {
        let all = explanations.iter().flat_map(|told| &told.notifications);
        if let Some(own) = all.into_iter().find(|told| told.id == self.id)
            && matches!(self.answer, "later" | "silenced")
        {
            (self.waits, self.silence) = (own.waits.clone(), own.silence.clone());
        }
    }
}
