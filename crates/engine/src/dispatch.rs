//! Claims what is due for one link and attempts it, so many at a time. Each link has a dispatcher of its own: a receiver that
//! hangs keeps nobody else waiting. What an answer means stands in `deliver`, what is booked for it in `outcome`.

use std::{sync::Arc, time::Duration};

use tidings_core::{Envelope, ErrorKind, KeepAll, Receipt, SendError, Timestamp, clock::instant_now};
use tidings_store::{Claim, Claimed, Finish, Lease, NewDelivery, Note, Outcome, Settled, StoreError, Which};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    arrow,
    breaker::Gate,
    deliver::{Link, Refusal, attempt, judge, note},
    flights::{Flight, Flights},
    settle::insist,
    shared::Shared,
};

/// A lease outlasts any attempt: layers end one after 15 s, and a rate limit may add its wait.
const LEASE: Duration = Duration::from_secs(120);
/// An attempt that nothing else has ended by then is cut off, so that a channel without a deadline of its own keeps no place for ever.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(110);
/// The longest sleep between two looks at the store: hints may be missed, and a clock may be set.
const POLL: Duration = Duration::from_millis(250);
/// The pause after the store could not be asked.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Delivers what the link is owed until it is told to stop; then lets go of what is in flight, once what has been answered is
/// written down.
pub(crate) async fn run(shared: Arc<Shared>, link: Arc<Link>, mut stop: watch::Receiver<bool>) {
    let mut attempts = JoinSet::new();
    let dispatcher = Dispatcher { shared, link, flights: Flights::default() };
    let Dispatcher { shared, link, .. } = &dispatcher;
    while !*stop.borrow_and_update() {
        let pause = dispatcher.start_due(&mut attempts).await.unwrap_or_else(|error| {
            tracing::error!(endpoint = %link.name, "no work could be claimed: {error}");
            STORE_PAUSE
        });
        let full = attempts.len() >= link.concurrency;
        tokio::select! {
            _ = stop.changed() => {}
            Some(_) = attempts.join_next(), if !attempts.is_empty() => {}
            () = shared.store.wait_for_work(&link.name, pause), if !full => {}
        }
    }
    while attempts.join_next().await.is_some() {}
    if let Err(error) = shared.store.release(&link.name, shared.clock.now()).await {
        tracing::error!(endpoint = %link.name, "leases could not be released: {error}");
    }
}

/// What a link's deliveries are claimed and attempted with.
#[derive(Clone)]
struct Dispatcher {
    shared: Arc<Shared>,
    link: Arc<Link>,
    flights: Flights,
}

impl Dispatcher {
    /// Starts what is due, as far as there is room and the breaker lets it, and says how long there is nothing more to do.
    async fn start_due(&self, attempts: &mut JoinSet<()>) -> Result<Duration, StoreError> {
        while attempts.try_join_next().is_some() {}
        let link = &self.link;
        let room = link.concurrency.saturating_sub(attempts.len());
        if room == 0 {
            return Ok(POLL);
        }
        let now = self.shared.clock.now();
        let gate = link.breaker().gate(now);
        let (limit, which) = match gate {
            Gate::Closed => (room, Which::Due),
            Gate::Probe => (1, Which::Due),
            Gate::Open { .. } => (room, Which::Overdue),
        };
        let claimed = self.claim(limit, which, now).await?;
        let none = claimed.leases.is_empty();
        for lease in claimed.leases {
            // What is in flight already goes on under the new lease.
            let Some(flight) = self.flights.begin(&lease) else { continue };
            let refusal = if which == Which::Overdue { Some(Refusal::Down) } else { link.refusal(&lease, now) };
            if gate == Gate::Probe && refusal.is_none() {
                link.breaker().probe(now);
            }
            attempts.spawn(self.clone().deliver(lease, flight, refusal));
        }
        Ok(match gate {
            Gate::Closed => claimed.next_due.map_or(POLL, |due| due.since(now).clamp(Duration::from_millis(1), POLL)),
            _ if none => POLL,
            _ => Duration::from_millis(1),
        })
    }

