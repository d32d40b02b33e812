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
