//! What waits in a file waits over restarts; and what was told lately is known there.

use std::path::Path;

use tidings_store::sqlite::{Options, SqliteStore};

use super::*;

/// A life on the file in this folder.
async fn on(folder: &Path, clock: &FakeClock, wishes: Value, rules: Vec<Rule>) -> Life {
    let (builder, letters) = of_ann(&wishes);
    let store = SqliteStore::open(&folder.join("store.db"), &Options::default(), at(clock.seconds())).unwrap().0;
    let builder = rules.into_iter().fold(builder, Builder::rule).store(Arc::new(store));
    let life = Life { notifier: start(builder.clock(Arc::new(clock.clone()))).await, clock: clock.clone(), letters };
    life.settle().await;
    life
}

trait Seconds {
    fn seconds(&self) -> i64;
}

impl Seconds for FakeClock {
    fn seconds(&self) -> i64 {
        tidings_core::Clock::now(self).as_secs()
    }
}

#[tokio::test]
async fn what_is_held_goes_out_in_the_next_life() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), FakeClock::at(at(NIGHT)));
    let life = on(folder.path(), &clock, quiet(), vec![rule("slow"), rule("gone").dedup_key("gone").unwrap()]).await;
    life.say(1).await;
    assert_eq!(life.counts().await, [2, 0, 0], "two rules tell of it");
    let account = life.stop().await;
    assert_eq!(account.deliveries.held, 2);
    let life = on(folder.path(), &clock, quiet(), vec![rule("slow")]).await;
    assert_eq!((life.counts().await, life.titles().len()), ([2, 0, 0], 0));
    life.set(MORNING).await;
    assert_eq!((life.counts().await, life.titles().len()), ([0, 0, 2], 2), "though one of the rules is gone");
    life.stop().await;
    let life = on(folder.path(), &clock, quiet(), vec![rule("slow")]).await;
    assert_eq!(life.titles().len(), 0, "once");
    life.stop().await;
}

#[tokio::test]
async fn what_came_due_while_nobody_ran_is_told_at_the_start() {
    let wishes = json!({"digest": {"every": "hourly", "max_priority": "medium", "channel": "letters"}});
    let (folder, clock) = (tempfile::tempdir().unwrap(), FakeClock::at(at(NIGHT)));
    let life = on(folder.path(), &clock, wishes.clone(), vec![rule("slow")]).await;
    life.say(1).await;
    life.say(2).await;
    life.stop().await;
    clock.set(at(NIGHT + 5 * 3_600));
    let life = on(folder.path(), &clock, wishes, vec![rule("slow")]).await;
    assert_eq!((life.counts().await, life.titles().len()), ([0, 2, 1], 1));
    life.stop().await;
}

#[tokio::test]
async fn wishes_of_the_next_life_hold_for_what_waits() {
    let cases = [
        (json!({"default": {"letters": false}}), [1, 0, 0], 0),
        (json!({}), [0, 0, 1], 1),
        (json!({"topics": {"slow": false}, "quiet_hours": {"from": "22:00", "to": "08:00"}}), [1, 0, 0], 0),
    ];
    for (wishes, counts, told) in cases {
        let (folder, clock) = (tempfile::tempdir().unwrap(), FakeClock::at(at(NIGHT)));
        let life = on(folder.path(), &clock, quiet(), vec![rule("slow")]).await;
        life.say(1).await;
        life.stop().await;
        clock.set(at(MORNING));
        let life = on(folder.path(), &clock, wishes.clone(), vec![rule("slow")]).await;
        assert_eq!((life.counts().await, life.titles().len()), (counts, told), "{wishes}");
        life.stop().await;
    }
}

#[tokio::test]
async fn what_was_wished_otherwise_while_nobody_ran_holds_at_once() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), FakeClock::at(at(NIGHT)));
    let life = on(folder.path(), &clock, quiet(), vec![rule("slow")]).await;
    life.say(1).await;
    assert_eq!(life.counts().await, [1, 0, 0]);
    life.stop().await;
    clock.set(at(NIGHT + 60));
    let life = on(folder.path(), &clock, json!({}), vec![rule("slow")]).await;
    assert_eq!((life.counts().await, life.titles().len()), ([0, 0, 1], 1), "it is night still, and not quiet any more");
    life.stop().await;
}

#[tokio::test]
async fn a_storm_goes_on_in_the_next_life() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), FakeClock::at(at(NIGHT)));
    let life = on(folder.path(), &clock, json!({}), vec![rule("slow")]).await;
    for n in 0..25 {
        life.say(n).await;
    }
    assert_eq!(life.counts().await, [0, 5, 20]);
    life.stop().await;
    clock.set(at(NIGHT + 60));
    let life = on(folder.path(), &clock, json!({}), vec![rule("slow")]).await;
    life.say(25).await;
    assert_eq!(life.counts().await, [0, 6, 0], "the summary waits for its moment");
    life.set(NIGHT + 600).await;
    assert_eq!(life.titles(), ["6 notifications from a"]);
    life.stop().await;
}

#[tokio::test]
async fn the_first_of_a_window_was_told_in_the_life_before() {
    let digest = json!({"every": "hourly", "max_priority": "medium", "channel": "letters", "first": "now"});
    let wishes = json!({ "digest": digest });
    let (folder, clock) = (tempfile::tempdir().unwrap(), FakeClock::at(at(NIGHT)));
    let life = on(folder.path(), &clock, wishes.clone(), vec![rule("slow")]).await;
    life.say(1).await;
    assert_eq!(life.titles().len(), 1);
    life.stop().await;
    clock.set(at(NIGHT + 1_800));
    let life = on(folder.path(), &clock, wishes, vec![rule("slow")]).await;
    life.say(2).await;
    assert_eq!((life.counts().await, life.titles().len()), ([0, 1, 0], 0));
    life.stop().await;
}

#[tokio::test]
async fn who_has_moved_is_told_by_the_clock_of_the_new_place() {
    for (zone, due) in [("America/New_York", NIGHT + 12 * 3_600), ("Asia/Kolkata", NIGHT + 2 * 3_600 + 1_800)] {
        let (folder, clock) = (tempfile::tempdir().unwrap(), FakeClock::at(at(NIGHT)));
        let life = on(folder.path(), &clock, quiet(), vec![rule("slow")]).await;
        life.say(1).await;
        life.stop().await;
        // Its own moment comes, and there it is another time of the day.
        let wishes = json!({"quiet_hours": {"from": "22:00", "to": "07:00", "timezone": zone}});
        clock.set(at(MORNING.max(due - 1)));
        let life = on(folder.path(), &clock, wishes, vec![rule("slow")]).await;
        assert_eq!(life.titles().len(), usize::from(due < MORNING), "{zone}");
        life.set(due.max(MORNING)).await;
        assert_eq!(life.titles().len(), 1, "{zone}");
        life.stop().await;
    }
}
