//! What is told later, or not after all: what it waits for, whose word that was, and what became of it.

mod withdrawn;

use serde_json::{Value, json};
use tidings_core::{Event, EventId, Timestamp};
use tidings_engine::{
    Builder, Message, Rule, Told, User,
    explain::{Decision, Explanation, LaterStep},
};
use tidings_policy::Preferences;
use tidings_store::{DocumentChange, DocumentKind, Step};

use super::{KINDS, Kind, Scene, assert_says, at, event, seconds, texts::tidy, until};

/// A user with these wishes.
fn with(wishes: &Value) -> User {
    User { preferences: Some(Preferences::read(wishes).unwrap()), ..User::default() }
}

/// A rule that speaks at every event, and says its number.
fn every() -> Rule {
    let rule = Rule::new("slow", "true").unwrap().cooldown(seconds(0));
    rule.title("slow {{ data.n }}").unwrap().dedup_key("{{ data.n }}").unwrap()
}

/// A scene in which ann has these wishes, on every kind of store.
async fn scenes(wishes: &Value) -> Vec<Scene> {
    let mut scenes = Vec::new();
    for kind in KINDS {
        scenes.push(scene(kind, wishes, |builder| builder.rule(every())).await);
    }
    scenes
}

async fn scene(kind: Kind, wishes: &Value, build: impl FnOnce(Builder) -> Builder) -> Scene {
    Scene::open(kind, |builder| build(builder.user("ann", with(wishes)))).await
}

impl Scene {
    async fn say(&self, second: i64, n: u32) -> EventId {
        self.send(second, event(json!({"n": n}))).await
    }

    /// Goes on to a second, and waits until the log has so many entries of this step.
    async fn go_to(&self, second: i64, step: Step, count: usize) {
        self.clock.set(at(second));
        self.logged(step, count).await;
        self.drain().await;
    }
}

/// 22:00 to 23:00 in UTC: the scene begins at 22:13:20, and 2,800 seconds later they are over.
fn quiet(policy: &str) -> Value {
    json!({"quiet_hours": {"from": "22:00", "to": "23:00", "policy": policy}})
}

/// Until the full hour.
const HOUR: i64 = 2_800;

fn assert_waits(told: &Explanation, decision: Decision, until: Timestamp) {
    let told = &told.notifications[0];
    assert_eq!(
        (told.decision, told.waits.as_ref().and_then(|waits| waits.until)),
        (decision, Some(until)),
        "{told:#?}"
    );
    assert!(told.standing.is_none() && told.deliveries.is_empty(), "{told:#?}");
}

#[tokio::test]
async fn quiet_hours_are_told_with_their_end() {
    for scene in scenes(&quiet("hold")).await {
        let id = scene.say(0, 1).await;
        let told = scene.explain(id).await;
        assert_waits(&told, Decision::Held, at(HOUR));
        let held = "22:13:20 held until 23:00:00: quiet hours, by the user's preferences";
        assert_says(&told, &["\"slow 1\" (medium)", held, "waiting, due at 23:00:00"]);
        scene.go_to(HOUR, Step::Complete, 1).await;
        let told = scene.explain(told.notifications[0].id).await;
        assert_eq!(told.notifications[0].waits, None);
        assert_says(&told, &[held, "23:00:00 its time had come: planned on log", "delivered", "complete"]);
        assert!(!told.to_string().contains("waiting"), "{told}");
    }
}

