//! Where an agent's words go: to the daemon that runs, or else to a notifier of one's own on the configuration's store.

use std::time::Duration;

use anyhow::{Context, anyhow};
use serde_json::{Value, json};
use tidings::{
    Event, Message, Notifier, Priority,
    config::{self, Plan},
    store::StoreError,
};
use tidings_server::notifications::Answered;

use crate::{
    args::At,
    daemon::{Client, Daemon, Question, segment},
    default_rule::ME,
    output, run, setup,
};

/// How long a daemon's answer may take: an agent waits for it.
const PATIENCE: Duration = Duration::from_secs(15);

/// The channels that a message takes where it names none: the first one that there is.
const USUAL: [&str; 3] = ["inbox", "push", "log"];

/// Where words go.
pub(super) enum Door {
    /// The daemon that runs.
    Daemon(Client),
    /// A notifier in this process.
    Own(Box<Own>),
}

/// A notifier in this process.
pub(super) struct Own {
    notifier: Notifier,
    channels: Vec<String>,
}

/// A message to people, by names alone.
pub(super) struct Note {
    pub(super) title: String,
    pub(super) body: String,
    pub(super) priority: Priority,
    pub(super) channels: Vec<String>,
    pub(super) users: Vec<String>,
    pub(super) agent: Option<String>,
}

/// What became of something.
pub(super) struct Status {
    pub(super) text: String,
    pub(super) json: Value,
}

