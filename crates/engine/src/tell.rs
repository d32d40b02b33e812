//! One notification's way: said already, wanted on no channel, or sent on these. Each decision leaves its reason for the log.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tidings_core::{DeliveryId, Notification, NotificationKind, Payload, Severity, Timestamp};
use tidings_dedup::Admit;
use tidings_policy::{Leg, Route, RoutingInput, fallbacks_of, plan, route};
use tidings_store::{NewDelivery, NewEntry, Step, UserPlan};

use crate::{
    pipeline::{Pipeline, lane},
    planned::{Decision, Ended, Moment},
    unsettled::Passed,
};

/// A notification with what was decided on it, and the entry that tells why.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) decision: Decision,
    pub(crate) entry: Option<NewEntry>,
}

impl Pipeline {
    /// Decides on one notification that hangs on this claim to fire.
    pub(crate) fn tell(&self, claim: Option<usize>, mut told: Notification, mandatory: bool, at: Moment) -> Verdict {
        match self.dedup.admit(&told, at.now) {
            // The store may know that the one before is none.
            Admit::Duplicate { of } if self.unsettled.contains(of) => {
                self.decide(claim, told, mandatory, (Passed::Repeat, at))
            }
            Admit::Duplicate { of } => {
                let detail = detail(json!({"title": told.title, "of": of}));
                Verdict::ended(Ended::Duplicate { of }, entry(Step::Duplicate, claim, &told, detail))
            }
            Admit::First { suppressed } => {
                mention_suppressed(&mut told, suppressed);
                self.decide(claim, told, mandatory, (Passed::First, at))
            }
        }
    }

    fn decide(
        &self,
        claim: Option<usize>,
        told: Notification,
        mandatory: bool,
        (passed, at): (Passed, Moment),
    ) -> Verdict {
        let input = self.routing(&told, mandatory);
        let route = route(&input, at.now);
        let muted = (!route.muted.is_empty()).then(|| entry(Step::Muted, claim, &told, muted(&told, &route)));
        let plan = plan(&input, route, &self.fallbacks);
        if plan.legs.is_empty() {
            // What nobody is told is nothing that another message could repeat.
            self.dedup.release(&told.dedup_key, told.notification_id);
            let denied = muted.map(|muted| NewEntry { step: Step::Denied, ..muted });
            return Verdict {
                decision: Decision::Ended(Ended::Denied),
                entry: denied.or_else(|| Some(entry(Step::Denied, claim, &told, detail(json!({"title": told.title}))))),
            };
        }
        if told.kind == NotificationKind::Firing {
            self.unsettled.add(told.notification_id, passed);
        }
        let told = Arc::new(told);
        let deliveries = plan.legs.iter().map(|leg| self.delivery(&told, leg, mandatory, at.wall)).collect();
        let plan = UserPlan { notification: told, plan, deliveries, window: self.window, at: at.now };
        Verdict { decision: Decision::Send(Box::new(plan)), entry: muted }
    }

    fn routing<'a>(&'a self, told: &'a Notification, mandatory: bool) -> RoutingInput<'a> {
        let user = self.users.get(&told.user_id).and_then(|user| user.preferences.as_ref());
        RoutingInput { operator: &self.operator, user, notification: told, mandatory }
    }

    /// The delivery of a leg that is made now.
    fn delivery(&self, told: &Arc<Notification>, leg: &Leg, mandatory: bool, now: Timestamp) -> NewDelivery {
        let user = self.users.get(&told.user_id);
        let channel = &*leg.channel;
        let has_fallback = !fallbacks_of(leg, &self.routing(told, mandatory), &self.fallbacks).is_empty();
        let (expires, yields) = self.terms_of(channel).expires(now, has_fallback);
        NewDelivery {
            id: DeliveryId::of_notification(told.notification_id, channel, channel, leg.level()),
            event: told.event,
            endpoint: channel.into(),
            lane: lane_of(told),
            severity: Severity::ALL[told.priority.index()],
            payload: Payload::Notification(Arc::clone(told)),
            leg: Some(leg.clone()),
            to: user.and_then(|user| user.contacts.get(channel).cloned()),
            due: now,
            expires,
            yields,
        }
    }

    /// What may stand in for a delivery that its channel fails, in the order in which it is to be tried.
    pub(crate) fn fallbacks(&self, failed: &NewDelivery, now: Timestamp) -> Vec<NewDelivery> {
        let (Payload::Notification(told), Some(leg)) = (&failed.payload, &failed.leg) else { return Vec::new() };
        let rule = told.rule.as_deref().and_then(|name| self.rules.iter().find(|rule| &*rule.name == name));
        let mandatory = rule.is_some_and(|rule| rule.mandatory);
        let legs = fallbacks_of(leg, &self.routing(told, mandatory), &self.fallbacks);
        legs.iter().map(|leg| self.delivery(told, leg, mandatory, now)).collect()
    }
}

impl Verdict {
    fn ended(ended: Ended, entry: NewEntry) -> Self {
        Self { decision: Decision::Ended(ended), entry: Some(entry) }
    }
}

/// What is told one user of one incident goes in order: an address that fails must not hold what others are told of it. A direct
/// message waits for nothing.
fn lane_of(told: &Notification) -> u64 {
    match &told.rule {
        Some(rule) => lane(&[&told.user_id, rule, told.agent_id.as_deref().unwrap_or_default()]),
        None => lane(&[&told.notification_id.to_string()]),
    }
}

/// An entry of the log about a notification.
fn entry(step: Step, claim: Option<usize>, told: &Notification, detail: Map<String, Value>) -> NewEntry {
    NewEntry {
        claim,
        notification: Some(told.notification_id),
        rule: told.rule.as_deref().map(Into::into),
        agent: told.agent_id.clone(),
        user: Some(told.user_id.clone()),
        detail,
        ..NewEntry::new(step)
    }
}

/// The channels that are not used, each with its reason and who said so.
fn muted(told: &Notification, route: &Route) -> Map<String, Value> {
    detail(json!({"title": told.title, "muted": route.muted}))
}

/// The fields of a JSON object.
pub(crate) fn detail(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// What was swallowed before is told now: nobody should believe that it happened once.
fn mention_suppressed(told: &mut Notification, suppressed: u32) {
    if suppressed > 0 {
        told.body.push_str(&format!("\n({suppressed} more suppressed)"));
        told.metadata.insert("suppressed".to_owned(), suppressed.into());
    }
}
