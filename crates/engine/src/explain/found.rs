//! What an id stands for, and the entries of the log that tell of it. What they mean is left to the modules beside.

use tidings_core::{DeliveryId, EventId, NotificationId, Timestamp};
use tidings_store::{Entry, LogFilter, Page, Step, Store, StoreError, StoredEvent};

use super::{
    clocks::Clocks,
    told::{ResentTold, Subject},
};

/// Entries that are read at once, and at most of one event: one that tells more people than that is cut.
const PAGE: usize = 1_000;
const MOST: usize = 20_000;
/// How many ways to part a source from an id are tried.
const PARTS: usize = 16;

/// What was found under an id.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) subject: Subject,
    /// What gave rise to it: an event, or what stands for time alone; `None` for a direct message.
    pub(super) cause: Option<EventId>,
    pub(super) event: Option<StoredEvent>,
    /// Where only one notification is meant.
    pub(super) notification: Option<NotificationId>,
    /// Where only one delivery is meant.
    pub(super) delivery: Option<DeliveryId>,
}

/// Looks for what the text names: an id of ours, or the one that an event brought itself, with or without its source.
pub(super) async fn find(store: &dyn Store, text: &str) -> Result<Option<Found>, StoreError> {
    if let Ok(id) = text.parse::<EventId>()
        && let Some(found) = find_id(store, *id.as_bytes()).await?
    {
        return Ok(Some(found));
    }
    for id in own_names(text) {
        if let Some(event) = store.event(id).await? {
            return Ok(Some(of_event(event)));
        }
    }
    Ok(None)
}

/// The ids of events that were named so: `id`, or `source#id`.
fn own_names(text: &str) -> impl Iterator<Item = EventId> {
    let parted = text.match_indices('#').take(PARTS).map(|(at, _)| EventId::named(&text[..at], &text[at + 1..]));
    std::iter::once(EventId::named("", text)).chain(parted)
}

fn of_event(event: StoredEvent) -> Found {
    Found { cause: Some(event.id), event: Some(event), ..Found::default() }
}

async fn find_id(store: &dyn Store, id: [u8; 16]) -> Result<Option<Found>, StoreError> {
    if let Some(event) = store.event(EventId::from_bytes(id)).await? {
        return Ok(Some(of_event(event)));
    }
    if let Some(found) = find_kept(store, id).await? {
        return with_event(store, found).await.map(Some);
    }
    match find_logged(store, id).await? {
        Some(found) => with_event(store, found).await.map(Some),
        None => Ok(None),
    }
}

/// A notification, or a delivery that is not settled.
async fn find_kept(store: &dyn Store, id: [u8; 16]) -> Result<Option<Found>, StoreError> {
    let notification = NotificationId::from_bytes(id);
    if let Some(kept) = store.notification(notification).await? {
        let (subject, cause) = (Subject::Notification, kept.notification.event);
        return Ok(Some(Found { subject, cause, notification: Some(notification), ..Found::default() }));
    }
    let delivery = DeliveryId::from_bytes(id);
    let Some((lease, _)) = store.delivery(delivery).await? else { return Ok(None) };
    let (cause, notification) = (lease.delivery.event, lease.delivery.notification());
    Ok(Some(Found { subject: Subject::Delivery, cause, notification, delivery: Some(delivery), ..Found::default() }))
}

/// What only the log knows: what time alone gave, a notification that went nowhere, a delivery that is settled.
async fn find_logged(store: &dyn Store, id: [u8; 16]) -> Result<Option<Found>, StoreError> {
    let one = async |filter: LogFilter| -> Result<Option<Entry>, StoreError> {
        Ok(store.log_query(&filter, Page::After { number: 0, limit: 1 }).await?.pop())
    };
    let cause = EventId::from_bytes(id);
    if let Some(entry) = one(LogFilter { event: Some(cause), ..LogFilter::default() }).await? {
        let subject = if entry.detail.get("by_time") == Some(&true.into()) { Subject::Time } else { Subject::Event };
        return Ok(Some(Found { subject, cause: Some(cause), ..Found::default() }));
    }
    let notification = Some(NotificationId::from_bytes(id));
    if let Some(entry) = one(LogFilter { notification, ..LogFilter::default() }).await? {
        let (subject, cause) = (Subject::Notification, entry.event);
        return Ok(Some(Found { subject, cause, notification, ..Found::default() }));
    }
    let delivery = Some(DeliveryId::from_bytes(id));
    let Some(entry) = one(LogFilter { delivery, ..LogFilter::default() }).await? else { return Ok(None) };
    let (cause, notification) = (entry.event, entry.notification);
    Ok(Some(Found { subject: Subject::Delivery, cause, notification, delivery, ..Found::default() }))
}

