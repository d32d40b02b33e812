//! A condition on an event: what it comes to, part by part, and what is wrong with it. What a condition means is the trigger's knowledge.

use serde_json::{Value, json};
use tidings::{
    Event,
    trigger::{Answer, Condition, Diagnostic, Expression, Profile, Step},
};

/// What there is to tell. The event is all that its agent ever did: windows hold it alone, and what must last is pending.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// `fire`, `no`, `missing`, `error` or `pending`; `None` for what is an expression and no condition.
    pub verdict: Option<&'static str>,
    /// Why the verdict is `missing` or `error`.
    pub reason: Option<String>,
    /// The value.
    pub value: Answer,
    /// The value of each part.
    pub steps: Vec<Step>,
    /// The parts of what ends a firing.
    pub resolve: Vec<Step>,
    /// What is odd about the condition.
    pub warnings: Vec<Diagnostic>,
}

impl Evaluation {
    /// Of this source on this event.
    ///
    /// # Errors
    /// What is wrong with a source that is neither a condition nor an expression.
    pub fn of(source: &str, profile: Profile, event: &Event) -> Result<Self, Vec<Diagnostic>> {
        match Condition::compile_with(source, profile) {
            Ok(condition) => Ok(Self::of_condition(&condition, event)),
            // What is no condition still has a value that people want to see.
            Err(problems) => match Expression::compile(source, profile) {
                Ok(expression) => Ok(Self::of_expression(&expression, event)),
                Err(_) => Err(problems),
            },
        }
    }

    /// Of a condition.
    #[must_use]
    pub fn of_condition(condition: &Condition, event: &Event) -> Self {
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

    /// All of it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let steps = |steps: &[Step]| steps.iter().map(step).collect::<Vec<_>>();
        let diagnostics: Vec<_> = self.warnings.iter().map(Diagnostic::to_json).collect();
        json!({
            "verdict": self.verdict,
            "reason": self.reason,
            "value": answer(&self.value),
            "steps": steps(&self.steps),
            "resolve": steps(&self.resolve),
            "diagnostics": diagnostics,
        })
    }
}

fn answer(answer: &Answer) -> Value {
    match answer {
        Answer::Value(value) => value.clone(),
        Answer::Missing(what) => json!({"missing": what}),
        Answer::Error(what) => json!({"error": what}),
    }
}

fn step(step: &Step) -> Value {
    json!({"depth": step.depth, "text": step.text, "value": answer(&step.answer)})
}
