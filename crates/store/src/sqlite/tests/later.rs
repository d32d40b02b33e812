//! What is told later, in the file: counted in memory, found by its moment, and neither lost nor told twice by damage.

use std::{sync::Arc, time::Duration};

use rusqlite::Connection;
use tidings_core::{Event, EventId, Notification, NotificationId, NotificationKind, Priority, Timestamp, id::derive};
use tidings_policy::{Delay, Gathering, Plan, PreferenceLayer, Wait};

use super::{Place, at, block_on};
use crate::{
    Census, Deferrals, DocumentKind, Fate, InboxBounds, InboxMessage, LogFilter, NewEntry, Offer, Page, Pending,
    Resuming, Resumption, Step, Store, UserPlan,
    sqlite::{Options, SqliteStore, fsck, schema},
};

pub(super) fn id(number: u32) -> NotificationId {
    NotificationId::from_bytes(derive("test.later", &[&number.to_le_bytes()]))
}

/// A notification that waits until then: those of even numbers by themselves, the others for a digest.
pub(super) fn waiting(number: u32, until: i64) -> UserPlan {
    let told = Notification {
        notification_id: id(number),
        agent_id: None,
        title: format!("title {number}"),
        body: "body".to_owned(),
        priority: Priority::High,
        channels: vec!["push".to_owned()],
        user_id: format!("user {}", number % 3),
        metadata: serde_json::Map::new(),
        created_at: at(0),
        dedup_key: number.to_string(),
        rule: Some("rule".to_owned()),
        event: Some(EventId::named("t", "cause")),
        kind: NotificationKind::Firing,
        incident: None,
    };
    let from = at(until - 60);
    let digest = (number % 2 == 1).then(|| Gathering { from, channel: Some("mail".to_owned()), rule: None });
    let wait = Wait { until: at(until), why: Delay::QuietHours, layer: PreferenceLayer::User, digest };
    let (notification, plan, window) = (Arc::new(told), Plan::default(), Duration::from_secs(9));
    UserPlan { notification, plan, deliveries: Vec::new(), wait: Some(wait), window, at: at(0) }
}

/// Lets so many wait, each until the second of its number.
pub(super) async fn put_off(store: &SqliteStore, numbers: std::ops::Range<u32>) {
    let plans: Vec<_> = numbers.map(|number| waiting(number, i64::from(number))).collect();
    store.plan_user(&plans.into(), at(0)).await.unwrap();
}

pub(super) fn dropped(number: u32, until: Timestamp, untold: bool) -> Resumption {
    let step = if untold { Step::Denied } else { Step::Dropped };
    let entry = NewEntry { notification: Some(id(number)), ..NewEntry::new(step) };
    let items = vec![Resuming { notification: id(number), until, fate: Fate::Dropped { untold }, entry }];
    Resumption { items, digests: Vec::new() }
}

pub(super) async fn drop_one(store: &SqliteStore, number: u32, until: Timestamp, untold: bool) -> bool {
    store.resume(&dropped(number, until, untold), at(1_000)).await.unwrap().remove(0)
}

pub(super) async fn due(store: &SqliteStore, until: i64, limit: usize) -> Vec<(String, Timestamp)> {
    let rows = store.deferred(&Deferrals::Due(at(until)), limit).await.unwrap();
    rows.into_iter().map(|row| (row.notification.title.clone(), row.wait.until)).collect()
}

pub(super) fn expected(numbers: impl IntoIterator<Item = u32>) -> Vec<(String, Timestamp)> {
    numbers.into_iter().map(|number| (format!("title {number}"), at(i64::from(number)))).collect()
}

pub(super) fn pending(held: u64, digested: u64, next: Option<i64>) -> Pending {
    Pending { held, digested, next: next.map(at), lost: 0 }
}

pub(super) fn change(place: &Place, sql: &str) {
    Connection::open(place.path()).unwrap().execute_batch(sql).unwrap();
}

