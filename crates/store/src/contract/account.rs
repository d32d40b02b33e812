//! What must add up in any store at any time: the census in itself, and with what the store tells by its other methods.

use std::collections::{BTreeMap, BTreeSet};

use tidings_core::NotificationId;
use tidings_policy::{Status, settle};

use super::rig::{Rig, get};
use crate::{Census, Deferrals, Deferred, Entry, EventRange, LogFilter, Step, Store, StoredEvent};

/// Checks everything.
pub(super) async fn check(rig: &Rig) {
    let census = get(rig.store().census()).await;
    check_sums(&census);
    check_events(rig.store(), &census).await;
    check_deliveries(rig.store(), &census).await;
    let waits = check_waits(rig.store(), &census).await;
    let log = rig.log(&LogFilter::default()).await;
    check_numbers(&log);
    if !rig.purges {
        check_log(&log, &census);
        check_notifications(rig.store(), (&log, &waits), &census).await;
    }
}

/// The sums that [`Census`] states.
fn check_sums(census: &Census) {
    assert!(census.waiting <= census.events, "{census:?}");
    let settled = census.delivered + census.dead + census.expired + census.unwanted;
    assert_eq!(census.deliveries, settled + census.open, "{census:?}");
    assert!(at_their_end(census) <= census.notifications, "{census:?}");
}

const fn at_their_end(census: &Census) -> u64 {
    census.complete + census.incomplete + census.failed + census.digested + census.withdrawn
}

/// What waits for its moment is counted, and is none of what is at its end.
async fn check_waits(store: &dyn Store, census: &Census) -> Vec<Deferred> {
    let waits = get(store.deferred(&Deferrals::All, usize::MAX)).await;
    let pending = get(store.pending()).await;
    let digested = waits.iter().filter(|row| row.wait.digest.is_some()).count() as u64;
    assert_eq!((pending.held + pending.digested, pending.digested), (waits.len() as u64, digested), "what waits");
    assert_eq!(pending.next, waits.first().map(|row| row.wait.until), "the first that is due");
    let order = |row: &Deferred| (row.wait.until, row.notification.user_id.clone());
    assert!(waits.is_sorted_by_key(order), "the longest over first, then by user");
    assert!(waits.len() as u64 + at_their_end(census) <= census.notifications, "{census:?}");
    waits
}

async fn check_events(store: &dyn Store, census: &Census) {
    let all = all_events(store, &EventRange::default()).await;
    let waiting = all_events(store, &EventRange { waiting: true, ..EventRange::default() }).await;
    assert!(waiting.iter().all(|event| event.waiting));
    assert_eq!(waiting.len(), all.iter().filter(|event| event.waiting).count());
    assert_eq!(waiting.len() as u64, census.waiting, "events that wait");
    assert!(all.windows(2).all(|pair| pair[0].number < pair[1].number), "oldest first");
}

/// All events of a range, page by page.
pub(super) async fn all_events(store: &dyn Store, range: &EventRange) -> Vec<StoredEvent> {
    let mut events: Vec<StoredEvent> = Vec::new();
    loop {
        let after = events.last().map_or(range.after, |event| event.number);
        let page = get(store.events(&EventRange { after, ..range.clone() }, 1_000)).await;
        if page.is_empty() {
            return events;
        }
        events.extend(page);
    }
}

/// What endpoints owe is what is open.
async fn check_deliveries(store: &dyn Store, census: &Census) {
    let waiting = get(store.waiting()).await;
    assert!(waiting.is_sorted_by(|one, other| one.endpoint < other.endpoint), "by name, each once: {waiting:?}");
    assert_eq!(waiting.iter().map(|row| row.count).sum::<u64>(), census.open, "{waiting:?}");
    for row in waiting {
        assert!(row.count > 0, "an endpoint that owes nothing is not named");
        assert_eq!(get(store.outstanding(&row.endpoint)).await.total(), row.count, "of {}", row.endpoint);
    }
}

/// Numbers have no gap.
pub(super) fn check_numbers(log: &[Entry]) {
    let gap = log.windows(2).find(|pair| pair[1].number != pair[0].number + 1);
    assert!(gap.is_none(), "a gap in the log: {gap:?}");
}

/// Every change that the census counts stands in the log.
fn check_log(log: &[Entry], census: &Census) {
    assert_eq!(log.first().map_or(1, |entry| entry.number), 1, "the log begins at 1");
    let mut count: BTreeMap<&str, u64> = BTreeMap::new();
    log.iter().for_each(|entry| *count.entry(entry.step.as_str()).or_default() += 1);
    let logged = |step: Step| count.get(step.as_str()).copied().unwrap_or_default();
    let shed = log.iter().filter(|entry| entry.step == Step::Shed && entry.delivery.is_some()).count() as u64;
    let made = made(log);
    let is_made = |entry: &&Entry| entry.notification.is_some_and(|id| made.contains(&id));
    let withdrawn =
        log.iter().filter(|entry| entry.step == Step::Denied && entry.delivery.is_none()).filter(is_made).count()
            as u64;
    let unwanted = log.iter().filter(|entry| entry.step == Step::Denied && entry.delivery.is_some()).count() as u64;
    let told = [
        (logged(Step::Delivered), census.delivered, "delivered"),
        (logged(Step::Dead) + shed, census.dead, "dead"),
        (logged(Step::Expired), census.expired, "expired"),
        (made.len() as u64, census.notifications, "notifications"),
        (logged(Step::Gathered) + logged(Step::Dropped), census.digested, "digested"),
        (withdrawn, census.withdrawn, "withdrawn"),
        (unwanted, census.unwanted, "unwanted"),
        (logged(Step::Complete), census.complete, "complete"),
        (logged(Step::Incomplete), census.incomplete, "incomplete"),
        (logged(Step::Failed), census.failed, "failed"),
        (log.len() as u64, census.entries, "entries"),
    ];
    for (in_log, in_census, what) in told {
        assert_eq!(in_log, in_census, "the log beside the census: {what}");
    }
}

/// The notifications that were made: what is told now is planned, what is told later begins to wait.
fn made(log: &[Entry]) -> BTreeSet<NotificationId> {
    let begins = |entry: &&Entry| matches!(entry.step, Step::Planned | Step::Held | Step::Digested);
    log.iter().filter(begins).filter_map(|entry| entry.notification).collect()
}

/// Those that are pending are what the census leaves open.
async fn check_notifications(store: &dyn Store, (log, waits): (&[Entry], &[Deferred]), census: &Census) {
    let waits: BTreeSet<_> = waits.iter().map(|row| row.notification.notification_id).collect();
    let shed = log.iter().filter(|entry| entry.step == Step::Shed && entry.delivery.is_none());
    let shed: BTreeSet<_> = shed.filter_map(|entry| entry.notification).collect();
    let mut count = [0_u64; 5];
    for id in made(log) {
        let stored = get(store.notification(id)).await;
        let stored = stored.unwrap_or_else(|| panic!("the notification {id} was planned and is not there"));
        let place = match settle(&stored.plan, &stored.attempts) {
            _ if waits.contains(&id) => 0,
            _ if stored.plan.legs.is_empty() && !shed.contains(&id) => 4,
            Status::Pending => 0,
            Status::Complete => 1,
            Status::Incomplete { .. } => 2,
            Status::Failed => 3,
        };
        count[place] += 1;
    }
    let pending = census.notifications - at_their_end(census);
    let expected = [pending, census.complete, census.incomplete, census.failed, census.digested + census.withdrawn];
    assert_eq!(count, expected, "pending, complete, incomplete, failed, told in digests or to nobody");
}
