//! What was before an event: the events of its agent, and what the log tells of earlier firings. Judging by that is left to `judge`.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tidings_core::{Event, Timestamp};
use tidings_store::{Entry, EventRange, LogFilter, Page, Step, Store, StoreError, StoredEvent};
use tidings_trigger::LookBack;

use super::read::time;
use crate::worker::advanced;

/// Events are looked through in blocks of so many numbers, so many blocks at most.
const BLOCK: u64 = 1_000;
const BLOCKS: u64 = 100;
/// At most so many of an agent are judged again.
const MOST: usize = 20_000;
/// So many at least, where anything looks back: what holds or fires may have begun before the look-back.
const LEAST: usize = 64;
/// Entries of the log that are read at once, and how often.
const PAGE: usize = 1_000;
const PAGES: usize = 10;
/// Rules that are asked for one by one: those whose firing may have begun at any time.
const ONE_BY_ONE: usize = 64;

/// The events of an agent before one of them, oldest first, each with the time at which it was judged.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) events: Vec<(Arc<Event>, Timestamp)>,
    /// When the event itself was judged, as nearly as is known.
    pub(super) now: Timestamp,
}

impl Past {
    /// Reads as much as the rules look back on, and as much again: what holds at the beginning of that began before it.
    pub(super) async fn read(
        store: &dyn Store,
        event: &StoredEvent,
        look_back: LookBack,
        event_time: bool,
    ) -> Result<Self, StoreError> {
        let looks = !look_back.span.is_zero() || look_back.events > 0;
        let reach = Reach { span: look_back.span.saturating_mul(2), events: look_back.events.max(LEAST) };
        let kept = match (event_time, looks) {
            (false, false) => Vec::new(),
            (false, true) => by_the_clock(store, event, reach).await?,
            // The time of a file goes by its events, whether or not a rule looks back.
            (true, _) => by_their_times(store, event, reach).await?,
        };
        Ok(if event_time { Self::of_file(&kept, event) } else { Self::as_received(kept, event) })
    }

    fn as_received(kept: Vec<StoredEvent>, event: &StoredEvent) -> Self {
        let events = kept.into_iter().map(|kept| (kept.event, kept.received));
        Self { events: events.collect(), now: event.received }
    }

    fn of_file(kept: &[StoredEvent], event: &StoredEvent) -> Self {
        let mut now = Timestamp::from_nanos(i64::MIN);
        let mut events = Vec::new();
        for kept in kept {
            now = advanced(now, kept.event.timestamp);
            if kept.event.agent_id == event.event.agent_id {
                events.push((Arc::clone(&kept.event), now));
            }
        }
        Self { events, now: advanced(now, event.event.timestamp) }
    }
}

/// How far back is enough.
#[derive(Clone, Copy, Debug)]
struct Reach {
    span: Duration,
    events: usize,
}

/// Those that were accepted within the reach.
async fn by_the_clock(store: &dyn Store, event: &StoredEvent, reach: Reach) -> Result<Vec<StoredEvent>, StoreError> {
    let since = EventRange { since: Some(event.received - reach.span), ..EventRange::default() };
    let first = store.events(&since, 1).await?.first().map_or(event.number, |first| first.number);
    let agent = event.event.agent_id.clone();
    let enough = |kept: &[StoredEvent], reached: u64| reached < first && kept.len() >= reach.events;
    let mut kept = backwards(store, event.number, agent, enough).await?;
    kept.retain(|kept| kept.event.agent_id == event.event.agent_id);
    Ok(kept)
}

/// Those whose own times are within the reach, of all agents: the time of one is that of the newest of all.
async fn by_their_times(store: &dyn Store, event: &StoredEvent, reach: Reach) -> Result<Vec<StoredEvent>, StoreError> {
    let enough = |kept: &[StoredEvent], _| {
        let newest = kept.iter().map(|kept| kept.event.timestamp).filter(|time| *time < Timestamp::MAX).max();
        let start = newest.unwrap_or(event.event.timestamp).max(event.event.timestamp) - reach.span;
        let own = kept.iter().filter(|kept| kept.event.agent_id == event.event.agent_id).count();
        own >= reach.events && kept.first().is_some_and(|first| first.event.timestamp < start)
    };
    backwards(store, event.number, None, enough).await
}

/// Events before that number, oldest first, until there are enough; the latter is also told down to which number was looked.
async fn backwards(
    store: &dyn Store,
    number: u64,
    agent: Option<String>,
    enough: impl Fn(&[StoredEvent], u64) -> bool,
) -> Result<Vec<StoredEvent>, StoreError> {
    let mut kept: Vec<StoredEvent> = Vec::new();
    let mut until = number.saturating_sub(1);
    for _ in 0..BLOCKS {
        if until == 0 || kept.len() >= MOST {
            break;
        }
        let after = until.saturating_sub(BLOCK);
        let range = EventRange { after, until: Some(until), agent: agent.clone(), ..EventRange::default() };
        let block = usize::try_from(BLOCK).unwrap_or(usize::MAX);
        kept.splice(0..0, store.events(&range, block).await?);
        until = after;
        if enough(&kept, after) {
            break;
        }
    }
    Ok(kept)
}

