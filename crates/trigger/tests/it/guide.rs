//! The guide to conditions: each of its examples is run, and says what the page says that it says. That no function is left out
//! is held beside the table of functions.

mod page;
mod row;

use serde_json::{Value, json};
use tidings_trigger::{Condition, Profile, cases};

use page::Example;

/// What the language makes of one event, or of a history: its last verdict, or each of them.
fn verdicts(rule: &str, cooldown: f64, entries: &[Value]) -> Vec<String> {
    let case = json!({"expr": rule, "events": entries, "rule": {"cooldown_seconds": cooldown}});
    let answer = cases::answer(&case, Profile::Tidings);
    match &answer["verdict"] {
        Value::Array(verdicts) => verdicts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec![answer.to_string()],
    }
}

/// What is wrong with an example; nothing if it holds.
fn mistake(example: &Example) -> Option<String> {
    match example {
        Example::Event { rule, event, verdict } => {
            let told = verdicts(rule, 0.0, &[row::event(event)]);
            (told != [verdict.as_str()]).then(|| format!("{rule} on {event}: {told:?}, not {verdict}"))
        }
        Example::History { rule, events, verdict } => {
            let entries: Vec<Value> = events.iter().map(|line| row::entry(line)).collect();
            let told = verdicts(rule, 0.0, &entries).pop().unwrap_or_default();
            (told != *verdict).then(|| format!("{rule}: {told}, not {verdict}"))
        }
        Example::Timeline { rule, cooldown, rows } => {
            let entries: Vec<Value> = rows.iter().map(|(line, _)| row::entry(line)).collect();
            let told = verdicts(rule, row::seconds(cooldown), &entries);
            let expected: Vec<&str> = rows.iter().map(|(_, verdict)| verdict.as_str()).collect();
            (told != expected).then(|| format!("{rule}:\n  told     {told:?}\n  expected {expected:?}"))
        }
        Example::Problem { condition, code, help } => {
            let problems =
                Condition::compile(condition).map_or_else(|problems| problems, |good| good.warnings().to_vec());
            let told = problems.iter().any(|problem| {
                problem.code.as_str() == code && problem.help.as_deref().unwrap_or_default().contains(help.as_str())
            });
            (!told).then(|| format!("{condition}: {problems:?}, not {code}: {help}"))
        }
    }
}

#[test]
fn every_example_holds() {
    let examples = page::examples(include_str!("../../../../docs/guide/conditions.md"));
    let count = |kind: fn(&Example) -> bool| examples.iter().filter(|example| kind(example)).count();
    assert!(count(|example| matches!(example, Example::Event { .. })) >= 60);
    assert!(count(|example| matches!(example, Example::History { .. })) >= 15);
    assert!(count(|example| matches!(example, Example::Timeline { .. })) >= 10);
    assert!(count(|example| matches!(example, Example::Problem { .. })) >= 10);
    let mistakes: Vec<String> = examples.iter().filter_map(mistake).collect();
    assert!(mistakes.is_empty(), "{} of {}:\n{}", mistakes.len(), examples.len(), mistakes.join("\n"));
}
