//! Wishes that change while something waits: nothing is lost by a look before its time.

use tidings_store::MemoryStore;

use super::*;

fn hourly() -> Value {
    json!({"digest": {"every": "hourly", "max_priority": "medium", "channel": "letters"}})
}

#[tokio::test]
async fn a_silence_that_is_over_by_then_withdraws_nothing() {
    for (wishes, due, told) in [(quiet(), MORNING, "1"), (hourly(), NIGHT + 3_600, "1 notification from a")] {
        let life = Life::at_night(wishes).await;
        life.say(1).await;
        life.silence(60).await;
        life.settle().await;
        life.set(due).await;
        assert_eq!(life.titles(), [told]);
        life.stop().await;
    }
}

#[tokio::test]
async fn a_channel_that_is_on_again_by_then_withdraws_nothing() {
    let life = Life::at_night(quiet()).await;
    life.say(1).await;
    let mut off = quiet();
    off["default"] = json!({"letters": false});
    life.wish(off).await;
    life.settle().await;
    life.wish(quiet()).await;
    life.set(MORNING).await;
    assert_eq!(life.titles(), ["1"]);
    life.stop().await;
}

#[tokio::test]
async fn what_is_silenced_at_its_moment_is_withdrawn() {
    for (wishes, due) in [(quiet(), MORNING), (hourly(), NIGHT + 3_600)] {
        let life = Life::at_night(wishes).await;
        life.say(1).await;
        life.silence(9 * 3_600).await;
        life.set(due).await;
        life.set(NIGHT + 10 * 3_600).await;
        assert_eq!((life.titles().len(), life.counts().await), (0, [1, 0, 0]));
        life.stop().await;
    }
}

#[tokio::test]
async fn what_is_silenced_at_the_end_is_not_told_early() {
    let life = Life::at_night(hourly()).await;
    life.say(1).await;
    life.silence(60).await;
    let letters = life.letters.clone();
    let account = life.stop().await;
    assert_eq!((letters.all().len(), account.deliveries.held), (0, 1));
}

#[tokio::test]
async fn digests_of_one_moment_have_names_of_their_own() {
    let life = Life::at_night(hourly()).await;
    for n in 1..=4 {
        life.say(n).await;
        life.wish(json!({})).await;
        life.settle().await;
        assert_eq!(life.titles().len(), n as usize, "told when its user wants no digest any more");
        life.wish(hourly()).await;
    }
    let mut names: Vec<_> = life.letters.all().into_iter().map(|told| told.notification_id).collect();
    names.sort();
    names.dedup();
    assert_eq!((names.len(), life.counts().await), (4, [0, 4, 4]));
    life.stop().await;
}

#[tokio::test]
async fn what_has_no_room_to_wait_is_on_the_account() {
    let (builder, letters) = of_ann(&quiet());
    let clock = FakeClock::at(at(NIGHT));
    let builder = builder.rule(rule("slow")).store(Arc::new(MemoryStore::new(2))).clock(Arc::new(clock.clone()));
    let life = Life { notifier: start(builder).await, clock, letters };
    for n in 0..5 {
        life.say(n).await;
    }
    let sent = life.account().await.deliveries;
    assert_eq!((sent.made, sent.held, sent.dead), (5, 2, 3));
    life.set(MORNING).await;
    assert_eq!(life.titles(), ["0", "1"]);
    life.stop().await;
}
