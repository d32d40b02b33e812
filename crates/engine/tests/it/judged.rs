//! What a test of preferences answers is what a run does: random wishes, rules, silences and moments, asked first and then met.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_core::{Event, Priority, Timestamp};
use tidings_engine::{Account, Notifier, People, Profile, Question, Records, RetryPolicy, Rule, User, Users};
use tidings_policy::{Judgement, Matcher, Preferences, Reason, Recent, Verdict};
use tidings_store::{MemoryStore, Store};
use tidings_testkit::FakeClock;

use crate::{letters::Letters, people::noon, start, stop};

const CHANNELS: [&str; 3] = ["letters", "other", "sms"];
const WEEK: i64 = 7 * 24 * 3_600;

fn priority() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["low", "medium", "high", "critical"])
}

fn hour() -> impl Strategy<Value = String> {
    (0..24).prop_map(|hour| format!("{hour:02}:30"))
}

fn quiet_hours() -> impl Strategy<Value = Value> {
    let policy = prop::sample::select(vec!["hold", "digest", "drop"]);
    (hour(), hour(), policy, priority())
        .prop_filter("the hours differ", |(from, to, ..)| from != to)
        .prop_map(|(from, to, policy, except)| json!({"from": from, "to": to, "policy": policy, "except": except}))
}

fn digest() -> impl Strategy<Value = Value> {
    let channel = prop::sample::select(CHANNELS.to_vec());
    (any::<bool>(), priority(), channel, any::<bool>()).prop_map(|(hourly, most, channel, first)| {
        let mut digest =
            json!({"every": if hourly { "hourly" } else { "daily" }, "max_priority": most, "channel": channel});
        if first {
            digest["first"] = json!("now");
        }
        digest
    })
}

/// One block of wishes; each key is there or not.
fn block() -> impl Strategy<Value = Value> {
    let switches = prop::collection::vec(prop::option::weighted(0.3, any::<bool>()), 3);
    let topic = prop::option::weighted(0.2, any::<bool>());
    let least = prop::option::weighted(0.3, priority());
    let snooze = prop::option::weighted(0.2, 0..WEEK);
    let (quiet, digest) = (prop::option::weighted(0.4, quiet_hours()), prop::option::weighted(0.4, digest()));
    (switches, topic, least, snooze, quiet, digest).prop_map(|(switches, topic, least, snooze, quiet, digest)| {
        let on = CHANNELS.iter().zip(switches).filter_map(|(name, on)| Some(((*name).to_owned(), json!(on?))));
        let snooze =
            snooze.map(|second| json!(jiff::Timestamp::from_second(noon(second).as_secs()).unwrap().to_string()));
        let others = [
            ("topics", topic.map(|on| json!({"speed": on}))),
            ("min_priority", least.map(Value::from)),
            ("snooze_until", snooze),
            ("quiet_hours", quiet),
            ("digest", digest),
        ];
        let others = others.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Value::Object(on.chain(others).collect())
    })
}

fn wishes() -> impl Strategy<Value = Preferences> {
    (block(), prop::option::weighted(0.3, block())).prop_map(|(default, agent)| {
        let agents = agent.map(|block| json!({"a": block})).unwrap_or(json!({}));
        Preferences::read(&json!({"default": default, "agents": agents})).unwrap()
    })
}

fn rule() -> impl Strategy<Value = Rule> {
    let topic = prop::option::of(prop::sample::select(vec!["speed".to_owned(), "costs".to_owned()]));
    (prop::sample::select(Priority::ALL.to_vec()), prop::bool::weighted(0.15), topic).prop_map(
        |(priority, mandatory, topic)| {
            let rule = Rule::new("slow", "true").unwrap().channels(CHANNELS);
            rule.priority(priority).mandatory(mandatory).topic(topic)
        },
    )
}

