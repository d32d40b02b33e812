//! What is worked out again is what was decided then: every verdict of every rule of every kind, on events in any rhythm.

use proptest::prelude::*;
use serde_json::json;
use tidings_core::{Event, Timestamp};
use tidings_engine::{Rule, explain::RuleVerdict};
use tidings_trigger::{AgentPattern, Condition, RuleSet, RuleSpec, Verdict};

use super::{Kind, Scene, seconds};

/// Each with its cooldown in seconds.
const RULES: [(&str, u64); 12] = [
    ("load > 5", 30),
    ("load > 5 for 1m", 0),
    ("load > 5 for 1m", 300),
    ("load > 5 for 30s resolve when load < 3 for 20s", 60),
    ("load > 5 resolve when load < 2", 0),
    ("silent(1m)", 0),
    ("silent(1m) && load > 3 for 10s resolve when load < 2", 30),
    ("absent(other, 2m) || load > 8", 60),
    ("unfollowed(load > 7, load < 3, 1m)", 45),
    ("count(load > 4, 2m) >= 2 resolve when count(load > 4, 2m) == 0 for 5s", 0),
    ("avg(load, 1m) > 5 for 20s", 90),
    ("consecutive(load > 4, 3)", 20),
];

fn specs() -> Vec<RuleSpec> {
    let spec = |(number, (condition, cooldown)): (usize, &(&str, u64))| RuleSpec {
        name: number.to_string(),
        agent_id: AgentPattern::Any,
        condition: Condition::compile(condition).unwrap_or_else(|problems| panic!("{condition}: {problems:?}")),
        cooldown: seconds(*cooldown),
    };
    RULES.iter().enumerate().map(spec).collect()
}

/// What happens: after so many seconds, an event of this agent, with this load.
type Step = (i64, &'static str, u32);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pause = prop_oneof![4 => 0i64..40, 1 => -20i64..200];
    prop::collection::vec((pause, prop::sample::select(vec!["a", "b"]), 0u32..10), 1..300)
}

fn events(steps: &[Step]) -> Vec<Event> {
    let mut second = 1_000_000;
    let event = |(number, (pause, agent, load)): (usize, &Step)| {
        second += pause;
        // Every fifth load is not told, every third event says something else.
        let mut data = json!({"number": number});
        if load % 5 != 4 {
            data["load"] = json!(load);
        }
        if number % 3 == 0 {
            data["other"] = json!(1);
        }
        Event::new("sample").agent(*agent).data(data).at(Timestamp::from_secs(second))
    };
    steps.iter().enumerate().map(event).collect()
}

/// What the rules say to each event, with all that time does in between.
fn decided(events: &[Event]) -> Vec<Vec<Verdict>> {
    let mut set = RuleSet::new(specs());
    let mut now = Timestamp::from_nanos(i64::MIN);
    let mut all = Vec::new();
    for event in events {
        now = now.max(event.timestamp);
        while let Some(due) = set.next_due().filter(|due| *due < now) {
            set.tick(due);
        }
        set.tick(now);
        let judgements = set.judgements(&event.clone().into(), now);
        all.push(judgements.iter().map(|judgement| judgement.verdict).collect());
    }
    all
}

const fn expected(verdict: Verdict) -> RuleVerdict {
    match verdict {
        Verdict::Fire => RuleVerdict::Fired,
        Verdict::Resolve => RuleVerdict::Resolved,
        Verdict::Missing => RuleVerdict::Missing,
        Verdict::Error => RuleVerdict::Error,
        Verdict::Pending => RuleVerdict::Pending,
        Verdict::Firing => RuleVerdict::Firing,
        Verdict::Cooldown => RuleVerdict::Cooldown,
        _ => RuleVerdict::No,
    }
}

/// So many of the last events are explained.
const EXPLAINED: usize = 8;

async fn told(events: Vec<Event>) -> Vec<Vec<RuleVerdict>> {
    let scene = Scene::open(Kind::Memory, |builder| {
        specs().into_iter().fold(builder.event_time(), |builder, spec| {
            builder.rule(Rule::of(&spec.name, spec.condition).cooldown(spec.cooldown))
        })
    })
    .await;
    let answers = scene.notifier.accept(events).await.unwrap();
    scene.drain().await;
    let mut all = Vec::new();
    for answer in answers.iter().rev().take(EXPLAINED).rev() {
        let told = scene.explain(answer.id).await;
        all.push(told.rules.iter().map(|rule| rule.verdict).collect());
    }
    scene.notifier.stop().await;
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn verdicts_are_those_of_then(steps in steps()) {
        let events = events(&steps);
        let decided = decided(&events);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let told = runtime.block_on(told(events));
        let first = decided.len() - told.len();
        for (decided, told) in decided.into_iter().skip(first).zip(told) {
            for ((rule, verdict), told) in RULES.iter().zip(decided).zip(told) {
                prop_assert_eq!(told, expected(verdict), "by {:?}", rule);
            }
        }
    }
}
