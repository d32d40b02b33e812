//! Messages on which the store has not spoken yet: whoever repeats one of them hears the store's word, and whoever loses patience
//! leaves nothing half done.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tidings_core::{Event, Timestamp};
use tidings_engine::{Message, Notifier, Rule, Told, User};
use tidings_store::sqlite::{Options, SqliteStore};
use tidings_testkit::FakeClock;

use crate::{moody::Moody, start, stop};

const SOON: Duration = Duration::from_millis(50);

async fn beside(store: Arc<Moody>) -> Notifier {
    let clock = FakeClock::at(Timestamp::from_secs(1_000));
    start(Notifier::builder().user("ann", User::default()).store(store).clock(Arc::new(clock))).await
}

fn message(title: &str) -> Message {
    Message { dedup_key: Some("one".to_owned()), ..Message::new(title) }
}

#[tokio::test]
async fn a_message_whose_caller_lost_patience_is_sent_and_booked() {
    let store = Moody::full_file();
    let notifier = beside(Arc::clone(&store)).await;
    assert!(tokio::time::timeout(SOON, notifier.notify(&message("disk full"))).await.is_err());
    store.has_room();
    assert!(notifier.drain(Duration::from_secs(5)).await);
    let again = notifier.notify(&message("again")).await.unwrap();
    assert!(matches!(again[0].1, Told::Duplicate { .. }), "it was told");
    let account = stop(&notifier).await;
    assert_eq!((account.notifications.planned, account.deliveries.delivered), (1, 1));
}

#[tokio::test]
async fn nobody_hears_that_a_message_is_a_repeat_before_what_it_repeats_is_kept() {
    let store = Moody::full_file();
    let notifier = beside(Arc::clone(&store)).await;
    let (one, other) = (message("one"), message("other"));
    let mut both = Box::pin(async { tokio::join!(notifier.notify(&one), notifier.notify(&other)) });
    assert!(tokio::time::timeout(SOON, &mut both).await.is_err(), "the store has not spoken");
    store.has_room();
    let (one, other) = both.await;
    let mut told = [one.unwrap().remove(0).1, other.unwrap().remove(0).1];
    told.sort_by_key(|told| matches!(told, Told::Duplicate { .. }));
    assert!(matches!(told, [Told::Planned(_), Told::Duplicate { .. }]), "{told:?}");
    let account = stop(&notifier).await;
    assert_eq!((account.notifications.planned, account.notifications.duplicate), (1, 1));
}

#[tokio::test]
async fn what_repeats_only_a_repeat_of_the_life_before_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let live = async |seconds: &[i64]| {
        let path = folder.path().join("store.db");
        let (store, _) = SqliteStore::open(&path, &Options::default(), Timestamp::EPOCH).unwrap();
        let rule = Rule::new("r", "true").unwrap().dedup_key("one").unwrap().cooldown(Duration::ZERO);
        let builder = Notifier::builder().user("ann", User::default()).rule(rule).store(Arc::new(store)).event_time();
        let notifier = start(builder.dedup_window(Duration::from_secs(300))).await;
        let event = |second: &i64| Event::new("e").at(Timestamp::from_secs(*second)).data(json!({"at": second}));
        notifier.accept(seconds.iter().map(event).collect()).await.unwrap();
        let account = stop(&notifier).await;
        (account.notifications.planned, account.notifications.duplicate)
    };
    assert_eq!(live(&[0]).await, (1, 0));
    assert_eq!(live(&[200, 400]).await, (1, 1), "the window of the first one is over at 300");
    assert_eq!(live(&[600]).await, (0, 1), "and another one began at 400");
}
