//! `eval`: a condition on an event, with the value of each of its parts; or a file of cases.

use anyhow::Context;
use serde_json::{Value, json};
use tidings::{
    Event,
    trigger::{Answer, Diagnostic, Level, Profile, Step, cases},
};
use tidings_server::views::Evaluation;

use crate::{
    Exit,
    args::{Eval, Language, Output},
    caret, output,
};

/// Evaluates one condition, or answers cases.
pub(crate) fn eval(eval: &Eval, output: &Output) -> anyhow::Result<Exit> {
    let profile = match eval.profile {
        Language::Tidings => Profile::Tidings,
        Language::Cel => Profile::Cel,
    };
    if let Some(path) = &eval.cases {
        crate::cases::answer(path, |case| cases::answer(case, profile))?;
        return Ok(Exit::Done);
    }
    let source = eval.condition.as_deref().unwrap_or_default();
    let event = event(eval)?;
    match Evaluation::of(source, profile, &event) {
        Ok(found) => tell(source, &found, output),
        Err(problems) => return Ok(reject(source, &problems, output)),
    }
    Ok(Exit::Done)
}

fn event(eval: &Eval) -> anyhow::Result<Event> {
    let data: Value = serde_json::from_str(eval.data.as_deref().unwrap_or("{}")).context("--data is not JSON")?;
    let mut fields: Value = serde_json::from_str(&eval.event).context("--event is not JSON")?;
    anyhow::ensure!(data.is_object(), "--data must be a JSON object");
    let object = fields.as_object_mut().context("--event must be a JSON object")?;
    let twice = eval.data.is_some() && object.contains_key("data");
    anyhow::ensure!(!twice, "--event holds `data` as well: give it once");
    object.entry("event_type").or_insert_with(|| json!("eval"));
    object.entry("data").or_insert(data);
    Ok(Event::from_json(fields, tidings::clock::system_now())?)
}

fn reject(source: &str, problems: &[Diagnostic], output: &Output) -> Exit {
    if output.json {
        let code = problems.iter().find(|problem| problem.severity == Level::Error);
        let code = code.map(|problem| problem.code.as_str());
        let problems: Vec<_> = problems.iter().map(Diagnostic::to_json).collect();
        output::json(&json!({"reject": code, "diagnostics": problems}));
    } else {
        problems.iter().for_each(|problem| output::note(caret::draw(source, problem)));
    }
    Exit::Usage
}

fn tell(source: &str, found: &Evaluation, output: &Output) {
    if output.json {
        return output::json(&found.to_json());
    }
    for warning in &found.warnings {
        output::note(caret::draw(source, warning));
    }
    if let Some(verdict) = found.verdict {
        // A value that is neither true nor false stands in the tree without a word of what is wrong with it.
        let reason = found.reason.as_ref().filter(|_| matches!(found.value, Answer::Value(_)));
        output::line(reason.map_or_else(|| verdict.to_owned(), |reason| format!("{verdict}: {reason}")));
    }
    let steps = || found.steps.iter().chain(&found.resolve);
    let width = steps().map(|step| step.depth * 2 + step.text.chars().count()).max().unwrap_or_default().min(60);
    found.steps.iter().for_each(|step| tell_step(step, width));
    if !found.resolve.is_empty() {
        output::line("resolve when");
        found.resolve.iter().for_each(|step| tell_step(step, width));
    }
}

fn tell_step(step: &Step, width: usize) {
    let part = format!("{}{}", "  ".repeat(step.depth), step.text.replace('\n', " "));
    output::line(format_args!("  {part:<width$}  {}", answer_text(&step.answer)));
}

fn answer_text(answer: &Answer) -> String {
    match answer {
        Answer::Value(value) => value.to_string(),
        Answer::Missing(what) => format!("missing: {what}"),
        Answer::Error(what) => format!("error: {what}"),
    }
}
