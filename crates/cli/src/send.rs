//! `emit` and `send`: one event, one notification, through the whole pipeline of the configuration. A daemon that holds the store is asked
//! to do it, in `through`.

mod through;

use anyhow::Context;
use serde_json::{Map, Value, json};
use tidings::{
    Event, Message, Notifier,
    config::{self, Plan},
};
use tidings_server::notifications::{Answered, whole};

use crate::{
    Exit,
    args::{Emit, Output, Send},
    daemon::Daemon,
    default_rule::ME,
    output, parts, setup, summary, up,
};
use through::Sending;

/// Emits one event and waits until it is dealt with.
pub(crate) async fn emit(emit: Emit, output: &Output) -> anyhow::Result<Exit> {
    let data: Value = serde_json::from_str(&emit.data).context("--data is not JSON")?;
    anyhow::ensure!(data.is_object(), "--data must be a JSON object, such as '{{\"error_rate\": 0.2}}'");
    let severity = emit.severity.map(tidings::Severity::as_str);
    let fields = json!({
        "event_type": emit.event_type, "severity": severity, "data": data,
        "agent_id": emit.agent, "user_id": emit.user, "session_id": emit.session,
    });
    let event = Event::from_json(fields.clone(), tidings::clock::system_now())?;
    let Ok(plan) = setup::load(&emit.config, output.json) else { return Ok(Exit::Usage) };
    if let Some(daemon) = Daemon::of(&emit.config, plan.as_ref())? {
        return through::emit(&daemon, &up::ready(plan)?, &fields, output).await;
    }
    let notifier = start(plan).await?;
    let answers = notifier.accept(vec![event]).await?;
    let account = notifier.stop().await;
    if !output.json {
        answers.iter().for_each(|answer| output::line(format_args!("accepted as {}", answer.id)));
    }
    summary::tell(&notifier, &account, output).await;
    Ok(if summary::is_delivered(&account) { Exit::Done } else { Exit::Failed })
}

/// Sends one notification and waits until it is dealt with.
pub(crate) async fn send(send: Send, output: &Output) -> anyhow::Result<Exit> {
    anyhow::ensure!(!send.text.trim().is_empty(), "the text is empty");
    let Ok(plan) = setup::load(&send.config, output.json) else { return Ok(Exit::Usage) };
    let (wait, daemon) = (send.wait, Daemon::of(&send.config, plan.as_ref())?);
    let message = message(send);
    let parts = parts::show(plan.as_ref(), &message)?;
    if let Some(daemon) = daemon {
        return through::send(&daemon, &up::ready(plan)?, Sending { message, parts, wait }, output).await;
    }
    let notifier = start(plan).await?;
    if let Some(error) = unknown_user(&notifier, &message) {
        notifier.stop().await;
        return Err(error);
    }
    let mut told = notifier.notify(&message).await?;
    if told.is_empty() {
        let to_me = Message { user_ids: vec![ME.to_owned()], ..message };
        told = notifier.notify(&to_me).await?;
    }
    // Why something is told later is asked before it may be told.
    let answers = Answered::all(&notifier, &told).await?;
    let account = notifier.stop().await;
    if !output.json {
        answers.iter().for_each(|answer| output::line(output::plain(&answer.to_string())));
    }
    let mut beside: Map<String, Value> = Map::from_iter([("told".to_owned(), json!(answers))]);
    beside.extend((!parts.is_empty()).then(|| ("parts".to_owned(), json!(parts))));
    summary::tell_beside(&notifier, &account, beside, output).await;
    Ok(if summary::is_delivered(&account) { Exit::Done } else { Exit::Failed })
}

/// Whom nobody knows; where there are no people, everybody is welcome.
fn unknown_user(notifier: &Notifier, message: &Message) -> Option<anyhow::Error> {
    let people = notifier.people();
    let known: Vec<&str> = people.users().ids().collect();
    let unknown = message.user_ids.iter().find(|user| !known.is_empty() && !known.contains(&user.as_str()))?;
    let hint = config::hint(unknown, known.iter().copied());
    Some(anyhow::anyhow!("there is no user `{}`: {}", output::plain(unknown), output::plain(&hint)))
}

fn message(send: Send) -> Message {
    let (first, rest) = send.text.split_once('\n').unwrap_or((&send.text, ""));
    let (title, body) = match send.title {
        Some(title) => (title, send.text.clone()),
        None => (first.to_owned(), rest.to_owned()),
    };
    let (title, body) = whole(title, body);
    Message { body, priority: send.priority, channels: send.channels, user_ids: send.users, ..Message::new(title) }
}

async fn start(mut plan: Option<Plan>) -> anyhow::Result<Notifier> {
    if let Some(plan) = &mut plan {
        setup::make_secrets(plan, true)?;
    }
    Ok(setup::builder(plan)?.build()?.start().await?)
}
