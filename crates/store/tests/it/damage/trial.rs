//! One trial: a life, some harm, and the store that starts on what is left. It must start, tell what is gone, and lose no more.

use std::collections::{BTreeSet, HashMap, HashSet};

use tempfile::TempDir;
use tidings_core::{DeliveryId, NotificationId, Receipt};
use tidings_store::{
    Acceptance, Census, EventRange, Outcome, RuleBatch, Store,
    sqlite::{Options, SqliteStore, salvage::Damage},
};

use super::{
    harm::Harm,
    life::{
        ENDPOINTS, EVENTS, Life, PARTS, PLANNED, accept_all, at, deliveries_of, event, event_id, finished, lease,
        place_of, plan, release, waits,
    },
};

/// What came of a trial.
#[derive(Debug)]
pub(crate) struct Trial {
    /// What the store told; `None`: it found nothing wrong.
    pub(crate) damage: Option<Damage>,
    pub(crate) events_kept: usize,
    /// Deliveries that had arrived before and were sent again.
    pub(crate) again: usize,
    /// Deliveries of events that are kept which never arrived.
    pub(crate) never: usize,
}

pub(crate) async fn run(life: &Life, harms: &[Harm]) -> Trial {
    let mut life = life.clone();
    harms.iter().for_each(|harm| harm.on(&mut life));
    let folder = TempDir::new().expect("there is a folder");
    let path = folder.path().join("tidings.db");
    for (part, bytes) in PARTS.into_iter().zip(&life.files) {
        if let Some(bytes) = bytes {
            std::fs::write(format!("{}{part}", path.display()), bytes).expect("it can be written");
        }
    }
    std::fs::write(folder.path().join("tidings.db.lock"), &life.lock).expect("it can be written");
    let opened = SqliteStore::open(&path, &Options::default(), at(1_000));
    let (store, opened) = opened.unwrap_or_else(|error| panic!("{harms:?}: it does not start: {error}"));
    let recovered = store.take_over(true, at(1_000)).await.expect("it can be taken over");
    assert_eq!(recovered.damage, opened.damage);
    let damage = told(&folder);
    assert!(damage.is_some() || opened.damage.is_empty(), "{harms:?}");
    let places = kept_events(&store, harms).await;
    waits_for_known(&store, harms).await;
    let waiting = waiting_places(&store).await;
    assert!(
        (PLANNED..EVENTS).all(|place| waiting.contains(&place) || !places.contains(&place)),
        "{harms:?}: {waiting:?}"
    );
    offer_again(&store, &places, harms).await;
    plan_waiting(&store).await;
    let waited = release_all(&store, harms).await;
    let sent = drain(&store, harms).await;
    let unplanned = (PLANNED..EVENTS).flat_map(deliveries_of).filter(|id| !sent.contains_key(id));
    assert_eq!(unplanned.count(), 0, "{harms:?}: what was never planned is told once it is");
    let census = store.census().await.expect("it counts");
    closes(&census, harms);
    let trial = compare(&life, &places, &sent, damage);
    store.close();
    check(&trial, harms);
    check_waits(&life, &waited, trial.damage.as_ref(), harms);
    reopens(&path, &census, harms).await;
    trial
}

/// The report that lies beside the damaged file.
fn told(folder: &TempDir) -> Option<Damage> {
    let entries = std::fs::read_dir(folder.path()).expect("it can be read");
    let names: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    let is_report = |path: &&std::path::PathBuf| path.to_string_lossy().ends_with("Z.json");
    let left = names.iter().filter(|path| path.to_string_lossy().contains(".building"));
    assert_eq!(left.count(), 0, "{names:?}");
    let report = names.iter().find(is_report)?;
    let bytes = std::fs::read(report).expect("it can be read");
    Some(serde_json::from_slice(&bytes).expect("it is a report"))
}

/// The places of the events that are there: each is as it was.
async fn kept_events(store: &SqliteStore, harms: &[Harm]) -> BTreeSet<usize> {
    let mut places = BTreeSet::new();
    for place in 0..EVENTS {
        if let Some(kept) = store.event(event_id(place)).await.expect("it can be read") {
            assert_eq!(*kept.event, event(place), "{harms:?}");
            places.insert(place);
        }
    }
    let all = store.events(&EventRange::default(), 1_000).await.expect("they can be read");
    assert_eq!(all.len(), places.len(), "{harms:?}");
    places
}

async fn waiting_places(store: &SqliteStore) -> BTreeSet<usize> {
    let range = EventRange { waiting: true, ..EventRange::default() };
    let waiting = store.events(&range, 1_000).await.expect("they can be read");
    waiting.iter().map(|kept| place_of(&kept.event)).collect()
}

/// The source sends all of it again: what is kept is known, and anything else is taken in.
async fn offer_again(store: &SqliteStore, places: &BTreeSet<usize>, harms: &[Harm]) {
    let answers = accept_all(store, 0..EVENTS, at(1_000)).await;
    for (place, answer) in answers.iter().enumerate() {
        assert_eq!(*answer == Acceptance::Accepted, !places.contains(&place), "{harms:?}: event {place}");
    }
}

async fn plan_waiting(store: &SqliteStore) {
    let plans = waiting_places(store).await.into_iter().map(plan).collect();
    store.plan_rule(&RuleBatch { plans, states: Vec::new() }, at(1_001)).await.expect("they are planned");
}

