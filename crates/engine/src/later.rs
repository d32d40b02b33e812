//! What is told later: it is looked at when its moment has come, when its user wishes something else, and when the notifier ends. What
//! becomes of it then stands in `resumption`; that it happens once is seen to by the store.

mod last;

use std::{
    collections::{BTreeSet, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering::SeqCst},
    },
    time::Duration,
};

use tidings_core::{NotificationId, Timestamp};
use tidings_store::{Deferrals, Deferred, Fate, Resumption};
use tokio::sync::Notify;

use crate::{
    gather::gather,
    held,
    planned::Moment,
    resumption::{Looking, Suppressed},
    settle::insist,
    shared::Shared,
};

pub(crate) use last::{close, name_lost};

/// How many are looked at for one transaction, where thousands come due together.
const PIECE: usize = 256;
/// So many pieces are told before events have their turn again.
const PIECES: usize = 4;
/// So many of one user, or of all, are looked at before their time; what is beyond that has its turn when it is due.
const MANY: usize = 1_000_000;
/// Where so many users have changed something, everybody is looked at.
const USERS: usize = 1_000;
/// The longest sleep between two looks at the clock while something waits: a clock may be set, a machine may have slept.
const LOOK: Duration = Duration::from_millis(250);
/// When something is looked at again that was due and could not be told, such as what stands in a damaged row.
const STUCK: Duration = Duration::from_secs(60);
/// The pause where something is overdue: whatever becomes of it, the worker does not spin.
const BREATH: Duration = Duration::from_millis(10);

/// When the first of what waits is due, and what is to be looked at before that.
#[derive(Debug)]
pub(crate) struct Later {
    next: AtomicI64,
    again: Mutex<Again>,
    news: Notify,
    /// Whether a stop waits for what need not wait for its moment then.
    closing: AtomicBool,
    closed: AtomicBool,
    /// Whether what is lost with the process was named.
    named: AtomicBool,
}

/// Whose wishes have changed.
#[derive(Debug, Default)]
struct Again {
    users: BTreeSet<Arc<str>>,
    all: bool,
}

impl Default for Later {
    fn default() -> Self {
        Self {
            next: AtomicI64::new(i64::MAX),
            again: Mutex::default(),
            news: Notify::new(),
            closing: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            named: AtomicBool::new(false),
        }
    }
}

impl Later {
    /// Something waits until then.
    pub(crate) fn await_until(&self, until: Timestamp) {
        if self.next.fetch_min(until.as_nanos(), SeqCst) > until.as_nanos() {
            self.news.notify_one();
        }
    }

    /// When the first of what waits is due, or nothing waits.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let next = self.next.load(SeqCst);
        (next < i64::MAX).then(|| Timestamp::from_nanos(next))
    }

    /// This user wishes something else: all that waits for him is judged again at once.
    pub(crate) fn look_again(&self, user: &str) {
        let mut again = self.again();
        again.users.insert(user.into());
        again.all |= again.users.len() > USERS;
        self.news.notify_one();
    }

    /// Something has changed for everybody, such as a silence: all that waits is judged again at once.
    pub(crate) fn look_again_at_all(&self) {
        self.again().all = true;
        self.news.notify_one();
    }

    /// Whether somebody's wishes have changed since the last look.
    pub(crate) fn is_to_look_again(&self) -> bool {
        let again = self.again();
        again.all || !again.users.is_empty()
    }

    fn again(&self) -> MutexGuard<'_, Again> {
        self.again.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_again(&self) -> Vec<Deferrals> {
        let Again { users, all } = std::mem::take(&mut *self.again());
        if all { vec![Deferrals::All] } else { users.into_iter().map(Deferrals::Of).collect() }
    }

    /// The notifier takes nothing more: what need not wait does not.
    pub(crate) fn close(&self) {
        self.closing.store(true, SeqCst);
    }

    /// Whether a stop has to wait for what is told at the end.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(SeqCst) && !self.closed.load(SeqCst)
    }
}

/// Waits until something may be due, or somebody's wishes have changed. Where the time comes from the events, what is due comes out
/// before the next of them.
pub(crate) async fn due(shared: &Shared) {
    let later = &shared.later;
    loop {
        if later.is_to_look_again() {
            return;
        }
        let Some(next) = later.next().filter(|_| !shared.event_time) else {
            later.news.notified().await;
            continue;
        };
        tokio::select! {
            () = tokio::time::sleep(pause(next, shared.clock.now())) => {}
            () = later.news.notified() => continue,
        }
        if next <= shared.clock.now() {
            return;
        }
    }
}

fn pause(due: Timestamp, now: Timestamp) -> Duration {
    if due <= now { BREATH } else { due.since(now).min(LOOK) }
}

/// Looks again at those whose wishes have changed, and tells what has come due by the clock. `now` is the rules' time, where that comes
/// from the events.
pub(crate) async fn tick(shared: &Shared, now: Timestamp) {
    // A drain waits for what is in hand, not for what is pending.
    shared.timed.add(1);
    let at = moment(shared, now);
    // Without an answer the notifier is at its end, and what was in hand with it.
    if look_again(shared, at).await.is_some() && !shared.event_time {
        flush(shared, at).await;
    }
    shared.timed.take();
}

