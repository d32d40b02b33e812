//! Direct notifications: said by a program to users, without an event or a rule. They pass dedup and preferences like all others.

use std::sync::Arc;

use serde_json::Map;
use tidings_core::{Notification, NotificationId, NotificationKind, Priority};
use tidings_dedup::{default_key, explicit_key};
use tidings_store::{UserBatch, UserOutcome};

use crate::{
    compose::one_line,
    doorway::Visit,
    emit::{AcceptError, Notifier},
    planned::{Decision, Ended, Moment},
    settle::settle_users,
    shared::Shared,
};

/// A message to users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// One line; what is not becomes one, of at most 256 characters.
    pub title: String,
    /// The text.
    pub body: String,
    /// How much it wants attention.
    pub priority: Priority,
    /// The channels, in order of preference.
    pub channels: Vec<String>,
    /// Whom it is for; empty for every user.
    pub user_ids: Vec<String>,
    /// The agent that it is about.
    pub agent_id: Option<String>,
    /// What counts as the same message. Default: agent and title.
    pub dedup_key: Option<String>,
}

impl Message {
    /// A message of medium priority to every user, by the log.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            body: String::new(),
            priority: Priority::Medium,
            channels: vec!["log".to_owned()],
            user_ids: Vec::new(),
            agent_id: None,
            dedup_key: None,
        }
    }
}

/// What became of a message for one user. Every answer has an id that [`Notifier::explain`] tells more of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// On its way.
    Planned(NotificationId),
    /// Told before, within the window.
    Duplicate {
        /// Its own id: it went nowhere, and the log says why.
        id: NotificationId,
        /// What was told before.
        of: NotificationId,
    },
    /// It waits for its moment: held, or for a digest.
    Later(NotificationId),
    /// A silence covers it.
    Silenced(NotificationId),
    /// Wanted on no channel: the log names those that are muted, and by whom.
    Denied(NotificationId),
}

impl Told {
    /// The message's own id, whatever became of it.
    #[must_use]
    pub const fn id(self) -> NotificationId {
        match self {
            Self::Planned(id)
            | Self::Duplicate { id, .. }
            | Self::Denied(id)
            | Self::Later(id)
            | Self::Silenced(id) => id,
        }
    }

    /// What became of one that ended at once.
    const fn ended(id: NotificationId, ended: Ended) -> Self {
        match ended {
            Ended::Duplicate { of } => Self::Duplicate { id, of },
            // It ends no incident, so that there is none that was not told.
            Ended::Denied | Ended::Untold => Self::Denied(id),
            Ended::Silenced => Self::Silenced(id),
        }
    }
}

impl Notifier {
    /// Tells users something: planned and handed to the channels when this returns, one answer for each user.
    ///
    /// # Errors
    /// If the notifier is not running, ends before the store answers, or has no channel of a name in the message.
    pub async fn notify(&self, message: &Message) -> Result<Vec<(String, Told)>, AcceptError> {
        let (inside, _) = self.shared.doorway.enter().ok_or(AcceptError::NotRunning)?;
        if let Some(channel) = message.channels.iter().find(|channel| !self.shared.has_channel(channel)) {
            return Err(AcceptError::UnknownChannel(channel.clone()));
        }
        let users: Vec<String> = if message.user_ids.is_empty() {
            self.shared.pipeline().people.now().users.ids().map(str::to_owned).collect()
        } else {
            message.user_ids.clone()
        };
        let telling = tell_all(Arc::clone(&self.shared), inside, message.clone(), users);
        self.shared.to_the_end(telling).await.flatten().ok_or(AcceptError::NotRunning)
    }
}

async fn tell_all(
    shared: Arc<Shared>,
    _inside: Visit,
    message: Message,
    users: Vec<String>,
) -> Option<Vec<(String, Told)>> {
    let mut answers = Vec::with_capacity(users.len());
    for user in users {
        let told = shared.tell(&message, &user).await?;
        answers.push((user, told));
    }
    Some(answers)
}

impl Shared {
    async fn tell(&self, message: &Message, user: &str) -> Option<Told> {
        let wall = self.clock.now();
        let notification = notification(message, user, wall);
        let id = notification.notification_id;
        let people = self.pipeline().people.now();
        let verdict = self.pipeline().tell((&people, None), None, notification, Moment { now: wall, wall });
        let trace = verdict.entry.into_iter().collect();
        match verdict.decision {
            Decision::Send(plan) => {
                let waits = plan.wait.is_some();
                let batch = UserBatch { plans: vec![*plan], trace };
                Some(match settle_users(self, &batch).await?.first()? {
                    UserOutcome::Planned | UserOutcome::Known if waits => Told::Later(id),
                    UserOutcome::Planned | UserOutcome::Known => Told::Planned(id),
                    UserOutcome::Duplicate { of } => Told::Duplicate { id, of: *of },
                    // It hangs on no firing that could be overruled.
                    UserOutcome::Untold | UserOutcome::Overruled => Told::ended(id, Ended::Untold),
                })
            }
            Decision::Ended(unsent) => {
                settle_users(self, &UserBatch { plans: Vec::new(), trace }).await?;
                self.book_ended(unsent.why);
                Some(Told::ended(id, unsent.why))
            }
        }
    }
}

fn notification(message: &Message, user: &str, now: tidings_core::Timestamp) -> Notification {
    let agent = message.agent_id.as_deref();
    Notification {
        notification_id: NotificationId::from_bytes(*uuid::Uuid::now_v7().as_bytes()),
        agent_id: message.agent_id.clone(),
        title: one_line(&message.title),
        body: message.body.clone(),
        priority: message.priority,
        channels: message.channels.clone(),
        user_id: user.to_owned(),
        metadata: Map::new(),
        created_at: now,
        dedup_key: match &message.dedup_key {
            Some(key) => explicit_key(key, user),
            None => default_key(agent, None, &message.title, user),
        },
        rule: None,
        event: None,
        kind: NotificationKind::Firing,
        incident: None,
    }
}
