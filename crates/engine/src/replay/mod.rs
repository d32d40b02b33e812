//! Past events through the same pipeline, on their own clock and with nothing sent: who would have been told what, when, where, and what
//! kept the rest. It is the worker, stepped by hand in front of a store in memory; no decision is made here.

mod difference;
mod happening;
mod identified;
mod side;
mod tally;
mod witness;

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use tidings_core::{Receipt, Timestamp};
use tidings_policy::Silence;
use tidings_store::{Claim, Deferrals, Finish, Lease, Note, Outcome, Which};

pub use difference::{NAMED, Only, OnlyTold, difference_of};
pub use happening::{Happening, What};
pub use identified::Identified;
pub use side::{Side, Tell};
pub use tally::{Counts, Critical, DIGESTS, Events, Moment, Suppressed, Tally, share};
pub(crate) use witness::Witness;

use crate::{
    account::Account,
    deliver::Link,
    later,
    planned::{self, Accepted},
    repeats::Repeats,
    settle::commit,
    shared::Shared,
    timer,
    worker::plan_all,
};

/// How many deliveries are taken at once.
const PIECE: usize = 256;
/// How long a delivery may be under way: here it arrives at once.
const LEASE: Duration = Duration::from_secs(60);

/// A replay of past events. Its memory is bounded by what waits for its moment.
pub struct Replay {
    shared: Shared,
    repeats: Repeats,
    now: Timestamp,
}

impl std::fmt::Debug for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replay").field("now", &self.now).finish_non_exhaustive()
    }
}

impl Replay {
    pub(crate) fn of(shared: Shared) -> Self {
        Self { shared, repeats: Repeats::default(), now: Timestamp::from_nanos(i64::MIN) }
    }

    /// A silence that stands from the beginning; what it covers and when, it says itself.
    pub fn silence(&mut self, silence: Silence) {
        self.shared.pipeline().people.change(|people| people.silences.push(silence));
    }

    /// The time of the events so far; the earliest there is before the first.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The next event. What has come due by its time is told first. One that was fed before, by its id, gives nothing.
    ///
    /// Its time is the clock, as in a run of a file; one that is ahead of the builder's clock is corrected as it is there.
    pub fn feed(&mut self, event: impl Into<Identified>, tell: &mut impl FnMut(Happening<'_>)) {
        let shared = &self.shared;
        let now = shared.clock.now();
        let offers = vec![shared.offer(&mut self.repeats, event.into(), now)];
        // In memory the store always answers.
        let verdicts = at_once(shared.store.accept(&offers, now)).unwrap_or_default();
        let (_, fresh) = shared.book_accepted(offers, &verdicts);
        at_once(plan_all(shared, &fresh, &mut self.now));
        fresh.iter().for_each(|accepted| self.look_at(accepted));
        self.go_on(tell);
    }

    /// Counts something that stood among the events and is none.
    pub fn refuse(&self, count: u64) {
        self.shared.ledger.refused.add(count);
    }

    /// Lets time pass after the last event: what comes due until then is told.
    pub fn pass(&mut self, until: Timestamp, tell: &mut impl FnMut(Happening<'_>)) {
        while self.step(until) {
            self.go_on(tell);
        }
    }

    /// The end, as it is of a run that keeps nothing: what waits for company alone is told at once, and what still waits then is named.
    pub fn finish(&mut self, tell: &mut impl FnMut(Happening<'_>)) {
        at_once(later::close(&self.shared, self.now));
        self.go_on(tell);
        let waiting = at_once(self.shared.store.deferred(&Deferrals::All, usize::MAX)).unwrap_or_default();
        self.shared.witness.see_waiting(self.now, waiting);
        self.go_on(tell);
    }

    /// The account as a run of the same events would give it, if every receiver took everything at once.
    #[must_use]
    pub fn account(&self) -> Account {
        at_once(self.shared.account())
    }

    /// What an event did to sinks and to rules in their cooldown.
    fn look_at(&self, accepted: &Accepted) {
        let pipeline = self.shared.pipeline();
        let wanting = pipeline.sinks.iter().filter(|sink| sink.filter.wants(&accepted.event));
        for sink in wanting {
            sink.ledger.matched.add(1);
            sink.ledger.delivered.add(1);
        }
        let rules = pipeline.rule_set();
        for rule in rules.rested().iter().filter_map(|rule| pipeline.rules.get(*rule)) {
            self.shared.witness.see_cooldown(self.now, &rule.name, accepted.event.agent_id.as_deref());
        }
    }

    /// Goes to the next moment at which something comes due, up to the end; `false` once there is none.
    fn step(&mut self, until: Timestamp) -> bool {
        let (shared, wall) = (&self.shared, self.shared.clock.now());
        let (waits, timed) = (shared.later.next(), shared.pipeline().rule_set().next_due());
        let Some(next) = waits.into_iter().chain(timed).min().filter(|next| *next <= until) else {
            self.now = self.now.max(until);
            return false;
        };
        // What waits goes first, as it does in a run.
        let is_waiting = waits == Some(next);
        self.now = self.now.max(next);
        let at = planned::Moment { now: self.now, wall };
        if is_waiting {
            at_once(later::flush(shared, at));
            return true;
        }
        let due = timer::come_due(shared, &mut shared.pipeline().rule_set(), at.now, at);
        // Whatever the rules say to it, a replay does not spin.
        let goes_on = !due.is_all || !due.planned.is_empty() || shared.pipeline().rule_set().next_due() != timed;
        at_once(commit(shared, due.planned, Vec::new()));
        goes_on
    }

    /// What was sent arrives, and what happened is told.
    fn go_on(&self, tell: &mut impl FnMut(Happening<'_>)) {
        let seen = self.shared.witness.take();
        if seen.iter().any(|seen| matches!(seen.what, What::Sent { .. })) {
            self.shared.pipeline().links.iter().for_each(|link| self.deliver(link));
        }
        seen.iter().for_each(|seen| tell(seen.told()));
    }

    /// Every delivery of a channel arrives.
    fn deliver(&self, link: &Link) {
        let (store, now) = (&self.shared.store, self.shared.clock.now());
        let claim = Claim { endpoint: link.name.clone(), limit: PIECE, lease: LEASE, which: Which::Due };
        loop {
            let leases = at_once(store.claim(claim.clone(), now)).unwrap_or_default().leases;
            if leases.is_empty() {
                return;
            }
            let finishes: Vec<_> = leases.iter().map(arrived).collect();
            let count = finishes.len() as u64;
            // In memory the store always answers.
            drop(at_once(store.finish(finishes, now)));
            link.owner.delivered().add(count);
        }
    }
}

fn arrived(lease: &Lease) -> Finish {
    Finish {
        id: lease.delivery.id,
        endpoint: lease.delivery.endpoint.clone(),
        fence: lease.fence,
        attempt: Some(lease.attempt),
        outcome: Outcome::Delivered(Receipt::default()),
        note: Note::default(),
        fallbacks: Vec::new(),
    }
}

/// The answer of work that waits for nobody: its store is in memory, and it only lets others have their turn.
fn at_once<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(answer) = work.as_mut().poll(&mut context) {
            return answer;
        }
    }
}

#[cfg(test)]
mod tests;
