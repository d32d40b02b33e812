//! Whatever happens to what rules give, by whatever receivers, everything that the log names is explained, and all deliveries
//! together stand as the account says.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex},
};

use proptest::prelude::*;
use serde_json::json;
use tidings_core::{Channel, DeliveryId, Envelope, ErrorKind, Receipt, SendError, Verdict};
use tidings_engine::{
    Account, Builder, ChannelAccount, Fallbacks, Rule, Sink,
    explain::{Decision, DeliveryState, DeliveryTold, Explanation, RuleVerdict},
};
use tidings_store::{Entry, LogFilter, Page};

use super::{AGAIN, Failure, Kind, Scene, Scripted, event, once, policy, seconds};

/// Conditions that hold for a while, that speak by time alone, that end; each with its cooldown in seconds.
const RULES: [(&str, u64); 5] = [
    ("load > 5 for 30s", 20),
    ("silent(40s)", 0),
    ("load > 5 resolve when load < 2", 0),
    ("load > 7", 30),
    ("absent(other, 50s) resolve when load < 3 for 10s", 60),
];

/// What a receiver answers; `None` is a receipt.
const ANSWERS: [Option<Failure>; 8] = [
    None,
    None,
    Some((AGAIN, ErrorKind::Status(503), "busy")),
    Some((Verdict::Permanent, ErrorKind::Status(404), "nobody there")),
    Some((AGAIN, ErrorKind::Connect, "refused")),
    Some((AGAIN, ErrorKind::RateLimited, "429")),
    Some((AGAIN, ErrorKind::NotConnected, "ann is not connected")),
    Some((Verdict::Unknown, ErrorKind::Timeout, "no answer")),
];

/// Answers as it is told to, and then takes everything.
struct Fickle(Mutex<VecDeque<Option<Failure>>>);

impl Channel for Fickle {
    async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
        match self.0.lock().unwrap().pop_front().flatten() {
            Some((verdict, kind, text)) => Err(SendError::new(verdict, kind, text)),
            None => Ok(Receipt { code: Some(200), ..Receipt::default() }),
        }
    }
}

