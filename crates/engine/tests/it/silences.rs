//! Silences that begin and end while a notifier runs, and what would become of a message.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tidings_core::{Priority, Timestamp};
use tidings_engine::{Message, People, Question, Records, SilenceError, Told, User, Users};
use tidings_policy::{Delay, Judgement, Matcher, PreferenceLayer, Reason, Recent, StormLimit, Verdict};

use crate::{
    people::{House, file, memory, noon, wishes},
    start,
};

fn matcher(value: Value) -> Matcher {
    serde_json::from_value(value).unwrap()
}

fn hour(from: i64) -> (Timestamp, Timestamp) {
    (noon(from), noon(from + 3_600))
}

async fn add(house: &House, what: Value, span: (Timestamp, Timestamp)) -> String {
    house.notifier.add_silence(&matcher(what), span, "ops", "known").await.unwrap().id
}

#[tokio::test]
async fn a_silence_holds_at_once_and_over_a_restart_until_it_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let users = [("ann", User::default()), ("bob", User::default())];
    let first = House::open(file(folder.path()), noon(0), &users).await;
    let id = add(&first, json!({"user": "ann", "rule": "slow"}), hour(0)).await;
    add(&first, json!({"user": "bob"}), hour(1_800)).await;
    assert_eq!(first.told(1).await, ["bob"]);
    first.close().await;
    let second = House::open(file(folder.path()), noon(1_700), &users).await;
    assert_eq!(second.told(2).await, ["bob"]);
    second.clock.set(noon(1_800));
    assert_eq!(second.told(3).await, [""; 0]);
    let ended = second.notifier.end_silence(&id, "ann").await.unwrap();
    assert_eq!((ended.until, &*ended.author), (noon(1_800), "ops"));
    assert_eq!(second.told(4).await, ["ann"]);
    let kept = second.notifier.silences().await.unwrap();
    let who: Vec<_> = kept.iter().map(|kept| (&*kept.author, kept.version, kept.is_active(noon(1_800)))).collect();
    assert_eq!(who, [("ann", 2, false), ("ops", 1, true)]);
    second.clock.set(noon(1_800 + 3_600));
    assert_eq!(second.told(5).await, ["ann", "bob"]);
    second.close().await;
}

#[tokio::test]
async fn a_direct_message_is_silenced_too() {
    let house = House::open(memory(), noon(0), &[("ann", User::default())]).await;
    add(&house, json!({"agent": "billing-*"}), hour(0)).await;
    let message = |agent: &str| Message { agent_id: Some(agent.to_owned()), ..Message::new(agent) };
    let said = house.notifier.notify(&message("billing-eu")).await.unwrap();
    assert!(matches!(said[0].1, Told::Silenced(_)), "{said:?}");
    let said = house.notifier.notify(&message("search")).await.unwrap();
    assert!(matches!(said[0].1, Told::Planned(_)), "{said:?}");
    house.close().await;
}

#[tokio::test]
async fn what_cannot_be_a_silence_says_why() {
    let store = memory();
    let records = Records::of(&*store, noon(0));
    let year = 366 * 24 * 3_600;
    let check = async |what: Value, (from, until): (i64, i64), author: &str, reason: &str, expected: &str| {
        let added = records.add_silence(&matcher(what.clone()), (noon(from), noon(until)), author, reason).await;
        let told = added.map_or_else(|error| error.to_string(), |_| "taken".to_owned());
        assert!(told.contains(expected), "{what}: {told}");
    };
    let ann = || json!({"user": "ann"});
    check(json!({}), (0, 1), "ops", "known", "it would silence everything").await;
    check(json!({"agent": ""}), (0, 1), "ops", "known", "the agent is empty").await;
    check(json!({"event_type": "no pattern at all"}), (0, 1), "ops", "known", "the event type").await;
    check(ann(), (5, 5), "ops", "known", "it ends before it begins").await;
    check(ann(), (5, 4), "ops", "known", "it ends before it begins").await;
    check(ann(), (0, year + 1), "ops", "known", "longer than a year").await;
    check(ann(), (0, i64::MAX / 2), "ops", "known", "longer than a year").await;
    check(ann(), (0, 1), " ", "known", "the author is empty").await;
    check(ann(), (0, 1), "ops", "", "the reason is empty").await;
    check(ann(), (0, 1), "ops", "a\u{1b}[2Jb", "the reason is one line").await;
    check(json!({"rule": "x".repeat(1_001)}), (0, 1), "ops", "known", "the rule is one line").await;
    assert!(records.silences().await.unwrap().is_empty());
    check(ann(), (0, year), "ops", "known", "taken").await;
    check(json!({"agent": "*"}), (-5, 5), "ops", "known", "taken").await;
}

