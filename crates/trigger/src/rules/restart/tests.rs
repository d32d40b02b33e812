use serde_json::json;

use super::*;
use crate::{Condition, Firing, FiringKind};

fn rule(name: &str, agent_id: &str, condition: &str) -> RuleSpec {
    RuleSpec {
        name: name.to_owned(),
        agent_id: agent_id.parse().unwrap(),
        condition: Condition::compile(condition).unwrap(),
        cooldown: Duration::ZERO,
    }
}

fn set(rules: &[RuleSpec]) -> RuleSet {
    RuleSet::new(rules.to_vec())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(second)
}

/// An event of an agent, at once as it happens.
fn event(agent_id: &str, second: i64, data: serde_json::Value) -> Arc<Event> {
    Arc::new(Event::new("test").agent(agent_id).at(at(second)).data(data))
}

fn fire(set: &mut RuleSet, agent_id: &str, second: i64, data: serde_json::Value) -> Vec<Firing> {
    set.fire(&event(agent_id, second, data), at(second))
}

/// What comes due until a moment, each as of when it was due, as a worker tells it.
fn until(set: &mut RuleSet, second: i64) -> Vec<(i64, FiringKind)> {
    let mut told = Vec::new();
    while let Some(due) = set.next_due().filter(|due| *due < at(second)) {
        told.extend(set.tick(due));
    }
    told.extend(set.tick(at(second)));
    told.into_iter().map(|firing| (firing.at.as_secs(), firing.kind)).collect()
}

/// The states as they come back from where they were kept.
fn through_bytes(states: Vec<RuleState>) -> Vec<RuleState> {
    let again = |state: RuleState| {
        let back = RuleState::from_bytes(&state.to_bytes()).unwrap();
        assert_eq!(back, state);
        back
    };
    states.into_iter().map(again).collect()
}

/// Keys, and whether the row may go.
fn told(set: &mut RuleSet) -> Vec<(String, bool)> {
    let mut told: Vec<_> = set.changed().iter().map(|state| (state.key(), state.is_empty())).collect();
    told.sort();
    told
}

fn key(text: &str, empty: bool) -> (String, bool) {
    (text.to_owned(), empty)
}

#[test]
fn what_changes_is_told_once() {
    let mut set = set(&[rule("hold", "*", "x > 1 for 10s"), rule("plain", "*", "x > 1")]);
    assert_eq!(told(&mut set), []);
    fire(&mut set, "a", 0, json!({"x": 0}));
    assert_eq!(told(&mut set), []);
    fire(&mut set, "a", 1, json!({"x": 2}));
    fire(&mut set, "b", 1, json!({"x": 2}));
    assert_eq!(told(&mut set), [key("=a", false), key("=b", false)]);
    assert_eq!(told(&mut set), []);
    set.tick(at(11));
    assert_eq!(told(&mut set), [key("=a", false), key("=b", false)], "they have fired for it");
    fire(&mut set, "a", 12, json!({"x": 0}));
    assert_eq!(told(&mut set), [key("=a", true)]);
    // What came and went unheard is nobody's row.
    fire(&mut set, "a", 13, json!({"x": 2}));
    fire(&mut set, "a", 14, json!({"x": 0}));
    assert_eq!(told(&mut set), []);
}

#[test]
fn what_is_awaited_is_told_where_no_event_says_it() {
    let mut set = set(&[rule("all", "*", "silent(1m)"), rule("named", "a", "silent(1m)")]);
    assert_eq!(told(&mut set), [], "nothing is loaded yet");
    set.tick(at(0));
    assert_eq!(told(&mut set), [key("**", false), key("=a", false)]);
    fire(&mut set, "a", 10, json!({}));
    assert_eq!(told(&mut set), [key("**", true), key("=a", true)]);
    fire(&mut set, "a", 20, json!({}));
    assert_eq!(told(&mut set), [], "the event tells it");
    assert_eq!(until(&mut set, 80).len(), 2);
    assert_eq!(told(&mut set), [key("=a", false), key("=a", false)]);
    fire(&mut set, "a", 90, json!({}));
    assert_eq!(told(&mut set), [key("=a", true), key("=a", true)]);
}

#[test]
fn a_path_that_goes_on_missing_stays_awaited_for_the_first_agent() {
    let rules = [rule("all", "a*", "absent(x, 1m)")];
    let mut first = set(&rules);
    first.tick(at(0));
    first.changed();
    fire(&mut first, "ab", 30, json!({}));
    let states = first.changed();
    assert_eq!(states.iter().map(RuleState::key).collect::<Vec<_>>(), ["*a*", "=ab"]);
    let mut second = set(&rules);
    second.recall(&event("ab", 30, json!({})), at(30));
    second.restore(through_bytes(states.into_iter().filter(|state| !state.is_empty()).collect()), at(40));
    assert_eq!(until(&mut second, 59), []);
    assert_eq!(until(&mut second, 200), [(60, FiringKind::Fire)]);
}

