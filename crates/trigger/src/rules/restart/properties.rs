//! A set that is cut and goes on from what was kept says what one says that was never cut.

use std::collections::HashMap;

use proptest::{prelude::*, sample::select};
use serde_json::json;

use super::*;
use crate::{Condition, Firing, FiringKind};

const CONDITIONS: [&str; 44] = [
    "x > 1",
    "x > 1 for 10s",
    "x > 1 for 2m",
    "x > 1 for 10s resolve when x < 1",
    "x > 1 resolve when x < 1",
    "x > 1 resolve when x < 1 for 5s",
    "x > 1 resolve when silent(10s)",
    "x > 1 for 30s resolve when silent(10s) for 5s",
    "x > 1 resolve when absent(y, 20s) for 20s",
    "avg(x, 20s) > 1",
    "avg(x, 20s) > 1 for 20s",
    "count(20s) >= 3 resolve when count(20s) < 2",
    "count(x > 1, 10s) >= 2 || y == 3",
    "max(x, 1m) > 2 for 20s",
    "min(x, 30s) > 0 && rate(10s) > 0",
    "stddev(x, 30s) > 0.45 resolve when share(x > 1, 30s) < 0.5",
    "zscore(x, 1m) > 1.0123",
    "delta(x, 20s) > 0 for 5s",
    "increase(x, 20s) >= 2 resolve when increase(x, 20s) < 1",
    "last(x, 10s) > prev(x, 10s)",
    "quantile(0.5, x, 30s) > 1 resolve when quantile(0.5, x, 30s) < 1",
    "distinct(x, 20s) >= 3",
    "seq(x == 1, y == 1, 20s)",
    "consecutive(x > 0, 2)",
    "consecutive(x > 0, 3) resolve when consecutive(x < 2, 2)",
    "silent(10s)",
    "silent(2m)",
    "silent(10s) for 10s",
    "silent(10s) || x > 2",
    "!silent(10s) && x > 2",
    "silent(10s) && !silent(1m)",
    "absent(x, 20s)",
    "absent(x, 20s) && y > 1",
    "absent(x, 20s) || y > 2 resolve when y < 1 || silent(1m)",
    "absent(y, 10s) && silent(5s) resolve when has(x)",
    "unfollowed(x == 1, y == 1, 15s)",
    "unfollowed(x == 1, y == 1, 15s) && y > 0",
    "unfollowed(x == 1, y == 1, 15s) && x > 1 for 5s",
    "!unfollowed(x == 1, y == 1, 15s) for 5s",
    "sum(x, 10s) <= 1 && silent(5s) for 5s",
    "sum(x, 30s) >= 2 && silent(5s)",
    "count(20s) >= 2 resolve when silent(10s) && sum(x, 1m) >= 1",
    "avg(x, 10s) > 1 && absent(y, 20s) for 5s",
    "x > 1 && y > 1 resolve when absent(x, 10s) || absent(y, 20s)",
];

/// The most by which an event is late.
const LATE: i64 = 15;

pub(in crate::rules) fn rules() -> impl Strategy<Value = Vec<RuleSpec>> {
    let rule = (select(&CONDITIONS), select(&["*", "*", "a", "a*", "b", "z"]), select(&[0, 5, 60]));
    let specs = |rules: Vec<(&str, &str, u64)>| {
        let spec = |(number, (condition, agent_id, cooldown)): (usize, (&str, &str, u64))| RuleSpec {
            name: format!("{number}"),
            agent_id: agent_id.parse().unwrap(),
            condition: Condition::compile(condition).unwrap(),
            cooldown: Duration::from_secs(cooldown),
        };
        rules.into_iter().enumerate().map(spec).collect()
    };
    prop::collection::vec(rule, 1..8).prop_map(specs)
}

/// What happens next.
#[derive(Clone, Debug)]
pub(in crate::rules) struct Happening {
    /// So many seconds later.
    pub(in crate::rules) later: i64,
    /// An event that is late by so many, or nothing but time.
    pub(in crate::rules) event: Option<Event>,
    /// Whether the process ends after it.
    pub(in crate::rules) cut: bool,
}

pub(in crate::rules) fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let number = || {
        prop::option::weighted(0.6, select(vec![json!(0), json!(1), json!(2), json!(3), json!(null), json!("text")]))
    };
    let agent = select(&[None, Some("a"), Some("a"), Some("ab"), Some("b")]);
    let event = (number(), number(), agent, select(&[0, 0, 0, 3, LATE])).prop_map(|(x, y, agent_id, late)| {
        let pairs = [("x", x), ("y", y)].into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        let event =
            Event::new("test").at(Timestamp::from_secs(-late)).data(json!(pairs.collect::<serde_json::Map<_, _>>()));
        Event { agent_id: agent_id.map(str::to_owned), ..event }
    });
    let happening = (select(&[0, 1, 2, 5, 5, 20, 90]), prop::option::weighted(0.8, event), prop::bool::weighted(0.15));
    prop::collection::vec(happening.prop_map(|(later, event, cut)| Happening { later, event, cut }), 1..50)
}

/// A set, and all that a store has of it.
struct Kept {
    set: RuleSet,
    rows: HashMap<(String, String), Vec<u8>>,
    fired: Vec<(usize, Option<String>, Timestamp)>,
    events: Vec<(Arc<Event>, Timestamp)>,
}

