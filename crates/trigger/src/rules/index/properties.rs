//! With the index a set fires as one that evaluates every rule of the agent.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use serde_json::{Map as JsonMap, Value as Json, json};
use tidings_core::{Severity, Timestamp};

use super::*;
use crate::{Condition, RuleSet, RuleSpec, Verdict};

fn path() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a",
        "b",
        "c.d",
        "c.e",
        "c",
        "a.x",
        "event_type",
        "severity",
        "user_id",
        "agent_id",
        "metadata.host",
        "metadata.a.b",
        "data.severity",
        "data[\"odd key\"]",
    ])
}

fn constant() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "0",
        "1",
        "-1",
        "2.5",
        "-0.0",
        "9007199254740993",
        "9007199254740992.0",
        "9223372036854775807",
        "18446744073709551615.0",
        "18446744073709549568.0",
        "1e308 * 10",
        "3 - 2",
        "true",
        "false",
        "null",
        "'a'",
        "'1'",
        "''",
        "'tool.error'",
        "'error'",
        "'info'",
        "5m",
    ])
}

fn list() -> impl Strategy<Value = String> {
    prop::collection::vec(constant(), 0..6).prop_map(|items| format!("[{}]", items.join(", ")))
}

fn operand() -> impl Strategy<Value = String> {
    let relation = || prop::sample::select(vec!["<", "<=", ">", ">=", "==", "==", "!="]);
    prop_oneof![
        6 => (path(), relation(), constant()).prop_map(|(path, relation, value)| format!("{path} {relation} {value}")),
        2 => (constant(), relation(), path()).prop_map(|(value, relation, path)| format!("{value} {relation} {path}")),
        2 => (path(), list()).prop_map(|(path, list)| format!("{path} in {list}")),
        1 => path().prop_map(str::to_owned),
        1 => prop::sample::select(vec!["info", "warning", "error", "critical"])
            .prop_flat_map(move |name| relation().prop_map(move |relation| format!("severity {relation} '{name}'"))),
        1 => (path(), path()).prop_map(|(a, b)| format!("{a} > {b}")),
        1 => path().prop_map(|path| format!("has({path})")),
        1 => (path(), constant()).prop_map(|(path, value)| format!("({path} ?? {value}) == {value}")),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let source = operand().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 2..5).prop_map(|parts| format!("({})", parts.join(" && "))),
            1 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" || "))),
            1 => inner.clone().prop_map(|part| format!("!({part})")),
            1 => (path(), prop::collection::vec(constant(), 2..4)).prop_map(|(path, values)| {
                let parts: Vec<String> = values.iter().map(|value| format!("{path} == {value}")).collect();
                format!("({})", parts.join(" || "))
            }),
        ]
    });
    source.prop_filter_map("it is in the language", |source| Condition::compile(&source).ok())
}

fn rule() -> impl Strategy<Value = RuleSpec> {
    let agent = prop::sample::select(vec!["*", "*", "p", "q", "p*", "?", "*q"]);
    (agent, condition(), prop::sample::select(vec![0, 0, 300])).prop_map(|(agent, condition, cooldown)| RuleSpec {
        name: condition.source().to_owned(),
        agent_id: agent.parse().unwrap(),
        condition,
        cooldown: Duration::from_secs(cooldown),
    })
}

fn value() -> impl Strategy<Value = Json> {
    let scalar = prop::sample::select(vec![
        json!(0),
        json!(1),
        json!(-1),
        json!(2),
        json!(2.5),
        json!(-0.0),
        json!(9_007_199_254_740_992_i64),
        json!(9_007_199_254_740_993_i64),
        json!(9_007_199_254_740_992.0),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(u64::MAX - 2047),
        json!(18_446_744_073_709_551_615.0),
        json!(1e308),
        json!(true),
        json!(false),
        json!(null),
        json!("a"),
        json!("1"),
        json!(""),
        json!("error"),
        json!([1]),
        json!({}),
    ]);
    let inner = scalar.clone();
    prop_oneof![
        4 => scalar,
        1 => prop::collection::btree_map(prop::sample::select(vec!["d", "e", "x", "b"]), inner, 0..3)
            .prop_map(|map| json!(map)),
    ]
}

