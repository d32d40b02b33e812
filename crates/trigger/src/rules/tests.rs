use serde_json::json;

use super::*;

fn rule(agent_id: &str, condition: &str, cooldown: u64) -> RuleSpec {
    RuleSpec {
        name: condition.to_owned(),
        agent_id: agent_id.parse().unwrap(),
        condition: Condition::compile(condition).unwrap(),
        cooldown: Duration::from_secs(cooldown),
    }
}

fn event(agent_id: &str, data: serde_json::Value) -> Arc<Event> {
    Arc::new(Event::new("test").agent(agent_id).at(Timestamp::EPOCH).data(data))
}

fn fired(set: &mut RuleSet, event: &Arc<Event>, second: i64) -> Vec<usize> {
    set.fire(event, Timestamp::from_secs(second)).into_iter().map(|firing| firing.rule).collect()
}

#[test]
fn only_rules_of_the_agent_are_evaluated() {
    let mut set = RuleSet::new(vec![rule("a", "x > 1", 0), rule("*", "x > 1", 0), rule("b*", "x > 1", 0)]);
    assert_eq!(fired(&mut set, &event("a", json!({"x": 2})), 0), [0, 1]);
    assert_eq!(fired(&mut set, &event("b1", json!({"x": 2})), 0), [1, 2]);
    let evaluated: Vec<u64> = set.accounts().iter().map(|account| account.evaluated).collect();
    assert_eq!(evaluated, [1, 2, 1]);
}

#[test]
fn what_time_alone_does_is_in_the_account() {
    let mut set = RuleSet::new(vec![rule("*", "silent(1m)", 0), rule("*", "x > 1 for 1m", 0)]);
    assert_eq!(fired(&mut set, &event("a", json!({"x": 2})), 0), Vec::<usize>::new());
    assert_eq!(set.tick(Timestamp::from_secs(60)).len(), 2);
    let [silent, hold] = set.accounts()[..] else { panic!("two rules") };
    assert_eq!(silent, RuleAccount { evaluated: 2, no: 1, fired: 1, ..RuleAccount::default() });
    assert_eq!(hold, RuleAccount { evaluated: 2, pending: 1, fired: 1, ..RuleAccount::default() });
}

#[test]
fn a_cooldown_belongs_to_one_rule_and_one_agent() {
    let mut set = RuleSet::new(vec![rule("*", "x > 1", 300), rule("*", "x > 2", 0)]);
    let (a, b) = (event("a", json!({"x": 3})), event("b", json!({"x": 3})));
    assert_eq!(fired(&mut set, &a, 0), [0, 1]);
    assert_eq!(fired(&mut set, &a, 299), [1]);
    assert_eq!(fired(&mut set, &b, 299), [0, 1]);
    assert_eq!(fired(&mut set, &a, 300), [0, 1]);
}

#[test]
fn what_does_not_fire_starts_no_cooldown_and_disturbs_nobody() {
    let mut set = RuleSet::new(vec![rule("*", "s > 9", 300), rule("*", "x > 1", 300)]);
    assert_eq!(fired(&mut set, &event("a", json!({"s": "10", "x": 0})), 0), Vec::<usize>::new());
    assert_eq!(fired(&mut set, &event("a", json!({"s": 10, "x": 2})), 1), [0, 1]);
}

#[test]
fn an_account_adds_up() {
    let mut set = RuleSet::new(vec![rule("*", "x > 1", 300)]);
    for data in [json!({"x": 2}), json!({"x": 2}), json!({"x": 1}), json!({}), json!({"x": "2"})] {
        fired(&mut set, &event("a", data), 0);
    }
    let expected =
        RuleAccount { evaluated: 5, fired: 1, cooldown: 1, no: 1, missing: 1, error: 1, ..RuleAccount::default() };
    assert_eq!(set.accounts(), [expected]);
    assert_eq!(set.tick(Timestamp::from_secs(900)), []);
}

#[test]
fn a_metric_that_never_comes_is_told_with_the_nearest_that_does() {
    let conditions =
        ["error_rat > 0.05", "latency_ms > 5 && tool == 'x'", "has(nothing) || steps > 5", "nothing.at.all > 1"];
    let mut set = RuleSet::new(conditions.map(|condition| rule("*", condition, 0)).into());
    assert_eq!(set.unseen(), []);
    for _ in 0..3 {
        fired(&mut set, &event("a", json!({"error_rate": 0.2, "steps": 1, "tool": "x"})), 0);
    }
    let unseen: Vec<_> = set
        .unseen()
        .into_iter()
        .map(|unseen| (unseen.rule, unseen.metric, unseen.nearest.unwrap_or_default()))
        .collect();
    let expected = [(0, "error_rat", "error_rate"), (1, "latency_ms", ""), (3, "nothing", "")];
    assert_eq!(unseen, expected.map(|(rule, metric, nearest)| (rule, metric.to_owned(), nearest.to_owned())));
    fired(&mut set, &event("a", json!({"latency_ms": 1, "error_rat": 1, "steps": 1})), 0);
    assert_eq!(set.unseen().len(), 1);
}

