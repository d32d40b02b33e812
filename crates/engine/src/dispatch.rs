//! Claims what is due for one link and attempts it, so many at a time. Each link has a dispatcher of its own: a receiver that
//! hangs keeps nobody else waiting. What an answer means stands in `verdict`, what is booked for it in `outcome`.

use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use futures_util::{
    FutureExt,
    stream::{FuturesUnordered, StreamExt},
};
use tidings_core::{BoxFuture, Envelope, ErrorKind, KeepAll, Receipt, SendError, Timestamp, clock::instant_now};
use tidings_store::{Claim, Claimed, Finish, Lease, NewDelivery, Note, Outcome, Settled, StoreError, Which};
use tokio::sync::{Mutex as AsyncMutex, watch};

use crate::{
    arrow,
    breaker::{Gate, is_down},
    deliver::{Link, attempt, note},
    flights::{Flight, Flights, Turn},
    held,
    settle::insist,
    shared::Shared,
    verdict::{Answered, Refusal, judge},
};

/// A lease outlasts any attempt: layers end one after 15 s, and a rate limit may add its wait.
const LEASE: Duration = Duration::from_secs(120);
/// An attempt that nothing else has ended by then is cut off, so that a channel without a deadline of its own keeps no place for ever.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(110);
/// The longest sleep between two looks at the store: hints may be missed, and a clock may be set.
const POLL: Duration = Duration::from_millis(250);
/// The pause after the store could not be asked.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Attempts under way, all of them in the dispatcher's own task: none costs a task or a wake-up from one to another.
type Attempts = FuturesUnordered<BoxFuture<'static, ()>>;

/// Delivers what the link is owed until it is told to stop, or another one takes its place; then lets go of what is in flight, once what has been answered is
/// written down.
pub(crate) async fn run(shared: Arc<Shared>, link: Arc<Link>, mut stop: watch::Receiver<bool>) {
    let mut attempts = Attempts::new();
    let dispatcher = Dispatcher { shared, link, flights: Flights::default(), claiming: Arc::default() };
    let Dispatcher { shared, link, .. } = &dispatcher;
    let mut retired = link.service.retirement();
    while !*stop.borrow_and_update() && !*retired.borrow_and_update() {
        let room = link.concurrency.saturating_sub(attempts.len());
        // What is in flight goes on while the store is asked.
        let (turns, pause) = beside(&mut attempts, dispatcher.claim_due(room)).await.unwrap_or_else(|error| {
            tracing::error!(endpoint = %link.name, "no work could be claimed: {error}");
            (Vec::new(), STORE_PAUSE)
        });
        attempts.extend(turns.into_iter().map(|(flight, turn)| dispatcher.clone().fly_safely(flight, turn)));
        let full = attempts.len() >= link.concurrency;
        tokio::select! {
            _ = stop.changed() => {}
            _ = retired.changed() => {}
            Some(()) = attempts.next(), if !attempts.is_empty() => {}
            () = shared.store.wait_for_work(&link.name, pause), if !full => {}
        }
        // All that have ended by now make room for one claim.
        while let Some(Some(())) = attempts.next().now_or_never() {}
    }
    while attempts.next().await.is_some() {}
    if let Err(error) = shared.store.release(&link.name, shared.clock.now()).await {
        tracing::error!(endpoint = %link.name, "leases could not be released: {error}");
    }
    link.service.end();
}

/// Does some work and goes on with the attempts meanwhile.
async fn beside<T>(attempts: &mut Attempts, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            Some(()) = attempts.next(), if !attempts.is_empty() => {}
        }
    }
}

/// What a link's deliveries are claimed and attempted with.
#[derive(Clone)]
struct Dispatcher {
    shared: Arc<Shared>,
    link: Arc<Link>,
    flights: Flights,
    /// Held from a claim until all that it gave is known to be in flight.
    claiming: Arc<AsyncMutex<()>>,
}

impl Dispatcher {
    /// Claims what is due, as far as there is room and the breaker lets it, and says how long there is nothing more to do.
    async fn claim_due(&self, room: usize) -> Result<(Vec<(Flight, Turn)>, Duration), StoreError> {
        let link = &self.link;
        if room == 0 {
            return Ok((Vec::new(), POLL));
        }
        let now = self.shared.clock.now();
        let gate = link.breaker().gate(now);
        let (limit, which) = match gate {
            Gate::Closed => (room, Which::Due),
            Gate::Probe => (1, Which::Due),
            Gate::Open { .. } => (room, Which::Overdue),
        };
        let claiming = self.claiming.lock().await;
        let claimed = self.claim(limit, which, now).await?;
        let none = claimed.leases.is_empty();
        let mut turns = Vec::with_capacity(claimed.leases.len());
        for lease in claimed.leases {
            let Some(lease) = self.without_holds(lease, now).await else { break };
            let refusal = self.refusal(&lease, now).or((which == Which::Overdue).then_some(Refusal::Down));
            let is_probe = gate == Gate::Probe && refusal.is_none();
            if let Some((flight, turn)) = self.flights.begin(Turn { lease, refusal, is_probe }) {
                self.note_probe(&turn, now);
                turns.push((flight, turn));
            }
        }
        drop(claiming);
        let pause = match gate {
            Gate::Closed => claimed.next_due.map_or(POLL, |due| due.since(now).clamp(Duration::from_millis(1), POLL)),
            _ if none => POLL,
            _ => Duration::from_millis(1),
        };
        Ok((turns, pause))
    }

