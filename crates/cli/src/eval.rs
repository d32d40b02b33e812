//! `eval`: a condition on an event, with the value of each of its parts; or a file of cases.

use anyhow::Context;
use serde_json::{Value, json};
use tidings::{
    Event,
    trigger::{Answer, Condition, Diagnostic, Expression, Level, Profile, Step, cases},
};

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
    let found = match Condition::compile_with(source, profile) {
        Ok(condition) => Found::of_condition(&condition, &event),
        // What is no condition still has a value that people want to see.
        Err(problems) => match Expression::compile(source, profile) {
            Ok(expression) => Found::of_expression(&expression, &event),
            Err(_) => return Ok(reject(source, &problems, output)),
        },
    };
    tell(source, &found, output);
    Ok(Exit::Done)
}

/// What there is to tell. The event is all that its agent ever did: windows hold it alone, and what must last is pending.
struct Found {
    verdict: Option<&'static str>,
    /// Why the verdict is `missing` or `error`.
    reason: Option<String>,
    value: Answer,
    steps: Vec<Step>,
    /// What ends a firing.
    resolve: Vec<Step>,
    warnings: Vec<Diagnostic>,
}

impl Found {
    fn of_condition(condition: &Condition, event: &Event) -> Self {
        Self {
            verdict: Some(condition.verdict(event).as_str()),
            reason: condition.reason(event),
            value: condition.value(event),
            steps: condition.explain(event),
            resolve: condition.explain_resolve(event),
            warnings: condition.warnings().to_vec(),
        }
    }

    fn of_expression(expression: &Expression, event: &Event) -> Self {
        Self {
            verdict: None,
            reason: None,
            value: expression.value(event),
            steps: expression.explain(event),
            resolve: Vec::new(),
            warnings: expression.warnings().to_vec(),
        }
    }
}

impl Found {
    fn to_json(&self) -> Value {
        let steps = |steps: &[Step]| steps.iter().map(step_json).collect::<Vec<_>>();
        let diagnostics: Vec<_> = self.warnings.iter().map(Diagnostic::to_json).collect();
        json!({
            "verdict": self.verdict,
            "reason": self.reason,
            "value": answer_json(&self.value),
            "steps": steps(&self.steps),
            "resolve": steps(&self.resolve),
            "diagnostics": diagnostics,
        })
    }
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

fn tell(source: &str, found: &Found, output: &Output) {
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

fn answer_json(answer: &Answer) -> Value {
    match answer {
        Answer::Value(value) => value.clone(),
        Answer::Missing(what) => json!({"missing": what}),
        Answer::Error(what) => json!({"error": what}),
    }
}

fn step_json(step: &Step) -> Value {
    json!({"depth": step.depth, "text": step.text, "value": answer_json(&step.answer)})
}
