//! What follows from an attempt: the delivery's state, its fallback, how its notification stands.

use std::sync::Arc;

use tidings_core::Timestamp;
use tidings_policy::{Attempt, Ending, Muted, Status};

use super::{
    record::{About, Detail, Record},
    state::State,
};
use crate::model::{Finish, NewDelivery, Note, Outcome, Settled, Step};

/// An attempt whose answer counts.
struct Answered {
    delivery: Arc<NewDelivery>,
    /// 0 where nothing was sent.
    attempt: u32,
    /// How many attempts count after it.
    attempts: u32,
    note: Note,
    now: Timestamp,
}

impl State {
    pub(super) fn finish(&mut self, finish: Finish, now: Timestamp) -> Settled {
        let rows = self.endpoints.get(&finish.endpoint);
        let Some((delivery, leases)) = rows.and_then(|rows| rows.lent(finish.id, finish.fence)) else {
            return self.refuse(&finish, now);
        };
        self.touch(&delivery.endpoint);
        let attempts = finish.attempts(leases);
        let answered =
            Answered { delivery, attempt: finish.attempt.unwrap_or_default(), attempts, note: finish.note, now };
        let fallbacks = finish.fallbacks;
        match finish.outcome {
            Outcome::Retry { due, .. } => self.retry(answered, due),
            Outcome::YieldOr { due, .. } => match self.first_unused(&answered.delivery, fallbacks) {
                Some(fallback) => self.end(&answered, Ending::Dead, Some(fallback)),
                None => self.retry(answered, due),
            },
            Outcome::Delivered(_) => self.end(&answered, Ending::Delivered, None),
            Outcome::Withdrawn(muted) => self.withdraw(&answered, muted),
            outcome => {
                let ending = if outcome == Outcome::Expired { Ending::Expired } else { Ending::Dead };
                let fallback = self.first_unused(&answered.delivery, fallbacks);
                let settled = self.end(&answered, ending, fallback);
                if outcome == Outcome::Gone {
                    self.disable(answered);
                }
                settled
            }
        }
    }

    /// An answer came too late: nothing changes but the log.
    fn refuse(&mut self, finish: &Finish, now: Timestamp) -> Settled {
        let row = self.endpoints.get(&finish.endpoint).and_then(|rows| rows.get(finish.id));
        let about = match row {
            Some(row) => About::Delivery(Arc::clone(row)),
            None => About::Unknown(finish.id, Arc::clone(&finish.endpoint)),
        };
        self.log.write(Record::new(Step::Late, about, now));
        Settled::Stale
    }

    fn retry(&mut self, answered: Answered, due: Timestamp) -> Settled {
        let Answered { delivery, attempt, attempts, note, now } = answered;
        if let Some(rows) = self.endpoints.get_mut(&delivery.endpoint) {
            rows.retry(delivery.id, due, attempts);
        }
        let record = Record::new(Step::Retry, About::Delivery(delivery), now);
        self.log.write(Record { attempt, detail: Detail::Attempt(note, Some(due)), ..record });
        Settled::DONE
    }

    /// The first of the fallbacks whose channel the notification has not used.
    fn first_unused(&self, row: &NewDelivery, fallbacks: Vec<NewDelivery>) -> Option<NewDelivery> {
        let told = self.told.get(row.notification()?)?;
        let unused = |new: &NewDelivery| told.plan.legs.iter().all(|leg| *leg.channel != *new.endpoint);
        fallbacks.into_iter().find(unused)
    }

    /// A delivery is over: with its fallback, and with what that means for its notification.
    fn end(&mut self, answered: &Answered, ending: Ending, fallback: Option<NewDelivery>) -> Settled {
        let Answered { delivery, attempt, note, now, .. } = answered;
        if let Some(rows) = self.endpoints.get_mut(&delivery.endpoint) {
            rows.remove(delivery.id);
        }
        let step = self.count(ending);
        let record = Record::new(step, About::Delivery(Arc::clone(delivery)), *now);
        self.log.write(Record { attempt: *attempt, detail: Detail::Attempt(note.clone(), None), ..record });
        self.close_leg(delivery, ending, fallback, *now)
    }

