//! A delivery that outlives a process: after a kill in the middle of an attempt, and after a clock that was set back.

use std::{path::Path, sync::Arc};

use serde_json::json;
use tidings_core::{ErrorKind, EventId};
use tidings_engine::{
    Explanation, Notifier, Rule, User,
    explain::{DeliveryState, explain},
};
use tidings_store::{Claim, Store, Which, sqlite::SqliteStore};
use tidings_testkit::FakeClock;

use super::{AGAIN, Kind, Scripted, assert_says, at, event, policy, seconds, store, until};

/// One life from this second on, in which push fails so often.
async fn life(folder: &Path, from: i64, failures: usize) -> (Notifier, FakeClock) {
    let clock = FakeClock::at(at(from));
    let wakes = Rule::new("r", "load > 5").unwrap().channels(["push"]);
    let push = Scripted::new(vec![(AGAIN, ErrorKind::Status(503), "busy"); failures]);
    let builder = Notifier::builder().user("ann", User::default()).rule(wakes).channel("push", push, policy([60; 3]));
    let builder = builder.store(store(Kind::File, folder, &clock)).clock(Arc::new(clock.clone()));
    (builder.build().unwrap().start().await.unwrap(), clock)
}

/// The event of a life that ends after the first attempt at what it gave.
async fn first_life(folder: &Path, from: i64) -> EventId {
    let (notifier, _) = life(folder, from, 1).await;
    let event = event(json!({"load": 9})).at(at(from));
    let id = notifier.accept(vec![event]).await.unwrap()[0].id;
    until(async || notifier.channel_accounts().await["push"].waiting == 1).await;
    let tried =
        async || notifier.explain(&id.to_string()).await.unwrap().unwrap().to_string().contains("attempt 1 of 4");
    until(tried).await;
    notifier.stop_within(seconds(0)).await;
    id
}

async fn told(folder: &Path, id: EventId) -> Explanation {
    let reader = SqliteStore::open_read_only(&folder.join("store.db")).unwrap();
    explain(&reader as &dyn Store, &id.to_string()).await.unwrap().unwrap()
}

fn state(told: &Explanation) -> DeliveryState {
    told.notifications[0].deliveries[0].state
}

#[tokio::test]
async fn an_attempt_during_which_the_process_was_killed_is_told_and_so_is_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let id = first_life(folder.path(), 0).await;
    for second in [61, 62] {
        // A life that ends with an attempt under way, and says nothing more.
        let store = store(Kind::File, folder.path(), &FakeClock::at(at(second)));
        store.take_over(true, at(second)).await.unwrap();
        let claim = Claim { endpoint: "push".into(), limit: 1, lease: seconds(120), which: Which::Due };
        assert_eq!(store.claim(claim, at(second)).await.unwrap().leases.len(), 1);
    }
    let killed = told(folder.path(), id).await;
    assert_eq!(state(&killed), DeliveryState::Leased { attempt: 3 }, "{killed}");
    let says = ["attempt 1 of 4: 503", "attempt 2 was begun, and no answer", "attempt 3 was begun and is not answered"];
    assert_says(&killed, &says);
    assert_says(&killed, &["pending: 0 of 1"]);
    let (notifier, _) = life(folder.path(), 70, 0).await;
    assert!(notifier.drain(seconds(10)).await);
    let account = notifier.stop().await;
    assert_eq!(account.deliveries.delivered, 1);
    let after = told(folder.path(), id).await;
    assert_eq!((state(&after), after.unknown.len()), (DeliveryState::Delivered, 0));
    assert_says(
        &after,
        &[
            "r: fired at 22:13:20",
            "attempt 1 of 4: 503",
            "attempts 2 to 3 were begun, and no answer to them is known",
            "22:14:30 attempt 4 of 4:",
            "delivered (200)",
            "complete",
        ],
    );
}

#[tokio::test]
async fn a_delivery_over_a_clock_that_was_set_back_an_hour_is_told_with_its_new_time() {
    let folder = tempfile::tempdir().unwrap();
    let hour = 3_600;
    let id = first_life(folder.path(), hour).await;
    assert_eq!(state(&told(folder.path(), id).await), DeliveryState::Waiting { due: at(hour + 60) });
    let (notifier, clock) = life(folder.path(), 10, 0).await;
    let waiting = notifier.explain(&id.to_string()).await.unwrap().unwrap();
    let DeliveryState::Waiting { due } = state(&waiting) else { panic!("{waiting}") };
    assert!(at(10) < due && due <= at(10 + 60), "it waits for no more than it did: {waiting}");
    assert!(waiting.unknown.is_empty(), "{waiting}");
    clock.set(due);
    assert!(notifier.drain(seconds(10)).await);
    notifier.stop().await;
    let after = told(folder.path(), id).await;
    assert_eq!((state(&after), after.unknown.len()), (DeliveryState::Delivered, 0), "{after}");
    assert_says(
        &after,
        &["r: fired at 23:13:20", "attempt 1 of 4: 503", "attempt 2 of 4: delivered (200)", "complete: 1 of 1"],
    );
}
