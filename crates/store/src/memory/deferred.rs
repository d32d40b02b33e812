//! Notifications in memory that wait for their moment, as many as there is room for. When that is, and what becomes of them then, is told
//! by the caller.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use tidings_core::{Notification, NotificationId, Priority, Timestamp};
use tidings_policy::{Status, Wait};

use super::{
    record::{About, Detail, Record},
    state::State,
};
use crate::model::{Deferrals, Deferred, Fate, Pending, Resuming, Resumption, Step, UserOutcome, UserPlan};

/// Where a notification stands among those that wait: the longest over first, then by user, then in the order in which they came.
type Place = (Timestamp, Arc<str>, u64);

/// All that wait.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    rows: HashMap<NotificationId, (u64, Deferred)>,
    order: BTreeMap<Place, NotificationId>,
    /// Who gives way first: of the lowest priority the newest.
    ranks: BTreeSet<(Priority, Reverse<u64>, NotificationId)>,
    arrivals: u64,
    digested: u64,
    /// Those for which there was no room.
    lost: u64,
}

impl Waiters {
    /// Lets one wait. Hands back what has no room: one of a lower priority, or else itself.
    fn add(&mut self, deferred: Deferred, capacity: usize) -> Option<Deferred> {
        let mut shed = None;
        if self.rows.len() >= capacity {
            self.lost += 1;
            let Some(yielding) = self.yielding(deferred.notification.priority) else { return Some(deferred) };
            shed = self.remove(yielding).map(|(_, row)| row);
        }
        self.arrivals += 1;
        self.put(self.arrivals, deferred);
        shed
    }

    /// Who gives way to this priority.
    fn yielding(&self, to: Priority) -> Option<NotificationId> {
        self.ranks.first().filter(|(priority, ..)| *priority < to).map(|(.., id)| *id)
    }

    fn put(&mut self, arrival: u64, deferred: Deferred) {
        let id = deferred.notification.notification_id;
        self.digested += u64::from(deferred.wait.digest.is_some());
        self.order.insert(place(arrival, &deferred), id);
        self.ranks.insert((deferred.notification.priority, Reverse(arrival), id));
        self.rows.insert(id, (arrival, deferred));
    }

    /// Takes one out that waits until then.
    fn take(&mut self, id: NotificationId, until: Timestamp) -> Option<(u64, Deferred)> {
        self.rows.get(&id).filter(|(_, deferred)| deferred.wait.until == until)?;
        self.remove(id)
    }

    fn remove(&mut self, id: NotificationId) -> Option<(u64, Deferred)> {
        let (arrival, deferred) = self.rows.remove(&id)?;
        self.digested -= u64::from(deferred.wait.digest.is_some());
        self.order.remove(&place(arrival, &deferred));
        self.ranks.remove(&(deferred.notification.priority, Reverse(arrival), id));
        Some((arrival, deferred))
    }

    /// One goes on waiting, for something else.
    fn wait_on(&mut self, (arrival, deferred): (u64, Deferred), wait: Wait) {
        self.put(arrival, Deferred { wait, ..deferred });
    }

    /// Those asked for, about so many: never some without the others of the same user and end.
    pub(super) fn look(&self, which: &Deferrals, limit: usize) -> Vec<Deferred> {
        let mut found: Vec<Deferred> = Vec::new();
        for ((until, user, _), id) in &self.order {
            match which {
                Deferrals::Due(now) if until > now => break,
                Deferrals::Of(wanted) if wanted != user => continue,
                _ => {}
            }
            let last = found.last().map(|last| (last.wait.until, &*last.notification.user_id));
            if found.len() >= limit.max(1) && last != Some((*until, &**user)) {
                break;
            }
            found.extend(self.rows.get(id).map(|(_, deferred)| deferred.clone()));
        }
        found
    }

    pub(super) fn pending(&self) -> Pending {
        let next = self.order.keys().next().map(|(until, ..)| *until);
        let Self { digested, lost, .. } = *self;
        Pending { held: self.rows.len() as u64 - digested, digested, next, lost }
    }

    /// Those that wait.
    pub(super) fn notifications(&self) -> impl Iterator<Item = &Notification> {
        self.rows.values().map(|(_, deferred)| &*deferred.notification)
    }
}

fn place(arrival: u64, deferred: &Deferred) -> Place {
    (deferred.wait.until, deferred.notification.user_id.as_str().into(), arrival)
}

impl State {
    pub(super) fn resume(&mut self, batch: &Resumption, now: Timestamp) -> Vec<bool> {
        let stood: Vec<bool> = batch.items.iter().map(|item| self.resume_one(item, now)).collect();
        for digest in batch.digests.iter().filter(|digest| has_any(digest, batch, &stood)) {
            self.plan_digest(digest, now);
        }
        stood
    }

    /// Makes a digest, whoever holds its key: what is in it was admitted before. One that is there already is not made again.
    fn plan_digest(&mut self, plan: &UserPlan, now: Timestamp) {
        if self.told.knows(plan.notification.notification_id) {
            return;
        }
        self.keys.tell(plan, now);
        self.log.write(Record::told(plan, UserOutcome::Planned, now));
        self.make(plan, now);
    }

    /// Lets a notification wait; what has no room for that is given up.
    pub(super) fn put_off(&mut self, plan: &UserPlan, wait: &Wait, now: Timestamp) {
        let notification = Arc::clone(&plan.notification);
        let deferred = Deferred { notification, wait: wait.clone(), since: plan.at };
        let Some(shed) = self.waiters.add(deferred, self.capacity) else { return };
        let told = shed.notification;
        let about = || About::Notification(Arc::clone(&told));
        self.log.write(Record::new(Step::Shed, about(), now));
        self.log.write(Record::new(Step::Failed, about(), now).with(Detail::Status(Status::Failed)));
        self.counts.failed += 1;
        self.told.close(told.notification_id);
        self.keys.take_back(&told);
    }

    fn resume_one(&mut self, item: &Resuming, now: Timestamp) -> bool {
        let Some(waited) = self.waiters.take(item.notification, item.until) else { return false };
        let told = Arc::clone(&waited.1.notification);
        self.log.write(Record::new(item.entry.step, About::Decision(told.event, Box::new(item.entry.clone())), now));
        match &item.fate {
            Fate::Sent { plan, deliveries } => {
                self.told.go_on(item.notification, plan);
                for row in deliveries {
                    self.add(row, now);
                }
            }
            Fate::Waits(wait) => self.waiters.wait_on(waited, wait.clone()),
            Fate::Gathered { .. } | Fate::Dropped { untold: false } => {
                self.counts.digested += 1;
                self.told.close(item.notification);
            }
            Fate::Dropped { untold: true } => {
                self.counts.withdrawn += 1;
                self.told.close(item.notification);
                self.keys.take_back(&told);
            }
        }
        true
    }
}

/// Whether anything goes into a digest that stood as the caller saw it.
fn has_any(digest: &UserPlan, batch: &Resumption, stood: &[bool]) -> bool {
    let goes_in =
        |item: &Resuming| matches!(item.fate, Fate::Gathered { into } if into == digest.notification.notification_id);
    batch.items.iter().zip(stood).any(|(item, stood)| *stood && goes_in(item))
}