fn set_aside(place: &Place) -> bool {
    let mut names = std::fs::read_dir(place.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
    names.any(|name| name.to_string_lossy().contains("damaged"))
}

pub(super) fn closes(census: Census, waits: u64) {
    let ended = census.complete + census.incomplete + census.failed + census.digested + census.withdrawn;
    assert_eq!(census.notifications, ended + waits, "{census:?}");
}

#[test]
fn how_many_wait_is_known_without_the_file() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        put_off(&store, 0..5).await;
        assert_eq!(store.pending().await.unwrap(), pending(3, 2, Some(0)));
        assert!(drop_one(&store, 0, at(0), true).await);
        let reader = SqliteStore::open_read_only(&place.path()).unwrap();
        assert_eq!(reader.pending().await.unwrap(), pending(2, 2, Some(1)), "another process reads it from the file");
        assert_eq!(due(&reader, 9, 9).await, expected(1..5));
        change(&place, "DELETE FROM deferred");
        assert_eq!(store.pending().await.unwrap(), pending(2, 2, Some(1)), "the file is not asked");
    });
}

#[test]
fn a_file_of_any_version_is_brought_up_and_nothing_of_it_is_lost() {
    for version in 1..schema::VERSION {
        for is_damaged in [false, true] {
            let place = Place::new();
            let cause =
                Offer { id: EventId::named("t", "cause"), event: Event::new("a").at(at(0)).into(), repeatable: true };
            block_on(async { place.open().accept(&[cause], at(0)).await.unwrap() });
            place.age(version);
            if is_damaged {
                let mut bytes = std::fs::read(place.path()).unwrap();
                bytes[72] = 1;
                std::fs::write(place.path(), bytes).unwrap();
            } else {
                let reader = SqliteStore::open_read_only(&place.path()).unwrap();
                assert_eq!(block_on(due(&reader, 9, 9)), [], "version {version}");
                assert_eq!(block_on(reader.pending()).unwrap(), pending(0, 0, None));
                assert_eq!(block_on(reader.documents(DocumentKind::Profile)), Ok(vec![]), "version {version}");
                assert_eq!(block_on(reader.document(DocumentKind::Silence, "a")), Ok(None), "version {version}");
                assert_eq!(block_on(reader.inbox_since("ann", 0, 9)), Ok(vec![]), "version {version}");
                assert_eq!(block_on(reader.inbox_bounds("ann")), Ok(InboxBounds::default()), "version {version}");
            }
            let (store, opened) = SqliteStore::open(&place.path(), &Options::default(), at(1)).unwrap();
            assert_eq!(set_aside(&place), is_damaged, "version {version}");
            assert!(opened.damage.is_empty(), "version {version}: {opened:?}");
            block_on(async {
                assert!(store.event(EventId::named("t", "cause")).await.unwrap().is_some(), "version {version}");
                put_off(&store, 4..6).await;
                let message = InboxMessage { user: "ann".into(), notification: id(1), content: "a".into() };
                assert_eq!(store.inbox_append(&[message], 10, at(2)).await.unwrap()[0].seq, 1);
            });
            drop(store);
            let store = place.open();
            assert_eq!(block_on(store.pending()).unwrap(), pending(1, 1, Some(4)), "version {version}");
            assert_eq!(block_on(due(&store, 9, 9)), expected(4..6));
            drop(store);
            assert!(fsck::fsck(&place.path()).is_whole(), "{}", fsck::fsck(&place.path()));
        }
    }
}

#[test]
fn what_a_damaged_row_let_wait_is_due_at_once() {
    let harms = ["wait='{}'", "user='x'", "crc=crc+1", "until=until+1", "notification=notification+7"];
    for harm in harms {
        let place = Place::new();
        block_on(async { put_off(&place.open(), 500..502).await });
        change(&place, &format!("UPDATE deferred SET {harm} WHERE until={}", at(501).as_nanos()));
        // A start notices by itself what it needs; a row is looked at when it is read.
        let store = place.open();
        block_on(async {
            let before = due(&store, 999, 9).await;
            let now = due(&store, 400, 9).await;
            assert_eq!(now.len(), 1, "{harm}: {before:?}");
            assert_eq!((&*now[0].0, store.pending().await.unwrap().held), ("title 501", 2), "{harm}");
            assert_eq!(store.pending().await.unwrap().lost, 0, "{harm}");
            assert!(drop_one(&store, 501, now[0].1, false).await, "{harm}");
            assert!(drop_one(&store, 500, at(500), true).await, "{harm}");
            closes(store.census().await.unwrap(), 0);
        });
    }
}

