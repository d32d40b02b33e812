//! Wishes that meet: snoozes, digests, quiet hours, storms and silences at once, with what comes of them written out.

use serde_json::{Value, json};
use tidings_core::{Priority, Timestamp};
use tidings_policy::{
    Delay, DigestWindow, Matcher, PreferenceLayer, Reason, Resumed, Silence, Verdict, judge, resume, route,
};

use crate::{Scene, at, night};

/// What becomes of the message on push at this moment, as it is told to people.
fn check(scene: &Scene, now: &str, expected: &str) {
    let told = judge("push", &scene.about(), at(now)).told("push");
    assert_eq!(told.to_string(), format!("push: {expected}"), "{:?} at {now}", scene.user);
}

fn of(wishes: impl std::borrow::Borrow<Value>) -> Scene {
    Scene::new(wishes.borrow())
}

const NOON: &str = "2026-03-10T12:00:00Z";
const NIGHT: &str = "2026-03-10T23:10:00Z";

#[test]
fn a_snooze_goes_before_a_digest_and_a_digest_before_quiet_hours() {
    let all = |more: Value| {
        let mut wishes = json!({"quiet_hours": night("hold"), "digest": {"every": "daily", "max_priority": "medium"}});
        wishes.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        of(wishes)
    };
    let scene = all(json!({"snooze_until": "2026-03-11T01:00:00Z"}));
    check(&scene, NIGHT, "hold until 2026-03-11T01:00:00Z, snoozed (the user's default)");
    check(
        &scene,
        "2026-03-11T01:00:00Z",
        "digest on email until 2026-03-11T09:00:00Z, wished in a digest (the user's default)",
    );
    let high = Scene { told: crate::told(Priority::High, &["push"]), ..all(json!({})) };
    check(&high, NIGHT, "hold until 2026-03-11T07:00:00Z, quiet hours (the user's default)");
    let critical = Scene {
        told: crate::told(Priority::Critical, &["push"]),
        ..all(json!({"snooze_until": "2026-03-11T01:00:00Z"}))
    };
    check(&critical, NIGHT, "allow (built in)");
    check(&all(json!({"default": {"push": false}})), NIGHT, "deny, the channel is off (the user's default)");
}

#[test]
fn a_snooze_that_is_over_ends_no_other() {
    let mut scene = of(json!({
        "snooze_until": "2026-03-11T01:00:00Z", "agents": {"batch": {"snooze_until": "2026-03-09T00:00:00Z"}},
    }));
    check(&scene, NIGHT, "hold until 2026-03-11T01:00:00Z, snoozed (the user's default)");
    scene.operator = crate::read(&json!({"snooze_until": "2026-04-01T00:00:00Z"}));
    check(&scene, "2026-03-11T02:00:00Z", "hold until 2026-04-01T00:00:00Z, snoozed (the operator)");
}

#[test]
fn layers_decide_key_by_key() {
    let scene = of(json!({
        "default": {"quiet_hours": night("hold"), "digest": {"max_priority": "medium"}},
        "agents": {"batch": {"quiet_hours": night("drop"), "digest": {"max_priority": "low", "channel": "push"}}},
    }));
    check(&scene, NIGHT, "deny, quiet hours (the user's wish for the agent)");
    let scene = of(
        json!({"quiet_hours": night("digest"), "agents": {"batch": {"digest": {"channel": "push", "at": "12:00"}}}}),
    );
    check(&scene, NIGHT, "digest on push until 2026-03-11T12:00:00Z, quiet hours (the user's default)");
    let hours = json!({"from": "22:00", "to": "07:00", "except": "low"});
    check(&of(json!({"quiet_hours": hours})), NIGHT, "allow (built in)");
}

#[test]
fn quiet_hours_and_digests_each_have_their_clock() {
    let hours = json!({"from": "22:00", "to": "07:00", "policy": "digest", "timezone": "Asia/Tokyo"});
    // A user without a digest gets one in the morning by the clock of the quiet hours; the own one is sent by the user's clock.
    let scene = Scene::of_zone("Europe/Zurich", &json!({"quiet_hours": hours}));
    check(
        &scene,
        "2026-03-10T13:30:00Z",
        "digest on email until 2026-03-11T00:00:00Z, quiet hours (the user's default)",
    );
    let scene = Scene::of_zone("Europe/Zurich", &json!({"quiet_hours": hours, "digest": {"at": "09:00"}}));
    check(
        &scene,
        "2026-03-10T13:30:00Z",
        "digest on email until 2026-03-11T08:00:00Z, quiet hours (the user's default)",
    );
}

#[test]
fn a_digest_on_a_channel_that_is_off_is_none() {
    let scene = of(json!({"default": {"email": false}, "digest": {"max_priority": "high"}}));
    check(&scene, NOON, "allow (built in)");
    let scene = of(json!({"default": {"email": false}, "quiet_hours": night("digest")}));
    check(&scene, NIGHT, "hold until 2026-03-11T07:00:00Z, quiet hours (the user's default)");
}

#[test]
fn what_was_gathered_for_a_channel_that_is_off_by_now_is_told_by_itself() {
    let before = of(json!({"digest": {"max_priority": "high"}}));
    let wait = route(&before.about(), at(NOON)).wait.unwrap();
    let after = of(json!({"default": {"email": false}, "digest": {"max_priority": "high"}}));
    let resumed = resume(&after.about(), &wait, at(NOON), wait.until);
    assert!(matches!(&resumed, Resumed::Send(route) if route.now == ["push"]), "{resumed:?}");
}