#[test]
fn keys_differ_where_states_do() {
    let rules = [rule("all", "*", "silent(1m)"), rule("some", "a*", "silent(1m)")];
    let mut set = set(&rules);
    set.tick(at(0));
    let mut keys: Vec<String> = set.changed().iter().map(RuleState::key).collect();
    for agent in ["", "*", "=a", "a*", "**", "="] {
        fire(&mut set, agent, 1, json!({}));
    }
    set.fire(&Arc::new(Event::new("test").at(at(1))), at(1));
    until(&mut set, 100);
    let states = set.changed();
    keys.extend(states.iter().filter(|state| state.rule() == "all" && !state.is_empty()).map(RuleState::key));
    let count = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!((keys.len(), count), (9, 9), "{keys:?}");
    assert!(states.iter().any(|state| state.agent() == Some("") && state.key() == "="));
}

#[test]
fn a_state_comes_back_with_all_of_its_event() {
    let rules = [rule("r", "*", "x > 1 resolve when x < 1 for 1m")];
    let event = |x: i64| {
        let data = json!({"z": 0.1, "a": {"k": [1.0, -0.0, 1e300, u64::MAX, i64::MIN]}, "x": x, "text": "\u{0}\"é\\"});
        let event = Event::new("t").agent("a\"=*").user("u").session("s").data(data).metadata(json!({"b": 1, "a": 2}));
        let event = Event { source: Some("there".to_owned()), ..event.id("own") };
        Arc::new(event.at(Timestamp::from_nanos(1_700_000_000_123_456_789)))
    };
    let mut first = set(&rules);
    let now = Timestamp::from_nanos(i64::MAX - 7_000_000_000_001);
    first.fire(&event(2), now);
    first.fire(&event(0), now + Duration::from_nanos(1));
    let mut second = set(&rules);
    second.restore(through_bytes(first.changed()), now);
    let [ended] = &second.tick(now + Duration::from_secs(61))[..] else { panic!("it is over") };
    assert_eq!((&ended.event, &ended.origin, ended.since), (&event(0), &event(2), now));
    let keys = |event: &Event| event.data.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&ended.event), keys(&event(0)));
}

#[test]
fn what_came_due_meanwhile_is_told_once_as_of_then() {
    let check = |condition: &str, agent: &str, expected: &[(i64, FiringKind)]| {
        let rules = [rule("r", agent, condition)];
        let mut first = set(&rules);
        first.tick(at(0));
        fire(&mut first, "a", 5, json!({"x": 2}));
        let states = through_bytes(first.changed());
        let mut second = set(&rules);
        second.recall(&event("a", 5, json!({"x": 2})), at(5));
        second.restore(states, at(10_000));
        assert_eq!(until(&mut second, 10_000), expected, "{condition}");
        assert_eq!(until(&mut second, 20_000), [], "{condition}");
    };
    let fire = FiringKind::Fire;
    check("x > 1 for 1m", "*", &[(65, fire)]);
    check("silent(1m)", "*", &[(65, fire)]);
    check("silent(1m)", "a", &[(65, fire)]);
    check("silent(1m)", "b", &[(60, fire)]);
    check("silent(1m)", "b*", &[(60, fire)]);
    check("silent(1m) for 30s", "*", &[(95, fire)]);
    check("absent(y, 2m)", "*", &[(120, fire)]);
    check("x > 1 resolve when silent(1m) for 10s", "*", &[(75, FiringKind::Resolve)]);
    check("x > 1 resolve when x < 1", "*", &[]);
}

#[test]
fn restarting_every_half_hour_postpones_nothing() {
    let rules = [rule("named", "a", "absent(x, 1h)"), rule("all", "b*", "silent(1h)")];
    let mut rows: HashMap<(String, String), RuleState> = HashMap::new();
    let mut fired = Vec::new();
    for round in 0..5 {
        let mut set = set(&rules);
        set.restore(rows.values().cloned().collect(), at(round * 1_800));
        fired.extend(until(&mut set, round * 1_800));
        fired.extend(until(&mut set, round * 1_800 + 1_500));
        rows.extend(set.changed().into_iter().map(|state| ((state.rule().to_owned(), state.key()), state)));
    }
    assert_eq!(fired, [(3_600, FiringKind::Fire), (3_600, FiringKind::Fire)]);
}

#[test]
fn a_condition_that_changed_ends_what_it_can_and_holds_anew() {
    let check = |before: &str, after: &str, expected: &[(i64, FiringKind)]| {
        let mut first = set(&[rule("r", "*", before)]);
        fire(&mut first, "a", 0, json!({"x": 9}));
        let mut second = set(&[rule("r", "*", after)]);
        second.restore(through_bytes(first.changed()), at(1));
        let mut found = until(&mut second, 20);
        found.extend(fire(&mut second, "a", 20, json!({"x": 0})).iter().map(|firing| (20, firing.kind)));
        assert_eq!(found, expected, "{before} to {after}");
    };
    let (fire, resolve) = (FiringKind::Fire, FiringKind::Resolve);
    check("x > 1 resolve when x < 1", "x > 2 resolve when x < 2", &[(20, resolve)]);
    check("x > 1 resolve when x < 1", "x > 1 resolve  when x < 1", &[(20, resolve)]);
    check("x > 1 resolve when x < 1", "x > 2", &[]);
    check("x > 1 resolve when x < 1", "x > 2 for 5s", &[]);
    check("x > 1 for 10s", "x > 1 for 10s", &[(10, fire)]);
    check("x > 1 for 10s", "x > 2 for 10s", &[]);
}

