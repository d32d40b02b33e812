//! `emit` and `send`: one event, one notification, through the whole pipeline of the configuration.

use anyhow::Context;
use serde_json::{Value, json};
use tidings::{Event, Message, Notifier, Told};

use crate::{
    Exit,
    args::{Config, Emit, Output, Send},
    default_rule::ME,
    output, setup, summary,
};

/// Emits one event and waits until it is dealt with.
pub(crate) async fn emit(emit: Emit, output: &Output) -> anyhow::Result<Exit> {
    let data: Value = serde_json::from_str(&emit.data).context("--data is not JSON")?;
    anyhow::ensure!(data.is_object(), "--data must be a JSON object, such as '{{\"error_rate\": 0.2}}'");
    let severity = emit.severity.map(tidings::Severity::as_str);
    let fields = json!({
        "event_type": emit.event_type, "severity": severity, "data": data,
        "agent_id": emit.agent, "user_id": emit.user, "session_id": emit.session,
    });
    let event = Event::from_json(fields, tidings::clock::system_now())?;
    let Some(notifier) = start(&emit.config, output).await? else { return Ok(Exit::Usage) };
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
    let Some(notifier) = start(&send.config, output).await? else { return Ok(Exit::Usage) };
    let message = message(send);
    let mut told = notifier.notify(&message).await?;
    if told.is_empty() {
        let to_me = Message { user_ids: vec![ME.to_owned()], ..message };
        told = notifier.notify(&to_me).await?;
    }
    let account = notifier.stop().await;
    if !output.json {
        told.iter().for_each(|(user, told)| output::line(format_args!("{user}: {}", word(told))));
    }
    summary::tell(&notifier, &account, output).await;
    Ok(if summary::is_delivered(&account) { Exit::Done } else { Exit::Failed })
}

fn word(told: &Told) -> String {
    match told {
        Told::Planned(id) => format!("sent as {id}"),
        Told::Duplicate => "said before, within the window".to_owned(),
        Told::Denied => "not wanted on any of the channels".to_owned(),
    }
}

fn message(send: Send) -> Message {
    let (first, rest) = send.text.split_once('\n').unwrap_or((&send.text, ""));
    let (title, body) = match send.title {
        Some(title) => (title, send.text.clone()),
        None => (first.to_owned(), rest.to_owned()),
    };
    Message { body, priority: send.priority, channels: send.channels, user_ids: send.users, ..Message::new(title) }
}

async fn start(config: &Config, output: &Output) -> anyhow::Result<Option<Notifier>> {
    let Ok(mut plan) = setup::load(config, output.json) else { return Ok(None) };
    if let Some(plan) = &mut plan {
        setup::make_secrets(plan, true)?;
    }
    Ok(Some(setup::builder(plan)?.build()?.start().await?))
}