/// Nothing waits for a receiver that nobody ever named.
async fn waits_for_known(store: &SqliteStore, harms: &[Harm]) {
    for waiting in store.waiting().await.expect("it counts") {
        assert!(ENDPOINTS.contains(&&*waiting.endpoint), "{harms:?}: {waiting:?}");
    }
}

/// Sends all that is there; gives how often each was sent.
async fn drain(store: &SqliteStore, harms: &[Harm]) -> HashMap<DeliveryId, u32> {
    let mut sent = HashMap::new();
    for endpoint in ENDPOINTS {
        for round in 0.. {
            let leases = lease(store, endpoint, 100, at(2_000)).await;
            if leases.is_empty() {
                break;
            }
            assert!(round < 200, "{harms:?}: {endpoint} never ends");
            leases.iter().for_each(|lease| *sent.entry(lease.delivery.id).or_default() += 1);
            let arrived = |lease| finished(lease, Outcome::Delivered(Receipt::default()));
            store.finish(leases.iter().map(arrived).collect(), at(2_000)).await.expect("they can be finished");
        }
    }
    sent
}

/// Tells all that waits; gives what it was.
async fn release_all(store: &SqliteStore, harms: &[Harm]) -> HashSet<NotificationId> {
    let mut told = HashSet::new();
    for round in 0.. {
        assert!(round < 100, "{harms:?}: what waits never ends");
        let released = release(store, 7, at(2_000)).await;
        if released.is_empty() {
            break;
        }
        for one in released {
            assert!(told.insert(one), "{harms:?}: {one} is told twice in one life");
        }
    }
    let pending = store.pending().await.expect("it counts");
    assert_eq!((pending.held, pending.digested, pending.next), (0, 0, None), "{harms:?}");
    told
}

/// What waited is told once, but for what the report says is lost.
fn check_waits(life: &Life, waited: &HashSet<NotificationId>, damage: Option<&Damage>, harms: &[Harm]) {
    let all = (0..EVENTS).filter(|place| waits(*place)).count();
    let (never, again) = (all - waited.union(&life.told).count(), waited.intersection(&life.told).count());
    let Some(damage) = damage else {
        assert_eq!((never, again), (0, 0), "{harms:?}: lost without a word");
        return;
    };
    let found = |table: &str| damage.tables.get(table).copied().unwrap_or_default();
    let (log, notifications) = (found("delivery_log"), found("notification"));
    if notifications.exact && notifications.missing == 0 {
        assert_eq!(never, 0, "{harms:?}: {damage}");
    }
    if log.missing == 0 && log.exact && damage.planned_again == 0 {
        assert_eq!(again, 0, "{harms:?}: {damage}");
    }
}

fn closes(census: &Census, harms: &[Harm]) {
    assert_eq!(census.waiting, 0, "{harms:?}: {census:?}");
    assert_eq!(census.open, 0, "{harms:?}: {census:?}");
    assert_eq!(census.deliveries, census.delivered + census.dead + census.expired, "{harms:?}: {census:?}");
    assert_eq!(
        census.notifications,
        census.complete + census.incomplete + census.failed + census.digested + census.withdrawn,
        "{harms:?}: nothing is pending: {census:?}"
    );
}

fn compare(life: &Life, places: &BTreeSet<usize>, sent: &HashMap<DeliveryId, u32>, damage: Option<Damage>) -> Trial {
    assert!(sent.values().all(|count| *count == 1), "nothing is sent twice in one life");
    let made: Vec<_> = places.iter().flat_map(|place| deliveries_of(*place)).collect();
    let never = made.iter().filter(|id| !life.settled.contains(id) && !sent.contains_key(id)).count();
    let again = made.iter().filter(|id| life.settled.contains(id) && sent.contains_key(id)).count();
    Trial { damage, events_kept: places.len(), again, never }
}

/// What is not told of may not be lost.
fn check(trial: &Trial, harms: &[Harm]) {
    let lost = EVENTS - trial.events_kept;
    let Some(damage) = &trial.damage else {
        assert_eq!((lost, trial.never, trial.again), (0, 0, 0), "{harms:?}: lost without a word");
        return;
    };
    let found = |table: &str| damage.tables.get(table).copied().unwrap_or_default();
    let (events, log, deliveries) = (found("event"), found("delivery_log"), found("delivery"));
    assert_eq!(events.kept, trial.events_kept as u64, "{harms:?}: {damage}");
    if events.exact {
        assert_eq!(events.kept + events.missing, EVENTS as u64, "{harms:?}: {damage}");
    } else {
        assert!(events.missing <= lost as u64, "{harms:?}: {damage}");
    }
    if deliveries.exact && deliveries.missing + damage.unsendable == 0 {
        assert_eq!(trial.never, 0, "{harms:?}: {damage}");
    }
    if log.missing == 0 && log.exact && damage.planned_again == 0 {
        assert_eq!(trial.again, 0, "{harms:?}: {damage}");
    }
}

/// What was mended is sound: it opens again without a word.
async fn reopens(path: &std::path::Path, census: &Census, harms: &[Harm]) {
    let (store, opened) = SqliteStore::open(path, &Options::default(), at(3_000)).expect("it opens again");
    assert!(opened.damage.is_empty(), "{harms:?}: {:?}", opened.damage);
    assert_eq!(store.census().await.expect("it counts"), *census, "{harms:?}");
    store.close();
}
