//! Reads what is new since the last time, and counts it. When to read is `follow`'s.

use std::str::FromStr;

use serde_json::json;
use tidings::{
    Priority, Timestamp,
    policy::{self, Status},
    redact::Redactor,
    store::{Entry, EventRange, LogFilter, Page, Step, Store, StoreError, StoredEvent, StoredNotification},
};

use super::{Line, Need, Tail};
use crate::{app::App, events::last_number, shown};

/// How many are read at once.
const PAGE: usize = 500;
/// How many are read of what was missed; what is older is only counted.
const MOST: u64 = 20_000;
/// How far back counts reach.
const HOUR: std::time::Duration = std::time::Duration::from_secs(3_600);

/// How far somebody has read: the last entry of the log and the last event. As text `12.34`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) entry: u64,
    pub(crate) event: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.entry, self.event)
    }
}

impl FromStr for Place {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (entry, event) = text.split_once('.').unwrap_or((text, ""));
        Ok(Self { entry: entry.parse()?, event: event.parse()? })
    }
}

/// An entry as listeners get it. It has lost its secrets before.
pub(crate) fn entry_line(entry: &Entry, place: Place) -> Line {
    let data = json!(entry).to_string().into();
    Line { kind: "entry", agent: entry.agent.clone(), user: entry.user.clone(), place, data }
}

/// An event as listeners get it.
pub(crate) fn event_line(kept: &StoredEvent, place: Place) -> Line {
    let (agent, user) = (kept.event.agent_id.clone(), kept.event.user_id.clone());
    Line { kind: "event", agent, user, place, data: shown::event_head(kept).to_string().into() }
}

/// The events after this number, oldest first.
pub(crate) async fn events_after(store: &dyn Store, after: u64) -> Result<Vec<StoredEvent>, StoreError> {
    store.events(&EventRange { after, ..EventRange::default() }, PAGE).await
}

/// The entries after this number, oldest first, without secrets.
pub(crate) async fn entries_after(store: &dyn Store, number: u64) -> Result<Vec<Entry>, StoreError> {
    let mut entries = store.log_query(&LogFilter::default(), Page::After { number, limit: PAGE }).await?;
    entries.iter_mut().for_each(shown::entry);
    Ok(entries)
}

impl Tail {
    /// Reads all that is new, or waits until somebody else has.
    pub(super) async fn catch_up(&self, app: &App) -> Result<bool, StoreError> {
        let mut place = self.place.lock().await;
        self.go_on(app, &mut place).await
    }