#[test]
fn what_no_rule_is_about_any_more_is_ignored_and_its_row_goes() {
    let mut first = set(&[rule("gone", "*", "x > 1 for 1m"), rule("moved", "*", "x > 1 for 1m")]);
    fire(&mut first, "a", 0, json!({"x": 2}));
    let states = first.changed();
    assert_eq!(states.len(), 2);
    let mut second = set(&[rule("moved", "b", "x > 1 for 1m")]);
    second.restore(states, at(1));
    assert_eq!(until(&mut second, 100), []);
    assert_eq!(told(&mut second), [key("=a", true)]);
}

#[test]
fn a_clock_that_was_set_back_takes_the_times_with_it() {
    let rules = [rule("hold", "*", "x > 1 for 1m"), rule("quiet", "b", "silent(1m)")];
    let mut first = set(&rules);
    first.tick(at(10_000));
    fire(&mut first, "a", 10_000, json!({"x": 2}));
    let back = Duration::from_secs(9_000);
    let mut second = set(&rules);
    second.restore(first.changed().into_iter().map(|state| state.shifted(back)).collect(), at(1_010));
    assert_eq!(until(&mut second, 5_000), [(1_060, FiringKind::Fire), (1_060, FiringKind::Fire)]);
    let far = first.changed().into_iter().map(|state| state.shifted(Duration::MAX)).collect();
    set(&rules).restore(far, at(0));
}

#[test]
fn a_cooldown_goes_on() {
    let rules = [RuleSpec { cooldown: Duration::from_secs(60), ..rule("r", "*", "x > 1") }];
    let mut set = set(&rules);
    let fired = [("r", Some("a"), at(100)), ("r", Some("a"), at(50)), ("unknown", Some("a"), at(500))];
    set.restore_cooldowns(fired);
    set.restore_cooldowns([("r", Some("b"), at(90)), ("r", None, at(90))]);
    set.restore(Vec::new(), at(110));
    assert_eq!(fire(&mut set, "b", 149, json!({"x": 2})).len(), 0);
    assert_eq!(fire(&mut set, "b", 150, json!({"x": 2})).len(), 1);
    for (second, fires) in [(110, 0), (159, 0), (160, 1), (161, 0)] {
        assert_eq!(fire(&mut set, "a", second, json!({"x": 2})).len(), fires, "{second}");
    }
}

#[test]
fn it_tells_how_far_it_looks_back() {
    let check = |condition: &str, cooldown: u64, seconds: u64, events: usize| {
        let spec = RuleSpec { cooldown: Duration::from_secs(cooldown), ..rule("r", "*", condition) };
        let expected = LookBack { span: Duration::from_secs(seconds), events };
        assert_eq!(set(&[rule("other", "*", "x > 1"), spec]).look_back(), expected, "{condition}");
    };
    check("x > 1", 300, 0, 0);
    check("avg(x, 1h) > 1", 300, 3_600, 0);
    check("avg(x, 1h) > 1 and max(y, 2h) > 1", 300, 7_200, 0);
    check("seq(x > 1, y > 1, 30s)", 300, 30, 0);
    check("consecutive(x > 1, 7)", 300, 0, 7);
    check("ewma(x, 1m) > 1", 300, 960, 0);
    check("x > 1 for 5m", 300, 300, 0);
    check("silent(1h)", 0, 3_600, 0);
    check("silent(1h)", 300, 3_900, 0);
    check("sum(x, 1m) > 1 and silent(1h) for 10s resolve when x < 1 for 20s", 300, 3_990, 0);
    assert_eq!(set(&[]).look_back(), LookBack::default());
    let endless = RuleSpec { cooldown: Duration::MAX, ..rule("r", "*", "silent(1h)") };
    assert_eq!(set(&[endless]).look_back().span, Duration::MAX);
}

#[test]
fn a_recall_tells_nothing_and_counts_nothing() {
    let rules = [rule("sum", "*", "sum(x, 1m) > 4"), rule("hold", "*", "x > 1 for 1s")];
    let mut set = set(&rules);
    for second in 0..3 {
        set.recall(&event("a", second, json!({"x": 2})), at(second));
    }
    assert_eq!((told(&mut set), set.next_due()), (Vec::new(), None));
    assert!(set.accounts().iter().all(|account| account.evaluated == 0));
    let fired = fire(&mut set, "a", 3, json!({"x": 0}));
    assert_eq!(
        fired.iter().map(|firing| &*firing.summary).collect::<Vec<_>>(),
        ["sum(x, 1m) > 4 (sum(x, 1m) = 6.0, x = 0)"]
    );
}
