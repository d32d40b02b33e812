//! Events, deliveries and notifications for the cases: small ones, told apart by a name or a number.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tidings_core::{
    DeliveryId, Event, EventId, IncidentId, Notification, NotificationId, NotificationKind, Payload, Priority,
    Severity, Timestamp, id::derive,
};
use tidings_policy::{Leg, Plan, Quorum, Wait};

use crate::{Finish, FiringClaim, Lease, NewDelivery, NewEntry, Note, Offer, Outcome, RulePlan, Step, UserPlan};

/// The endpoint of deliveries to a sink.
pub(super) const HOOK: &str = "hook";
/// How long rules rest, and dedup keys are held.
pub(super) const WINDOW: Duration = Duration::from_secs(10);

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

pub(super) fn event_id(name: &str) -> EventId {
    EventId::named("contract", name)
}

pub(super) fn offer(name: &str) -> Offer {
    offer_of(name, Event::new(name).at(at(0)))
}

pub(super) fn offer_of(name: &str, event: Event) -> Offer {
    Offer { id: event_id(name), event: Arc::new(event), repeatable: true }
}

/// A delivery of the event of this name to the sink [`HOOK`].
pub(super) fn row(name: &str, lane: u64) -> NewDelivery {
    let event = event_id(name);
    NewDelivery {
        id: DeliveryId::of_event(event, HOOK),
        event: Some(event),
        endpoint: HOOK.into(),
        lane,
        severity: Severity::Info,
        payload: Payload::Event(Arc::new(Event::new(name).at(at(0)))),
        leg: None,
        to: None,
        due: at(0),
        expires: at(1_000_000),
        yields: false,
    }
}

/// The event's type, or the notification's title.
pub(super) fn name(delivery: &NewDelivery) -> String {
    match &delivery.payload {
        Payload::Event(event) => event.event_type.clone(),
        Payload::Notification(told) => told.title.clone(),
        other => format!("{other:?}"),
    }
}

pub(super) fn names(leases: &[Lease]) -> Vec<String> {
    leases.iter().map(|lease| name(&lease.delivery)).collect()
}

pub(super) fn firing_claim(agent: &str, seconds: i64) -> FiringClaim {
    FiringClaim { rule: "rule".into(), agent: agent.to_owned(), at: at(seconds), cooldown: WINDOW }
}

/// An entry for the log of an event's plan.
pub(super) fn trace(step: Step, claim: Option<usize>) -> NewEntry {
    let detail = json!({"value": 0.25}).as_object().cloned().unwrap_or_default();
    let (rule, agent) = (Some("rule".into()), Some("agent".to_owned()));
    NewEntry { claim, rule, agent, detail, ..NewEntry::new(step) }
}

pub(super) fn plan_of(event: &str) -> RulePlan {
    RulePlan::nothing(event_id(event))
}

pub(super) fn notification_id(number: u32) -> NotificationId {
    NotificationId::from_bytes(derive("contract", &[&number.to_le_bytes()]))
}

/// A notification with its deliveries, in short words.
#[derive(Clone, Debug)]
pub(super) struct Tell {
    number: u32,
    user: &'static str,
    kind: NotificationKind,
    incident: Option<i64>,
    priority: Priority,
    at: i64,
    legs: Vec<&'static str>,
    needed: u8,
    due: i64,
    yields_at: Option<i64>,
    wait: Option<Wait>,
}

impl Tell {
    /// A firing told to Ann by push.
    pub(super) fn firing(number: u32) -> Self {
        Self {
            number,
            user: "ann",
            kind: NotificationKind::Firing,
            incident: None,
            priority: Priority::Low,
            at: 0,
            legs: vec!["push"],
            needed: 1,
            due: 0,
            yields_at: None,
            wait: None,
        }
    }

    /// The end of an incident, told to Ann by push.
    pub(super) fn resolve(number: u32, incident: i64) -> Self {
        Self { kind: NotificationKind::Resolved, ..Self::firing(number) }.of(incident)
    }

    pub(super) fn of(self, incident: i64) -> Self {
        Self { incident: Some(incident), ..self }
    }

    pub(super) fn to(self, user: &'static str) -> Self {
        Self { user, ..self }
    }

    pub(super) fn at(self, seconds: i64) -> Self {
        Self { at: seconds, due: seconds, ..self }
    }

    pub(super) fn due(self, seconds: i64) -> Self {
        Self { due: seconds, ..self }
    }