#[test]
fn what_waits_and_cannot_be_read_is_given_up() {
    for harm in ["crc=crc+1", "plan='{'", "body=x'00'"] {
        for is_resumed in [false, true] {
            let place = Place::new();
            let store = place.open();
            block_on(async {
                put_off(&store, 500..502).await;
                change(&place, &format!("UPDATE notification SET {harm} WHERE number=1"));
                if is_resumed {
                    assert!(!drop_one(&store, 500, at(500), true).await, "{harm}");
                }
                assert_eq!(due(&store, 999, 9).await, expected(501..502), "{harm}");
                let Pending { held, digested, next, lost } = store.pending().await.unwrap();
                assert_eq!((held, digested, next, lost), (0, 1, Some(at(501)), 1), "{harm}");
                closes(store.census().await.unwrap(), 1);
                let filter = LogFilter { steps: vec![Step::Damaged], ..LogFilter::default() };
                let told = store.log_query(&filter, Page::After { number: 0, limit: 9 }).await.unwrap();
                assert_eq!(told.len(), 1, "{harm}: {told:?}");
            });
        }
    }
}

#[test]
fn damaged_rows_hold_up_nothing_behind_them() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        put_off(&store, 0..60).await;
        change(
            &place,
            "UPDATE deferred SET crc=crc+1 WHERE number IN (SELECT number FROM deferred ORDER BY until LIMIT 50)",
        );
        assert_eq!(due(&store, 999, 5).await.len(), 5);
        assert_eq!(due(&store, 999, 99).await.len(), 60, "all of them are due by now");
        assert_eq!(store.pending().await.unwrap().lost, 0);
        change(&place, "DELETE FROM notification WHERE number<=55");
        assert_eq!(due(&store, 999, 3).await.len(), 3, "what leads to nothing is no different");
        assert_eq!(due(&store, 999, 99).await, expected(55..60));
    });
}

#[test]
fn a_check_and_a_repair_know_what_waits() {
    let place = Place::new();
    let before = block_on(async {
        let store = place.open();
        put_off(&store, 500..506).await;
        assert!(drop_one(&store, 500, at(500), true).await && drop_one(&store, 501, at(501), false).await);
        store.census().await.unwrap()
    });
    let report = fsck::fsck(&place.path());
    assert!(report.is_whole(), "{report}");
    let damage = fsck::repair(&place.path(), at(600)).unwrap();
    assert_eq!((damage.due_again, damage.texts().len()), (0, 0), "{damage}");
    let store = place.open();
    block_on(async {
        assert_eq!(store.census().await.unwrap(), before);
        assert_eq!(store.pending().await.unwrap(), pending(2, 2, Some(502)));
        assert_eq!(due(&store, 999, 9).await, expected(502..506));
    });
    drop(store);
    change(&place, &format!("DELETE FROM deferred WHERE until={}", at(503).as_nanos()));
    let report = fsck::fsck(&place.path());
    assert!(!report.is_whole() && report.to_string().contains("deferred: 3 kept, 1 missing"), "{report}");
    let damage = fsck::repair(&place.path(), at(600)).unwrap();
    assert_eq!(damage.due_again, 1, "{damage}");
    assert!(damage.to_string().contains("1 notifications told at once"), "{damage}");
    let store = place.open();
    block_on(async {
        let now = due(&store, 600, 9).await;
        assert_eq!(now.len(), 4, "{now:?}");
        assert_eq!(store.pending().await.unwrap().held, 3, "what it waited for is lost: it is judged anew");
        closes(store.census().await.unwrap(), 4);
        assert_eq!((before.digested, before.withdrawn), (1, 1));
    });
    drop(store);
    assert!(fsck::fsck(&place.path()).is_whole());
}

#[test]
fn a_repair_takes_out_waits_that_lead_to_nothing() {
    let place = Place::new();
    block_on(async { put_off(&place.open(), 500..503).await });
    change(&place, "DELETE FROM notification WHERE number=2");
    let damage = fsck::repair(&place.path(), at(600)).unwrap();
    assert_eq!(damage.due_again, 0, "{damage}");
    let store = place.open();
    block_on(async {
        assert_eq!(due(&store, 999, 9).await, expected([500, 502]));
        assert_eq!(store.pending().await.unwrap(), pending(2, 0, Some(500)));
        closes(store.census().await.unwrap(), 2);
    });
}
