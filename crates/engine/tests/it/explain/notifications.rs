//! What was decided on a notification: repeats, preferences, the ends of incidents, direct messages.

use serde_json::{Value, json};
use tidings_core::{Event, EventId, NotificationKind, Priority};
use tidings_engine::{
    Builder, Message, Notifier, Recipients, Rule, Told, User,
    explain::{Decision, RuleVerdict, Subject},
};
use tidings_policy::Preferences;
use tidings_store::{FiringClaim, RuleBatch, RulePlan};

use super::{KINDS, Kind, Scene, Scripted, assert_says, at, event, once, rule, seconds, until};

fn preferences(value: Value) -> Preferences {
    serde_json::from_value(value).unwrap()
}

fn with(builder: Builder, channels: &[&str]) -> Builder {
    channels.iter().fold(builder, |builder, name| builder.channel(name, Scripted::new([]), once()))
}

#[tokio::test]
async fn a_repeat_names_what_it_repeats_and_when_that_was_told() {
    for kind in KINDS {
        let noisy = Rule::new("r", "true").unwrap().cooldown(seconds(0));
        let scene = Scene::open(kind, |builder| builder.rule(noisy)).await;
        let first = scene.send(0, event(json!({}))).await;
        let second = scene.send(30, event(json!({}))).await;
        let of = scene.explain(first).await.notifications[0].id;
        let told = scene.explain(second).await;
        let repeat = &told.notifications[0];
        assert_eq!((repeat.decision, repeat.kind), (Decision::Duplicate, Some(NotificationKind::Firing)));
        assert_eq!(repeat.repeats.map(|repeated| (repeated.of, repeated.told)), Some((of, Some(at(0)))));
        assert_says(
            &told,
            &["r: fired", "to ann by rule r", "\"r\" (medium)", &format!("a duplicate of {of}, told at 22:13:20")],
        );
        let from_there = scene.explain(repeat.id).await;
        assert_eq!((from_there.subject, from_there.rules.len()), (Subject::Notification, 1));
        assert_says(&from_there, &["notification", "r: fired at 22:13:50", "a duplicate of"]);
    }
}

/// A rule of medium priority on push and sms; what is said of it where these are the operator's preferences and ann's.
async fn check_muted(operator: Value, own: Option<Value>, decision: Decision, says: &[&str]) {
    for kind in KINDS {
        let wakes = Rule::new("r", "true").unwrap().channels(["push", "sms"]);
        let ann = User { preferences: own.clone().map(preferences), ..User::default() };
        let scene = Scene::open(kind, |builder| {
            with(builder, &["push", "sms"]).rule(wakes).preferences(preferences(operator.clone())).user("ann", ann)
        })
        .await;
        let id = scene.send(0, event(json!({}))).await;
        let told = scene.explain(id).await;
        assert_eq!(told.notifications[0].decision, decision, "{told}");
        assert_says(&told, says);
        scene.notifier.stop().await;
    }
}

#[tokio::test]
async fn each_layer_of_preferences_is_named_where_it_decides() {
    let off = |channel: &str| json!({"default": {channel: false}});
    let of_agent = json!({"agents": {"a": {"push": false}}});
    let sms = "not on sms: its priority is too low, by the default of this channel";
    let planned = Decision::Planned;
    check_muted(json!({}), None, planned, &["planned on push", sms]).await;
    let says = ["not on push: the channel is off, by the operator's preferences", sms];
    check_muted(off("push"), None, Decision::Denied, &["wanted on no channel", says[0], says[1]]).await;
    let says = ["not on push: the channel is off, by the user's preferences", sms];
    check_muted(json!({}), Some(off("push")), Decision::Denied, &says).await;
    let says = ["not on push: the channel is off, by the operator's preferences for this agent"];
    check_muted(of_agent.clone(), None, Decision::Denied, &says).await;
    let says = ["not on push: the channel is off, by the user's preferences for this agent"];
    check_muted(json!({}), Some(of_agent), Decision::Denied, &says).await;
    let least = json!({"default": {"min_priority": "high"}});
    let says = ["not on push: its priority is too low, by the user's preferences"];
    check_muted(json!({}), Some(least), Decision::Denied, &says).await;
    let says = ["planned on push", "not on sms: the channel is off, by the operator's preferences"];
    check_muted(off("sms"), None, planned, &says).await;
}

