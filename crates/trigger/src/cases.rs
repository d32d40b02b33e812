//! Case files: one JSON line in, one JSON line out. Reading files and writing answers is left to the command line.

mod entry;
mod tagged;

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value as Json, json};
use tidings_core::{Event, Timestamp};

use crate::{
    AgentPattern, Condition, Diagnostic, Expression, FiringKind, Profile, RuleSet, RuleSpec, Verdict, path::Frame,
    rules::Sight, value::Value,
};

use entry::{Clock, Entry};

/// The answer to one case: its `id` with `verdict` (and `diagnostics`), or for a case of CEL's suite its `file`, `section` and
/// `name` with `value` or `error`. A line that is no case is answered with `error`.
#[must_use]
pub fn answer(line: &Json, profile: Profile) -> Json {
    let mut answer = Map::new();
    let of_suite = profile == Profile::Cel && is_suite_case(line);
    if !of_suite || line.get("id").is_some() {
        answer.insert("id".to_owned(), line.get("id").cloned().unwrap_or_default());
    }
    for key in ["file", "section", "name"].into_iter().filter(|_| of_suite) {
        answer.insert(key.to_owned(), line.get(key).cloned().unwrap_or_default());
    }
    let found = if of_suite { suite_case(line) } else { case(line, profile) };
    match found {
        Ok(found) => answer.extend(found),
        Err(problem) => {
            answer.insert("error".to_owned(), Json::String(problem));
        }
    }
    Json::Object(answer)
}

type Found = Result<Map<String, Json>, String>;

/// A case of CEL's own suite has bindings, or stands in a file of it; or it has nothing that an event is made of.
fn is_suite_case(line: &Json) -> bool {
    let has = |key| entry::field(line, key).is_some();
    ["bind", "file", "section"].into_iter().any(has)
        || (has("name") && !["data", "event", "events"].into_iter().any(has))
}

fn suite_case(line: &Json) -> Found {
    let source = source(line)?;
    let bindings = match line.get("bind") {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Object(bound)) => bound
            .iter()
            .map(|(name, value)| tagged::read(value).map(|value| (Box::from(name.as_str()), value)))
            .collect::<Option<Vec<(Box<str>, Value<'static>)>>>()
            .ok_or("`bind` holds a value that is not tagged with its kind")?,
        Some(_) => return Err("`bind` must be an object".to_owned()),
    };
    let expression = Expression::compile(source, Profile::Cel).map_err(|problems| first_label(&problems))?;
    let event = Event::new("case");
    let frame = Frame { bindings: Some(&bindings), ..expression.frame(&event) };
    let value = expression.outcome(&frame).map_err(|stop| stop.describe(source))?;
    Ok(Map::from_iter([("value".to_owned(), tagged::write(&value))]))
}

fn case(line: &Json, profile: Profile) -> Found {
    let source = source(line)?;
    let condition = match Condition::compile_with(source, profile) {
        Ok(condition) => condition,
        Err(problems) => return Ok(rejection(&problems)),
    };
    let mut rules = RuleSet::new(vec![rule(line, condition)?]);
    let mut clock = Clock::default();
    let verdict = match entry::field(line, "events") {
        None => Json::from(one(&mut rules, &Entry::of_case(line)?, &mut clock)),
        Some(Json::Array(entries)) => {
            let verdicts = entries.iter().map(|json| {
                entry::Moment::read(json).map(|moment| match moment {
                    entry::Moment::Tick(second) => tick(&mut rules, clock.set(second)).as_str(),
                    entry::Moment::Event(entry) => one(&mut rules, &entry, &mut clock),
                })
            });
            Json::Array(verdicts.map(|verdict| verdict.map(Json::from)).collect::<Result<_, _>>()?)
        }
        Some(_) => return Err("`events` must be an array".to_owned()),
    };
    Ok(Map::from_iter([("verdict".to_owned(), verdict)]))
}

/// What the one rule makes of one entry. An event of another agent does not concern it.
fn one(rules: &mut RuleSet, entry: &Entry, clock: &mut Clock) -> &'static str {
    let now = clock.set(entry.second);
    let mut event = entry.event.clone();
    if entry.second.is_some() || !entry.dated {
        event.timestamp = clock.stamp(entry.second);
    }
    let event = Arc::new(event);
    let sight = Sight { data: entry.data(), metadata: entry.metadata(), ..Sight::of(&event, now) };
    rules.judge_first(&sight).as_str()
}

/// What the one rule makes of time that passes: whether it fires or is resolved, or else how it stands.
fn tick(rules: &mut RuleSet, now: Timestamp) -> Verdict {
    let firings = rules.tick(now);
    let says = |kind| firings.iter().any(|firing| firing.kind == kind);
    match (says(FiringKind::Fire), says(FiringKind::Resolve)) {
        (true, _) => Verdict::Fire,
        (_, true) => Verdict::Resolve,
        _ => rules.standing(now),
    }
}

fn rule(line: &Json, condition: Condition) -> Result<RuleSpec, String> {
    let rule = entry::field(line, "rule").unwrap_or(&Json::Null);
    let seconds = match entry::field(rule, "cooldown_seconds") {
        None => 0.0,
        Some(seconds) => seconds.as_f64().ok_or("`cooldown_seconds` must be a number of seconds")?,
    };
    let cooldown =
        Duration::try_from_secs_f64(seconds).map_err(|_| "`cooldown_seconds` must not be negative or endless")?;
    let pattern = match entry::field(rule, "agent_id") {
        None => "*",
        Some(pattern) => pattern.as_str().ok_or("`rule.agent_id` must be a string")?,
    };
    let Ok(agent_id) = pattern.parse::<AgentPattern>();
    Ok(RuleSpec { name: "case".to_owned(), agent_id, condition, cooldown })
}

fn source(line: &Json) -> Result<&str, String> {
    match entry::field(line, "expr") {
        None if line.is_object() => Ok(""),
        None => Err("a case is a JSON object".to_owned()),
        Some(source) => source.as_str().ok_or_else(|| "`expr` must be a string".to_owned()),
    }
}

fn rejection(problems: &[Diagnostic]) -> Map<String, Json> {
    let code = problems.iter().find(|problem| problem.is_error()).map_or("syntax", |problem| problem.code.as_str());
    let diagnostics: Vec<Json> = problems.iter().map(Diagnostic::to_json).collect();
    Map::from_iter([
        ("verdict".to_owned(), json!({"reject": code})),
        ("diagnostics".to_owned(), Json::Array(diagnostics)),
    ])
}

fn first_label(problems: &[Diagnostic]) -> String {
    let first = problems.iter().find(|problem| problem.is_error());
    first.map_or_else(String::new, |problem| format!("{}: {}", problem.code.as_str(), problem.label))
}

#[cfg(test)]
mod by_time;
#[cfg(test)]
mod over_time;
#[cfg(test)]
mod tests;
