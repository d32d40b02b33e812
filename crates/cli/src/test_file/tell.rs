//! How tests went, as lines for people or as one JSON object.

use serde_json::{Value, json};
use tidings::config::Problem;

use super::{Outcome, compare::Failure};
use crate::output;

/// How many failures of one test are told to people.
const TOLD: usize = 20;

/// Tells what is wrong with the files: nothing was tested.
pub(super) fn problems(problems: &[Problem], json: bool) {
    if json {
        return output::json(&json!({"ok": false, "problems": problems}));
    }
    problems.iter().for_each(output::note);
    let count = problems.len();
    output::note(format_args!("{count} {}; nothing was tested", if count == 1 { "problem" } else { "problems" }));
}

/// Tells each test in a line, what failed in more, and how many there were.
pub(super) fn outcomes(outcomes: &[Outcome<'_>], json: bool) {
    let failed = outcomes.iter().filter(|outcome| !outcome.failures.is_empty()).count();
    let passed = outcomes.len() - failed;
    if json {
        let tests: Vec<Value> = outcomes.iter().map(object).collect();
        return output::json(&json!({"ok": failed == 0, "passed": passed, "failed": failed, "tests": tests}));
    }
    outcomes.iter().for_each(lines);
    output::line(match failed {
        0 => format!("{passed} passed"),
        _ => format!("{passed} passed, {failed} failed"),
    });
}

fn object(outcome: &Outcome<'_>) -> Value {
    let failure = |failure: &Failure| {
        let Failure { place, expected, came } = failure;
        let (line, column) = (place.position.line, place.position.column);
        json!({"line": line, "column": column, "path": place.path, "expected": expected, "came": came})
    };
    json!({
        "file": outcome.file,
        "name": outcome.test.name,
        "line": outcome.test.place.position.line,
        "ok": outcome.failures.is_empty(),
        "failures": outcome.failures.iter().map(failure).collect::<Vec<_>>(),
    })
}

fn lines(outcome: &Outcome<'_>) {
    let name = output::plain(&outcome.test.name);
    if outcome.failures.is_empty() {
        return output::line(format_args!("ok      {name}"));
    }
    output::line(format_args!("FAILED  {name}"));
    for Failure { place, expected, came } in outcome.failures.iter().take(TOLD) {
        let (line, column) = (place.position.line, place.position.column);
        output::line(format_args!("  {}:{line}:{column}: {}", outcome.file, place.path));
        output::line(format_args!("    expected: {expected}"));
        output::line(format_args!("    but:      {came}"));
    }
    if outcome.failures.len() > TOLD {
        output::line(format_args!("  and {} more", outcome.failures.len() - TOLD));
    }
}