    pub(super) fn priority(self, priority: Priority) -> Self {
        Self { priority, ..self }
    }

    pub(super) fn by(self, legs: &[&'static str]) -> Self {
        Self { legs: legs.to_vec(), ..self }
    }

    pub(super) fn needs(self, needed: u8) -> Self {
        Self { needed, ..self }
    }

    /// Its deliveries have a fallback to take from that time on.
    pub(super) fn yields_at(self, seconds: i64) -> Self {
        Self { yields_at: Some(seconds), ..self }
    }

    /// It is told later: it has no legs yet.
    pub(super) fn waits(self, wait: Wait) -> Self {
        Self { wait: Some(wait), ..self }
    }

    /// The number after which its deliveries queue up.
    pub(super) const fn lane(&self) -> u32 {
        self.number
    }

    pub(super) fn id(&self) -> NotificationId {
        notification_id(self.number)
    }

    /// The key of all that this user is told here.
    pub(super) fn key(&self) -> String {
        format!("key of {}", self.user)
    }

    fn notification(&self) -> Notification {
        let origin = event_id("origin");
        Notification {
            notification_id: self.id(),
            agent_id: Some("agent".to_owned()),
            title: format!("title {}", self.number),
            body: "two\nlines \u{1f512}".to_owned(),
            priority: self.priority,
            channels: self.legs.iter().map(|leg| (*leg).to_owned()).collect(),
            user_id: self.user.to_owned(),
            metadata: json!({"z": 1, "a": [0.1, null, "x"]}).as_object().cloned().unwrap_or_default(),
            created_at: Timestamp::from_nanos(1_700_000_000_123_456_789),
            dedup_key: self.key(),
            rule: Some("rule".to_owned()),
            event: Some(event_id("cause")),
            kind: self.kind,
            incident: self.incident.map(|since| IncidentId::derived("rule", Some("agent"), at(since), origin)),
        }
    }

    pub(super) fn plan(&self) -> UserPlan {
        let notification = Arc::new(self.notification());
        let named = self.legs.iter().filter(|_| self.wait.is_none());
        let legs: Vec<_> = named.map(|leg| Leg::first(*leg)).collect();
        let deliveries = legs.iter().map(|leg| self.delivery(leg, &notification)).collect();
        let plan = Plan { legs, quorum: Quorum { needed: self.needed } };
        UserPlan { notification, plan, deliveries, wait: self.wait.clone(), window: WINDOW, at: at(self.at) }
    }

    /// What stands in on this channel after these have failed.
    pub(super) fn fallback(&self, channel: &str, after: &[&str]) -> NewDelivery {
        let after = after.iter().map(|channel| (*channel).to_owned()).collect();
        self.delivery(&Leg { channel: channel.to_owned(), after, of: None }, &Arc::new(self.notification()))
    }

    fn delivery(&self, leg: &Leg, notification: &Arc<Notification>) -> NewDelivery {
        NewDelivery {
            id: DeliveryId::of_notification(self.id(), &leg.channel, &leg.channel, leg.level()),
            event: notification.event,
            endpoint: leg.channel.as_str().into(),
            // Every notification goes its own way, unless a case says otherwise.
            lane: u64::from(self.number),
            severity: Severity::Warning,
            payload: Payload::Notification(Arc::clone(notification)),
            leg: Some(leg.clone()),
            to: Some(tidings_core::Address::new(format!("{} at {}", self.user, leg.channel))),
            due: at(self.due),
            expires: at(self.yields_at.unwrap_or(1_000_000)),
            yields: self.yields_at.is_some(),
        }
    }
}

/// The answer to a lease.
pub(super) fn answer(lease: &Lease, outcome: Outcome) -> Finish {
    let note = Note {
        kind: Some("timeout"),
        code: Some(503),
        text: Some("what the receiver said".to_owned()),
        took: Duration::from_millis(12),
        attempts: 4,
    };
    let (id, endpoint, fence) = (lease.delivery.id, Arc::clone(&lease.delivery.endpoint), lease.fence);
    Finish { id, endpoint, fence, attempt: Some(lease.attempt), outcome, note, fallbacks: Vec::new() }
}

pub(super) fn delivered() -> Outcome {
    Outcome::Delivered(tidings_core::Receipt::default())
}

pub(super) fn again(seconds: i64) -> Outcome {
    Outcome::Retry { due: at(seconds), counts: true }
}
