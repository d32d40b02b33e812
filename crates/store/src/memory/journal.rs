//! What the store in memory keeps for those who ask why: the last events, notifications and log entries.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use tidings_core::{EventId, NotificationId, Timestamp};
use tidings_policy::{Attempt, Leg};

use crate::model::{
    Census, Entry, EventRange, LogFilter, Offer, Page, Purged, Recovered, RuleSetVersion, StoredEvent,
    StoredNotification, UserPlan,
};

/// How many events, notifications and entries are kept; the oldest go first.
const KEPT: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Journal {
    events: VecDeque<StoredEvent>,
    last_event: u64,
    entries: VecDeque<Entry>,
    last_entry: u64,
    told: HashMap<NotificationId, StoredNotification>,
    told_order: VecDeque<NotificationId>,
    rule_sets: Vec<RuleSetVersion>,
    cursors: HashMap<String, u64>,
    pub(super) census: Census,
}

impl Journal {
    pub(super) fn recovered(&self) -> Recovered {
        Recovered {
            last_event: self.last_event,
            last_received: self.events.back().map(|event| event.received),
            waiting: self.census.waiting,
            ..Recovered::default()
        }
    }

    pub(super) fn add_event(&mut self, offer: &Offer, received: Timestamp) {
        self.last_event += 1;
        self.census.events += 1;
        self.census.waiting += 1;
        let event = Arc::clone(&offer.event);
        self.events.push_back(StoredEvent { number: self.last_event, id: offer.id, event, received, waiting: true });
        // What waits for its plan stays, however many there are: their number is bounded by who accepts.
        while self.events.len() > KEPT && self.events.front().is_some_and(|event| !event.waiting) {
            self.events.pop_front();
        }
    }

    /// The event is planned. Those that are planned are mostly the oldest that wait.
    pub(super) fn planned(&mut self, id: EventId) {
        let waits = |event: &&mut StoredEvent| event.waiting && event.id == id;
        if let Some(event) = self.events.iter_mut().rev().find(waits) {
            event.waiting = false;
            self.census.waiting -= 1;
        }
    }

    pub(super) fn events(&self, range: &EventRange, limit: usize) -> Vec<StoredEvent> {
        let fits = |event: &&StoredEvent| {
            event.number > range.after
                && range.until.is_none_or(|until| event.number <= until)
                && range.since.is_none_or(|since| event.received >= since)
                && range.agent.as_ref().is_none_or(|agent| event.event.agent_id.as_ref() == Some(agent))
                && (!range.waiting || event.waiting)
        };
        self.events.iter().filter(fits).take(limit).cloned().collect()
    }

    pub(super) fn event(&self, id: EventId) -> Option<StoredEvent> {
        self.events.iter().rev().find(|event| event.id == id).cloned()
    }

    pub(super) fn knows(&self, id: NotificationId) -> bool {
        self.told.contains_key(&id)
    }

    pub(super) fn notification(&self, id: NotificationId) -> Option<StoredNotification> {
        self.told.get(&id).cloned()
    }

    pub(super) fn tell(&mut self, plan: &UserPlan, now: Timestamp) {
        let id = plan.notification.notification_id;
        let notification = Arc::clone(&plan.notification);
        let attempts = Vec::new();
        let stored = StoredNotification { notification, plan: plan.plan.clone(), attempts, planned: now };
        self.told.insert(id, stored);
        self.told_order.push_back(id);
        self.census.notifications += 1;
    }

    pub(super) fn settle_leg(&mut self, id: NotificationId, attempt: Attempt, taken: Option<Leg>) {
        if let Some(told) = self.told.get_mut(&id) {
            told.attempts.push(attempt);
            told.plan.legs.extend(taken);
        }
    }

    pub(super) fn write(&mut self, entry: Entry) {
        self.last_entry += 1;
        self.census.entries += 1;
        self.entries.push_back(Entry { number: self.last_entry, ..entry });
        if self.entries.len() > KEPT {
            self.entries.pop_front();
        }
    }

    pub(super) fn query(&self, filter: &LogFilter, page: Page) -> Vec<Entry> {
        match page {
            Page::Before { number, limit } => {
                let below = self.entries.iter().rev().filter(|entry| number.is_none_or(|number| entry.number < number));
                below.filter(|entry| fits(filter, entry)).take(limit).cloned().collect()
            }
            Page::After { number, limit } => {
                let above = self.entries.iter().filter(|entry| entry.number > number);
                above.filter(|entry| fits(filter, entry)).take(limit).cloned().collect()
            }
        }
    }

    pub(super) fn put_rule_set(&mut self, version: &RuleSetVersion) -> u64 {
        match self.rule_sets.last() {
            Some(last) if last.content == version.content => last.from,
            _ => {
                self.rule_sets.push(version.clone());
                version.from
            }
        }
    }

    pub(super) fn rule_set(&self, event: u64) -> Option<RuleSetVersion> {
        self.rule_sets.iter().rev().find(|version| version.from <= event).cloned()
    }

    pub(super) fn cursor(&self, sink: &str) -> Option<u64> {
        self.cursors.get(sink).copied()
    }

    pub(super) fn advance(&mut self, sink: &str, number: u64) {
        let cursor = self.cursors.entry(sink.to_owned()).or_default();
        *cursor = number.max(*cursor);
    }

    pub(super) fn purge(&mut self, before: Timestamp, open: &HashSet<NotificationId>) -> Purged {
        let mut purged = Purged::default();
        while self.events.front().is_some_and(|event| !event.waiting && event.received < before) {
            self.events.pop_front();
            purged.events += 1;
        }
        while self.entries.front().is_some_and(|entry| entry.at < before) {
            self.entries.pop_front();
            purged.entries += 1;
        }
        let Self { told, told_order, .. } = self;
        told_order.retain(|id| {
            let goes = !open.contains(id) && told.get(id).is_none_or(|told| told.planned < before);
            if goes && told.remove(id).is_some() {
                purged.notifications += 1;
            }
            !goes
        });
        purged
    }
}

fn fits(filter: &LogFilter, entry: &Entry) -> bool {
    let same = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
    (filter.steps.is_empty() || filter.steps.contains(&entry.step))
        && (filter.event.is_none() || filter.event == entry.event)
        && (filter.notification.is_none() || filter.notification == entry.notification)
        && (filter.delivery.is_none() || filter.delivery == entry.delivery)
        && same(&filter.rule, &entry.rule)
        && same(&filter.agent, &entry.agent)
        && same(&filter.user, &entry.user)
        && same(&filter.endpoint, &entry.endpoint)
        && filter.since.is_none_or(|since| entry.at >= since)
        && filter.until.is_none_or(|until| entry.at < until)
}