#[tokio::test]
async fn a_snooze_is_told_with_its_end_and_in_the_zone_of_the_user() {
    let snooze = json!({"snooze_until": "2023-11-15T06:30:00Z"});
    for scene in scenes(&snooze).await {
        let content = Some(r#"{"timezone": "Asia/Kathmandu"}"#.into());
        let (kind, id, author) = (DocumentKind::Profile, "ann".to_owned(), "ann".to_owned());
        let change = DocumentChange { kind, id, expected: None, author, content };
        scene.store.put_documents(&[change], at(0)).await.unwrap();
        let told = scene.explain(scene.say(0, 1).await).await;
        let says = "held until 2023-11-15 06:30:00 UTC (12:15 in Asia/Kathmandu): snoozed, by the user's preferences";
        assert_says(&told, &[says, "waiting, due at 2023-11-15 06:30:00"]);
        assert_eq!(told.to_json()["notifications"][0]["waits"]["zone"], "Asia/Kathmandu");
    }
}

#[tokio::test]
async fn a_digest_is_told_from_both_ends() {
    let wishes = json!({"digest": {"every": "hourly", "max_priority": "medium", "channel": "log"}});
    for scene in scenes(&wishes).await {
        let events = [scene.say(0, 1).await, scene.say(30, 2).await, scene.say(60, 3).await];
        let told = scene.explain(events[0]).await;
        assert_waits(&told, Decision::Digested, at(HOUR));
        let kept = "22:13:20 kept for the digest on log at 23:00:00, by the user's preferences";
        assert_says(&told, &[kept, "waiting, due at 23:00:00"]);
        scene.go_to(HOUR, Step::Complete, 1).await;
        let told = scene.explain(events[1]).await;
        let LaterStep::Gathered { into: Some(into), state } = told.notifications[0].later[1].step else {
            panic!("{told:#?}")
        };
        assert_eq!(state, Some("complete"));
        assert_says(&told, &["22:13:50 kept for", &format!("23:00:00 told in the digest {into}")]);
        let digest = scene.explain(into).await;
        let held = digest.notifications[0].digest.as_ref().unwrap();
        assert_eq!((held.count, held.until, held.items.len()), (Some(3), Some(at(HOUR)), 3));
        let items: Vec<_> = held.items.iter().map(|item| item.event).collect();
        assert_eq!(items, events.map(Some));
        let first = format!("{} \"slow 1\" by rule slow", held.items[0].id);
        assert_says(
            &digest,
            &["to ann, a digest", "holds 3 notifications, gathered from 22:00:00 to 23:00:00", &first, "slow 3"],
        );
        assert_says(&digest, &["planned on log", "delivered", "complete"]);
        assert!(digest.unknown.is_empty(), "{digest}");
    }
}

#[tokio::test]
async fn quiet_hours_may_gather_or_drop() {
    for scene in scenes(&quiet("digest")).await {
        let told = scene.explain(scene.say(0, 1).await).await;
        assert_says(
            &told,
            &["kept for the digest on email at 2023-11-15 09:00:00: quiet hours, by the user's preferences"],
        );
    }
    for scene in scenes(&quiet("drop")).await {
        let told = scene.explain(scene.say(0, 1).await).await;
        let says = ["not sent: it is wanted on no channel", "not on log: quiet hours, by the user's preferences"];
        assert_says(&told, &says);
    }
}

#[tokio::test]
async fn a_storm_says_what_was_too_much_and_its_summary_what_it_holds() {
    for scene in scenes(&json!({})).await {
        let mut last = None;
        for n in 0..22 {
            last = Some(scene.say(i64::from(n), n).await);
        }
        let told = scene.explain(last.unwrap()).await;
        let says = "22:13:41 more than 20 messages of rule slow to ann within 10 min: told in a summary at 22:23:40";
        assert_says(&told, &[says, "waiting, due at 22:23:40"]);
        assert_waits(&told, Decision::Digested, at(620));
        scene.go_to(620, Step::Complete, 21).await;
        let told = scene.explain(last.unwrap()).await;
        assert_says(&told, &[says, "told in the summary"]);
        let LaterStep::Gathered { into: Some(into), .. } = told.notifications[0].later[1].step else {
            panic!("{told:#?}")
        };
        let summary = scene.explain(into).await;
        assert_says(
            &summary,
            &["to ann, the summary of a storm of rule slow", "holds 2 notifications", "slow 20", "slow 21"],
        );
    }
}

#[tokio::test]
async fn what_is_over_before_its_digest_leaves_says_so() {
    let wishes = json!({"digest": {"every": "hourly", "max_priority": "medium", "channel": "log"}});
    for kind in KINDS {
        let own = Rule::new("high", "load > 5 resolve when load < 2").unwrap();
        let scene = scene(kind, &wishes, |builder| builder.rule(own)).await;
        let begin = scene.send(0, event(json!({"load": 9}))).await;
        scene.send(60, event(json!({"load": 1}))).await;
        scene.go_to(HOUR, Step::Dropped, 2).await;
        let told = scene.explain(begin).await;
        assert_eq!(told.notifications[0].later[1].step, LaterStep::Dropped);
        assert_says(&told, &["kept for the digest", "left out: what it told of was over before the digest went out"]);
        assert!(told.notifications[0].waits.is_none());
    }
}

#[tokio::test]
async fn what_repeats_one_that_waits_says_so() {
    for scene in scenes(&quiet("hold")).await {
        let first = scene.explain(scene.say(0, 1).await).await.notifications[0].id;
        let told = scene.explain(scene.say(30, 1).await).await;
        assert!(told.notifications[0].repeats.unwrap().later);
        let says = format!("not sent: a duplicate of {first}, which was put off");
        assert_says(&told, &[&says]);
        scene.go_to(HOUR, Step::Complete, 1).await;
        let told = scene.explain(told.notifications[0].id).await;
        assert_eq!(told.notifications[0].repeats.unwrap().told, Some(at(HOUR)));
        assert_says(&told, &[&format!("{says}, told at 23:00:00")]);
    }
}

#[tokio::test]
async fn channels_that_are_not_used_keep_their_line_beside_what_is_held() {
    let wishes = json!({"quiet_hours": {"from": "22:00", "to": "23:00"}, "default": {"sms": false}});
    for kind in KINDS {
        let scene = scene(kind, &wishes, |builder| {
            let both = every().channels(["log", "sms"]);
            builder.rule(both).channel("sms", super::Scripted::new([]), super::once())
        })
        .await;
        let told = scene.explain(scene.say(0, 1).await).await;
        let says = ["held until 23:00:00", "not on sms: the channel is off, by the user's preferences", "waiting"];
        assert_says(&told, &says);
    }
}

#[tokio::test]
async fn a_direct_message_that_waits_is_explained() {
    for scene in scenes(&quiet("hold")).await {
        let told = scene.notifier.notify(&Message::new("done")).await.unwrap()[0].1;
        assert_eq!(told, Told::Later(told.id()));
        let told = scene.explain(told.id()).await;
        assert_says(&told, &["to ann, a direct message", "held until 23:00:00"]);
    }
}

#[tokio::test]
async fn a_night_and_its_digest() {
    // Nine in the morning is within the quiet hours: the digest waits as well.
    let wishes = json!({"digest": {"every": "daily", "max_priority": "low", "channel": "log"},
        "quiet_hours": {"from": "22:00", "to": "10:00"}});
    let (nine, ten) = (HOUR + 10 * 3_600, HOUR + 11 * 3_600);
    let scene = scene(Kind::File, &wishes, |builder| {
        let low = Rule::new("slow", "load > 5").unwrap().priority(tidings_core::Priority::Low);
        let high = Rule::new("down", "load > 9").unwrap().priority(tidings_core::Priority::High);
        builder.rule(low.cooldown(seconds(0)).dedup_key("{{ data.load }}").unwrap()).rule(high)
    })
    .await;
    let loud = |load: u32| Event::new("custom.load").agent("a").data(json!({"load": load}));
    scene.send(0, loud(6)).await;
    let id = scene.send(60, loud(10)).await;
    insta::assert_snapshot!("waiting", tidy(&scene.explain(id).await.to_string()));
    scene.go_to(nine, Step::Gathered, 2).await;
    until(async || scene.store.pending().await.unwrap().held == 2).await;
    insta::assert_snapshot!("gathered", tidy(&scene.explain(id).await.to_string()));
    scene.go_to(ten, Step::Complete, 2).await;
    let told = scene.explain(id).await;
    insta::assert_snapshot!("morning", tidy(&told.to_string()));
    let into = told.notifications.iter().find_map(|told| match told.later.last()?.step {
        LaterStep::Gathered { into, .. } => into,
        _ => None,
    });
    insta::assert_snapshot!("digest", tidy(&scene.explain(into.unwrap()).await.to_string()));
}

#[tokio::test]
async fn what_still_waits_is_told_when_the_log_is_gone() {
    for scene in scenes(&quiet("hold")).await {
        let id = scene.explain(scene.say(0, 1).await).await.notifications[0].id;
        while scene.store.purge(at(60), 1_000).await.unwrap().total() > 0 {}
        let told = scene.explain(id).await;
        assert_waits(&told, Decision::Held, at(HOUR));
        assert_says(&told, &["to ann by rule slow", "held until 23:00:00: quiet hours", "waiting, due at 23:00:00"]);
    }
}
