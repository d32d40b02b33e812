//! Conditions: expressions that are true or false, or say why they are neither.

use serde::Serialize;
use tidings_core::Event;

use crate::{
    Profile,
    diagnostic::{Code, Diagnostic, Span},
    evaluate::{Scope, truth},
    explain::{self, Step},
    expression::{Answer, Expression},
    fault::Stop,
    kind::Kind,
    lint,
    path::Frame,
};

/// What a condition, or the rule around it, makes of an event. Only `Fire` fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// It holds.
    Fire,
    /// It does not hold.
    No,
    /// Something that it reads is not in the event.
    Missing,
    /// Something that it reads cannot be used.
    Error,
    /// It holds, but not yet for as long as it must.
    Pending,
    /// It has fired and is not yet resolved.
    Firing,
    /// It holds, but the rule has fired a short while ago.
    Cooldown,
    /// It has fired and is resolved now.
    Resolve,
}

impl Verdict {
    /// The name in case files, logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fire => "fire",
            Self::No => "no",
            Self::Missing => "missing",
            Self::Error => "error",
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Cooldown => "cooldown",
            Self::Resolve => "resolve",
        }
    }
}

/// A compiled condition.
#[derive(Clone, Debug)]
pub struct Condition(Expression);

impl Condition {
    /// Compiles a condition of the condition language.
    ///
    /// # Errors
    /// As [`Condition::compile_with`].
    pub fn compile(source: &str) -> Result<Self, Vec<Diagnostic>> {
        Self::compile_with(source, Profile::Tidings)
    }

    /// Compiles a condition: an expression whose value is a bool, as far as that is known before an event is there.
    ///
    /// # Errors
    /// All problems that one run finds, in the order of the source, warnings among them; at least one is an error.
    pub fn compile_with(source: &str, profile: Profile) -> Result<Self, Vec<Diagnostic>> {
        let mut expression = Expression::compile(source, profile)?;
        if profile == Profile::Tidings {
            if !matches!(expression.kind, Kind::Bool | Kind::Any) {
                let span = Span::new(0, source.len());
                let label = format!("a condition is true or false, this is {}", expression.kind.as_str());
                let problem = Diagnostic::error(Code::Type, span, label).help("compare it with something: `x > 5`");
                expression.warnings.insert(0, problem);
                return Err(expression.warnings);
            }
            expression.warnings.extend(lint::warnings(&expression.root));
            expression.warnings.sort_by_key(|warning| warning.span.start);
        }
        Ok(Self(expression))
    }

    /// What the condition makes of an event: `Fire`, `No`, `Missing` or `Error`. Allocates nothing unless it makes new values.
    #[must_use]
    pub fn verdict(&self, event: &Event) -> Verdict {
        self.judge(&self.0.frame(event))
    }

    /// Why the verdict is `Missing` or `Error`: what, and where in the source. `None` for the other verdicts.
    #[must_use]
    pub fn reason(&self, event: &Event) -> Option<String> {
        let stop = truth(&self.0.root, Scope::new(&self.0.frame(event))).err()?;
        Some(stop.describe(self.source()))
    }

    /// The condition with the values that it read: `error_rate > 0.05 (error_rate = 0.2)`, at most about 1,500 characters.
    #[must_use]
    pub fn summary(&self, event: &Event) -> String {
        explain::summary(&self.0, &self.0.frame(event))
    }

    /// Each part with its value for an event, the whole first, each before its own parts. The bodies of macros are left out.
    #[must_use]
    pub fn explain(&self, event: &Event) -> Vec<Step> {
        self.0.explain(event)
    }

    /// The value of the condition as an expression.
    #[must_use]
    pub fn value(&self, event: &Event) -> Answer {
        self.0.value(event)
    }

    /// What is allowed but probably not meant.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        self.0.warnings()
    }

    /// The source as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        self.0.source()
    }

    /// The source in its one normal form, see [`Expression::normal_form`].
    #[must_use]
    pub fn normal_form(&self) -> String {
        self.0.normal_form()
    }

    /// The paths that it reads, see [`Expression::paths`].
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.paths()
    }

    pub(crate) const fn expression(&self) -> &Expression {
        &self.0
    }

    /// The verdict over a frame that was made for this condition's paths.
    pub(crate) fn judge<'a>(&'a self, frame: &Frame<'a>) -> Verdict {
        match truth(&self.0.root, Scope::new(frame)) {
            Ok(true) => Verdict::Fire,
            Ok(false) => Verdict::No,
            Err(Stop { reason, .. }) if reason.is_missing() && self.0.profile == Profile::Tidings => Verdict::Missing,
            Err(_) => Verdict::Error,
        }
    }
}

#[cfg(test)]
mod limits;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
