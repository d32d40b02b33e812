//! Many rules over time: each does what it does alone, its account adds up, and time always goes on.

use proptest::{prelude::*, sample::select};
use serde_json::{Value as Json, json};

use super::*;

const CONDITIONS: [&str; 24] = [
    "x > 1",
    "x > 1 && y < 2",
    "x > 1 for 10s",
    "x > 1 for 10s resolve when x < 1",
    "x > 1 resolve when x < 1 for 5s",
    "x > 1 resolve when silent(10s)",
    "x > 1 for 30s resolve when silent(10s) for 5s",
    "avg(x, 20s) > 1",
    "count(20s) >= 3 resolve when count(20s) < 2",
    "count(x > 1, 10s) >= 2 || y == 3",
    "max(x, 1m) > 2 for 20s",
    "zscore(x, 1m) > 1",
    "seq(x == 1, y == 1, 20s)",
    "consecutive(x > 0, 2)",
    "silent(10s)",
    "silent(10s) for 10s",
    "silent(10s) || x > 2",
    "!silent(10s) && x > 2",
    "absent(x, 20s)",
    "absent(x, 20s) || y > 2 resolve when y < 1 || silent(1m)",
    "absent(y, 10s) && silent(5s) resolve when has(x)",
    "unfollowed(x == 1, y == 1, 15s)",
    "!unfollowed(x == 1, y == 1, 15s) for 5s",
    "sum(x, 10s) <= 1 && silent(5s) for 5s",
];

fn rules() -> impl Strategy<Value = Vec<RuleSpec>> {
    let rule = (select(&CONDITIONS), select(&["*", "a", "a*", "b"]), select(&[0, 5, 60]));
    let spec = |(condition, agent_id, cooldown): (&str, &str, u64)| RuleSpec {
        name: condition.to_owned(),
        agent_id: agent_id.parse().unwrap(),
        condition: Condition::compile(condition).unwrap(),
        cooldown: Duration::from_secs(cooldown),
    };
    prop::collection::vec(rule.prop_map(spec), 1..12)
}

/// What happens next: so many seconds later, an event that is late by so many, or nothing.
fn happenings() -> impl Strategy<Value = Vec<(i64, Option<Event>)>> {
    let number = || select(vec![json!(0), json!(1), json!(2), json!(3), Json::Null, json!("text")]);
    let data = (prop::option::of(number()), prop::option::of(number()));
    let event = (data, select(&[None, Some("a"), Some("ab"), Some("b")]), select(&[0, 0, 0, 3, 15]));
    let made = |((x, y), agent_id, late): ((Option<Json>, Option<Json>), Option<&str>, i64)| {
        let data: serde_json::Map<String, Json> =
            [("x", x), ("y", y)].into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
        let event = Event::new("test").at(Timestamp::from_secs(-late)).data(Json::Object(data));
        match agent_id {
            Some(id) => event.agent(id),
            None => event,
        }
    };
    prop::collection::vec((select(&[0, 1, 2, 5, 20]), prop::option::weighted(0.8, event.prop_map(made))), 1..60)
}

/// Everything that a set says, with the time before each event told as it comes due.
fn told(set: &mut RuleSet, happenings: &[(i64, Option<Event>)]) -> Vec<Firing> {
    let mut now = Timestamp::from_secs(1_000);
    let mut told = Vec::new();
    for (later, event) in happenings {
        now = now + Duration::from_secs(later.unsigned_abs());
        for step in 0.. {
            let Some(due) = set.next_due().filter(|due| *due <= now) else { break };
            assert!(step < 1_000, "time stands still at {due:?}");
            told.extend(set.tick(due));
        }
        if let Some(event) = event {
            let at = Timestamp::from_nanos(now.as_nanos() + event.timestamp.as_nanos());
            told.extend(set.fire(&Arc::new(event.clone().at(at)), now));
        }
    }
    told
}

proptest! {
    #[test]
    fn each_rule_of_a_set_does_what_it_does_alone(rules in rules(), happenings in happenings()) {
        let mut together = RuleSet::new(rules.clone());
        let all = told(&mut together, &happenings);
        let accounts = together.accounts();
        for (position, rule) in rules.into_iter().enumerate() {
            let mut alone = RuleSet::new(vec![rule]);
            let expected: Vec<Firing> =
                told(&mut alone, &happenings).into_iter().map(|firing| Firing { rule: position, ..firing }).collect();
            let own: Vec<Firing> = all.iter().filter(|firing| firing.rule == position).cloned().collect();
            // Of several agents at one moment the order is their places', which the rules together decide.
            let key = |firing: &Firing| (firing.at, firing.event.agent_id.clone(), firing.kind == FiringKind::Resolve);
            let sorted = |mut firings: Vec<Firing>| { firings.sort_by_key(key); firings };
            prop_assert_eq!(sorted(own), sorted(expected));
            // What a rule that does not hold lacks is told as far as it was looked at.
            let exact = |account: RuleAccount| RuleAccount { no: 0, missing: 0, error: 0, ..account };
            prop_assert_eq!(exact(accounts[position]), exact(alone.accounts()[0]));
        }
    }

    #[test]
    fn accounts_add_up_and_incidents_end_once(rules in rules(), happenings in happenings()) {
        let mut set = RuleSet::new(rules);
        let told = told(&mut set, &happenings);
        for (position, account) in set.accounts().into_iter().enumerate() {
            let RuleAccount { evaluated, no, missing, error, pending, firing, cooldown, resolved, fired } = account;
            prop_assert_eq!(evaluated, no + missing + error + pending + firing + cooldown + resolved + fired);
            let count = |kind| told.iter().filter(|said| said.rule == position && said.kind == kind).count() as u64;
            prop_assert_eq!((fired, resolved), (count(FiringKind::Fire), count(FiringKind::Resolve)));
            for end in told.iter().filter(|said| said.rule == position && said.kind == FiringKind::Resolve) {
                let begins = |said: &&Firing| said.rule == position && said.kind == FiringKind::Fire
                    && said.at == end.since && said.event == end.origin;
                prop_assert!(told.iter().filter(begins).count() > 0, "{:?}", end);
            }
        }
    }
}