impl Kept {
    fn new(rules: &[RuleSpec]) -> Self {
        Self { set: RuleSet::new(rules.to_vec()), rows: HashMap::new(), fired: Vec::new(), events: Vec::new() }
    }

    /// All that is said until a moment, as it comes due.
    fn until(&mut self, now: Timestamp) -> Vec<Firing> {
        let mut told = Vec::new();
        for step in 0.. {
            let Some(due) = self.set.next_due().filter(|due| *due <= now) else { break };
            assert!(step < 1_000, "time stands still at {due:?}");
            told.extend(self.set.tick(due));
        }
        told.extend(self.set.tick(now));
        self.keep(&told);
        sorted(told)
    }

    /// The same piece by piece; the process ends between any two of them.
    fn piece_by_piece(&mut self, rules: &[RuleSpec], now: Timestamp, most: usize) -> Vec<Firing> {
        let mut told = Vec::new();
        for step in 0.. {
            let Some(due) = self.set.next_due().filter(|due| *due <= now) else { break };
            assert!(step < 10_000, "time stands still at {due:?}");
            let tick = self.set.tick_some(due, most);
            self.keep(&tick.firings);
            if !tick.firings.is_empty() {
                self.restart(rules, now);
            }
            told.extend(tick.firings);
        }
        sorted(told)
    }

    fn fire(&mut self, event: &Arc<Event>, now: Timestamp) -> Vec<Firing> {
        let told = self.set.fire(event, now);
        self.events.push((Arc::clone(event), now));
        self.keep(&told);
        sorted(told)
    }

    fn keep(&mut self, told: &[Firing]) {
        let fired = told.iter().filter(|firing| firing.kind == FiringKind::Fire);
        self.fired.extend(fired.map(|firing| (firing.rule, firing.event.agent_id.clone(), firing.at)));
        for state in self.set.changed() {
            let key = (state.rule().to_owned(), state.key());
            if state.is_empty() {
                self.rows.remove(&key);
            } else {
                self.rows.insert(key, state.to_bytes());
            }
        }
    }

    /// Another process goes on from the store.
    fn restart(&mut self, rules: &[RuleSpec], now: Timestamp) {
        self.set = RuleSet::new(rules.to_vec());
        for (event, then) in self.looked_back_on() {
            self.set.recall(&event, then);
        }
        let fired = self.fired.iter().map(|(rule, agent, at)| (rules[*rule].name.as_str(), agent.as_deref(), *at));
        self.set.restore_cooldowns(fired);
        let states = self.rows.values().map(|bytes| RuleState::from_bytes(bytes).unwrap()).collect();
        self.set.restore(states, now);
    }

    fn looked_back_on(&self) -> Vec<(Arc<Event>, Timestamp)> {
        let LookBack { span, events } = self.set.look_back();
        let last = self.events.last().map_or(Timestamp::EPOCH, |(_, then)| *then);
        let since = last - span - Duration::from_secs(LATE.unsigned_abs());
        // Those that came last stand behind those of the same time.
        let among_the_newest = |place: usize, event: &Event| {
            let newer = self.events.iter().enumerate().filter(|(other, (newer, _))| {
                newer.agent_id == event.agent_id && (newer.timestamp, *other) > (event.timestamp, place)
            });
            newer.count() < events
        };
        let matters = |(place, (event, then)): (usize, &(Arc<Event>, Timestamp))| {
            *then >= since || among_the_newest(place, event)
        };
        let first = self.events.iter().enumerate().position(matters).unwrap_or(self.events.len());
        self.events[first..].to_vec()
    }
}

/// Of several agents at one moment the order is their places', which may differ; so may the last digits of a deviation, which hang
/// on what has left its window.
pub(in crate::rules) fn sorted(mut told: Vec<Firing>) -> Vec<Firing> {
    for firing in &mut told {
        if firing.summary.contains("stddev") || firing.summary.contains("zscore") {
            firing.summary.clear();
        }
    }
    told.sort_by_key(|firing| {
        (firing.at, firing.rule, firing.event.agent_id.clone(), firing.kind == FiringKind::Resolve)
    });
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 1_500 } else { 20_000 }))]
    #[test]
    fn a_set_that_is_cut_says_what_it_would_have_said(rules in rules(), happenings in happenings(), piece in 1..4usize) {
        let (mut whole, mut cut) = (Kept::new(&rules), Kept::new(&rules));
        let mut now = Timestamp::from_secs(1_000);
        prop_assert_eq!(whole.until(now), cut.until(now));
        let mut down = false;
        for Happening { later, event, cut: ends } in happenings {
            now = now + Duration::from_secs(later.unsigned_abs());
            if down {
                cut.restart(&rules, now);
                prop_assert_eq!(cut.piece_by_piece(&rules, now, piece), whole.until(now), "at {:?}", now);
            }
            prop_assert_eq!(cut.until(now), whole.until(now), "at {:?}", now);
            if let Some(event) = event {
                let at = Timestamp::from_nanos(now.as_nanos() + event.timestamp.as_nanos());
                let event = Arc::new(event.at(at));
                prop_assert_eq!(cut.fire(&event, now), whole.fire(&event, now), "at {:?}", now);
            }
            down = ends;
        }
    }
}