async fn with_event(store: &dyn Store, found: Found) -> Result<Found, StoreError> {
    let Some(cause) = found.cause else { return Ok(found) };
    Ok(Found { event: store.event(cause).await?, ..found })
}

/// All steps but that an event was sent again: a source may do so without end, and none of that may hide what came of the event.
fn told_one_by_one() -> Vec<Step> {
    Step::ALL.into_iter().filter(|step| *step != Step::Resent).collect()
}

/// How often an event was sent again, and when last.
pub(super) async fn resent(store: &dyn Store, event: EventId) -> Result<Option<ResentTold>, StoreError> {
    let filter = LogFilter { event: Some(event), steps: vec![Step::Resent], ..LogFilter::default() };
    let Some(last) = store.log_query(&filter, Page::Before { number: None, limit: 1 }).await?.pop() else {
        return Ok(None);
    };
    let log = Log::pages(store, &filter, MOST).await?;
    Ok(Some(ResentTold { times: log.entries.len() as u64, more: log.cut, last: last.at }))
}

/// Where a log begins that has lost its beginning: the number and the time of its first entry, for ever away if none is left.
pub(super) async fn lost_until(store: &dyn Store) -> Result<Option<(u64, Timestamp)>, StoreError> {
    let first = store.log_query(&LogFilter::default(), Page::After { number: 0, limit: 1 }).await?.pop();
    Ok(match first {
        Some(first) => (first.number > 1).then_some((first.number, first.at)),
        None => (store.census().await?.entries > 0).then_some((u64::MAX, Timestamp::MAX)),
    })
}

/// Whether entries of an event may be gone: what is left of the log is younger than the event.
pub(super) async fn is_older_than_the_log(store: &dyn Store, event: &StoredEvent) -> Result<bool, StoreError> {
    let Some((number, at)) = lost_until(store).await?.filter(|_| !event.waiting) else { return Ok(false) };
    let clocks = Clocks::of(store.set_backs().await?, event);
    Ok(clocks.of_entry(number, at) > clocks.judged(event))
}

/// What the log tells of it, oldest first.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) entries: Vec<Entry>,
    /// Whether there was more than is read.
    pub(super) cut: bool,
}

impl Log {
    /// Reads what belongs to what was found, and no more.
    pub(super) async fn read(store: &dyn Store, found: &Found) -> Result<Self, StoreError> {
        let Found { cause, notification, delivery, .. } = found;
        let filter = match (notification, delivery) {
            (Some(_), _) => LogFilter { notification: *notification, ..LogFilter::default() },
            (None, Some(_)) => LogFilter { delivery: *delivery, ..LogFilter::default() },
            _ => LogFilter { event: *cause, steps: told_one_by_one(), ..LogFilter::default() },
        };
        let mut log = Self::pages(store, &filter, MOST).await?;
        if let (Some(_), Some(_)) = (notification, cause) {
            let steps = vec![Step::Fired, Step::Resolved];
            let decided = LogFilter { event: *cause, steps, ..LogFilter::default() };
            let decided = Self::pages(store, &decided, MOST).await?.entries;
            let rule = log.entries.iter().find_map(|entry| entry.rule.clone());
            log.entries.splice(0..0, decided.into_iter().filter(|entry| entry.rule == rule));
        }
        Ok(log)
    }

    async fn pages(store: &dyn Store, filter: &LogFilter, most: usize) -> Result<Self, StoreError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let number = entries.last().map_or(0, |last| last.number);
            let page = store.log_query(filter, Page::After { number, limit: PAGE }).await?;
            let full = page.len() >= PAGE;
            entries.extend(page);
            if !full || entries.len() >= most {
                return Ok(Self { entries, cut: full });
            }
        }
    }

    /// The entry of this step by a rule.
    pub(super) fn of_rule(&self, step: Step, rule: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.step == step && entry.rule.as_deref() == Some(rule))
    }
}