    async fn claim(&self, limit: usize, which: Which, now: Timestamp) -> Result<Claimed, StoreError> {
        let claim = Claim { endpoint: Arc::clone(&self.link.name), limit, lease: LEASE, which };
        self.shared.store.claim(claim, now).await
    }

    /// Attempts a delivery, or settles it without an attempt, and writes down what came of it.
    async fn deliver(self, lease: Lease, flight: Flight, refusal: Option<Refusal>) {
        let Self { shared, link, .. } = &self;
        let verdict = match refusal {
            Some(refusal) => Some((refusal.outcome(link, shared.clock.now()), refusal.note())),
            None => self.try_once(&lease).await,
        };
        let Some((outcome, note)) = verdict else { return };
        let fallbacks = match outcome {
            Outcome::Dead | Outcome::Gone | Outcome::YieldOr { .. } => self.fallbacks(&lease),
            _ => Vec::new(),
        };
        let (id, endpoint) = (lease.delivery.id, Arc::clone(&link.name));
        let finish = Finish { id, endpoint, fence: flight.fence(), outcome, note, fallbacks };
        if let Some((finish, settled)) = self.write_down(finish, &flight).await {
            shared.book_finish(link, &lease, &finish, settled);
        }
    }

    fn fallbacks(&self, lease: &Lease) -> Vec<NewDelivery> {
        self.shared.pipeline.fallbacks(&lease.delivery, self.shared.clock.now())
    }

    /// Writes down what came of an attempt: what is not written down would be asked for again, and the receiver told twice.
    async fn write_down(&self, mut finish: Finish, flight: &Flight) -> Option<(Finish, Settled)> {
        let shared = &self.shared;
        loop {
            finish.fence = flight.fence();
            let ask = || shared.store.finish(vec![finish.clone()], shared.clock.now());
            let settled = insist(shared, ask).await?.pop()?;
            // The lease ran out and was renewed meanwhile.
            let is_renewed = settled == Settled::Stale && finish.fence != flight.fence();
            if !is_renewed {
                return Some((finish, settled));
            }
        }
    }

    /// One attempt, and what follows from it; `None` if the notifier ends first.
    async fn try_once(&self, lease: &Lease) -> Option<(Outcome, Note)> {
        let Self { shared, link, .. } = self;
        let envelope = Envelope {
            delivery: lease.delivery.id,
            attempt: lease.attempt,
            now: shared.clock.wall(),
            payload: lease.delivery.payload.clone(),
            to: lease.delivery.to.clone(),
            scrub: Arc::new(KeepAll),
        };
        let started = instant_now();
        arrow::tell(arrow::SEND_BEGIN);
        let answer = tokio::select! {
            answer = tokio::time::timeout(LONGEST_ATTEMPT, attempt(link, &envelope)) => answer,
            () = shared.ending() => return None,
        };
        arrow::tell(arrow::SEND_ANSWERED);
        let cut_off = |_| Err(SendError::unknown(ErrorKind::Timeout, format!("no end within {LONGEST_ATTEMPT:?}")));
        let answer = answer.unwrap_or_else(cut_off);
        let now = shared.clock.now();
        record(link, &answer, now);
        let has_fallback = answer.is_err() && !self.fallbacks(lease).is_empty();
        let outcome = judge(link, lease, &answer, now, has_fallback);
        Some((outcome, note(link, &answer, started.elapsed())))
    }
}

/// Tells the breaker of an answer.
fn record(link: &Link, answer: &Result<Receipt, SendError>, now: Timestamp) {
    let changed = link.breaker().record(answer.as_ref().map(drop), now);
    if let Some(health) = changed {
        metrics::counter!("tidings_breaker_changes_total", "endpoint" => link.name.to_string()).increment(1);
        tracing::warn!(endpoint = %link.name, ?health, "the endpoint's health has changed");
    }
}
