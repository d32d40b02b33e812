//! An end is never told before its beginning.

use tidings_policy::StormLimit;
use tidings_store::sqlite::{Options, SqliteStore};

use super::*;

#[tokio::test]
async fn an_end_waits_with_its_beginning_in_a_storms_summary() {
    let (builder, letters) = of_ann(&json!({}));
    let clock = FakeClock::at(at(NIGHT));
    let limit = StormLimit { messages: 2, window: Duration::from_secs(600) };
    let builder = builder.rule(hot()).storm_limit(Some(limit)).clock(Arc::new(clock.clone()));
    let life = Life { notifier: start(builder).await, clock, letters };
    for (second, value) in [(0, 9), (500, 0), (590, 9)] {
        life.set(NIGHT + second).await;
        life.tell(load(value)).await;
    }
    assert_eq!((life.titles(), life.counts().await), (vec!["hot".to_owned(), "Resolved: hot".to_owned()], [0, 1, 2]));
    // The storm has calmed, and its summary is not told yet.
    life.set(NIGHT + 1_150).await;
    life.tell(load(0)).await;
    assert_eq!((life.titles().len(), life.counts().await), (2, [0, 2, 2]));
    life.set(NIGHT + 1_190).await;
    assert_eq!((life.titles().len(), life.counts().await), (2, [0, 2, 2]), "it is over, and nobody needs to know");
    life.set(NIGHT + 3_000).await;
    life.tell(load(9)).await;
    life.tell(load(0)).await;
    assert_eq!(life.titles().len(), 4, "the next one goes at once");
    life.stop().await;
}

#[tokio::test]
async fn an_end_waits_for_a_beginning_that_is_held_over_a_restart() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), FakeClock::at(at(NIGHT)));
    let on = async |wishes: Value| {
        let (builder, letters) = of_ann(&wishes);
        let store = SqliteStore::open(&folder.path().join("store.db"), &Options::default(), at(NIGHT)).unwrap().0;
        let builder = builder.rule(hot()).store(Arc::new(store)).clock(Arc::new(clock.clone()));
        let life = Life { notifier: start(builder).await, clock: clock.clone(), letters };
        life.settle().await;
        life
    };
    let life = on(quiet()).await;
    life.tell(load(9)).await;
    life.stop().await;
    let life = on(quiet()).await;
    life.tell(load(0)).await;
    assert_eq!((life.titles().len(), life.counts().await), (0, [2, 0, 0]));
    life.set(MORNING).await;
    assert_eq!(life.titles(), ["hot", "Resolved: hot"]);
    life.stop().await;
}

#[tokio::test]
async fn what_nobody_was_told_of_has_no_end() {
    let (builder, letters) = of_ann(&quiet());
    let clock = FakeClock::at(at(NIGHT));
    let builder = builder.rule(hot()).clock(Arc::new(clock.clone()));
    let life = Life { notifier: start(builder).await, clock, letters };
    life.tell(load(9)).await;
    life.silence(9 * 3_600).await;
    life.set(MORNING).await;
    life.set(NIGHT + 10 * 3_600).await;
    life.tell(load(0)).await;
    assert_eq!((life.titles().len(), life.account().await.notifications.duplicate), (0, 1));
    life.stop().await;
}