#[tokio::test]
async fn the_end_of_what_a_user_was_not_told_is_told_to_nobody() {
    for kind in KINDS {
        let own = || Rule::new("low", "load > 5 resolve when load < 2").unwrap().dedup_key("same").unwrap();
        let first = Rule::new("first", "load > 5").unwrap().dedup_key("same").unwrap().priority(Priority::High);
        let scene = Scene::open(kind, |builder| builder.rule(first).rule(own())).await;
        scene.send(0, event(json!({"load": 9}))).await;
        let end = scene.send(30, event(json!({"load": 1}))).await;
        let told = scene.explain(end).await;
        assert_eq!(told.notifications[0].decision, Decision::Untold, "{told}");
        assert_says(&told, &["low: resolved", "the end of an incident", "this user was not told of what it ends"]);
    }
}

#[tokio::test]
async fn a_cooldown_that_only_the_store_knew_of_is_told() {
    for kind in KINDS {
        let own = Rule::new("r", "load > 5").unwrap().cooldown(seconds(60));
        let scene = Scene::open(kind, |builder| builder.rule(own)).await;
        // What the store knew at the start, the rules know as well.
        scene.send(0, event(json!({})).agent("b")).await;
        let claim = FiringClaim { rule: "r".into(), agent: "a".to_owned(), at: at(0), cooldown: seconds(60) };
        let plan = RulePlan { firings: vec![claim], ..RulePlan::nothing(EventId::named("other", "1")) };
        scene.store.plan_rule(&RuleBatch { plans: vec![plan], states: vec![] }, at(0)).await.unwrap();
        let id = scene.send(30, event(json!({"load": 9}))).await;
        let told = scene.explain(id).await;
        let found = rule(&told, "r");
        assert_eq!((found.verdict, found.since, found.until), (RuleVerdict::Cooldown, Some(at(0)), Some(at(60))));
        assert_says(&told, &["r: in cooldown since 22:13:20 until 22:14:20", "load > 5 (load = 9)"]);
    }
}

#[tokio::test]
async fn a_direct_message_is_explained() {
    for kind in KINDS {
        let scene = Scene::open(kind, |builder| with(builder, &["push"])).await;
        let mut message = Message::new("the deploy is done");
        message.channels = vec!["push".to_owned()];
        let answers = scene.notifier.notify(&message).await.unwrap();
        let Told::Planned(id) = answers[0].1 else { panic!("{answers:?}") };
        scene.drain().await;
        let told = scene.explain(id).await;
        assert_eq!((told.subject, told.event.is_none(), told.rules.len()), (Subject::Notification, true, 0));
        assert!(told.unknown.is_empty(), "{told}");
        let says =
            ["to ann, a direct message", "\"the deploy is done\" (medium)", "planned on push", "delivered (200)"];
        assert_says(&told, &says);
        assert_eq!(scene.explain(told.notifications[0].deliveries[0].id).await.subject, Subject::Delivery);
    }
}