    /// Reads all that is new, unless somebody else is at it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub(crate) async fn glance(&self, app: &App) -> Result<(), StoreError> {
        match self.place.try_lock() {
            Ok(mut place) => self.go_on(app, &mut place).await.map(drop),
            Err(_) => Ok(()),
        }
    }

    /// Says whether there was anything.
    async fn go_on(&self, app: &App, kept: &mut Option<Place>) -> Result<bool, StoreError> {
        let store = &**app.notifier().store();
        let now = app.now();
        let mut place = match *kept {
            Some(place) => place,
            None => self.begin(store, now).await?,
        };
        let before = *kept;
        *kept = Some(place);
        self.read_events(store, &mut place, now).await?;
        *kept = Some(place);
        self.read_entries(store, &mut place).await?;
        *kept = Some(place);
        Ok(before != *kept)
    }

    /// Where to begin: an hour ago, and not more back than is read of what was missed. What needs somebody may be older.
    async fn begin(&self, store: &dyn Store, now: Timestamp) -> Result<Place, StoreError> {
        let since = Some(now - HOUR);
        // The last one is asked for first: what comes meanwhile lies behind it, and is not passed over.
        let last = last_number(store, 0).await?;
        let first = store.events(&EventRange { since, ..EventRange::default() }, 1).await?;
        let event = first.first().map_or(last, |first| first.number - 1);
        let last = last_entry(store).await?;
        let filter = LogFilter { since, ..LogFilter::default() };
        let first = store.log_query(&filter, Page::After { number: 0, limit: 1 }).await?;
        let entry = first.first().map_or(last, |first| first.number - 1);
        let entry = entry.max(last.saturating_sub(MOST));
        self.recall_needs(store, entry, now).await?;
        Ok(Place { entry, event })
    }

    /// What was given up within a day, before the entry that is read first.
    async fn recall_needs(&self, store: &dyn Store, entry: u64, now: Timestamp) -> Result<(), StoreError> {
        let steps = vec![Step::Dead, Step::Expired, Step::Shed, Step::Damaged, Step::Incomplete, Step::Failed];
        let filter = LogFilter { steps, since: Some(now - 24 * HOUR), ..LogFilter::default() };
        let page = Page::Before { number: Some(entry.saturating_add(1)), limit: 200 };
        let mut found = store.log_query(&filter, page).await?;
        found.iter_mut().for_each(shown::entry);
        for entry in found.iter().rev() {
            self.see(store, entry).await?;
            let again = LogFilter { delivery: entry.delivery, steps: vec![Step::Retry], ..LogFilter::default() };
            if entry.delivery.is_some() {
                let retries = store.log_query(&again, Page::Before { number: None, limit: 1 }).await?;
                retries.iter().for_each(|retry| self.tally().see_entry(retry));
            }
        }
        Ok(())
    }

    async fn read_events(&self, store: &dyn Store, place: &mut Place, now: Timestamp) -> Result<(), StoreError> {
        let mut read = 0;
        loop {
            let found = events_after(store, place.event).await?;
            for kept in &found {
                self.tally().see_event(kept);
                place.event = kept.number;
                if self.has_listeners() {
                    self.tell(event_line(kept, *place));
                }
            }
            if found.len() < PAGE {
                return Ok(());
            }
            read += found.len() as u64;
            if read >= MOST {
                // More than can be told one by one: the numbers still say how many they are.
                let last = last_number(store, place.event).await?;
                self.tally().see_events(last - place.event, now);
                place.event = last;
            }
        }
    }

    async fn read_entries(&self, store: &dyn Store, place: &mut Place) -> Result<(), StoreError> {
        let mut read = 0;
        loop {
            let found = entries_after(store, place.entry).await?;
            for entry in &found {
                self.see(store, entry).await?;
                place.entry = entry.number;
                if self.has_listeners() {
                    self.tell(entry_line(entry, *place));
                }
            }
            if found.len() < PAGE {
                return Ok(());
            }
            read += found.len() as u64;
            if read >= MOST {
                place.entry = last_entry(store).await?.saturating_sub(PAGE as u64).max(place.entry);
                read = 0;
            }
        }
    }

    /// Counts an entry; of one that tells of a critical message that did not get through, it says so, until it has arrived after all.
    async fn see(&self, store: &dyn Store, entry: &Entry) -> Result<(), StoreError> {
        self.tally().see_entry(entry);
        let Some(id) = entry.notification else { return Ok(()) };
        let may_be_met = entry.step == Step::Delivered && self.tally().is_needed(&id.to_string());
        if !may_be_met && !matches!(entry.step, Step::Incomplete | Step::Failed) {
            return Ok(());
        }
        let Some(kept) = store.notification(id).await? else { return Ok(()) };
        // What was given up may have been sent again since.
        self.tally().forget(&id.to_string());
        let status = policy::settle(&kept.plan, &kept.attempts);
        if kept.notification.priority == Priority::Critical && status != Status::Complete {
            self.tally().add(incomplete(entry, &kept, status));
        }
        Ok(())
    }

    /// Tells whoever listens; if nobody does, that is nothing.
    pub(super) fn tell(&self, line: Line) {
        drop(self.lines.send(line));
    }

    /// Tells listeners that there is something to see at a glance.
    pub(super) async fn tell_now(&self, now: Timestamp) {
        let place = self.place.lock().await.unwrap_or_default();
        let data = json!({"at": now}).to_string().into();
        self.tell(Line { kind: "now", agent: None, user: None, place, data });
    }
}

fn incomplete(entry: &Entry, kept: &StoredNotification, status: Status) -> Need {
    let (reached, needed) = match status {
        Status::Incomplete { reached, needed } => (reached, needed),
        _ => (0, kept.plan.quorum.needed.max(1)),
    };
    let title = Redactor::default().redact_text(&kept.notification.title);
    let whom = entry.user.as_deref().map(|user| format!(" for {user}")).unwrap_or_default();
    let text = format!("critical{whom}: `{title}` was taken by {reached} of {needed} channels");
    let id = Some(kept.notification.notification_id.to_string());
    Need { kind: "incomplete", text, at: entry.at, id, endpoint: None }
}

/// The newest of both.
pub(crate) async fn last_place(store: &dyn Store) -> Result<Place, StoreError> {
    Ok(Place { entry: last_entry(store).await?, event: last_number(store, 0).await? })
}

/// The number of the newest entry; 0 where there is none.
async fn last_entry(store: &dyn Store) -> Result<u64, StoreError> {
    let page = Page::Before { number: None, limit: 1 };
    Ok(store.log_query(&LogFilter::default(), page).await?.first().map_or(0, |entry| entry.number))
}
