//! Pulls events, accepts them into the store in batches and takes each through the pipeline. One worker, so that rules see events,
//! and the time between them, in order; sinks have workers of their own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::Ordering::{Relaxed, SeqCst},
    },
    time::Duration,
};

use serde_json::json;
use tidings_core::{Event, EventId, Timestamp};
use tidings_store::{Acceptance, Offer, StateRow};
use tokio::sync::mpsc;

use crate::{
    later,
    planned::{Accepted, Handover, Moment, Planned, Step},
    queue::Batch,
    recover::{TakenOver, changes, recover},
    reload::{Office, Order},
    rule_time::advanced,
    settle::{commit, insist},
    shared::Shared,
    timer,
};

/// Events a transaction; a place in it fits a byte.
const BATCH: usize = 1 << u8::BITS;
/// So many plans of events, and of what came due before them, fill a transaction.
const FULL: usize = 2 * BATCH;
/// How long events gather after a batch.
const LINGER: Duration = Duration::from_millis(1);
/// How far ahead of our clock an event may claim to be.
const AHEAD: Duration = Duration::from_secs(60);

/// What comes to the worker beside what is emitted.
pub(crate) struct Inbox {
    pub(crate) accepted: mpsc::Receiver<Vec<Accepted>>,
    pub(crate) orders: mpsc::Receiver<Order>,
    /// What keeps the notifier's own thread alive.
    pub(crate) alive: Option<mpsc::Sender<()>>,
}

/// Runs until both inputs are closed and empty, or the notifier ends. What it has in hand then is written off by the stop.
pub(crate) async fn run(shared: Arc<Shared>, taken: TakenOver, mut inbox: Inbox) {
    let mut batch = Batch::default();
    let mut stop = shared.stop.subscribe();
    let Some(mut now) = recover(&shared, &taken).await else { return };
    shared.recovered.store(true, SeqCst);
    let (mut emits, mut accepts) = (true, true);
    let Inbox { accepted, orders, alive } = &mut inbox;
    let office = Office { shared: &shared, found: &taken.found, alive: alive.as_ref() };
    timer::start(&shared).await;
    // It is kept over the turns: what was emitted waits no longer for all that is accepted meanwhile.
    let gathering = next_batch(&shared, false);
    tokio::pin!(gathering);
    while (emits || accepts) && !shared.is_ending() {
        tokio::select! {
            _ = stop.changed() => {}
            events = accepted.recv(), if accepts => match events {
                Some(events) => plan_all(&shared, &with_those_behind(events, accepted), &mut now).await,
                None => accepts = false,
            },
            more = &mut gathering, if emits => {
                emits = more;
                shared.queue.take(&mut batch);
                take_in(&shared, &mut batch, &mut now).await;
                gathering.set(next_batch(&shared, true));
            }
            Some(order) = orders.recv() => office.take_up(order, accepted, &mut now).await,
            () = timer::due(&shared) => timer::tick(&shared).await,
            () = later::due(&shared) => later::tick(&shared, now).await,
        }
    }
    later::close(&shared, now).await;
}

/// What was accepted, with what waits behind it, as far as a transaction has room: each costs a sync.
fn with_those_behind(mut events: Vec<Accepted>, accepted: &mut mpsc::Receiver<Vec<Accepted>>) -> Vec<Accepted> {
    while events.len() < BATCH
        && let Ok(more) = accepted.try_recv()
    {
        events.extend(more);
    }
    events
}

/// Waits for emitted events; `false` once there will be none. After a batch it lets the next one gather first.
async fn next_batch(shared: &Shared, busy: bool) -> bool {
    if busy {
        shared.queue.linger(LINGER).await;
    }
    shared.queue.wait().await
}

/// Accepts and plans emitted events.
async fn take_in(shared: &Shared, batch: &mut Batch<Event>, now: &mut Timestamp) {
    while !shared.is_ending() {
        let events: Vec<_> = batch.by_ref().take(BATCH).collect();
        if events.is_empty() {
            return;
        }
        let Some(fresh) = accept(shared, shared.offer_emitted(events)).await else { return };
        plan_all(shared, &fresh, now).await;
    }
}

/// Puts offers into the store and gives those that are new; `None` if the notifier ends first.
async fn accept(shared: &Shared, offers: Vec<Offer>) -> Option<Vec<Accepted>> {
    let verdicts = insist(shared, || shared.store.accept(&offers, shared.clock.now())).await?;
    shared.note_accepted();
    let count = offers.len();
    let fresh = offers.into_iter().zip(verdicts).filter_map(|(offer, verdict)| match verdict {
        Acceptance::Accepted => Some(Accepted::now(offer.id, offer.event)),
        Acceptance::Duplicate { .. } => None,
    });
    let fresh: Vec<_> = fresh.collect();
    shared.queue.settle(count - fresh.len(), || shared.ledger.duplicate.add((count - fresh.len()) as u64));
    // From here on they are as safe as those that `accept` took.
    shared.queue.settle(fresh.len(), || shared.inbound.add(fresh.len() as u64));
    Some(fresh)
}

/// Takes accepted events through the pipeline and makes durable what came of them.
pub(crate) async fn plan_all(shared: &Shared, events: &[Accepted], now: &mut Timestamp) {
    for chunk in events.chunks(BATCH) {
        // What comes due while its pieces are made durable comes after the chunk.
        let wall = shared.clock.now();
        let mut left = chunk;
        while !left.is_empty() {
            if flush_before(shared, left, Moment { now: *now, wall }).await.is_none() {
                return;
            }
            let piece = process_some(shared, left, wall, now);
            left = left.get(piece.events..).unwrap_or_default();
            if commit(shared, piece.planned, piece.states).await.is_none() {
                return;
            }
            // Unless a stop wrote them off before.
            if shared.inbound.sub(piece.events as u64) {
                shared.ledger.planned.add(piece.events as u64);
            }
            if shared.is_ending() {
                return;
            }
            // Other tasks of the program get their turn in between.
            tokio::task::yield_now().await;
        }
    }
}