    /// A delivery is not wanted any more; its notification goes on without that leg, or nowhere.
    fn withdraw(&mut self, answered: &Answered, muted: Muted) -> Settled {
        let Answered { delivery, now, .. } = answered;
        if let Some(rows) = self.endpoints.get_mut(&delivery.endpoint) {
            rows.remove(delivery.id);
        }
        self.counts.open -= 1;
        self.counts.unwanted += 1;
        let record = Record::new(Step::Denied, About::Delivery(Arc::clone(delivery)), *now);
        self.log.write(record.with(Detail::Withdrawn(muted.clone())));
        let Some(id) = delivery.notification() else { return Settled::DONE };
        let Some(told) = self.told.get(id).map(|kept| Arc::clone(&kept.notification)) else { return Settled::DONE };
        let Some(standing) = self.told.lose_leg(id, &delivery.endpoint) else {
            self.counts.withdrawn += 1;
            let record = Record::new(Step::Denied, About::Notification(Arc::clone(&told)), *now);
            self.log.write(record.with(Detail::Withdrawn(muted)));
            let freed = self.keys.take_back(&told).then(|| told.dedup_key.clone());
            return Settled::Done { fallback: None, status: None, freed };
        };
        let freed = standing.ended.and_then(|told| self.close(standing.status, &told.notification, *now));
        Settled::Done { fallback: None, status: Some(standing.status), freed }
    }

    /// Counts a delivery that is over; gives the word for it.
    pub(super) fn count(&mut self, ending: Ending) -> Step {
        self.counts.open -= 1;
        let (count, step) = match ending {
            Ending::Delivered => (&mut self.counts.delivered, Step::Delivered),
            Ending::Dead => (&mut self.counts.dead, Step::Dead),
            Ending::Expired => (&mut self.counts.expired, Step::Expired),
        };
        *count += 1;
        step
    }

    /// The leg of a notification is over, if it was one.
    pub(super) fn close_leg(
        &mut self,
        delivery: &NewDelivery,
        ending: Ending,
        fallback: Option<NewDelivery>,
        now: Timestamp,
    ) -> Settled {
        let Some(id) = delivery.notification() else { return Settled::DONE };
        let attempt = Attempt { channel: delivery.endpoint.to_string(), ending };
        let leg = fallback.as_ref().and_then(|new| new.leg.clone());
        let standing = self.told.end_leg(id, attempt, leg);
        if let Some(new) = &fallback {
            self.log.write(Record::new(Step::Fallback, About::Delivery(Arc::new(new.clone())), now));
            self.add(new, now);
        }
        let Some(standing) = standing else { return Settled::DONE };
        let freed = standing.ended.and_then(|told| self.close(standing.status, &told.notification, now));
        Settled::Done { fallback: fallback.map(|new| new.endpoint), status: Some(standing.status), freed }
    }

    /// A notification has come to its end, which is written down; gives the key that is free by that.
    fn close(&mut self, status: Status, told: &Arc<tidings_core::Notification>, now: Timestamp) -> Option<String> {
        let (count, step) = match status {
            Status::Incomplete { .. } => (&mut self.counts.incomplete, Step::Incomplete),
            Status::Failed => (&mut self.counts.failed, Step::Failed),
            Status::Complete | Status::Pending => (&mut self.counts.complete, Step::Complete),
        };
        *count += 1;
        let about = About::Notification(Arc::clone(told));
        self.log.write(Record::new(step, about, now).with(Detail::Status(status)));
        let frees = status == Status::Failed && self.keys.take_back(told);
        frees.then(|| told.dedup_key.clone())
    }

    fn disable(&mut self, answered: Answered) {
        let Answered { delivery, note, now, .. } = answered;
        let address = delivery.to.as_ref().map(tidings_core::Address::as_str);
        self.gone.add(&delivery.endpoint, address, now, note.text.unwrap_or_default());
        self.log.write(Record::new(Step::Disabled, About::Delivery(delivery), now));
    }

    /// Takes out what the end of the process would lose: it is given up, and nothing stands in for it.
    pub(super) fn abandon(&mut self, endpoint: &str) -> Vec<Arc<NewDelivery>> {
        let left = self.endpoints.get_mut(endpoint).map(super::endpoint::Endpoint::abandon).unwrap_or_default();
        let now = self.now();
        for delivery in &left {
            let step = self.count(Ending::Dead);
            self.log.write(Record::new(step, About::Delivery(Arc::clone(delivery)), now));
            self.close_leg(delivery, Ending::Dead, None, now);
        }
        left
    }
}