impl Door {
    /// The daemon that is named or that holds the store, or else a notifier of one's own. `None` where the configuration is wrong, which
    /// is told.
    pub(super) async fn open(at: &At) -> anyhow::Result<Option<Self>> {
        let daemon = |client: Client| Ok(Some(Self::Daemon(client.within(PATIENCE))));
        if let Some(url) = &at.url {
            return daemon(Client::at(url)?);
        }
        let Ok(plan) = setup::load(&at.config, false) else { return Ok(None) };
        if let Some(running) = Daemon::of(&at.config, plan.as_ref())? {
            return daemon(running.into_client());
        }
        let listen = plan.as_ref().map(|plan| plan.server.listen);
        match Own::start(plan).await {
            Ok(own) => Ok(Some(Self::Own(Box::new(own)))),
            Err(error) if is_in_use(&error) => {
                // One that could not leave a note listens where the configuration says.
                let client = Client::to(listen.context("a store in use has a configuration")?)?;
                if client.answers().await { daemon(client) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }

    /// Takes an event in for good; its id, and whether it was in before.
    pub(super) async fn accept(&self, event: Event) -> anyhow::Result<Value> {
        match self {
            Self::Daemon(daemon) => deliver(daemon, &event).await,
            Self::Own(own) => {
                let answers = own.notifier.accept(vec![event]).await?;
                Ok(json!(answers.first().context("an event has an answer")?))
            }
        }
    }

    /// Tells people something; one answer for each of them.
    pub(super) async fn notify(&self, note: Note) -> anyhow::Result<Vec<Value>> {
        match self {
            Self::Daemon(daemon) => {
                let mut answer = daemon.ask(Question::post("/v1/notifications", &note.to_json())).await?;
                match answer.get_mut("told").map(Value::take) {
                    Some(Value::Array(told)) => Ok(told),
                    _ => Err(anyhow!("the daemon did not say what became of it")),
                }
            }
            Self::Own(own) => own.notify(note).await,
        }
    }

    /// What became of a notification, an event or a delivery; `None` for an id that nobody knows.
    pub(super) async fn status(&self, id: &str) -> anyhow::Result<Option<Status>> {
        match self {
            Self::Daemon(daemon) => {
                let path = format!("/v1/explain/{}", segment(id));
                let Some(json) = daemon.read(&path).await? else { return Ok(None) };
                let json = serde_json::from_slice(&json).context("the daemon's answer is not JSON")?;
                let text = daemon.read(&format!("{path}?format=text")).await?.unwrap_or_default();
                Ok(Some(Status { text: String::from_utf8_lossy(&text).into_owned(), json }))
            }
            Self::Own(own) => {
                let told = own.notifier.explain(id).await?;
                Ok(told.map(|told| Status { text: told.to_string(), json: json!(told) }))
            }
        }
    }

    /// Finishes what was begun.
    pub(super) async fn close(&self) {
        let Self::Own(own) = self else { return };
        tokio::select! {
            _ = own.notifier.stop() => {}
            // What is stored waits there.
            _ = run::stop_signal() => drop(own.notifier.stop_within(Duration::ZERO).await),
        }
    }
}

/// Hands one event to a daemon; its answer for it.
pub(crate) async fn deliver(daemon: &Client, event: &Event) -> anyhow::Result<Value> {
    let mut fields = json!(event);
    if let (Some(fields), Some(id)) = (fields.as_object_mut(), &event.id) {
        fields.insert("id".to_owned(), json!(id));
    }
    let answer = daemon.ask(Question::post("/v1/events", &fields)).await?;
    let one =
        answer.get("results").and_then(|results| results.get(0)).context("the daemon did not answer for the event")?;
    match one.get("error").and_then(Value::as_str) {
        Some(error) => Err(anyhow!("the daemon refused: {}", output::plain(error))),
        None => Ok(one.clone()),
    }
}

/// Whether another process has the store.
pub(crate) fn is_in_use(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| matches!(cause.downcast_ref(), Some(StoreError::InUse(_))))
        || format!("{error:#}").contains("is in use by")
}

impl Own {
    async fn start(mut plan: Option<Plan>) -> anyhow::Result<Self> {
        let channels = plan.as_ref().map(|plan| plan.channels.keys().cloned().collect()).unwrap_or_default();
        if let Some(plan) = &mut plan {
            setup::make_secrets(plan, false)?;
        }
        let is_kept = plan.as_ref().is_some_and(|plan| plan.store.is_some());
        let notifier = setup::builder(plan)?.build()?.start().await?;
        if !is_kept {
            output::note(
                "no daemon runs and no store is configured: what is told is told by this process alone, and kept nowhere",
            );
        }
        Ok(Self { notifier, channels })
    }

    async fn notify(&self, note: Note) -> anyhow::Result<Vec<Value>> {
        let message = self.message(note)?;
        let mut told = self.notifier.notify(&message).await?;
        if told.is_empty() {
            // Nobody is configured.
            let to_me = Message { user_ids: vec![ME.to_owned()], ..message };
            told = self.notifier.notify(&to_me).await?;
        }
        Answered::all(&self.notifier, &told).await?.iter().map(|answer| Ok(serde_json::to_value(answer)?)).collect()
    }

    /// The message, with the channels that it names or the usual one.
    fn message(&self, note: Note) -> anyhow::Result<Message> {
        let people = self.notifier.people();
        let users: Vec<&str> = people.users().ids().collect();
        check_known("user", &note.users, if users.is_empty() { &[ME] } else { &users })?;
        let mut channels: Vec<&str> = self.channels.iter().map(String::as_str).collect();
        channels.extend((!channels.contains(&"log")).then_some("log"));
        check_known("channel", &note.channels, &channels)?;
        let has = |name: &str| channels.contains(&name);
        let usual = || USUAL.into_iter().find(|name| has(name)).map(str::to_owned).into_iter().collect();
        let channels = if note.channels.is_empty() { usual() } else { note.channels };
        let Note { title, body, priority, users, agent, .. } = note;
        Ok(Message { body, priority, channels, user_ids: users, agent_id: agent, ..Message::new(title) })
    }
}

/// # Errors
/// Names the one that there is not, and the one that may have been meant.
fn check_known(what: &str, names: &[String], known: &[&str]) -> anyhow::Result<()> {
    let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
    let hint = config::hint(unknown, known.iter().copied());
    anyhow::bail!("there is no {what} `{}`: {}", output::plain(unknown), output::plain(&hint))
}

impl Note {
    /// The body of `POST /v1/notifications`: what is not said is left to the daemon.
    fn to_json(&self) -> Value {
        let mut fields = json!({"title": self.title, "body": self.body, "priority": self.priority});
        let lists = [("channels", &self.channels), ("users", &self.users)];
        let lists = lists.into_iter().filter(|(_, names)| !names.is_empty()).map(|(key, names)| (key, json!(names)));
        let agent = self.agent.iter().map(|agent| ("agent", json!(agent)));
        if let Some(fields) = fields.as_object_mut() {
            fields.extend(lists.chain(agent).map(|(key, value)| (key.to_owned(), value)));
        }
        fields
    }
}