    /// What settles a delivery without an attempt, or puts it off. What its user does not want is over before it is too old; what is too
    /// old or goes to nobody is over whether or not somebody is there, and whether or not he sleeps.
    fn refusal(&self, lease: &Lease, now: Timestamp) -> Option<Refusal> {
        // In a file the moment of what is told is long past: it was judged as of then.
        let asks = !self.shared.event_time;
        let objection = asks.then(|| self.shared.pipeline().objection(&lease.delivery, now)).flatten();
        match objection {
            // By the end of what holds it, it may be wanted again.
            Some(unwanted @ Refusal::Unwanted(_)) => {
                Some(self.shared.held.holding(&lease.delivery, now).unwrap_or(unwanted))
            }
            held => self.link.refusal(lease, now).or(held),
        }
    }

    /// A lease as if its delivery had been made later by the time for which its user's wishes held it: that time does not age it. `None` if
    /// the notifier ends first.
    async fn without_holds(&self, mut lease: Lease, now: Timestamp) -> Option<Lease> {
        if lease.delivery.leg.is_some() && self.link.is_aging(&lease, now) {
            lease.made = lease.made + held::span(&self.shared, lease.delivery.id, now).await?;
        }
        Some(lease)
    }

    async fn claim(&self, limit: usize, which: Which, now: Timestamp) -> Result<Claimed, StoreError> {
        let claim = Claim { endpoint: Arc::clone(&self.link.name), limit, lease: LEASE, which };
        self.shared.store.claim(claim, now).await
    }

    fn note_probe(&self, turn: &Turn, now: Timestamp) {
        if turn.is_probe {
            self.link.breaker().probe(now);
        }
    }

    /// [`Dispatcher::fly`]; a defect on the way must cost this attempt, not the dispatcher: its lease runs out, and it is tried again.
    fn fly_safely(self, flight: Flight, turn: Turn) -> BoxFuture<'static, ()> {
        let name = Arc::clone(&self.link.name);
        Box::pin(AssertUnwindSafe(self.fly(flight, turn)).catch_unwind().map(move |ended| {
            if ended.is_err() {
                tracing::error!(endpoint = %name, "a defect: booking an attempt panicked");
            }
        }))
    }

    /// Attempts a delivery until its next turn is not come yet.
    async fn fly(self, flight: Flight, turn: Turn) {
        let mut next = self.deliver(flight, turn).await;
        while let Some((flight, mut turn)) = next {
            // It was claimed while the attempt before was under way: hours may lie between.
            turn.refusal = turn.refusal.or_else(|| self.refusal(&turn.lease, self.shared.clock.now()));
            self.note_probe(&turn, self.shared.clock.now());
            next = self.deliver(flight, turn).await;
        }
    }

    /// Attempts a delivery, or settles it without an attempt, and writes down what came of it. Gives its next turn, if that has come
    /// already.
    async fn deliver(&self, flight: Flight, turn: Turn) -> Option<(Flight, Turn)> {
        let Self { shared, link, .. } = self;
        let Turn { lease, refusal, .. } = turn;
        let (outcome, note) = match &refusal {
            Some(refusal) => (refusal.outcome(link, shared.clock.now()), refusal.note()),
            None => self.try_once(&lease).await?,
        };
        let attempt = refusal.is_none().then_some(lease.attempt);
        let fallbacks = match outcome {
            Outcome::Delivered(_) | Outcome::Retry { .. } | Outcome::Withdrawn(_) => Vec::new(),
            Outcome::Dead | Outcome::Gone | Outcome::Expired | Outcome::YieldOr { .. } => self.fallbacks(&lease),
        };
        let (id, endpoint) = (lease.delivery.id, Arc::clone(&link.name));
        let finish = Finish { id, endpoint, fence: flight.fence(), attempt, outcome, note, fallbacks };
        let settling = link.settling();
        let (finish, settled) = self.write_down(finish, &flight).await?;
        shared.held.note(&lease.delivery, refusal.as_ref());
        shared.book_finish(link, &lease, &finish, settled);
        drop(settling);
        flight.land(finish.fence)
    }

    fn fallbacks(&self, lease: &Lease) -> Vec<NewDelivery> {
        self.shared.pipeline().fallbacks(&lease.delivery, self.shared.clock.now())
    }

    /// Writes down what came of an attempt: what is not written down would be asked for again, and the receiver told twice.
    async fn write_down(&self, mut finish: Finish, flight: &Flight) -> Option<(Finish, Settled)> {
        let shared = &self.shared;
        loop {
            finish.fence = flight.fence();
            let ask = || shared.store.finish(vec![finish.clone()], shared.clock.now());
            let settled = insist(shared, ask).await?.pop()?;
            if settled == Settled::Stale {
                // The lease may have run out and been renewed by a claim whose answer is still under way.
                drop(self.claiming.lock().await);
            }
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
        let alone = record(link, lease, &answer, now);
        let has_fallback = answer.is_err() && !self.fallbacks(lease).is_empty();
        let outcome = judge(link, &Answered { lease, answer: &answer, now, has_fallback, alone });
        Some((outcome, note(link, &answer, started.elapsed())))
    }
}

/// Tells the breaker of an answer. Says how often the endpoint took others between two failures of this delivery.
fn record(link: &Link, lease: &Lease, answer: &Result<Receipt, SendError>, now: Timestamp) -> u32 {
    let changed = link.breaker().record(answer.as_ref().map(drop), now);
    if let Some(health) = changed {
        metrics::counter!("tidings_breaker_changes_total", "endpoint" => link.name.to_string()).increment(1);
        tracing::warn!(endpoint = %link.name, ?health, "the endpoint's health has changed");
    }
    match answer {
        Ok(_) => link.suspects().note_success(),
        Err(error) if is_down(error) == Some(true) => return link.suspects().note_failure(lease.delivery.id),
        Err(_) => {}
    }
    0
}
