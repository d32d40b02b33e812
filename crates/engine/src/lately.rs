//! What each rule told each user lately, bounded. What follows from it is decided by `tidings_policy`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tidings_core::{Notification, Timestamp};
use tidings_policy::{DigestWindow, History, Recent, StormLimit};

/// So many pairs of a rule and a user are remembered before old ones are looked for.
const PAIRS: usize = 10_000;
/// What is older than the longest window of a digest matters to nothing any more.
const OLD: Duration = Duration::from_secs(26 * 60 * 60);

/// The histories, by rule and user.
#[derive(Debug)]
pub(crate) struct Lately {
    limit: Option<StormLimit>,
    histories: Mutex<Histories>,
}

#[derive(Debug)]
struct Histories {
    by_pair: HashMap<(Arc<str>, String), History>,
    room: usize,
}

impl Lately {
    pub(crate) fn new(limit: Option<StormLimit>) -> Self {
        Self { limit, histories: Mutex::new(Histories { by_pair: HashMap::new(), room: PAIRS }) }
    }

    fn open(&self) -> MutexGuard<'_, Histories> {
        self.histories.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What matters for this notification. What no rule says has no history.
    pub(crate) fn of(&self, told: &Notification, now: Timestamp) -> Recent {
        let Some(pair) = pair(told) else { return Recent::default() };
        self.open().by_pair.get(&pair).map(|history| history.recent(self.limit, now)).unwrap_or_default()
    }

    /// It is sent by itself.
    pub(crate) fn note_sent(&self, told: &Notification, now: Timestamp) {
        self.note(told, now, |history, limit| history.note_sent(limit, now));
    }

    /// It is put into a storm's summary.
    pub(crate) fn note_summed_up(&self, told: &Notification, window: DigestWindow, now: Timestamp) {
        self.note(told, now, |history, limit| history.note_summed_up(limit, window, now));
    }

    fn note(&self, told: &Notification, now: Timestamp, note: impl FnOnce(&mut History, Option<StormLimit>)) {
        let Some(pair) = pair(told) else { return };
        let mut open = self.open();
        if open.by_pair.len() >= open.room {
            open.by_pair.retain(|_, history| history.latest().is_some_and(|latest| now.since(latest) < OLD));
            open.room = (open.by_pair.len() * 2).max(PAIRS);
        }
        note(open.by_pair.entry(pair).or_default(), self.limit);
    }
}

fn pair(told: &Notification) -> Option<(Arc<str>, String)> {
    Some((told.rule.as_deref()?.into(), told.user_id.clone()))
}
