//! What follows from an attempt: the delivery's state, its fallback, how its notification stands.

use tidings_core::{NotificationId, Timestamp};
use tidings_policy::{Attempt, Ending, Status, settle};

use super::state::{State, about, entry};
use crate::model::{Disabled, Entry, Finish, NewDelivery, Note, Outcome, Settled, Step};

impl State {
    pub(crate) fn finish(&mut self, finish: &Finish, now: Timestamp) -> Settled {
        let Some(row) = self.endpoints.get(&finish.endpoint).and_then(|rows| rows.get(finish.id)).cloned() else {
            return self.late(finish, None, now);
        };
        let lease = self.endpoints.get(&finish.endpoint).and_then(|rows| rows.look(finish.id));
        let Some((lease, _)) = lease.filter(|(lease, _)| lease.fence == finish.fence) else {
            return self.late(finish, Some(&row), now);
        };
        let attempt = lease.attempt;
        self.touch(&finish.endpoint);
        let taken = self.first_unused(&row, finish);
        let outcome = match (&finish.outcome, &taken) {
            (Outcome::YieldOr { .. }, Some(_)) => Outcome::Dead,
            (Outcome::YieldOr { due }, None) => Outcome::Retry { due: *due, counts: true },
            (outcome, _) => outcome.clone(),
        };
        if let Some(rows) = self.endpoints.get_mut(&finish.endpoint) {
            rows.finish(finish.id, finish.fence, &outcome);
        }
        let (step, ending) = step_of(&outcome);
        let detail = detail_of(&finish.note, &outcome);
        self.journal.write(Entry { detail, ..about(&row, attempt, entry(step, now)) });
        if outcome == Outcome::Gone {
            self.disable(&row, &finish.note, now);
        }
        match ending {
            Some(ending) => self.end(&row, ending, taken, now),
            None => Settled::DONE,
        }
    }

    fn late(&mut self, finish: &Finish, row: Option<&NewDelivery>, now: Timestamp) -> Settled {
        let late = Entry { delivery: Some(finish.id), ..entry(Step::Late, now) };
        let late = Entry { endpoint: Some(finish.endpoint.to_string()), ..late };
        let late = row.map_or_else(|| late.clone(), |row| about(row, 0, late.clone()));
        self.journal.write(late);
        Settled::Stale
    }

    /// The first of the fallbacks whose channel the notification has not used.
    fn first_unused(&self, row: &NewDelivery, finish: &Finish) -> Option<NewDelivery> {
        let told = self.journal.notification(row.notification()?)?;
        let unused = |new: &&NewDelivery| told.plan.legs.iter().all(|leg| *leg.channel != *new.endpoint);
        finish.fallbacks.iter().find(unused).cloned()
    }

    /// A delivery is over: with its fallback, and with what that means for its notification.
    fn end(&mut self, row: &NewDelivery, ending: Ending, taken: Option<NewDelivery>, now: Timestamp) -> Settled {
        let census = &mut self.journal.census;
        census.open -= 1;
        match ending {
            Ending::Delivered => census.delivered += 1,
            Ending::Dead => census.dead += 1,
            Ending::Expired => census.expired += 1,
        }
        let Some(id) = row.notification() else { return Settled::DONE };
        let taken = taken.filter(|_| ending != Ending::Delivered);
        let fallback = taken.as_ref().map(|new| std::sync::Arc::clone(&new.endpoint));
        let attempt = Attempt { channel: row.endpoint.to_string(), ending };
        self.journal.settle_leg(id, attempt, taken.as_ref().and_then(|new| new.leg.clone()));
        if let Some(new) = taken {
            let after = new.leg.as_ref().map(|leg| leg.after.clone()).unwrap_or_default();
            let detail = [("after".to_owned(), after.into())].into_iter().collect();
            self.journal.write(Entry { detail, ..about(&new, 0, entry(Step::Fallback, now)) });
            self.add(new, usize::MAX, now);
        }
        let (status, freed) = self.close(id, now);
        Settled::Done { fallback, status, freed }
    }

    /// How a notification stands; where it has come to its end, that is written down once.
    fn close(&mut self, id: NotificationId, now: Timestamp) -> (Option<Status>, Option<String>) {
        let Some(told) = self.journal.notification(id) else { return (None, None) };
        let status = settle(&told.plan, &told.attempts);
        if status == Status::Pending || !self.open.remove(&id) {
            return (Some(status), None);
        }
        let census = &mut self.journal.census;
        let step = match status {
            Status::Incomplete { .. } => (Step::Incomplete, census.incomplete += 1).0,
            Status::Failed => (Step::Failed, census.failed += 1).0,
            _ => (Step::Complete, census.complete += 1).0,
        };
        let detail = match serde_json::to_value(status) {
            Ok(serde_json::Value::Object(mut map)) => {
                map.remove("status");
                map
            }
            _ => serde_json::Map::new(),
        };
        let notification = &told.notification;
        self.journal.write(Entry {
            event: notification.event,
            notification: Some(id),
            rule: notification.rule.clone(),
            agent: notification.agent_id.clone(),
            user: Some(notification.user_id.clone()),
            detail,
            ..entry(step, now)
        });
        let freed = status == Status::Failed && self.keys.take_back(notification);
        (Some(status), freed.then(|| notification.dedup_key.clone()))
    }

    fn disable(&mut self, row: &NewDelivery, note: &Note, now: Timestamp) {
        let address = row.to.as_ref().map(|to| to.as_str().to_owned());
        let key = (row.endpoint.to_string(), address);
        let reason = note.text.clone().unwrap_or_default();
        let (endpoint, address) = key.clone();
        self.disabled.entry(key).or_insert(Disabled { endpoint, address, since: now, reason });
        self.journal.write(about(row, 0, entry(Step::Disabled, now)));
    }
}

const fn step_of(outcome: &Outcome) -> (Step, Option<Ending>) {
    match outcome {
        Outcome::Delivered(_) => (Step::Delivered, Some(Ending::Delivered)),
        Outcome::Retry { .. } | Outcome::YieldOr { .. } => (Step::Retry, None),
        Outcome::Dead | Outcome::Gone => (Step::Dead, Some(Ending::Dead)),
        Outcome::Expired => (Step::Expired, Some(Ending::Expired)),
    }
}

fn detail_of(note: &Note, outcome: &Outcome) -> serde_json::Map<String, serde_json::Value> {
    let mut detail = serde_json::Map::new();
    if let Some(kind) = note.kind {
        detail.insert("kind".to_owned(), kind.into());
    }
    if let Some(code) = note.code {
        detail.insert("code".to_owned(), code.into());
    }
    if let Some(text) = &note.text {
        detail.insert("text".to_owned(), text.clone().into());
    }
    if let Outcome::Retry { due, .. } = outcome {
        detail.insert("due".to_owned(), due.as_secs_f64().into());
    }
    if note.attempts > 0 {
        detail.insert("attempts".to_owned(), note.attempts.into());
    }
    detail.insert("took_ms".to_owned(), u64::try_from(note.took.as_millis()).unwrap_or(u64::MAX).into());
    detail
}
