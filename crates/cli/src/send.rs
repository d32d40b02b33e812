//! `emit` and `send`: one event, one notification, through the whole pipeline of the configuration.

use anyhow::Context;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tidings::{
    Event, Message, NotificationId, Notifier, Told,
    config::{self, Plan},
    explain::{SilenceTold, WaitTold},
};

use crate::{
    Exit,
    args::{Emit, Output, Send},
    default_rule::ME,
    output, parts, setup, summary,
};

/// The longest title that is kept as it is, in characters.
const LONGEST_TITLE: usize = 256;

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
    let Ok(plan) = setup::load(&emit.config, output.json) else { return Ok(Exit::Usage) };
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
    let message = message(send);
    let parts = parts::show(plan.as_ref(), &message)?;
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
    let answers = answers(&notifier, &told).await?;
    let account = notifier.stop().await;
    if !output.json {
        answers.iter().for_each(|answer| output::line(output::plain(&answer.text())));
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

/// What became of the message for one user.
#[derive(Debug, Serialize)]
struct Answered {
    user: String,
    answer: &'static str,
    /// The message's own id, which `explain` tells more of.
    id: NotificationId,
    /// What it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<NotificationId>,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits: Option<WaitTold>,
    /// The silence that covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    silence: Option<SilenceTold>,
}

impl Answered {
    fn text(&self) -> String {
        let (user, id) = (&self.user, self.id);
        let why = match (self.answer, self.of, &self.waits, &self.silence) {
            ("planned", ..) => format!("sent as {id}"),
            (_, Some(of), ..) => format!("said before, within the window, as {of}"),
            (_, _, Some(waits), _) => format!("{waits}; see {id}"),
            ("later", ..) => format!("told later: see {id}"),
            (_, _, _, Some(silence)) => format!("{silence}; see {id}"),
            ("silenced", ..) => format!("silenced: see {id}"),
            _ => format!("not wanted on any of the channels: see {id}"),
        };
        format!("{user}: {why}")
    }
}

async fn answers(notifier: &Notifier, told: &[(String, Told)]) -> anyhow::Result<Vec<Answered>> {
    let mut answers = Vec::with_capacity(told.len());
    for (user, told) in told {
        let (answer, of) = match told {
            Told::Planned(_) => ("planned", None),
            Told::Duplicate { of, .. } => ("duplicate", Some(*of)),
            Told::Later(_) => ("later", None),
            Told::Silenced(_) => ("silenced", None),
            Told::Denied(_) => ("denied", None),
        };
        let mut answered = Answered { user: user.clone(), answer, id: told.id(), of, waits: None, silence: None };
        if matches!(told, Told::Later(_) | Told::Silenced(_)) {
            let explained = notifier.explain(&told.id().to_string()).await?;
            let own = explained.and_then(|explained| explained.notifications.into_iter().next());
            (answered.waits, answered.silence) = own.map(|own| (own.waits, own.silence)).unwrap_or_default();
        }
        answers.push(answered);
    }
    Ok(answers)
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

/// What a title has no room for goes on in the body, so that nothing of it is cut.
fn whole(title: String, body: String) -> (String, String) {
    let Some((end, _)) = title.char_indices().nth(LONGEST_TITLE) else { return (title, body) };
    let (head, _) = title.split_at(end);
    // Between words, where there are any near.
    let end = head.rfind(' ').filter(|blank| *blank > end / 2).unwrap_or(end);
    let (head, tail) = title.split_at(end);
    let body = if body.is_empty() { tail.trim_start().to_owned() } else { format!("{}\n{body}", tail.trim_start()) };
    (head.to_owned(), body)
}

async fn start(mut plan: Option<Plan>) -> anyhow::Result<Notifier> {
    if let Some(plan) = &mut plan {
        setup::make_secrets(plan, true)?;
    }
    Ok(setup::builder(plan)?.build()?.start().await?)
}
