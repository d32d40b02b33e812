//! What was before an event: the events of its agent, and what the log tells of earlier firings. Judging by that is left to `judge`.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tidings_core::{Event, Timestamp};
use tidings_store::{Entry, EventRange, LogFilter, Page, Step, Store, StoreError, StoredEvent};
use tidings_trigger::LookBack;

use super::{clocks::Clocks, read::time};
use crate::rule_time::advanced;

/// Events are looked through in blocks of so many numbers, so many blocks at most.
const BLOCK: u64 = 1_000;
const BLOCKS: u64 = 100;
/// So many events behind one may have been judged before it.
const BEHIND: u64 = 256;
/// At most so many of an agent are judged again.
const MOST: usize = 20_000;
/// So many at least, where anything looks back: what holds or fires may have begun before the look-back.
const LEAST: usize = 64;
/// Entries of the log that are read at once, and how often.
const PAGE: usize = 1_000;
const PAGES: usize = 10;
/// Rules that are asked for one by one: those whose firing may have begun at any time.
const ONE_BY_ONE: usize = 64;

/// The events of an agent that were judged before one of them, in that order, each with the time at which it was. All by the clock of
/// that one's acceptance.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) events: Vec<(Arc<Event>, Timestamp)>,
    /// When the event itself was judged.
    pub(super) now: Timestamp,
    /// `None` where the time comes from the events: that is no clock's, and nobody sets it back.
    clocks: Option<Clocks>,
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
        let clocks = Clocks::of(store.set_backs().await?, event);
        let reach = Reach { span: look_back.span.saturating_mul(2), events: look_back.events.max(LEAST) };
        let kept = match (event_time, looks) {
            (false, false) => Vec::new(),
            (false, true) => by_the_clock(store, event, reach).await?,
            // The time of a file goes by its events, whether or not a rule looks back.
            (true, _) => by_their_times(store, event, reach).await?,
        };
        Ok(if event_time { Self::of_file(&kept, event) } else { Self::as_judged(&kept, event, clocks) })
    }

    fn as_judged(kept: &[StoredEvent], event: &StoredEvent, clocks: Clocks) -> Self {
        let order = |kept: &StoredEvent| (clocks.judged(kept), kept.number);
        let own = order(event);
        let mut before: Vec<_> = kept.iter().filter(|kept| !kept.waiting && order(kept) < own).collect();
        before.sort_by_key(|kept| order(kept));
        let events = before.into_iter().map(|kept| (clocks.seen(kept), clocks.judged(kept))).collect();
        Self { events, now: clocks.judged(event), clocks: Some(clocks) }
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
        Self { events, now: advanced(now, event.event.timestamp), clocks: None }
    }

    /// What tells which of two events was judged first.
    fn order(&self, kept: &StoredEvent) -> (Option<Timestamp>, u64) {
        (self.clocks.as_ref().map(|clocks| clocks.judged(kept)), kept.number)
    }

    /// A time that an entry of the log tells.
    fn of_entry(&self, entry: &Entry, time: Timestamp) -> Timestamp {
        self.clocks.as_ref().map_or(time, |clocks| clocks.of_entry(entry.number, time))
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
    let mut kept = backwards(store, event.number, agent.clone(), enough).await?;
    // What came by two ways at once may have been judged in another order than it was accepted in.
    let next = EventRange { after: event.number, until: Some(event.number + BEHIND), agent, ..EventRange::default() };
    kept.extend(store.events(&next, usize::try_from(BEHIND).unwrap_or(usize::MAX)).await?);
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
    pub(super) past: &'a Past,
}

impl History<'_> {
    /// The firings that may still matter: within the longest cooldown, and whatever happened last to `lasting` rules, whose firings
    /// end only when they are resolved.
    pub(super) async fn read(
        &self,
        longest: Duration,
        lasting: &[&str],
    ) -> Result<HashMap<String, Earlier>, StoreError> {
        let (before, newest) = self.before_acceptance(longest).await?;
        let mut entries = self.since_acceptance(newest).await?;
        entries.extend(before);
        for rule in lasting.iter().take(ONE_BY_ONE) {
            if entries.iter().all(|entry| entry.rule.as_deref() != Some(*rule)) {
                let filter = LogFilter { rule: Some((*rule).to_owned()), ..self.filter() };
                let last = self.own(&filter, Page::Before { number: Some(newest + 1), limit: 1 }).await?;
                entries.extend(last);
            }
        }
        let mut earlier: HashMap<String, Earlier> = HashMap::new();
        for entry in entries {
            let Some(at) = self.decided_at(&entry) else { continue };
            let Some(rule) = entry.rule else { continue };
            let fired = entry.step == Step::Fired;
            let known = earlier.entry(rule).or_insert_with(|| Earlier { is_open: fired, ..Earlier::default() });
            known.fired.extend(fired.then_some(at));
        }
        Ok(earlier)
    }

    /// Firings and their ends.
    fn filter(&self) -> LogFilter {
        LogFilter {
            agent: self.event.event.agent_id.clone(),
            steps: vec![Step::Fired, Step::Resolved],
            ..LogFilter::default()
        }
    }

    /// When a rule did what the entry tells.
    fn decided_at(&self, entry: &Entry) -> Option<Timestamp> {
        time(entry, "at").map(|at| self.past.of_entry(entry, at))
    }

    /// A page of the entries of the event's own agent; of nameless agents there is no filter.
    async fn own(&self, filter: &LogFilter, page: Page) -> Result<Vec<Entry>, StoreError> {
        let mut entries = self.store.log_query(filter, page).await?;
        entries.retain(|entry| entry.agent == self.event.event.agent_id);
        Ok(entries)
    }

    /// What was written before the event was accepted, latest first, with the number of the newest of all agents that may be meant.
    async fn before_acceptance(&self, longest: Duration) -> Result<(Vec<Entry>, u64), StoreError> {
        let accepted = self.event.received;
        let latest = self.past.clocks.as_ref().map_or(accepted, |clocks| clocks.latest(accepted));
        let filter = LogFilter { until: Some(latest), ..self.filter() };
        let (mut number, mut newest) = (None, 0);
        let mut entries = Vec::new();
        for _ in 0..PAGES {
            let page = self.store.log_query(&filter, Page::Before { number, limit: PAGE }).await?;
            number = page.last().map(|entry| entry.number);
            let oldest = page.last().and_then(|entry| self.decided_at(entry));
            let done = page.len() < PAGE || oldest.is_some_and(|oldest| self.past.now.since(oldest) > longest);
            let before = page.into_iter().filter(|entry| self.past.of_entry(entry, entry.at) < accepted);
            let before: Vec<_> = before.collect();
            newest = newest.max(before.first().map_or(0, |entry| entry.number));
            entries.extend(before.into_iter().filter(|entry| entry.agent == self.event.event.agent_id));
            if done {
                break;
            }
        }
        Ok((entries, newest))
    }

    /// What was planned between the event's acceptance and its plan, latest first: of events that were judged before it, and by time.
    async fn since_acceptance(&self, newest: u64) -> Result<Vec<Entry>, StoreError> {
        let page = self.own(&self.filter(), Page::After { number: newest, limit: PAGE }).await?;
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
            return Ok((self.past.order(&other) < self.past.order(self.event)).then_some(true));
        }
        Ok(Some(self.decided_at(entry).is_some_and(|at| at <= self.past.now)))
    }
}