/// What the log tells of a rule and an agent before an event.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    /// When it fired, latest first.
    pub(super) fired: Vec<Timestamp>,
    /// Whether its last word was a firing.
    pub(super) is_open: bool,
}

/// Reads the log of earlier firings, by rule.
pub(super) struct History<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) event: &'a StoredEvent,
    /// When the event was judged.
    pub(super) now: Timestamp,
}

impl History<'_> {
    /// The firings that may still matter: within the longest cooldown, and whatever happened last to `lasting` rules, whose firings
    /// end only when they are resolved.
    pub(super) async fn read(
        &self,
        longest: Duration,
        lasting: &[&str],
    ) -> Result<HashMap<String, Earlier>, StoreError> {
        let mut entries = self.since_acceptance().await?;
        entries.extend(self.before_acceptance(longest).await?);
        for rule in lasting.iter().take(ONE_BY_ONE) {
            if entries.iter().all(|entry| entry.rule.as_deref() != Some(*rule)) {
                let filter = LogFilter { rule: Some((*rule).to_owned()), ..self.filter() };
                let last = self.own(&filter, Page::Before { number: None, limit: 1 }).await?;
                entries.extend(last);
            }
        }
        let mut earlier: HashMap<String, Earlier> = HashMap::new();
        for entry in entries {
            let (Some(rule), Some(at)) = (entry.rule, time_of(&entry.detail)) else { continue };
            let fired = entry.step == Step::Fired;
            let known = earlier.entry(rule).or_insert_with(|| Earlier { is_open: fired, ..Earlier::default() });
            known.fired.extend(fired.then_some(at));
        }
        Ok(earlier)
    }

    /// Firings and their ends, written before the event was accepted.
    fn filter(&self) -> LogFilter {
        LogFilter {
            agent: self.event.event.agent_id.clone(),
            steps: vec![Step::Fired, Step::Resolved],
            until: Some(self.event.received),
            ..LogFilter::default()
        }
    }

    /// A page of the entries of the event's own agent; of nameless agents there is no filter.
    async fn own(&self, filter: &LogFilter, page: Page) -> Result<Vec<Entry>, StoreError> {
        let mut entries = self.store.log_query(filter, page).await?;
        entries.retain(|entry| entry.agent == self.event.event.agent_id);
        Ok(entries)
    }

    async fn before_acceptance(&self, longest: Duration) -> Result<Vec<Entry>, StoreError> {
        let (filter, mut number) = (self.filter(), None);
        let mut entries = Vec::new();
        for _ in 0..PAGES {
            let page = self.store.log_query(&filter, Page::Before { number, limit: PAGE }).await?;
            number = page.last().map(|entry| entry.number);
            let oldest = page.last().and_then(|entry| time(entry, "at"));
            let done = page.len() < PAGE || oldest.is_some_and(|oldest| self.now.since(oldest) > longest);
            entries.extend(page.into_iter().filter(|entry| entry.agent == self.event.event.agent_id));
            if done {
                break;
            }
        }
        Ok(entries)
    }

    /// What was planned between the event's acceptance and its plan, latest first: of events that came before it, and by time.
    async fn since_acceptance(&self) -> Result<Vec<Entry>, StoreError> {
        let filter = LogFilter { since: Some(self.event.received), until: None, ..self.filter() };
        let page = self.own(&filter, Page::After { number: 0, limit: PAGE }).await?;
        let mut entries = Vec::new();
        for entry in page {
            match self.is_before(&entry).await? {
                Some(true) => entries.insert(0, entry),
                Some(false) => {}
                None => break,
            }
        }
        Ok(entries)
    }

    /// Whether an entry was decided before the event was; `None` for one of a later event, after which there is none.
    async fn is_before(&self, entry: &Entry) -> Result<Option<bool>, StoreError> {
        let Some(id) = entry.event.filter(|id| *id != self.event.id) else { return Ok(Some(false)) };
        if let Some(other) = self.store.event(id).await? {
            return Ok((other.number < self.event.number).then_some(true));
        }
        Ok(Some(time(entry, "at").is_some_and(|at| at <= self.now)))
    }
}

fn time_of(detail: &serde_json::Map<String, serde_json::Value>) -> Option<Timestamp> {
    Timestamp::from_secs_f64(detail.get("at")?.as_f64()?)
}