#[tokio::test]
async fn one_that_is_not_there_tells_what_is() {
    let house = House::open(memory(), noon(0), &[("ann", User::default())]).await;
    let none = house.notifier.end_silence("x", "ops").await.unwrap_err();
    assert_eq!(none.to_string(), "there is no silence `x`; none is active");
    let id = add(&house, json!({"user": "ann"}), hour(0)).await;
    let other = house.notifier.end_silence("x", "ops").await.unwrap_err();
    assert_eq!(other.to_string(), format!("there is no silence `x`; there are `{id}`"));
    house.clock.set(noon(10));
    let ended = house.notifier.end_silence(&id, "ops").await.unwrap();
    house.clock.set(noon(20));
    assert_eq!(house.notifier.end_silence(&id, "ops").await.unwrap(), ended, "over is over");
    assert!(house.notifier.people().silences().is_empty());
    house.close().await;
}

#[tokio::test]
async fn silences_are_bounded_and_those_that_are_over_leave() {
    let store = memory();
    let house = House::open(Arc::clone(&store), noon(0), &[("ann", User::default())]).await;
    for _ in 0..1_000 {
        add(&house, json!({"user": "ann"}), hour(0)).await;
    }
    let more = house.notifier.add_silence(&matcher(json!({"user": "ann"})), hour(0), "ops", "known").await;
    assert!(matches!(more, Err(SilenceError::TooMany)), "{more:?}");
    house.clock.set(noon(3_600));
    add(&house, json!({"user": "ann"}), hour(3_600)).await;
    assert_eq!(house.notifier.people().silences().len(), 1);
    assert_eq!(house.notifier.silences().await.unwrap().len(), 1_001);
    let (month, span) = (31 * 24 * 3_600, hour(31 * 24 * 3_600));
    let records = Records::of(&*store, noon(month));
    records.add_silence(&matcher(json!({"user": "ann"})), span, "ops", "known").await.unwrap();
    assert_eq!(records.silences().await.unwrap().len(), 1, "what was over for a month is forgotten");
    house.close().await;
}

fn word(words: &[(String, Judgement)]) -> Vec<(&str, &Verdict, PreferenceLayer)> {
    words.iter().map(|(channel, word)| (channel.as_str(), &word.verdict, word.layer)).collect()
}