/// A case: the operator's wishes and a person's, the person's zone, whether there is a silence, the rule, and when.
type Case = (Preferences, Option<Preferences>, &'static str, bool, Rule, i64);

fn case() -> impl Strategy<Value = Case> {
    let zone = prop::sample::select(vec!["UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe"]);
    (wishes(), prop::option::weighted(0.8, wishes()), zone, prop::bool::weighted(0.15), rule(), 0..WEEK)
}

/// What a test of preferences says, from the store and the configuration alone.
async fn asked(store: &dyn Store, given: &People, question: &Question) -> Vec<(String, Judgement)> {
    People::standing(store, given).await.unwrap().judge("ann", question, Recent::default())
}

/// What a run made of it: each channel's letters, and the account.
async fn met(case: &Case, store: &Arc<dyn Store>, at: Timestamp) -> (Vec<usize>, Account) {
    let (operator, own, zone, _, rule, _) = case;
    let letters = CHANNELS.map(|_| Letters::default());
    let profile = Profile { timezone: Some((*zone).to_owned()), preferences: own.clone(), ..Profile::default() };
    let builder =
        Notifier::builder().preferences(operator.clone()).user("ann", User::from(&profile)).rule(rule.clone());
    let builder = builder.store(Arc::clone(store)).clock(Arc::new(FakeClock::at(at)));
    let once = || RetryPolicy { delays: vec![], jitter: 0.0 };
    let builder = CHANNELS
        .iter()
        .zip(&letters)
        .fold(builder, |builder, (name, letters)| builder.channel(name, Arc::new(letters.clone()), once()));
    let notifier = start(builder).await;
    notifier.accept(vec![Event::new("tool.slow").agent("a")]).await.unwrap();
    assert!(notifier.drain(Duration::from_secs(20)).await);
    // Before the end: a memory that ends tells its digests at last.
    let met = (letters.iter().map(|letters| letters.all().len()).collect(), notifier.account().await);
    stop(&notifier).await;
    met
}

fn assert_is_what_was_said(words: &[(String, Judgement)], told: &[usize], account: &Account) {
    let verdicts: Vec<_> = words.iter().map(|(_, word)| &word.verdict).collect();
    let held = verdicts.iter().any(|verdict| matches!(verdict, Verdict::Hold { .. }));
    let digested = verdicts.iter().any(|verdict| matches!(verdict, Verdict::Digest { .. }));
    let sent: Vec<_> = verdicts.iter().map(|verdict| usize::from(**verdict == Verdict::Send)).collect();
    let silenced = verdicts.iter().all(|verdict| **verdict == Verdict::Deny(Reason::Silenced));
    let denied = verdicts.iter().all(|verdict| matches!(verdict, Verdict::Deny(_))) && !silenced;
    assert_eq!(told, sent, "{words:?}");
    let deliveries = (account.deliveries.held, account.deliveries.digested);
    assert_eq!(deliveries, (u64::from(held), u64::from(digested)), "{words:?}");
    let ended = (account.notifications.silenced, account.notifications.denied);
    assert_eq!(ended, (u64::from(silenced), u64::from(denied)), "{words:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_asked_is_what_is_met(case in case()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (operator, own, zone, is_silenced, rule, second) = &case;
            let (at, store): (_, Arc<dyn Store>) = (noon(*second), Arc::new(MemoryStore::new(100)));
            if *is_silenced {
                let matcher = Matcher { event_type: Some("tool.*".to_owned()), ..Matcher::default() };
                let records = Records::of(&*store, at);
                records.add_silence(&matcher, (at, noon(WEEK + 1)), "ops", "known").await.unwrap();
            }
            let profile = Profile { timezone: Some((*zone).to_owned()), preferences: own.clone(), ..Profile::default() };
            let mut users = Users::default();
            users.insert("ann", User::from(&profile));
            let question = Question { agent: Some("a".to_owned()), event_type: Some("tool.slow".to_owned()), ..Question::of(rule, at) };
            let words = asked(&*store, &People::given(operator.clone(), users), &question).await;
            let (told, account) = met(&case, &store, at).await;
            assert_is_what_was_said(&words, &told, &account);
        });
    }
}
