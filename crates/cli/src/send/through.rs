//! `emit` and `send` through the daemon that holds the store, told as if they were done here.

use std::time::Duration;

use anyhow::Context;
use serde_json::{Map, Value, json};
use tidings::{Message, config::Plan, explain::Explanation};

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
    summary::tell_followed(&totals, Map::new(), output);
    Ok(if summary::is_delivered(&totals.account) { Exit::Done } else { Exit::Failed })
}

/// Sends one notification, and waits until it is dealt with.
pub(super) async fn send(daemon: &Daemon, plan: &Plan, sending: Sending, output: &Output) -> anyhow::Result<Exit> {
    let Sending { message, parts, wait } = sending;
    let mut told = notify(daemon, &message).await?;
    if told.is_empty() {
        told = notify(daemon, &Message { user_ids: vec![ME.to_owned()], ..message }).await?;
    }
    let ids: Vec<String> = told.iter().map(|heard| heard.id.clone()).collect();
    let explanations = follow(&daemon.store()?, &ids, wait).await?;
    if !output.json {
        told.iter().for_each(|heard| output::line(output::plain(&heard.text(&explanations))));
    }
    let all: Vec<Value> = told.into_iter().map(|heard| heard.told).collect();
    let mut beside = Map::from_iter([("told".to_owned(), Value::Array(all))]);
    beside.extend((!parts.is_empty()).then(|| ("parts".to_owned(), json!(parts))));
    let totals = totals(plan, &explanations);
    summary::tell_followed(&totals, beside, output);
    let is_done = wait.is_zero() || summary::is_delivered(&totals.account);
    Ok(if is_done { Exit::Done } else { Exit::Failed })
}

async fn notify(daemon: &Daemon, message: &Message) -> anyhow::Result<Vec<Heard>> {
    let mut body = json!({
        "title": message.title, "body": message.body, "priority": message.priority, "channels": message.channels,
    });
    if !message.user_ids.is_empty() {
        body["users"] = json!(message.user_ids);
    }
    let answer = daemon.ask(Question::post("/v1/notifications", &body)).await?;
    let told = answer.get("told").and_then(Value::as_array);
    told.context("the daemon's answer tells nothing")?.iter().map(Heard::read).collect()
}

/// What a daemon answers for one user.
struct Heard {
    /// All of it, as a program is told it.
    told: Value,
    id: String,
}

impl Heard {
    fn read(told: &Value) -> anyhow::Result<Self> {
        let id = told.get("id").and_then(Value::as_str).context("the daemon's answer tells no id")?;
        Ok(Self { id: id.to_owned(), told: told.clone() })
    }

    /// In words. What it waits for, and what covers it, the explanation tells.
    fn text(&self, explanations: &[Explanation]) -> String {
        let text = |key: &str| self.told.get(key).and_then(Value::as_str);
        let mut all = explanations.iter().flat_map(|told| &told.notifications);
        let own = all.find(|told| told.id.to_string() == self.id);
        let waits = own.and_then(|own| own.waits.as_ref()).map(ToString::to_string);
        let silence = own.and_then(|own| own.silence.as_ref()).map(ToString::to_string);
        let id = &self.id;
        let why = match (text("answer").unwrap_or_default(), text("of"), waits.or(silence)) {
            ("planned", ..) => format!("sent as {id}"),
            (_, Some(of), _) => format!("said before, within the window, as {of}"),
            (_, _, Some(why)) => format!("{why}; see {id}"),
            ("later", ..) => format!("told later: see {id}"),
            ("silenced", ..) => format!("silenced: see {id}"),
            _ => format!("not wanted on any of the channels: see {id}"),
        };
        format!("{}: {why}", text("user").unwrap_or_default())
    }
}
