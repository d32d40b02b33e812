//! A message sent to see whether it arrives: over one sink's or channel's own layers, past rules and preferences. It is logged as a trial, is on
//! nobody's account, and tells no breaker anything. Who may ask for one is not known here.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, json};
use tidings_core::{
    Address, DeliveryId, Envelope, ErrorKind, Event, KeepAll, Notification, NotificationId, NotificationKind, Payload,
    Priority, Receipt, SendError, Timestamp, clock::instant_now,
};
use tidings_store::{NewEntry, Note, Step, UserBatch};

use crate::{
    deliver::{Link, Owner, attempt, note},
    emit::Notifier,
    settle::settle_users,
};

/// The type of the event that a sink gets.
const EVENT_TYPE: &str = "tidings.test";

/// What came of a trial.
#[derive(Debug)]
pub struct Tried {
    /// The receiver's answer.
    pub answer: Result<Receipt, SendError>,
    /// What the log says of it.
    pub note: Note,
}

impl Notifier {
    /// Sends a test message by this sink or channel, to this user's address where the channel has one for each, within this time. `None` if
    /// there is no such sink or channel, or it is one in the process.
    pub async fn try_out(&self, endpoint: &str, user: Option<&str>, author: &str, limit: Duration) -> Option<Tried> {
        let shared = &self.shared;
        let link = Arc::clone(shared.pipeline().links.iter().find(|link| *link.name == *endpoint)?);
        let people = self.people();
        let to = user.and_then(|user| people.users().get(user)?.contacts.get(endpoint).cloned());
        let envelope = envelope(&link, user, to, (shared.clock.now(), shared.clock.wall()));
        let began = instant_now();
        let too_late = |_| Err(SendError::unknown(ErrorKind::Timeout, format!("no answer within {limit:?}")));
        let answer = tokio::time::timeout(limit, attempt(&link, &envelope)).await.unwrap_or_else(too_late);
        let note = note(&link, &answer, began.elapsed());
        let trace = vec![entry(&link, user, author, (envelope.delivery, &note))];
        settle_users(shared, &UserBatch { plans: Vec::new(), trace }).await?;
        Some(Tried { answer, note })
    }
}

fn envelope(link: &Link, user: Option<&str>, to: Option<Address>, (now, wall): (Timestamp, Timestamp)) -> Envelope {
    let payload = match &link.owner {
        Owner::Sink(_) => Payload::Event(Arc::new(Event::new(EVENT_TYPE).at(now))),
        Owner::Channel(_) => Payload::Notification(Arc::new(message(&link.name, user, now))),
    };
    let delivery = DeliveryId::from_bytes(*uuid::Uuid::now_v7().as_bytes());
    Envelope { delivery, attempt: 1, now: wall, payload, to, scrub: Arc::new(KeepAll) }
}

fn message(channel: &str, user: Option<&str>, now: Timestamp) -> Notification {
    Notification {
        notification_id: NotificationId::from_bytes(*uuid::Uuid::now_v7().as_bytes()),
        agent_id: None,
        title: format!("Test of the channel {channel}"),
        body: "Somebody wanted to know whether messages arrive here. They do.".to_owned(),
        // What is lower does not go out as a text message.
        priority: Priority::High,
        channels: vec![channel.to_owned()],
        user_id: user.unwrap_or_default().to_owned(),
        metadata: Map::new(),
        created_at: now,
        dedup_key: String::new(),
        rule: None,
        event: None,
        kind: NotificationKind::Firing,
        incident: None,
    }
}

fn entry(link: &Link, user: Option<&str>, author: &str, (delivery, note): (DeliveryId, &Note)) -> NewEntry {
    let took = u64::try_from(note.took.as_millis()).unwrap_or(u64::MAX);
    let detail = json!({
        "arrived": note.kind.is_none(), "kind": note.kind, "code": note.code, "text": note.text, "took_ms": took,
        "author": author,
    });
    let mut detail = detail.as_object().cloned().unwrap_or_default();
    detail.retain(|_, value| !value.is_null());
    NewEntry {
        delivery: Some(delivery),
        endpoint: Some(Arc::clone(&link.name)),
        user: user.map(str::to_owned),
        detail,
        ..NewEntry::new(Step::Tested)
    }
}
