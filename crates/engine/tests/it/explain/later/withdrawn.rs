//! What waited and is not told after all, and what was never told: whose word that was.

use serde_json::{Value, json};
use tidings_engine::{
    Message,
    explain::{Decision, Explanation},
};
use tidings_store::{NewEntry, Step, UserBatch};

use super::{HOUR, Scene, assert_says, at, quiet, scenes};

/// A message to ann, and what is said of a log that goes on with this.
async fn goes_on(scene: &Scene, entry: NewEntry) -> Explanation {
    let message = Message { user_ids: vec!["ann".to_owned()], ..Message::new("done") };
    let told = scene.notifier.notify(&message).await.unwrap()[0].1;
    let entry = NewEntry { notification: Some(told.id()), user: Some("ann".to_owned()), ..entry };
    scene.store.plan_user(&UserBatch { plans: Vec::new(), trace: vec![entry] }, at(60)).await.unwrap();
    scene.explain(told.id()).await
}

fn entry(step: Step, detail: &Value) -> NewEntry {
    NewEntry { detail: detail.as_object().cloned().unwrap_or_default(), ..NewEntry::new(step) }
}

#[tokio::test]
async fn who_did_not_want_it_any_more_is_named() {
    let muted = json!({"muted": [{"channel": "log", "reason": "topic_off", "layer": "user_agent"}]});
    let says = ["held until 23:00:00", "22:14:20 not sent after all: it is wanted on no channel any more"];
    for scene in scenes(&quiet("hold")).await {
        let told = goes_on(&scene, entry(Step::Denied, &muted)).await;
        assert_says(&told, &says);
        assert_says(&told, &["not on log: its topic is off, by the user's preferences for this agent"]);
    }
    let silenced = json!({"silence": "s1", "author": "bob", "reason": "a\u{1b}deploy", "until": 1_700_000_090});
    for scene in scenes(&quiet("hold")).await {
        let told = goes_on(&scene, entry(Step::Denied, &silenced)).await;
        let says = "not sent after all: silenced by bob until 22:14:50: \"a deploy\" (silence s1)";
        assert_says(&told, &["held until 23:00:00", says]);
    }
}

#[tokio::test]
async fn who_silenced_what_waited_is_named() {
    let gathers = json!({"digest": {"every": "hourly", "max_priority": "medium", "channel": "log"}});
    for wishes in [quiet("hold"), gathers] {
        for scene in scenes(&wishes).await {
            let id = scene.say(0, 1).await;
            let matcher = serde_json::from_value(json!({"user": "ann"})).unwrap();
            let added = scene.notifier.add_silence(&matcher, (at(0), at(2 * HOUR)), "bob", "deploy").await.unwrap();
            scene.go_to(HOUR, Step::Denied, 1).await;
            let told = scene.explain(id).await;
            let says = format!("not sent after all: silenced by bob until 23:46:40: \"deploy\" (silence {})", added.id);
            assert_says(&told, &["\"slow 1\" (medium)", &says]);
            assert!(!told.to_string().contains("not on"), "{told}");
            let told = scene.explain(scene.say(HOUR + 1, 2).await).await;
            assert_says(&told, &["\"slow 2\" (medium)", "not sent: silenced by bob until 23:46:40"]);
        }
    }
}

#[tokio::test]
async fn a_silence_is_told_with_its_author_and_reason() {
    let detail = json!({"title": "t", "silence": "s1", "author": "bob", "reason": "deploy", "until": 1_700_000_090});
    for scene in scenes(&json!({})).await {
        let id = tidings_core::NotificationId::from_bytes([7; 16]);
        let entry = NewEntry { notification: Some(id), user: Some("ann".to_owned()), ..entry(Step::Silenced, &detail) };
        scene.store.plan_user(&UserBatch { plans: Vec::new(), trace: vec![entry] }, at(0)).await.unwrap();
        let told = scene.explain(id).await;
        let silence = told.notifications[0].silence.as_ref().unwrap();
        assert_eq!((told.notifications[0].decision, silence.author.as_deref()), (Decision::Silenced, Some("bob")));
        assert_says(&told, &["22:13:20 not sent: silenced by bob until 22:14:50: \"deploy\" (silence s1)"]);
    }
}
