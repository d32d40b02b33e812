//! Many rules, one event: a rule set beside a table of conditions by agent in which all that may fire are evaluated.

use std::{collections::HashMap, hint::black_box, sync::Arc, time::Duration};

use fastrand::Rng;
use serde_json::json;
use tidings_core::{Event, Severity, Timestamp};
use tidings_trigger::{AgentPattern, Condition, RuleSet, RuleSpec, Verdict};

use crate::measure::{compare, counted};

const AGENTS: usize = 1_000;
const EVENTS: usize = 512;
const METRICS: [&str; 12] = [
    "latency_ms",
    "tokens",
    "cost_cents",
    "retries",
    "tool_calls",
    "queue",
    "depth",
    "errors",
    "bytes",
    "score",
    "age",
    "load",
];
const TYPES: [&str; 4] = ["tool.end", "tool.error", "llm.turn", "invocation.complete"];
const MODELS: [&str; 4] = ["small-1", "small-2", "large-1", "large-2"];

pub(crate) fn run() {
    versus("10k rules over 1,000 agents", Some(10.0), 10_000, false);
    versus("100k rules over 1,000 agents", Some(50.0), 100_000, false);
    versus("100k rules for every agent", Some(100.0), 100_000, true);
    let mut set = RuleSet::new(rules(10_000, false));
    let quiet = Arc::new(
        Event::new("tool.end").agent("agent-1").data(json!({"latency_ms": 1, "tokens": 2, "model": "small-1"})),
    );
    // The first event fills what grows once.
    assert_eq!(set.fire(&quiet, Timestamp::EPOCH), []);
    let counts = allocation_counter::measure(|| drop(black_box(set.fire(&quiet, Timestamp::EPOCH))));
    counted("allocations of an event that fires nothing", counts.count_total, 0);
}

fn versus(name: &str, bar: Option<f64>, count: usize, for_all: bool) {
    let rules = rules(count, for_all);
    let baseline = ByAgent::new(&rules);
    let mut set = RuleSet::new(rules);
    let events = events();
    // From here on every rule that holds is in its cooldown: the sides differ in how they find it, not in what they tell.
    let fired: usize = events.iter().map(|event| set.fire(event, Timestamp::EPOCH).len()).sum();
    assert!(fired > 0, "a set in which nothing ever fires measures nothing");
    let (mut ours, mut other) = (events.iter().cycle(), events.iter().cycle());
    compare(
        name,
        bar,
        &mut || drop(black_box(ours.next().map(|event| set.fire(event, Timestamp::EPOCH)))),
        &mut || {
            black_box(other.next().map(|event| baseline.holding(event)));
        },
    );
}

/// Nine rules of ten are about one agent, one is about all; or each is about all.
fn rules(count: usize, for_all: bool) -> Vec<RuleSpec> {
    let mut random = Rng::with_seed(7);
    let mut rule = |number: usize| RuleSpec {
        name: format!("rule {number}"),
        agent_id: if for_all || number.is_multiple_of(10) {
            AgentPattern::Any
        } else {
            AgentPattern::Exact(format!("agent-{}", random.usize(..AGENTS)))
        },
        condition: Condition::compile(&source(&mut random)).expect("it is in the language"),
        cooldown: Duration::from_secs(86_400),
    };
    (0..count).map(&mut rule).collect()
}

/// What people alert on: a metric above what it seldom reaches, mostly with something beside it.
fn source(random: &mut Rng) -> String {
    let metric = METRICS[random.usize(..METRICS.len())];
    let threshold = random.usize(9_900..11_000);
    match random.usize(..10) {
        0..4 => format!("{metric} > {threshold}"),
        4..6 => format!("{metric} > {threshold} && event_type == '{}'", TYPES[random.usize(..TYPES.len())]),
        6..8 => format!("tenant == 'tenant-{}' && {metric} >= {}", random.usize(..500), threshold - 1_000),
        8 => format!("model in ['{}', 'tiny'] && {metric} > {threshold}", MODELS[random.usize(..MODELS.len())]),
        _ => format!("severity >= 'error' && {metric} > {threshold}"),
    }
}

fn events() -> Vec<Arc<Event>> {
    let mut random = Rng::with_seed(11);
    let mut event = |_| {
        let mut data = json!({
            "tenant": format!("tenant-{}", random.usize(..500)), "model": MODELS[random.usize(..MODELS.len())],
        });
        for _ in 0..6 {
            data[METRICS[random.usize(..METRICS.len())]] = json!(random.usize(..10_000));
        }
        let event = Event::new(TYPES[random.usize(..TYPES.len())]).agent(format!("agent-{}", random.usize(..AGENTS)));
        let severity = Severity::ALL[random.usize(..Severity::ALL.len())];
        Arc::new(event.severity(severity).data(data))
    };
    (0..EVENTS).map(&mut event).collect()
}

/// The obvious way: the rules of the event's agent and those for all, each evaluated.
struct ByAgent {
    own: HashMap<String, Vec<Condition>>,
    for_all: Vec<Condition>,
}

impl ByAgent {
    fn new(rules: &[RuleSpec]) -> Self {
        let mut table = Self { own: HashMap::new(), for_all: Vec::new() };
        for rule in rules {
            let place = match &rule.agent_id {
                AgentPattern::Exact(agent) => table.own.entry(agent.clone()).or_default(),
                _ => &mut table.for_all,
            };
            place.push(rule.condition.clone());
        }
        table
    }

    fn holding(&self, event: &Event) -> usize {
        let own = event.agent_id.as_ref().and_then(|agent| self.own.get(agent)).map_or(&[][..], Vec::as_slice);
        let conditions = own.iter().chain(&self.for_all);
        conditions.filter(|condition| condition.verdict(event) == Verdict::Fire).count()
    }
}