fn moment(shared: &Shared, now: Timestamp) -> Moment {
    let wall = shared.clock.now();
    Moment { now: if shared.event_time { now } else { wall }, wall }
}

/// Judges again what waits for those whose wishes have changed.
async fn look_again(shared: &Shared, at: Moment) -> Option<()> {
    for which in shared.later.take_again() {
        held::wake(shared, &which).await?;
        let waiting = insist(shared, || shared.store.deferred(&which, MANY)).await?;
        for piece in pieces(&waiting) {
            settle(shared, piece, Looking { at, is_last: false }).await?;
        }
    }
    Some(())
}

/// Tells what is due by this moment, some pieces of it where there is much. `None` if the notifier ends first.
pub(crate) async fn flush(shared: &Shared, at: Moment) -> Option<()> {
    if shared.later.next().is_none_or(|next| next > at.now) {
        return Some(());
    }
    let which = Deferrals::Due(at.now);
    for _ in 0..PIECES {
        let waiting = insist(shared, || shared.store.deferred(&which, PIECE)).await?;
        let mut is_changed = false;
        for piece in pieces(&waiting) {
            is_changed |= settle(shared, piece, Looking { at, is_last: false }).await?;
            // Other tasks of the program get their turn in between.
            tokio::task::yield_now().await;
        }
        // What is as it was would be found again and again.
        if !is_changed {
            return note_next(shared, at.now).await;
        }
    }
    // The rest is due still.
    Some(())
}

/// Notes when the first of what waits is due.
async fn note_next(shared: &Shared, now: Timestamp) -> Option<()> {
    // What begins to wait from here on says so by itself.
    shared.later.next.store(i64::MAX, SeqCst);
    let pending = insist(shared, || shared.store.pending()).await?;
    match pending.next {
        Some(next) => shared.later.await_until(if next > now { next } else { now + STUCK }),
        None => shared.pipeline().beginnings.clear(),
    }
    Some(())
}

/// Settles what becomes of these at this moment, and books it. Says whether anything changed; `None` if the notifier ends first.
async fn settle(shared: &Shared, waiting: &[Deferred], looking: Looking) -> Option<bool> {
    let (waiting, suppressed) = shared.pipeline().with_suppressed(waiting);
    let looked = shared.pipeline().look(&waiting, looking);
    let batch = gather(shared, looked, looking.at).await?;
    if batch.items.is_empty() {
        return Some(false);
    }
    let stood = insist(shared, || shared.store.resume(&batch, shared.clock.now())).await?;
    shared.book_resumed(&batch, &stood, &suppressed);
    shared.witness.see_resumed(looking.at.now, &waiting, &batch, &stood);
    Some(stood.contains(&true))
}

/// Pieces for one transaction each: what may be told together stays together.
fn pieces(waiting: &[Deferred]) -> Vec<&[Deferred]> {
    let (mut pieces, mut rest) = (Vec::new(), waiting);
    while !rest.is_empty() {
        let mut length = 0;
        for together in rest.chunk_by(|one, other| pair(one) == pair(other)) {
            let is_apart = together.iter().all(|deferred| deferred.wait.digest.is_none());
            length += if is_apart { together.len().min(PIECE - length) } else { together.len() };
            if length >= PIECE {
                break;
            }
        }
        let (piece, left) = rest.split_at(length);
        pieces.push(piece);
        rest = left;
    }
    pieces
}

fn pair(deferred: &Deferred) -> (Timestamp, &str) {
    (deferred.wait.until, &deferred.notification.user_id)
}

impl Shared {
    /// Whether something that waited is due, or to be looked at: then a drain waits for it.
    pub(crate) fn is_late(&self) -> bool {
        let is_due = || !self.event_time && self.later.next().is_some_and(|next| next <= self.clock.now());
        self.later.is_closing() || self.later.is_to_look_again() || is_due()
    }

    /// Books what became of notifications that waited.
    fn book_resumed(&self, batch: &Resumption, stood: &[bool], suppressed: &Suppressed) {
        let mut told: HashSet<NotificationId> = HashSet::new();
        for (item, _) in batch.items.iter().zip(stood).filter(|(_, stood)| **stood) {
            if !matches!(item.fate, Fate::Waits(_)) {
                self.pipeline().beginnings.forget(item.notification);
            }
            match &item.fate {
                Fate::Sent { deliveries, .. } => {
                    self.ledger.deliveries.add((deliveries.len() as u64).saturating_sub(1));
                    self.pipeline().note_suppressed(suppressed, item.notification);
                }
                Fate::Waits(wait) => {
                    self.pipeline().beginnings.wait_on(item.notification, wait);
                    self.later.await_until(wait.until);
                }
                Fate::Gathered { into } => {
                    self.ledger.digested.add(1);
                    self.pipeline().note_suppressed(suppressed, item.notification);
                    told.insert(*into);
                }
                Fate::Dropped { untold: false } => self.ledger.digested.add(1),
                Fate::Dropped { untold: true } => self.ledger.withdrawn.add(1),
            }
        }
        for digest in batch.digests.iter().filter(|digest| told.contains(&digest.notification.notification_id)) {
            self.book_planned(digest);
        }
    }
}

#[cfg(test)]
mod tests;
