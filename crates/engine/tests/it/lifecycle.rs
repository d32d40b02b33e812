//! Start, emit from everywhere, stop: every event is accounted for.

use std::time::Duration;

use tidings_core::{Event, Timestamp};
use tidings_engine::{AcceptError, Emitted, Notifier, Repeats, Rule, StartError, User};

use crate::{Seen, info, start, stop};

#[test]
fn it_works_without_a_runtime_and_from_many_threads() {
    let seen = Seen::default();
    let notifier = Notifier::builder().queue_size(100_000).sink(seen.sink("all")).build().unwrap();
    notifier.emit(info("before the start"));
    let notifier = notifier.start_on_thread().unwrap();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let notifier = notifier.clone();
            std::thread::spawn(move || {
                (0..1_000).for_each(|_| assert_eq!(notifier.emit(info("from a thread")), Emitted::Queued))
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let account = runtime.block_on(stop(&notifier));
    assert_eq!((account.events.offered, account.events.planned), (8_001, 8_001));
    assert_eq!(seen.types().len(), 8_001);
    assert!(account.is_clean());
}

#[tokio::test]
async fn a_notifier_is_started_once_and_takes_nothing_after_its_stop() {
    let notifier = start(Notifier::builder()).await;
    assert!(matches!(notifier.clone().start().await, Err(StartError::Again)));
    stop(&notifier).await;
    assert_eq!(notifier.emit(info("late")), Emitted::Shed);
    assert_eq!(notifier.accept(vec![info("late")]).await, Err(AcceptError::NotRunning));
    let account = stop(&notifier).await;
    assert_eq!((account.events.offered, account.events.shed), (1, 1));
}

#[tokio::test]
async fn a_notifier_that_never_started_accounts_for_its_queue() {
    let notifier = Notifier::builder().build().unwrap();
    notifier.emit(info("waits"));
    let account = stop(&notifier).await;
    assert_eq!((account.events.shed, account.events.waiting), (1, 0));
}

#[tokio::test]
async fn the_same_event_accepted_again_gives_nothing_new() {
    let seen = Seen::default();
    let notifier = start(Notifier::builder().sink(seen.sink("all"))).await;
    let batch = || vec![info("twin"), info("twin"), info("other").id("7")];
    let first = notifier.accept(batch()).await.unwrap();
    assert!(first.iter().all(|answer| !answer.duplicate), "a repeat within a batch is an event of its own");
    assert_ne!(first[0].id, first[1].id);
    let again = notifier.accept(batch()).await.unwrap();
    assert!(again.iter().all(|answer| answer.duplicate));
    assert_eq!(again.iter().map(|a| a.id).collect::<Vec<_>>(), first.iter().map(|a| a.id).collect::<Vec<_>>());
    let account = stop(&notifier).await;
    assert_eq!((account.events.offered, account.events.duplicate, account.events.planned), (6, 3, 3));
    assert_eq!(seen.types(), ["twin", "twin", "other"]);
}

#[tokio::test]
async fn repeats_are_counted_across_the_parts_of_a_source() {
    let notifier = start(Notifier::builder()).await;
    let mut source = Repeats::default();
    let one = notifier.accept_from(&mut source, vec![info("twin")]).await.unwrap();
    let two = notifier.accept_from(&mut source, vec![info("twin")]).await.unwrap();
    assert!(one[0].id != two[0].id && !two[0].duplicate);
    stop(&notifier).await;
}

#[tokio::test]
async fn emitted_twins_are_two_events_unless_they_bring_an_id() {
    let seen = Seen::default();
    let notifier = start(Notifier::builder().sink(seen.sink("all"))).await;
    for _ in 0..3 {
        notifier.emit(info("twin"));
        notifier.emit(info("named").id("1"));
    }
    let account = stop(&notifier).await;
    assert_eq!((account.events.duplicate, seen.types().len()), (2, 4));
}

#[tokio::test]
async fn an_event_from_the_future_gets_our_time() {
    let times = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let list = times.clone();
    let keep =
        move |event: &Event| list.lock().unwrap().push((event.timestamp, event.metadata.contains_key("claimed_at")));
    let notifier = start(Notifier::builder().sink(keep)).await;
    notifier.emit(info("past"));
    notifier.emit(info("future").at(Timestamp::MAX));
    stop(&notifier).await;
    let times = times.lock().unwrap();
    assert_eq!(times[0], (Timestamp::from_secs(1), false));
    assert!(times[1].0 < Timestamp::MAX && times[1].1);
}

#[tokio::test]
async fn in_a_file_one_wrong_time_ends_no_windows() {
    let rule = Rule::new("busy", "count(5m) >= 3").unwrap();
    let notifier = start(Notifier::builder().event_time().user("ann", User::default()).rule(rule)).await;
    for second in [1_700_000_000, 1_700_000_001_000, 1_700_000_002, 1_700_000_003] {
        notifier.emit(info("step").agent("a").at(Timestamp::from_secs(second)));
    }
    let account = stop(&notifier).await;
    assert_eq!((account.rules["busy"].no, account.rules["busy"].fired), (2, 1));
}

#[tokio::test]
async fn what_is_not_an_event_is_in_the_account() {
    let notifier = start(Notifier::builder()).await;
    notifier.refuse(3);
    let account = stop(&notifier).await;
    assert_eq!((account.events.offered, account.events.refused), (3, 3));
}

#[tokio::test]
async fn dropping_the_last_handle_ends_the_workers() {
    let seen = Seen::default();
    let alive = seen.0.clone();
    let notifier = start(Notifier::builder().sink(seen.sink("all"))).await;
    notifier.emit(info("one"));
    drop((notifier, seen));
    tokio::time::timeout(Duration::from_secs(5), async {
        while std::sync::Arc::strong_count(&alive) > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .expect("the closure is dropped with the notifier");
}
