//! An entry of the log as the store in memory holds it: it shares what it tells of, and is spelt out only for who reads it.

use std::sync::Arc;

use serde_json::{Map, Value};
use tidings_core::{DeliveryId, Event, EventId, Notification, NotificationId, Payload, Timestamp};
use tidings_policy::{Muted, Plan, Status, Wait};

use crate::model::{Entry, NewDelivery, NewEntry, Note, Step, UserOutcome, UserPlan, detail, wait_step};

/// What an entry is about.
#[derive(Clone, Debug)]
pub(super) enum About {
    /// A delivery.
    Delivery(Arc<NewDelivery>),
    /// A delivery that nobody knows any more.
    Unknown(DeliveryId, Arc<str>),
    /// A notification.
    Notification(Arc<Notification>),
    /// What a plan brought with it, and the event that the plan is of.
    Decision(Option<EventId>, Box<NewEntry>),
    /// An event that was sent again.
    Event(EventId, Arc<Event>),
    /// A rule that rests, by the event that would have fired it.
    Rule(EventId, Arc<str>, String),
    /// A sink or channel.
    Endpoint(String),
}

/// The values of an entry.
#[derive(Clone, Debug)]
pub(super) enum Detail {
    /// None, or those that it brought with it.
    Own,
    /// What an attempt came to, and when the next one is due.
    Attempt(Note, Option<Timestamp>),
    /// When a rule fired last.
    Since(Timestamp),
    /// The notification that this one repeats, where it does.
    Repeats(Option<NotificationId>),
    /// How a notification goes out.
    Plan(Plan),
    /// What a notification waits for.
    Wait(Wait),
    /// Where a delivery is not wanted any more.
    Withdrawn(Muted),
    /// How a notification stands at its end.
    Status(Status),
}

/// An entry without its number.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) at: Timestamp,
    pub(super) step: Step,
    pub(super) about: About,
    pub(super) attempt: u32,
    pub(super) detail: Detail,
}

impl Record {
    /// An entry without values of its own and about no attempt.
    pub(super) const fn new(step: Step, about: About, at: Timestamp) -> Self {
        Self { at, step, about, attempt: 0, detail: Detail::Own }
    }

    /// What became of a notification.
    pub(super) fn told(plan: &UserPlan, outcome: UserOutcome, at: Timestamp) -> Self {
        let (step, detail) = match (outcome, &plan.wait) {
            (UserOutcome::Planned | UserOutcome::Known, Some(wait)) => (wait_step(wait), Detail::Wait(wait.clone())),
            (UserOutcome::Planned | UserOutcome::Known, None) => (Step::Planned, Detail::Plan(plan.plan.clone())),
            (UserOutcome::Duplicate { of }, _) => (Step::Duplicate, Detail::Repeats(Some(of))),
            (UserOutcome::Untold | UserOutcome::Overruled, _) => (Step::Untold, Detail::Repeats(None)),
        };
        Self::new(step, About::Notification(Arc::clone(&plan.notification)), at).with(detail)
    }

    pub(super) fn with(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    /// Spelt out.
    pub(super) fn entry(&self, number: u64) -> Entry {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Entry {
            number,
            at: self.at,
            step: self.step,
            event: self.about.event(),
            notification: self.about.notification(),
            delivery: self.about.delivery(),
            rule: text(self.about.rule()),
            agent: text(self.about.agent()),
            user: text(self.about.user()),
            endpoint: text(self.about.endpoint()),
            attempt: self.attempt,
            detail: self.values(),
        }
    }

    fn values(&self) -> Map<String, Value> {
        match (&self.detail, &self.about) {
            (Detail::Own, About::Decision(_, new)) => new.detail.clone(),
            (Detail::Own, About::Delivery(row)) if self.step == Step::Fallback => detail::after(row.leg.as_ref()),
            (Detail::Attempt(note, due), _) => detail::attempt(note, *due),
            (Detail::Withdrawn(muted), _) => detail::withdrawn(muted),
            (Detail::Since(since), _) => detail::since(*since),
            (Detail::Repeats(of), About::Notification(told)) => detail::repeats(told, *of),
            (Detail::Plan(plan), About::Notification(told)) => detail::planned(told, plan),
            (Detail::Wait(wait), About::Notification(told)) => detail::put_off(told, wait),
            (Detail::Status(status), _) => detail::ended(*status),
            (Detail::Own | Detail::Repeats(_) | Detail::Plan(_) | Detail::Wait(_), _) => Map::new(),
        }
    }
}

impl About {
    pub(super) fn event(&self) -> Option<EventId> {
        match self {
            Self::Delivery(delivery) => delivery.event,
            Self::Notification(told) => told.event,
            Self::Decision(event, new) => event.or(new.event),
            Self::Event(event, _) | Self::Rule(event, ..) => Some(*event),
            Self::Unknown(..) | Self::Endpoint(_) => None,
        }
    }

    pub(super) fn notification(&self) -> Option<NotificationId> {
        match self {
            Self::Delivery(delivery) => delivery.notification(),
            Self::Notification(told) => Some(told.notification_id),
            Self::Decision(_, new) => new.notification,
            Self::Unknown(..) | Self::Event(..) | Self::Rule(..) | Self::Endpoint(_) => None,
        }
    }

    pub(super) fn delivery(&self) -> Option<DeliveryId> {
        match self {
            Self::Delivery(delivery) => Some(delivery.id),
            Self::Unknown(delivery, _) => Some(*delivery),
            Self::Decision(_, new) => new.delivery,
            _ => None,
        }
    }

    /// The notification that it is about, or that its delivery carries.
    fn told(&self) -> Option<&Notification> {
        match self {
            Self::Notification(told) => Some(told),
            Self::Delivery(delivery) => match &delivery.payload {
                Payload::Notification(told) => Some(told),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn rule(&self) -> Option<&str> {
        match self {
            Self::Decision(_, new) => new.rule.as_deref(),
            Self::Rule(_, rule, _) => Some(rule),
            _ => self.told()?.rule.as_deref(),
        }
    }

    pub(super) fn agent(&self) -> Option<&str> {
        match self {
            Self::Decision(_, new) => new.agent.as_deref(),
            Self::Event(_, event) => event.agent_id.as_deref(),
            Self::Rule(_, _, agent) => Some(&**agent).filter(|agent| !agent.is_empty()),
            Self::Delivery(delivery) => match &delivery.payload {
                Payload::Event(event) => event.agent_id.as_deref(),
                _ => self.told()?.agent_id.as_deref(),
            },
            _ => self.told()?.agent_id.as_deref(),
        }
    }

    pub(super) fn user(&self) -> Option<&str> {
        match self {
            Self::Decision(_, new) => new.user.as_deref(),
            _ => self.told().map(|told| &*told.user_id),
        }
    }

    pub(super) fn endpoint(&self) -> Option<&str> {
        match self {
            Self::Delivery(delivery) => Some(&delivery.endpoint),
            Self::Unknown(_, endpoint) => Some(endpoint),
            Self::Decision(_, new) => new.endpoint.as_deref(),
            Self::Endpoint(endpoint) => Some(endpoint),
            _ => None,
        }
    }
}