/// Tells what waits until the next event's time, each at its own where that is a file's: what waited for longer comes first.
async fn flush_before(shared: &Shared, left: &[Accepted], at: Moment) -> Option<()> {
    if !shared.event_time {
        return later::flush(shared, Moment { now: at.wall, wall: at.wall }).await;
    }
    let Some(next) = left.first() else { return Some(()) };
    let until = advanced(at.now, next.event.timestamp);
    while let Some(due) = shared.later.next().filter(|due| *due <= until) {
        timer::pass(shared, Moment { now: due, ..at }).await?;
        // What came due by time alone may wait for less long.
        let due = shared.later.next().map_or(due, |next| next.min(due));
        later::flush(shared, Moment { now: due, ..at }).await?;
    }
    Some(())
}

/// What is made durable at once.
#[derive(Debug, Default)]
struct Piece {
    planned: Vec<Planned>,
    states: Vec<StateRow>,
    /// When the first of what it puts off is due.
    waits: Option<Timestamp>,
    /// How many events were processed: fewer than given, none even, where much came due before one of them.
    events: usize,
}

/// Takes events of a batch through the pipeline and hands them to the in-process sinks.
fn process_some(shared: &Shared, events: &[Accepted], wall: Timestamp, now: &mut Timestamp) -> Piece {
    let pipeline = shared.pipeline();
    let rules = pipeline.rule_set();
    let mut step = Step { rules, handover: Handover::default() };
    let mut piece = Piece { planned: Vec::with_capacity(events.len()), ..Piece::default() };
    for accepted in events {
        *now = if shared.event_time { advanced(*now, accepted.event.timestamp) } else { wall };
        let at = Moment { now: *now, wall };
        // What waits comes out before this event, once what stands before it is written down.
        if shared.event_time && piece.next_wait(shared).is_some_and(|until| until <= *now) {
            break;
        }
        // Holds and absences that came due before this event fire before it.
        let due = timer::come_due(shared, &mut step.rules, accepted.seen_at(at), at);
        due.planned.into_iter().for_each(|planned| piece.add(planned));
        if !due.is_all {
            break;
        }
        let mut given = guarded(|| pipeline.process(accepted, at, &mut step), accepted.id, at.now);
        given.rule.judged = (!shared.event_time).then(|| accepted.judged_at(at));
        piece.add(given);
        piece.events += 1;
        if piece.planned.len() >= FULL {
            break;
        }
    }
    let Step { handover, mut rules, .. } = step;
    piece.states = changes(shared, &mut rules);
    drop(rules);
    pipeline.hand_over(handover);
    piece
}

impl Piece {
    fn add(&mut self, planned: Planned) {
        let waits = planned.rule.told.iter().filter_map(|handed| handed.plan.wait.as_ref());
        self.waits = waits.map(|wait| wait.until).chain(self.waits).min();
        self.planned.push(planned);
    }

    /// When the first of what waits is due, by what is written down and by what is not yet.
    fn next_wait(&self, shared: &Shared) -> Option<Timestamp> {
        shared.later.next().into_iter().chain(self.waits).min()
    }
}

/// The id of the event at this place of a batch: one random id serves a batch, its last byte tells the place.
const fn numbered(mut batch: [u8; 16], place: u8) -> EventId {
    batch[15] = place;
    EventId::from_bytes(batch)
}

/// A defect in a stage must cost one event's notifications, not the worker.
fn guarded(process: impl FnOnce() -> Planned, event: EventId, now: Timestamp) -> Planned {
    catch_unwind(AssertUnwindSafe(process)).unwrap_or_else(|_| {
        tracing::error!(%event, "a defect: planning this event panicked; it gives nothing");
        Planned::nothing(event, now)
    })
}

impl Shared {
    /// Emitted events become offers. One without an id of its own is an event of its own, however much it resembles another.
    fn offer_emitted(&self, events: Vec<Event>) -> Vec<Offer> {
        let now = self.clock.now();
        let fresh = *uuid::Uuid::now_v7().as_bytes();
        let offers = events.into_iter().zip(0..=u8::MAX).map(|(mut event, place)| {
            let repeatable = event.id.is_some();
            let id = if repeatable { event.identity(0) } else { numbered(fresh, place) };
            self.correct_time(&mut event, now);
            Offer { id, event: Arc::new(event), repeatable }
        });
        offers.collect()
    }

    /// An event from the future would end its agent's windows: it gets our time, and keeps its claim.
    pub(crate) fn correct_time(&self, event: &mut Event, now: Timestamp) {
        if event.timestamp <= now + AHEAD {
            self.latest.fetch_max(event.timestamp.as_nanos(), Relaxed);
            return;
        }
        // In a file of past events the time of receipt is that of the events before.
        let latest = Some(self.latest.load(Relaxed)).filter(|latest| self.event_time && *latest > i64::MIN);
        event.metadata.insert("claimed_at".to_owned(), json!(event.timestamp));
        event.timestamp = latest.map_or(now, Timestamp::from_nanos);
        metrics::counter!("tidings_events_claimed_ahead_total").increment(1);
    }

    /// Whether the workers must end.
    pub(crate) fn is_ending(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits until the workers must end.
    pub(crate) async fn ending(&self) {
        let mut stop = self.stop.subscribe();
        // An error would say that the notifier is gone: that is an end as well.
        drop(stop.wait_for(|stop| *stop).await);
    }
}
