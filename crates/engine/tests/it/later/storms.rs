//! A rule that tells a user too much at once is summed up.

use super::*;

#[tokio::test]
async fn a_storm_is_twenty_messages_and_one_summary() {
    let life = Life::at_night(json!({})).await;
    for n in 0..100 {
        life.say(n).await;
    }
    assert_eq!((life.counts().await, life.titles().len()), ([0, 80, 20], 20));
    life.set(NIGHT + 600).await;
    assert_eq!((life.counts().await, life.titles().len()), ([0, 80, 21], 21));
    let told = life.letters.all();
    let summary = told.last().unwrap();
    assert_eq!((&*summary.title, summary.rule.as_deref()), ("80 notifications from a", Some("slow")));
    assert_eq!(summary.channels, ["letters"]);
    life.set(NIGHT + 1_200).await;
    life.say(100).await;
    assert_eq!(life.titles().len(), 22, "it has calmed");
    life.stop().await;
}

#[tokio::test]
async fn what_was_held_all_night_is_no_storm_of_letters() {
    let life = Life::at_night(quiet()).await;
    for n in 0..50 {
        life.say(n).await;
    }
    life.set(MORNING).await;
    assert_eq!((life.counts().await, life.titles().len()), ([0, 30, 20], 20));
    life.set(MORNING + 600).await;
    assert_eq!(life.titles().len(), 21);
    life.stop().await;
}

#[tokio::test]
async fn a_stop_tells_a_storms_summary() {
    let life = Life::at_night(json!({})).await;
    for n in 0..30 {
        life.say(n).await;
    }
    let letters = life.letters.clone();
    let account = life.stop().await;
    assert_eq!(titles(&letters).len(), 21);
    assert_eq!((account.deliveries.digested, account.deliveries.delivered, account.deliveries.made), (10, 21, 31));
}
