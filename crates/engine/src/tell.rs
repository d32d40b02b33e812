//! One notification's way: said already, wanted on no channel, or sent on these. Each decision leaves its reason for the log.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tidings_core::{DeliveryId, Notification, NotificationKind, Payload, Severity, Timestamp};
use tidings_dedup::Admit;
use tidings_policy::{
    Circumstances, Delay, DigestWindow, Leg, Muted, Recent, Route, Silence, Verdict as Word, Wait, fallbacks_of, judge,
    plan, quiet_end, route, silenced,
};
use tidings_store::{NewDelivery, NewEntry, Step, UserPlan};

use crate::{
    people::People,
    pipeline::{Pipeline, lane},
    planned::{Decision, Ended, Moment, Unsent},
    rule::Rule,
    unsettled::Passed,
    verdict::Refusal,
};

/// A notification with what was decided on it, and the entry that tells why.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) decision: Decision,
    pub(crate) entry: Option<NewEntry>,
}

/// What stands at this moment, and the rule that speaks, if one does.
pub(crate) type Scene<'a> = (&'a People, Option<&'a Rule>);

impl Pipeline {
    /// Decides on one notification that hangs on this claim to fire.
    pub(crate) fn tell(&self, scene: Scene<'_>, claim: Option<usize>, mut told: Notification, at: Moment) -> Verdict {
        match self.dedup.admit(&told, at.now) {
            // The store may know that the one before is none.
            Admit::Duplicate { of } if self.unsettled.contains(of) => {
                self.decide(scene, claim, told, (Passed::Repeat, at))
            }
            Admit::Duplicate { of } => {
                let detail = detail(json!({"title": told.title, "priority": told.priority, "of": of}));
                let entry = entry(Step::Duplicate, claim, &told, detail);
                Verdict::ended(Unsent { why: Ended::Duplicate { of }, told, muted: Vec::new() }, entry)
            }
            Admit::First { suppressed } => {
                mention_suppressed(&mut told, suppressed);
                self.decide(scene, claim, told, (Passed::First, at))
            }
        }
    }

    fn decide(
        &self,
        (people, rule): Scene<'_>,
        claim: Option<usize>,
        told: Notification,
        (passed, at): (Passed, Moment),
    ) -> Verdict {
        let about = people.about(&told, rule, self.lately.of(&told, at.now));
        let mut route = route(&about, at.now);
        if let Some(beginning) = self.beginnings.wait_of(&told) {
            route = route.behind(&beginning);
        }
        let muted = (!route.muted.is_empty()).then(|| entry(Step::Muted, claim, &told, muted(&told, &route.muted)));
        if route.now.is_empty() && route.wait.is_none() {
            let (why, entry) = self.nobody_is_told(&about, claim, &route, at);
            return Verdict::ended(Unsent { why, told, muted: route.muted }, entry);
        }
        if told.kind == NotificationKind::Firing {
            self.unsettled.add(told.notification_id, passed);
        }
        self.remember(&told, &route, at.now);
        let wait = route.wait.clone();
        // Its end may come before the store has spoken.
        wait.iter().for_each(|wait| self.beginnings.put_off(&told, wait));
        let plan = if wait.is_some() { Default::default() } else { plan(&about, route, &self.fallbacks, at.now) };
        let told = Arc::new(told);
        let deliveries = plan.legs.iter().map(|leg| self.delivery((people, rule), &told, leg, at)).collect();
        let plan = UserPlan { notification: told, plan, deliveries, wait, window: self.window, at: at.now };
        Verdict { decision: Decision::Send(Box::new(plan)), entry: muted }
    }

    /// What nobody is told is nothing that another message could repeat.
    fn nobody_is_told(
        &self,
        about: &Circumstances<'_>,
        claim: Option<usize>,
        route: &Route,
        at: Moment,
    ) -> (Ended, NewEntry) {
        let told = about.notification;
        self.dedup.release(&told.dedup_key, told.notification_id);
        if let Some(silence) = silenced(about.silences, told, at.now) {
            let mut detail = detail(json!({"title": told.title, "priority": told.priority}));
            detail.extend(silence_detail(silence));
            return (Ended::Silenced, entry(Step::Silenced, claim, told, detail));
        }
        (Ended::Denied, entry(Step::Denied, claim, told, muted(told, &route.muted)))
    }

    /// Remembers that a rule tells a user something: more of it may be too much.
    pub(crate) fn remember(&self, told: &Notification, route: &Route, now: Timestamp) {
        match &route.wait {
            None => self.lately.note_sent(told, now),
            Some(Wait { until, digest: Some(digest), .. }) if digest.channel.is_none() => {
                let window = DigestWindow { from: digest.from, until: *until };
                self.lately.note_summed_up(told, window, now);
            }
            Some(_) => {}
        }
    }

