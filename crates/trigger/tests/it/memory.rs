//! What rules over time keep of their agents stays within what `RuleSet` says.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tidings_core::{Event, Timestamp};
use tidings_trigger::{AgentPattern, Condition, RuleSet, RuleSpec};

/// What is dear to read is not read: samples are taken all the same.
const CONDITIONS: [&str; 9] = [
    "avg(x, 10m) > 1e9 && max(x, 10m) > 1e9 && zscore(x, 10m) > 1e9",
    "increase(x, 10m) < 0",
    "x < 0 && quantile(0.95, x, 10m) > 1e9",
    "x < 0 && distinct(x, 10m) > 1e9",
    "last(x, 10m) > 1e9 || ewma(x, 10m) > 1e9",
    "consecutive(x < 0, 512)",
    "seq(x > 0, x < 0, 10m)",
    "x > 1e9 for 1m resolve when silent(1h)",
    "unfollowed(x < 0, x > 0, 1h)",
];
/// A series and what it stands in, as the set says.
const SERIES_BYTES: usize = 8_192 + 512;
/// What else is kept of an agent.
const AGENT_BYTES: u64 = 2_048;

fn set() -> RuleSet {
    let spec = |source: &str| RuleSpec {
        name: source.to_owned(),
        agent_id: AgentPattern::Any,
        condition: Condition::compile(source).expect("it is in the language"),
        cooldown: Duration::from_secs(300),
    };
    RuleSet::new(CONDITIONS.into_iter().map(spec).collect())
}

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_nanos(millisecond * 1_000_000)
}

/// One event of each agent for each round; some are late, some beyond their window.
fn feed(set: &mut RuleSet, agents: &[String], rounds: std::ops::Range<i64>) {
    for round in rounds {
        let late = [0, 0, 3_000, 1, 700_000, 0, 59_999][round as usize % 7];
        let now = at(1_000_000 + round * 100);
        for agent in agents {
            let event = Event::new("call").agent(agent).data(json!({"x": round * 7 % 1_009}));
            let event = event.at(at(1_000_000 + round * 100 - late));
            assert_eq!(set.fire(&Arc::new(event), now), []);
        }
    }
}

#[test]
fn a_thousand_agents_with_windows_stay_within_the_stated_memory() {
    let agents: Vec<String> = (0..1_000).map(|number| format!("agent-{number}")).collect();
    let mut set = set();
    // More than 256 samples of a series are in time: its ring has room for 512, which is the most.
    let counted = allocation_counter::measure(|| feed(&mut set, &agents, 0..320));
    let account = set.history();
    assert_eq!((account.agents, account.series, account.evicted), (1_000, 8_000, 0));
    assert!(account.bytes < account.series * SERIES_BYTES, "{} bytes a series", account.bytes / account.series);
    assert!(account.late > 0);
    let kept = u64::try_from(counted.bytes_current).expect("more is kept than freed");
    let rest = (kept - account.bytes as u64) / 1_000;
    assert!(rest < AGENT_BYTES, "{rest} bytes an agent beside its series");
}

#[test]
fn any_number_of_agents_stays_within_the_stated_memory() {
    let mut set = set();
    for hundred in 0..120 {
        let agents: Vec<String> = (0..100).map(|number| format!("{hundred}-{number}-{}", "x".repeat(200))).collect();
        feed(&mut set, &agents, hundred..hundred + 1);
        assert!(set.history().series <= 65_536);
    }
    assert!(set.history().evicted > 0);
}
