//! What time alone gave, and files of past events, whose own times count.

use serde_json::json;
use tidings_core::{Event, Timestamp};
use tidings_engine::{
    Rule,
    explain::{RuleVerdict, Subject},
};
use tidings_store::Step;

use super::{KINDS, Scene, assert_says, at, event, rule, seconds};

#[tokio::test]
async fn what_time_alone_fired_is_explained_from_the_log() {
    for kind in KINDS {
        let silent = Rule::new("silent", "silent(10s)").unwrap().agent("a").unwrap();
        let scene = Scene::open(kind, |builder| builder.rule(silent)).await;
        let last = scene.send(0, event(json!({}))).await;
        scene.send(30, Event::new("tick")).await;
        let fired = scene.logged(Step::Fired, 1).await;
        let cause = fired[0].event.unwrap();
        assert_ne!(cause, last);
        let told = scene.explain(cause).await;
        assert_eq!((told.subject, told.event.is_none()), (Subject::Time, true));
        assert!(told.unknown.is_empty(), "{told}");
        assert!(rule(&told, "silent").by_time);
        assert_says(
            &told,
            &["time alone", "silent: fired at", "by time alone", "silent(10s)", "to ann by rule silent"],
        );
        let from_there = scene.explain(told.notifications[0].id).await;
        assert_says(&from_there, &["notification", "by time alone", "to ann"]);
        assert_eq!(rule(&scene.explain(last).await, "silent").verdict, RuleVerdict::No, "{kind:?}");
    }
}

#[tokio::test]
async fn in_a_file_the_times_of_the_events_count() {
    for kind in KINDS {
        let held = Rule::new("held", "load > 5 for 10m").unwrap();
        let rests = Rule::new("rests", "load > 5").unwrap().cooldown(seconds(600));
        let scene = Scene::open(kind, |builder| builder.rule(held).rule(rests).event_time()).await;
        let sample = |second: i64, load| event(json!({"load": load})).at(Timestamp::from_secs(second));
        let events = vec![sample(1_000, 1), sample(2_000, 9), sample(2_300, 8), sample(2_200, 7)];
        let answers = scene.notifier.accept(events).await.unwrap();
        scene.drain().await;
        for (answer, early) in [(&answers[2], false), (&answers[3], true)] {
            let told = scene.explain(answer.id).await;
            let (held, rests) = (rule(&told, "held"), rule(&told, "rests"));
            let until = Timestamp::from_secs(2_600);
            assert_eq!((held.verdict, held.until), (RuleVerdict::Pending, Some(until)), "{kind:?} {early}: {told}");
            assert_eq!((rests.verdict, rests.until), (RuleVerdict::Cooldown, Some(until)), "{kind:?} {early}: {told}");
        }
        let told = scene.explain(answers[0].id).await;
        assert_eq!(told.event.as_ref().map(|event| event.accepted), Some(at(0)));
        assert_eq!(rule(&told, "rests").verdict, RuleVerdict::No);
    }
}