    /// The delivery of a leg that is made now.
    pub(crate) fn delivery(
        &self,
        (people, rule): Scene<'_>,
        told: &Arc<Notification>,
        leg: &Leg,
        at: Moment,
    ) -> NewDelivery {
        let user = people.users.get(&told.user_id);
        let channel = &*leg.channel;
        let about = people.about(told, rule, Recent::default());
        let has_fallback = !fallbacks_of(leg, &about, &self.fallbacks, at.now).is_empty();
        let (expires, yields) = self.terms_of(channel).expires(at.wall, has_fallback);
        NewDelivery {
            id: DeliveryId::of_notification(told.notification_id, channel, channel, leg.level()),
            event: told.event,
            endpoint: channel.into(),
            lane: lane_of(told),
            severity: Severity::ALL[told.priority.index()],
            payload: Payload::Notification(Arc::clone(told)),
            leg: Some(leg.clone()),
            to: user.and_then(|user| user.contacts.get(channel).cloned()),
            due: at.wall,
            expires,
            yields,
        }
    }

    /// What may stand in for a delivery that its channel fails, in the order in which it is to be tried.
    pub(crate) fn fallbacks(&self, failed: &NewDelivery, now: Timestamp) -> Vec<NewDelivery> {
        let (Payload::Notification(told), Some(leg)) = (&failed.payload, &failed.leg) else { return Vec::new() };
        let (people, rule, at) = (self.people.now(), self.rule_of(told), Moment { now, wall: now });
        let about = people.about(told, rule, Recent::default());
        let legs = fallbacks_of(leg, &about, &self.fallbacks, now);
        legs.iter().map(|leg| self.delivery((&people, rule), told, leg, at)).collect()
    }

    /// What its user has against an attempt at this moment: wishes may have changed since it was planned, and a retry may fall into
    /// quiet hours. What would go into a digest was meant to go at once, and goes.
    pub(crate) fn objection(&self, delivery: &NewDelivery, now: Timestamp) -> Option<Refusal> {
        let (Payload::Notification(told), Some(leg)) = (&delivery.payload, &delivery.leg) else { return None };
        let people = self.people.now();
        if is_indifferent(&people, &told.user_id) {
            return None;
        }
        let about = people.about(told, self.rule_of(told), Recent::default());
        let found = judge(&leg.channel, &about, now);
        match found.verdict {
            Word::Hold { until, why } => Some(Refusal::Held { until, why }),
            // A digest cannot take in what has a delivery of its own: it goes by itself when they are over.
            Word::Digest { window, why: why @ Delay::QuietHours, .. } => {
                Some(Refusal::Held { until: quiet_end(&about, now).unwrap_or(window.until), why })
            }
            Word::Deny(reason) => {
                let channel = leg.channel.clone();
                Some(Refusal::Unwanted(Muted { channel, reason, layer: found.layer }))
            }
            _ => None,
        }
    }

    /// The rule that says this, if there is one of its name.
    pub(crate) fn rule_of(&self, told: &Notification) -> Option<&Rule> {
        self.rules.get(*self.by_name.get(told.rule.as_deref()?)?)
    }
}

impl Verdict {
    fn ended(unsent: Unsent, entry: NewEntry) -> Self {
        Self { decision: Decision::Ended(Box::new(unsent)), entry: Some(entry) }
    }
}

/// Whether nobody wishes anything for this user, which is quickly said: then nothing can have changed.
fn is_indifferent(people: &People, user: &str) -> bool {
    let operator = &people.operator;
    people.silences.is_empty()
        && operator.agents.is_empty()
        && operator.default.is_empty()
        && people.users.get(user).is_none_or(|user| user.preferences.is_none())
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
pub(crate) fn entry(step: Step, claim: Option<usize>, told: &Notification, detail: Map<String, Value>) -> NewEntry {
    NewEntry {
        claim,
        event: told.event,
        notification: Some(told.notification_id),
        rule: told.rule.as_deref().map(Into::into),
        agent: told.agent_id.clone(),
        user: Some(told.user_id.clone()),
        detail,
        ..NewEntry::new(step)
    }
}

/// The channels that are not used, each with its reason and who said so.
pub(crate) fn muted(told: &Notification, muted: &[Muted]) -> Map<String, Value> {
    detail(json!({"title": told.title, "priority": told.priority, "muted": muted}))
}

/// A silence by its name, with who began it, why, and until when.
pub(crate) fn silence_detail(silence: &Silence) -> Map<String, Value> {
    let Silence { id, author, reason, until, .. } = silence;
    detail(json!({"silence": id, "author": author, "reason": reason, "until": until}))
}

/// The fields of a JSON object.
pub(crate) fn detail(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// What was swallowed is told now, beside what it tells of already: nobody should believe that it happened once.
pub(crate) fn mention_suppressed(told: &mut Notification, suppressed: u32) {
    if suppressed == 0 {
        return;
    }
    let trailer = |count: u64| format!("\n({count} more suppressed)");
    let before = told.metadata.get("suppressed").and_then(Value::as_u64).unwrap_or_default();
    if let Some(body) = told.body.strip_suffix(&trailer(before)) {
        told.body.truncate(body.len());
    }
    let all = before.saturating_add(suppressed.into());
    told.body.push_str(&trailer(all));
    told.metadata.insert("suppressed".to_owned(), all.into());
}