#[tokio::test]
async fn what_would_become_of_a_message_is_what_becomes_of_it() {
    let quiet = wishes(&json!({"default": {"sms": false}, "quiet_hours": {"from": "11:00", "to": "13:00"}}));
    let house = House::open(memory(), noon(0), &[("ann", quiet)]).await;
    let question = Question { priority: Priority::Medium, ..Question::new(["letters", "sms", "letters"], noon(0)) };
    let hold = Verdict::Hold { until: noon(3_600), why: Delay::QuietHours };
    let off = Verdict::Deny(Reason::ChannelOff);
    let words = house.notifier.judge("ann", &question);
    assert_eq!(word(&words), [("letters", &hold, PreferenceLayer::User), ("sms", &off, PreferenceLayer::User)]);
    let later = house.notifier.judge("ann", &Question { at: noon(3_600), ..question.clone() });
    assert_eq!(later[0].1.verdict, Verdict::Send);
    let mandatory = house.notifier.judge("ann", &Question { mandatory: true, ..question.clone() });
    assert_eq!(word(&mandatory)[1], ("sms", &Verdict::Send, PreferenceLayer::Mandatory));
    let nobody = house.notifier.judge("nobody", &question);
    assert_eq!(word(&nobody)[0], ("letters", &Verdict::Send, PreferenceLayer::BuiltIn));
    let of_rule = house.notifier.question("slow", noon(0)).unwrap();
    assert_eq!((of_rule.rule.as_deref(), &*of_rule.channels), (Some("slow"), &["letters".to_owned()][..]));
    assert!(house.notifier.question("fast", noon(0)).is_none());
    assert_eq!(house.notifier.judge("ann", &of_rule)[0].1.verdict, hold);
    add(&house, json!({"event_type": "tool.*"}), hour(0)).await;
    let typed = Question { event_type: Some("tool.slow".to_owned()), ..question };
    assert_eq!(house.notifier.judge("ann", &typed)[0].1.verdict, Verdict::Deny(Reason::Silenced));
    house.close().await;
}

#[tokio::test]
async fn a_question_knows_of_a_storm() {
    let limit = StormLimit { messages: 2, window: Duration::from_secs(600) };
    let rule = tidings_engine::Rule::new("slow", "true").unwrap().cooldown(Duration::ZERO);
    let rule = rule.dedup_key("{{ data.n }}").unwrap();
    let clock = tidings_testkit::FakeClock::at(noon(0));
    let builder = tidings_engine::Notifier::builder().user("ann", User::default()).rule(rule).storm_limit(Some(limit));
    let notifier = start(builder.clock(Arc::new(clock))).await;
    let question = notifier.question("slow", noon(1)).unwrap();
    assert_eq!(notifier.judge("ann", &question)[0].1.verdict, Verdict::Send);
    let events = (0..2).map(|n| tidings_core::Event::new("tool.slow").data(json!({"n": n})));
    notifier.accept(events.collect()).await.unwrap();
    assert!(notifier.drain(Duration::from_secs(5)).await);
    let verdict = &notifier.judge("ann", &question)[0].1.verdict;
    assert!(matches!(verdict, Verdict::Digest { why: Delay::Storm, .. }), "{verdict:?}");
    notifier.stop().await.closes().unwrap();
}

#[tokio::test]
async fn a_store_tells_without_a_notifier_what_one_would_do() {
    let store = memory();
    let mut users = Users::default();
    users.insert("ann", User::default());
    let off = wishes(&json!({"default": {"letters": false}}));
    let given = People::given(off.preferences.unwrap(), users);
    let judged = async |at| {
        let people = People::standing(&*store, &given).await.unwrap();
        people.judge("ann", &Question::new(["letters"], at), Recent::default()).remove(0).1
    };
    let denied = |reason, layer| Judgement { verdict: Verdict::Deny(reason), layer };
    assert_eq!(judged(noon(0)).await, denied(Reason::ChannelOff, PreferenceLayer::Operator));
    assert!(store.documents(tidings_store::DocumentKind::Profile).await.unwrap().is_empty(), "a look changes nothing");
    let records = Records::of(&*store, noon(0));
    let on = tidings_engine::Profile::from_json(&json!({"preferences": {"default": {"letters": true}}})).unwrap();
    records.put_profile("ann", &on, Some(0), "ann").await.unwrap();
    assert_eq!(judged(noon(0)).await, Judgement { verdict: Verdict::Send, layer: PreferenceLayer::User });
    records.add_silence(&matcher(json!({"user": "ann"})), hour(60), "ops", "known").await.unwrap();
    assert_eq!(judged(noon(59)).await.verdict, Verdict::Send);
    assert_eq!(judged(noon(60)).await, denied(Reason::Silenced, PreferenceLayer::Operator));
    assert_eq!(judged(noon(3_660)).await.verdict, Verdict::Send);
}