/// The window of an hourly digest.
fn check_window(wishes: &Value, now: &str, (from, until): (&str, &str)) {
    let found = judge("push", &of(wishes.clone()).about(), at(now)).verdict;
    let expected = DigestWindow { from: at(from), until: at(until) };
    assert!(matches!(&found, Verdict::Digest { window, .. } if *window == expected), "{found:?} at {now}");
}

#[test]
fn hourly_digests_that_would_end_in_quiet_hours_are_one() {
    let wishes = json!({"quiet_hours": night("hold"), "digest": {"every": "hourly", "max_priority": "medium"}});
    check_window(&wishes, "2026-03-10T20:59:59Z", ("2026-03-10T20:00:00Z", "2026-03-10T21:00:00Z"));
    let of_night = ("2026-03-10T21:00:00Z", "2026-03-11T07:00:00Z");
    for now in ["2026-03-10T21:00:00Z", "2026-03-10T22:00:00Z", "2026-03-11T03:30:00Z", "2026-03-11T06:59:59Z"] {
        check_window(&wishes, now, of_night);
    }
    check_window(&wishes, "2026-03-11T07:00:00Z", ("2026-03-11T07:00:00Z", "2026-03-11T08:00:00Z"));
    let odd = json!({"quiet_hours": {"from": "22:10", "to": "07:10"}, "digest": {"every": "hourly", "max_priority": "medium"}});
    for now in ["2026-03-10T22:05:00Z", "2026-03-11T02:00:00Z", "2026-03-11T07:05:00Z", "2026-03-11T07:30:00Z"] {
        check_window(&odd, now, ("2026-03-10T22:00:00Z", "2026-03-11T08:00:00Z"));
    }
}

/// A digest or a summary, as it is when its window ends.
fn digest(scene: Scene, rule: Option<&str>, channel: &str) -> Scene {
    let mut scene = scene;
    scene.told.metadata.insert("digest".to_owned(), json!({"count": 2}));
    scene.told.rule = rule.map(str::to_owned);
    scene.told.channels = vec![channel.to_owned()];
    scene
}

#[test]
fn a_digest_is_judged_as_what_it_is() {
    let verdict = |scene: &Scene, channel: &str| judge(channel, &scene.about(), at(NIGHT)).verdict;
    let morning = Verdict::Hold { until: at("2026-03-11T07:00:00Z"), why: Delay::QuietHours };
    // It is not gathered again; in quiet hours it waits, whatever they do with single messages, unless its time was set by hand.
    let wishes = json!({"quiet_hours": night("drop"), "digest": {"max_priority": "critical"}});
    assert_eq!(verdict(&digest(of(wishes), None, "email"), "email"), morning);
    let wishes = json!({"quiet_hours": night("drop"), "digest": {"at": "23:10", "max_priority": "critical"}});
    assert_eq!(verdict(&digest(of(wishes.clone()), None, "email"), "email"), Verdict::Send);
    assert_eq!(verdict(&digest(of(wishes), Some("slow"), "push"), "push"), morning);
    // What it gathers was let through one by one: a threshold does not hold for it. A summary goes where its rule's messages go.
    let least = json!({"min_priority": "high"});
    assert_eq!(verdict(&digest(of(least.clone()), None, "email"), "email"), Verdict::Send);
    let denied = Verdict::Deny(Reason::BelowMinPriority);
    assert_eq!(verdict(&digest(of(least), Some("slow"), "push"), "push"), denied);
    assert_eq!(verdict(&digest(of(json!({})), Some("slow"), "sms"), "sms"), denied);
    let off = Verdict::Deny(Reason::TopicOff);
    assert_eq!(verdict(&digest(of(json!({"topics": {"slow": false}})), Some("slow"), "push"), "push"), off);
    // A storm does not swallow its own summary.
    let mut summary = digest(of(json!({})), Some("slow"), "push");
    summary.recent.storm = Some(DigestWindow { from: at(NOON), until: Timestamp::MAX });
    assert_eq!(verdict(&summary, "push"), Verdict::Send);
}

#[test]
fn what_came_before_quiet_hours_that_drop_is_not_dropped_in_a_summary() {
    let mut scene = of(json!({"quiet_hours": night("drop")}));
    let (from, until) = (at("2026-03-10T21:55:00Z"), at("2026-03-10T22:05:00Z"));
    scene.recent.storm = Some(DigestWindow { from, until });
    let wait = route(&scene.about(), from).wait.unwrap();
    assert_eq!((wait.until, wait.why, wait.layer), (until, Delay::Storm, PreferenceLayer::BuiltIn));
    assert_eq!(resume(&scene.about(), &wait, from, until), Resumed::Gather);
    // But a silence or a switch that came meanwhile holds.
    let matcher = Matcher { rule: Some("slow".to_owned()), ..Matcher::default() };
    let (id, author, reason) = ("s".to_owned(), "ops".to_owned(), "known".to_owned());
    scene.silences =
        vec![Silence { id, matcher, from, until: until + std::time::Duration::from_secs(1), author, reason }];
    assert!(matches!(resume(&scene.about(), &wait, from, until), Resumed::Deny(muted) if muted.len() == 2));
}
