//! Every event of whatever happens is explained, and all explanations together say what the account says.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;
use tidings_core::EventId;
use tidings_engine::{
    Account, Rule, User,
    explain::{Decision, Explanation, RuleVerdict},
};

use super::{Kind, Scene, event, seconds};

/// Each with its cooldown in seconds. None of them speaks by time alone.
const RULES: [(&str, u64); 6] = [
    ("load > 5", 30),
    ("load > 7", 0),
    ("load > 5 resolve when load < 2", 0),
    ("load > 4 && other < 3 resolve when load < 3", 60),
    ("count(load > 4, 2m) >= 2", 45),
    ("avg(load, 1m) > 5", 90),
];

/// What happens: after so many seconds, an event of this agent, with this load.
type Step = (i64, &'static str, u32);

fn rule(number: usize) -> Rule {
    let (condition, cooldown) = RULES[number];
    let rule = Rule::new(&number.to_string(), condition).unwrap().cooldown(seconds(cooldown));
    if number.is_multiple_of(2) { rule } else { rule.agent("a*").unwrap() }
}

async fn run(kind: Kind, steps: &[Step]) -> (Account, Vec<Explanation>) {
    let scene = Scene::open(kind, |builder| {
        let off = serde_json::from_value(json!({"default": {"log": false}})).unwrap();
        let builder = builder.user("bob", User { preferences: Some(off), ..User::default() });
        (0..RULES.len()).fold(builder, |builder, number| builder.rule(rule(number)))
    })
    .await;
    let (mut second, mut ids): (i64, Vec<EventId>) = (0, Vec::new());
    for (number, (pause, agent, load)) in steps.iter().enumerate() {
        second += pause;
        // The number makes it an event of its own, however much it resembles another. Every fourth load says nothing else.
        let mut data = json!({"load": load, "number": number});
        if load % 4 != 3 {
            data["other"] = json!(1);
        }
        ids.push(scene.send(second, event(data).agent(*agent)).await);
    }
    scene.drain().await;
    let mut told = Vec::new();
    for id in ids {
        told.push(scene.explain(id).await);
    }
    (scene.notifier.stop().await, told)
}

fn count<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, u64> {
    keys.fold(BTreeMap::new(), |mut counts, key| {
        *counts.entry(key).or_default() += 1;
        counts
    })
}

fn assert_agrees(account: &Account, told: &[Explanation]) {
    for (name, counts) in &account.rules {
        let verdicts = told.iter().flat_map(|told| &told.rules).filter(|rule| rule.rule == *name);
        let verdicts = count(verdicts.map(|rule| format!("{:?}", rule.verdict)));
        let of = |verdict: RuleVerdict| verdicts.get(&format!("{verdict:?}")).copied().unwrap_or_default();
        assert_eq!(of(RuleVerdict::Fired), counts.fired, "{name}");
        assert_eq!(of(RuleVerdict::Resolved), counts.resolved, "{name}");
        assert_eq!(of(RuleVerdict::Cooldown), counts.cooldown, "{name}: {told:#?}");
        assert_eq!(of(RuleVerdict::Firing), counts.firing, "{name}");
        assert_eq!(of(RuleVerdict::Pending), counts.pending, "{name}");
        assert_eq!(of(RuleVerdict::Unknown) + of(RuleVerdict::Waiting), 0, "{name}");
        // What settles a conjunction first may be a false operand or a missing one.
        let rest = of(RuleVerdict::No) + of(RuleVerdict::Missing) + of(RuleVerdict::Error);
        assert_eq!(rest, counts.no + counts.missing + counts.error, "{name}");
    }
    let decisions = count(told.iter().flat_map(|told| &told.notifications).map(|told| format!("{:?}", told.decision)));
    let of = |decision: Decision| decisions.get(&format!("{decision:?}")).copied().unwrap_or_default();
    let notifications = account.notifications;
    assert_eq!(of(Decision::Planned) + of(Decision::Held) + of(Decision::Digested), notifications.planned);
    assert_eq!(of(Decision::Silenced), notifications.silenced);
    assert_eq!(of(Decision::Denied), notifications.denied);
    assert_eq!(of(Decision::Duplicate) + of(Decision::Untold), notifications.duplicate);
    assert!(told.iter().all(|told| told.unknown.is_empty() && !told.to_string().is_empty()));
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0i64..60, prop::sample::select(vec!["a", "ab", "c"]), 0u32..10), 1..40)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn in_memory(steps in steps()) {
        let (account, told) = runtime().block_on(run(Kind::Memory, &steps));
        assert_agrees(&account, &told);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn in_a_file(steps in steps()) {
        let (account, told) = runtime().block_on(run(Kind::File, &steps));
        assert_agrees(&account, &told);
    }
}