fn map(keys: Vec<&'static str>) -> impl Strategy<Value = JsonMap<String, Json>> {
    prop::collection::btree_map(prop::sample::select(keys), value(), 0..5)
        .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn event() -> impl Strategy<Value = Arc<Event>> {
    let kind = prop::sample::select(vec!["a", "tool.error", "error", "1"]);
    let agent = prop::sample::select(vec![None, Some("p"), Some("q"), Some("pq"), Some("r")]);
    let user = prop::sample::select(vec![None, Some("a"), Some("u")]);
    let data = map(vec!["a", "b", "c", "severity", "odd key", "f", "g", "h", "i"]);
    (kind, prop::sample::select(Severity::ALL.to_vec()), agent, user, data, map(vec!["host", "a"])).prop_map(
        |(kind, severity, agent, user, data, metadata)| {
            let event = Event {
                agent_id: agent.map(str::to_owned),
                user_id: user.map(str::to_owned),
                data,
                metadata,
                ..Event::new(kind).severity(severity).at(Timestamp::EPOCH)
            };
            Arc::new(event)
        },
    )
}

/// The rules whose condition holds, by evaluating all of them.
fn holding(rules: &[RuleSpec], event: &Event) -> Vec<usize> {
    let holds = |rule: &RuleSpec| {
        rule.agent_id.matches(event.agent_id.as_deref()) && rule.condition.verdict(event) == Verdict::Fire
    };
    (0..rules.len()).filter(|position| holds(&rules[*position])).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn the_index_fires_what_evaluating_all_fires(
        rules in prop::collection::vec(rule(), 1..60),
        events in prop::collection::vec(event(), 1..12),
    ) {
        let mut index = super::super::index_of(&rules, &super::super::Fleet::new(&rules));
        let mut set = RuleSet::new(rules.clone());
        let mut held = vec![0; rules.len()];
        let mut concerned = vec![0; rules.len()];
        for (event, second) in events.iter().zip(0..) {
            let expected = holding(&rules, event);
            let touched = index.touch(event).to_vec();
            prop_assert!(touched.is_sorted_by(|a, b| a.rule < b.rule));
            for rule in &expected {
                prop_assert!(touched.iter().any(|touched| touched.rule() == *rule), "{} is not touched", rules[*rule].name);
            }
            for touched in touched.iter().filter(|touched| touched.touch == Touch::Certain) {
                prop_assert!(expected.contains(&touched.rule()), "{} does not hold", rules[touched.rule()].name);
            }
            let fired: Vec<usize> = set.fire(event, Timestamp::from_secs(second)).iter().map(|firing| firing.rule).collect();
            prop_assert!(fired.iter().all(|rule| expected.contains(rule)));
            prop_assert!(expected.iter().all(|rule| !rules[*rule].cooldown.is_zero() || fired.contains(rule)));
            expected.iter().for_each(|rule| held[*rule] += 1);
            for (rule, concerned) in rules.iter().zip(&mut concerned) {
                *concerned += u64::from(rule.agent_id.matches(event.agent_id.as_deref()));
            }
        }
        for (rule, account) in set.accounts().into_iter().enumerate() {
            let name = &rules[rule].name;
            prop_assert_eq!(account.evaluated, concerned[rule], "{}", name);
            prop_assert_eq!(account.fired + account.cooldown, held[rule], "{}", name);
            let parts = account.no + account.missing + account.error + account.fired + account.cooldown;
            prop_assert_eq!(account.evaluated, parts, "{}", name);
        }
    }

    #[test]
    fn a_rule_of_one_operand_has_the_account_of_evaluating_it(
        source in operand(),
        events in prop::collection::vec(event(), 1..30),
    ) {
        let Ok(condition) = Condition::compile(&source) else { return Ok(()) };
        let rule = RuleSpec { name: source, agent_id: AgentPattern::Any, condition, cooldown: Duration::ZERO };
        let mut expected = RuleAccount::default();
        let mut set = RuleSet::new(vec![rule.clone()]);
        for event in &events {
            expected.count(rule.condition.verdict(event));
            set.fire(event, Timestamp::EPOCH);
        }
        prop_assert_eq!(set.accounts(), [expected], "{}", rule.name);
    }
}