#[tokio::test]
async fn a_direct_message_that_ended_at_once_is_explained() {
    for kind in KINDS {
        let off = preferences(json!({"default": {"push": false}}));
        let scene = Scene::open(kind, |builder| {
            let bob = User { preferences: Some(off.clone()), ..User::default() };
            with(builder, &["push"]).user("bob", bob)
        })
        .await;
        let to = |user: &str, title: &str| Message {
            channels: vec!["push".to_owned()],
            user_ids: vec![user.to_owned()],
            ..Message::new(title)
        };
        let first = scene.notifier.notify(&to("ann", "done")).await.unwrap()[0].1;
        let Told::Planned(of) = first else { panic!("{first:?}") };
        scene.clock.set(at(30));
        let repeat = scene.notifier.notify(&to("ann", "done")).await.unwrap()[0].1;
        assert_eq!(repeat, Told::Duplicate { id: repeat.id(), of });
        let told = scene.explain(repeat.id()).await;
        assert_eq!((told.subject, told.notifications[0].decision), (Subject::Notification, Decision::Duplicate));
        assert!(told.unknown.is_empty(), "{told}");
        assert_says(
            &told,
            &["to ann, a direct message", "\"done\"", &format!("a duplicate of {of}, told at 22:13:20")],
        );
        let denied = scene.notifier.notify(&to("bob", "done")).await.unwrap()[0].1;
        assert_eq!(denied, Told::Denied(denied.id()));
        let told = scene.explain(denied.id()).await;
        assert!(told.unknown.is_empty(), "{told}");
        let says =
            ["to bob, a direct message", "wanted on no channel", "not on push: the channel is off, by the user's"];
        assert_says(&told, &says);
    }
}

#[tokio::test]
async fn everybody_who_was_told_is_named() {
    for kind in KINDS {
        let wakes = Rule::new("r", "true").unwrap().recipients(Recipients::users(["ann", "bob"])).channels(["push"]);
        let scene = Scene::open(kind, |builder| with(builder, &["push"]).rule(wakes)).await;
        let id = scene.send(0, event(json!({}))).await;
        let told = scene.explain(id).await;
        let users: Vec<_> = told.notifications.iter().map(|told| told.user.as_deref()).collect();
        assert_eq!(users, [Some("ann"), Some("bob")]);
        let alone = scene.explain(told.notifications[1].id).await;
        assert_eq!(alone.notifications.iter().map(|told| told.id).collect::<Vec<_>>(), [told.notifications[1].id]);
    }
}

#[tokio::test]
async fn secrets_and_what_moves_a_cursor_are_not_told() {
    let scene = Scene::open(Kind::Memory, |builder| {
        builder.rule(Rule::new("r", "true").unwrap().title("{{ data.text }}").unwrap().body("x").unwrap())
    })
    .await;
    let text = "key sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnop \u{1b}[31m";
    let id = scene.send(0, event(json!({"text": text}))).await;
    let told = scene.explain(id).await;
    assert!(!told.to_string().contains("sk-ant-api03-abc"), "{told}");
    assert!(!told.to_string().contains('\u{1b}'));
    assert!(!told.to_json().to_string().contains("sk-ant-api03-abc"));
}

#[tokio::test]
async fn an_event_that_waits_for_its_plan_says_so() {
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let clock = tidings_testkit::FakeClock::at(at(0));
        let store = super::store(kind, folder.path(), &clock);
        let rules = |builder: Builder| builder.rule(Rule::new("r", "true").unwrap());
        let builder = rules(
            Notifier::builder().user("ann", User::default()).store(store.clone()).clock(std::sync::Arc::new(clock)),
        );
        let notifier = builder.build().unwrap().start().await.unwrap();
        until(async || store.rule_set(1).await.unwrap().is_some()).await;
        notifier.stop().await;
        let event = Event::new("custom.load").agent("a").at(at(0)).id("7");
        let offer = tidings_store::Offer { id: event.identity(0), event: event.into(), repeatable: true };
        store.accept(std::slice::from_ref(&offer), at(0)).await.unwrap();
        let told = tidings_engine::explain::explain(&*store, "7").await.unwrap().unwrap();
        assert!(told.event.as_ref().unwrap().waiting);
        assert_eq!(rule(&told, "r").verdict, RuleVerdict::Waiting);
        assert_says(&told, &["it waits for its plan", "r: has not judged it yet"]);
    }
}
