//! What each rule told each user lately, bounded. What follows from it is decided by `tidings_policy`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tidings_core::{Notification, Timestamp};
use tidings_policy::{Choices, DigestWindow, History, Preferences, Recent, StormLimit};
use tidings_store::{Entry, LogFilter, Page, Step};

use crate::{people::People, settle::insist, shared::Shared};

/// So many pairs of a rule and a user are remembered before old ones are looked for.
const PAIRS: usize = 10_000;
/// What is older than the longest window of a digest matters to nothing any more.
const OLD: Duration = Duration::from_secs(26 * 60 * 60);

/// Entries that are read at once.
const PAGE: usize = 1_000;

/// The histories, by rule and user.
#[derive(Debug)]
pub(crate) struct Lately {
    limit: Option<StormLimit>,
    histories: Arc<Mutex<Histories>>,
}

/// A rule and a user.
type Pair = (Arc<str>, String);

#[derive(Debug)]
struct Histories {
    by_pair: HashMap<Pair, History>,
    room: usize,
}

impl Lately {
    pub(crate) fn new(limit: Option<StormLimit>) -> Self {
        Self { limit, histories: Arc::new(Mutex::new(Histories { by_pair: HashMap::new(), room: PAIRS })) }
    }

    /// The same histories under another limit.
    pub(crate) fn under(&self, limit: Option<StormLimit>) -> Self {
        Self { limit, histories: Arc::clone(&self.histories) }
    }

    /// From when on messages are a storm.
    pub(crate) const fn limit(&self) -> Option<StormLimit> {
        self.limit
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
        self.note(pair(told), now, |history, limit| history.note_sent(limit, now));
    }

    /// It is put into a storm's summary.
    pub(crate) fn note_summed_up(&self, told: &Notification, window: DigestWindow, now: Timestamp) {
        self.note(pair(told), now, |history, limit| history.note_summed_up(limit, window, now));
    }

    /// What the log tells of before: what was sent, and what was put into a summary.
    fn recall(&self, entry: &Entry, at: Timestamp) {
        let pair = entry.rule.as_deref().zip(entry.user.clone()).map(|(rule, user)| (rule.into(), user));
        match entry.step {
            Step::Digested => {
                if let Some(window) = summary(entry) {
                    self.note(pair, at, |history, limit| history.note_summed_up(limit, window, at));
                }
            }
            _ => self.note(pair, at, |history, limit| history.note_sent(limit, at)),
        }
    }

    fn note(&self, pair: Option<Pair>, now: Timestamp, note: impl FnOnce(&mut History, Option<StormLimit>)) {
        let Some(pair) = pair else { return };
        let mut open = self.open();
        if open.by_pair.len() >= open.room {
            open.by_pair.retain(|_, history| history.latest().is_some_and(|latest| now.since(latest) < OLD));
            open.room = (open.by_pair.len() * 2).max(PAIRS);
        }
        note(open.by_pair.entry(pair).or_default(), self.limit);
    }
}

fn pair(told: &Notification) -> Option<Pair> {
    Some((told.rule.as_deref()?.into(), told.user_id.clone()))
}

/// The summary of a storm that an entry puts its notification into.
fn summary(entry: &Entry) -> Option<DigestWindow> {
    let moment = |key| entry.detail.get(key).and_then(Value::as_f64).and_then(Timestamp::from_secs_f64);
    let is_storm = entry.detail.get("why").and_then(Value::as_str) == Some("storm");
    Some(DigestWindow { from: moment("from")?, until: moment("until")? }).filter(|_| is_storm)
}

/// Remembers what the process before told lately, by the log, so that neither a storm nor the first of a window begins anew. In a file
/// that is not known: the log goes by the clock. `None` if the notifier ends first.
pub(crate) async fn recall(shared: &Shared, set_back: Duration) -> Option<()> {
    let pipeline = shared.pipeline();
    let (lately, people) = (&pipeline.lately, pipeline.people.now());
    let storm = lately.limit.map_or(Duration::ZERO, |limit| limit.window);
    let span = if wants_first_now(&people) { OLD.max(storm) } else { storm };
    if shared.event_time || span.is_zero() {
        return Some(());
    }
    // What was told before a clock was set back was told by that clock.
    let since = shared.clock.now() + set_back - span;
    let steps = vec![Step::Planned, Step::Resumed, Step::Digested];
    let filter = LogFilter { steps, since: Some(since), ..LogFilter::default() };
    let mut number = 0;
    loop {
        let page = insist(shared, || shared.store.log_query(&filter, Page::After { number, limit: PAGE })).await?;
        let Some(last) = page.last() else { return Some(()) };
        number = last.number;
        // A digest comes of no event, and no rule says it by itself.
        let told = page.iter().filter(|entry| entry.event.is_some());
        told.for_each(|entry| lately.recall(entry, entry.at - set_back));
        tokio::task::yield_now().await;
    }
}

/// Whether anybody wants to be told the first of a window at once.
fn wants_first_now(people: &People) -> bool {
    let wants = |choices: &Choices| choices.settings.digest.as_ref().is_some_and(|digest| digest.first_now);
    let has = |wishes: &Preferences| wants(&wishes.default) || wishes.agents.values().any(wants);
    let users = people.users.ids().filter_map(|id| people.users.get(id)?.preferences.as_ref());
    has(&people.operator) || users.into_iter().any(has)
}