#[test]
fn what_time_alone_decides_is_in_the_account_too() {
    let mut set = RuleSet::new(vec![rule("*", "x > 1 for 1m", 300)]);
    fired(&mut set, &event("a", json!({"x": 2})), 0);
    assert_eq!(set.tick(Timestamp::from_secs(60)).len(), 1);
    fired(&mut set, &event("a", json!({"x": 2})), 61);
    let expected = RuleAccount { evaluated: 3, fired: 1, pending: 1, cooldown: 1, ..RuleAccount::default() };
    assert_eq!(set.accounts(), [expected]);
}

#[test]
fn what_time_alone_does_is_in_the_account_beside_the_events() {
    let mut set =
        RuleSet::new(vec![rule("*", "x > 1 for 1m resolve when x < 1 for 1m", 0), rule("a", "silent(1m)", 0)]);
    for (second, x) in [(0, 5), (100, 0)] {
        fired(&mut set, &event("a", json!({"x": x})), second);
        set.tick(Timestamp::from_secs(second + 75));
    }
    let accounts = set.accounts();
    let told: Vec<_> = accounts.iter().map(|account| (account.fired, account.resolved)).collect();
    assert_eq!(told, [(1, 1), (2, 0)]);
    for account in accounts {
        let RuleAccount { evaluated, no, missing, error, pending, firing, cooldown, resolved, fired } = account;
        assert_eq!(evaluated, no + missing + error + pending + firing + cooldown + resolved + fired, "{account:?}");
    }
}

/// When something was told until a moment, as it came due.
fn ticked(set: &mut RuleSet, second: i64) -> Vec<i64> {
    let mut told = Vec::new();
    while let Some(due) = set.next_due().filter(|due| *due <= Timestamp::from_secs(second)) {
        told.extend(set.tick(due).into_iter().map(|firing| firing.at.as_secs()));
    }
    told
}

#[test]
fn what_is_taken_back_tries_again_when_the_cooldown_really_ends() {
    let check = |agent: &str, id: Option<&str>, rests_since: Option<i64>, expected: i64| {
        let mut set = RuleSet::new(vec![rule(agent, "silent(1m)", 300)]);
        set.tick(Timestamp::EPOCH);
        assert_eq!(ticked(&mut set, 60), [60]);
        set.take_back(0, id, Timestamp::from_secs(60), rests_since.map(Timestamp::from_secs));
        assert_eq!(ticked(&mut set, 1_000), [expected], "{agent} {rests_since:?}");
    };
    check("a", Some("a"), Some(10), 310);
    check("a", Some("a"), None, 360);
    check("a*", None, Some(10), 310);
    check("*", None, Some(10), 310);
    check("*", None, None, 360);
}

#[test]
fn a_rule_without_a_state_learns_its_cooldown_when_it_is_taken_back() {
    let mut set = RuleSet::new(vec![rule("*", "x > 1", 300)]);
    assert_eq!(fired(&mut set, &event("a", json!({"x": 2})), 100).len(), 1);
    set.take_back(0, Some("a"), Timestamp::from_secs(100), Some(Timestamp::from_secs(0)));
    assert_eq!(fired(&mut set, &event("a", json!({"x": 2})), 299).len(), 0);
    assert_eq!(fired(&mut set, &event("a", json!({"x": 2})), 300).len(), 1);
    set.take_back(7, None, Timestamp::from_secs(0), Some(Timestamp::from_secs(0)));
}

#[test]
fn judgements_say_of_each_rule_what_it_makes_of_an_event() {
    let rules = [
        rule("*", "x > 100", 0),
        rule("a", "y > 1", 0),
        rule("b", "x > 1", 0),
        rule("a*", "sum(x, 1m) > 1", 60),
        rule("*", "x > 1 for 10s", 0),
        rule("*", "x > 1 resolve when x < 1", 0),
    ];
    let mut set = RuleSet::new(rules.into());
    let event = event("a", json!({"x": 2}));
    let mut judged = |now: i64| -> Vec<_> {
        let seconds = |time: Option<Timestamp>| time.map(Timestamp::as_secs);
        let judgements = set.judgements(&event, Timestamp::from_secs(now)).into_iter();
        judgements.map(|one| (one.rule, one.verdict, seconds(one.until), seconds(one.since), one.summary)).collect()
    };
    let no = (0, Verdict::No, None, None, "x > 100 (x = 2)".to_owned());
    let missing = (1, Verdict::Missing, None, None, "y > 1 (y = missing)".to_owned());
    let summary = |sum: &str| format!("sum(x, 1m) > 1 (sum(x, 1m) = {sum}, x = 2)");
    let pending = (4, Verdict::Pending, Some(10), None, "x > 1 for 10s (x = 2)".to_owned());
    let incident = "x > 1 resolve when x < 1 (x = 2)".to_owned();
    let expected = [
        no.clone(),
        missing.clone(),
        (3, Verdict::Fire, None, None, summary("2.0")),
        pending.clone(),
        (5, Verdict::Fire, None, None, incident.clone()),
    ];
    assert_eq!(judged(0), expected);
    let cooldown = (3, Verdict::Cooldown, Some(60), None, summary("4.0"));
    assert_eq!(judged(5), [no, missing, cooldown, pending, (5, Verdict::Firing, None, Some(0), incident)]);
    assert!(set.accounts().iter().all(|account| account.fired == 0));
    let json = serde_json::to_value(set.judgements(&event, Timestamp::from_secs(5))).unwrap();
    assert_eq!((&json[0]["verdict"], &json[4]["since"]), (&json!("no"), &json!(0.0)));
}