/// What happens: after so many seconds, an event of this agent, with this load.
type Step = (i64, &'static str, u32);

#[derive(Clone, Debug)]
struct Story {
    steps: Vec<Step>,
    /// What push, sms and the sink answer.
    answers: [Vec<usize>; 3],
}

fn story() -> impl Strategy<Value = Story> {
    let steps = prop::collection::vec((0i64..60, prop::sample::select(vec!["a", "ab", "c"]), 0u32..10), 1..12);
    let answers = || prop::collection::vec(0..ANSWERS.len(), 0..12);
    (steps, [answers(), answers(), answers()]).prop_map(|(steps, answers)| Story { steps, answers })
}

fn cast(builder: Builder, answers: &[Vec<usize>; 3]) -> Builder {
    let [push, sms, hook] = answers.clone().map(|answers| {
        let answers = answers.into_iter().map(|answer| ANSWERS[answer]).collect();
        Arc::new(Fickle(Mutex::new(answers)))
    });
    let by_channel = [("push".to_owned(), vec!["sms".to_owned(), "email".to_owned()])].into();
    let rules = RULES.iter().enumerate().map(|(number, (condition, cooldown))| {
        let channels = if number.is_multiple_of(2) { &["push"][..] } else { &["push", "sms"] };
        let rule = Rule::new(&number.to_string(), condition).unwrap().cooldown(seconds(*cooldown));
        rule.channels(channels.iter().copied()).priority(tidings_core::Priority::High)
    });
    let builder = builder
        .channel("push", push, policy([0, 5]))
        .channel("sms", sms, policy([0]))
        .channel("email", Scripted::new([]), once())
        .fallbacks(Fallbacks { by_channel, ..Fallbacks::default() })
        .sink(Sink::channel("hook", hook, policy([0, 3]), 2));
    rules.fold(builder, Builder::rule)
}

/// Everything that was told of a story, each thing under its own id, with the accounts at its end.
struct Outcome {
    told: Vec<Explanation>,
    deliveries: BTreeMap<DeliveryId, DeliveryTold>,
    account: Account,
    channels: BTreeMap<String, ChannelAccount>,
}

async fn run(kind: Kind, story: &Story) -> Outcome {
    let scene = Scene::open(kind, |builder| cast(builder, &story.answers)).await;
    let mut second = 0;
    for (number, (pause, agent, load)) in story.steps.iter().enumerate() {
        second += pause;
        scene.send(second, event(json!({"load": load, "number": number})).agent(*agent)).await;
    }
    loop {
        settle(&scene).await;
        let before = standing(&scene).await;
        let (told, deliveries) = explain_all(&scene).await;
        // A rule that speaks by time may do so after all was quiet: then it is looked at again.
        if standing(&scene).await == before {
            let (_, channels, account) = before;
            return Outcome { told, deliveries, account, channels };
        }
    }
}

/// How many entries there are, and the accounts.
async fn standing(scene: &Scene) -> (usize, BTreeMap<String, ChannelAccount>, Account) {
    let channels = scene.notifier.channel_accounts().await.into_iter().collect();
    (log(scene).await.len(), channels, scene.notifier.account().await)
}

/// Explains everything that the log names.
async fn explain_all(scene: &Scene) -> (Vec<Explanation>, BTreeMap<DeliveryId, DeliveryTold>) {
    let (mut told, mut deliveries) = (Vec::new(), BTreeMap::new());
    let (things, ids) = named(&log(scene).await);
    for id in things {
        told.push(scene.explain(id).await);
    }
    for id in ids {
        let alone = scene.explain(id).await;
        let found = all_deliveries(&alone).find(|told| told.id == id).cloned();
        deliveries.insert(id, found.unwrap_or_else(|| panic!("{id} is told in\n{alone}")));
        told.push(alone);
    }
    (told, deliveries)
}

/// Lets time pass until nothing is under way.
async fn settle(scene: &Scene) {
    let passing = async {
        loop {
            scene.clock.advance(seconds(1));
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        () = scene.drain() => {}
        () = passing => {}
    }
}

async fn log(scene: &Scene) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    loop {
        let number = all.last().map_or(0, |entry| entry.number);
        let page = scene.notifier.log(&LogFilter::default(), Page::After { number, limit: 1_000 }).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// The ids of all events and notifications that the log names, and of all deliveries.
fn named(log: &[Entry]) -> (BTreeSet<String>, BTreeSet<DeliveryId>) {
    let events = log.iter().filter_map(|entry| entry.event).map(|id| id.to_string());
    let notifications = log.iter().filter_map(|entry| entry.notification).map(|id| id.to_string());
    (events.chain(notifications).collect(), log.iter().filter_map(|entry| entry.delivery).collect())
}

fn all_deliveries(told: &Explanation) -> impl Iterator<Item = &DeliveryTold> {
    let of_sinks = told.sinks.iter().filter_map(|sink| sink.delivery.as_ref());
    of_sinks.chain(told.notifications.iter().flat_map(|told| &told.deliveries))
}

fn assert_is_known(told: &Explanation) {
    assert!(told.unknown.is_empty(), "{told}");
    assert!(
        told.rules.iter().all(|rule| !matches!(rule.verdict, RuleVerdict::Unknown | RuleVerdict::Waiting)),
        "{told}"
    );
    assert!(told.notifications.iter().all(|told| told.decision != Decision::Unknown), "{told}");
    let settled = |state| matches!(state, DeliveryState::Delivered | DeliveryState::Dead | DeliveryState::Expired);
    assert!(all_deliveries(told).all(|delivery| settled(delivery.state)), "{told}");
    let text = told.to_string();
    assert!(!["not known", "not kept", "no answer to"].iter().any(|word| text.contains(word)), "{text}");
}

fn assert_agrees(outcome: &Outcome) {
    outcome.told.iter().for_each(assert_is_known);
    // What is told of a delivery beside others is what is told of it alone.
    for beside in outcome.told.iter().flat_map(all_deliveries) {
        assert_eq!(outcome.deliveries.get(&beside.id), Some(beside));
    }
    let count = |endpoint: &str, state| {
        let own = outcome.deliveries.values().filter(|told| told.endpoint == endpoint && told.state == state);
        own.count() as u64
    };
    for (name, account) in &outcome.channels {
        let told = (count(name, DeliveryState::Delivered), count(name, DeliveryState::Dead));
        assert_eq!(told, (account.delivered, account.dead), "{name}: {:#?}", outcome.deliveries);
        assert_eq!((count(name, DeliveryState::Expired), 0), (account.expired, account.waiting), "{name}");
    }
    let hook = outcome.account.sinks["hook"];
    let given_up = count("hook", DeliveryState::Dead) + count("hook", DeliveryState::Expired);
    assert_eq!((count("hook", DeliveryState::Delivered), given_up), (hook.delivered, hook.dead));
    assert_eq!(outcome.deliveries.len() as u64, outcome.account.deliveries.made + hook.matched);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn in_memory(story in story()) {
        assert_agrees(&runtime().block_on(run(Kind::Memory, &story)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn in_a_file(story in story()) {
        assert_agrees(&runtime().block_on(run(Kind::File, &story)));
    }
}
