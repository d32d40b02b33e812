//! Conditions: expressions that are true or false, or say why they are neither.

use serde::Serialize;
use tidings_core::Event;

use crate::{
    Profile,
    diagnostic::{Code, Diagnostic, Span},
    evaluate::{Scope, truth},
    explain::{self, Step},
    expression::{Answer, Ending, Expression},
    fault::Stop,
    frame::ConditionFrame,
    kind::Kind,
    lint,
    node::Node,
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

/// A compiled condition, with what stands behind it: `for 2m`, `resolve when ...`.
#[derive(Clone, Debug)]
pub struct Condition {
    expression: Expression,
    ending: Option<Ending>,
}

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
        let (mut expression, ending) = Expression::compile_rule(source, profile)?;
        if profile == Profile::Tidings {
            if !matches!(expression.kind, Kind::Bool | Kind::Any) {
                let span = Span::new(0, source.len());
                let label = format!("a condition is true or false, this is {}", expression.kind.as_str());
                let problem = Diagnostic::error(Code::Type, span, label).help("compare it with something: `x > 5`");
                expression.warnings.insert(0, problem);
                return Err(expression.warnings);
            }
            expression.warnings.extend(lint::warnings(&expression.root));
            let resolve = ending.as_ref().and_then(|ending| ending.resolve.as_ref());
            expression.warnings.extend(resolve.into_iter().flat_map(lint::warnings));
            expression.warnings.extend(resolve.and_then(|resolve| lint::overlap(&expression.root, resolve)));
            expression.warnings.sort_by_key(|warning| warning.span.start);
        }
        Ok(Self { expression, ending })
    }

    /// What the condition makes of an event that is all that was ever seen of its agent: `Fire`, `No`, `Missing`, `Error`, or
    /// `Pending` where it must hold for longer. Allocates nothing unless it makes new values or looks back.
    #[must_use]
    pub fn verdict(&self, event: &Event) -> Verdict {
        self.at_first(self.expression.alone(event, judge))
    }

    /// What a verdict over all that was ever seen means for the rule: nothing has held for any time yet.
    pub(crate) fn at_first(&self, verdict: Verdict) -> Verdict {
        if verdict == Verdict::Fire && self.hold() > 0 { Verdict::Pending } else { verdict }
    }

    /// Why the verdict is `Missing` or `Error`: what, and where in the source. `None` for the other verdicts.
    #[must_use]
    pub fn reason(&self, event: &Event) -> Option<String> {
        let stop = self.expression.alone(event, |this, frame| truth(&this.root, Scope::new(frame)).err())?;
        Some(stop.describe(self.source()))
    }

    /// The condition with the values that it read: `error_rate > 0.05 (error_rate = 0.2)`, at most about 1,500 characters.
    #[must_use]
    pub fn summary(&self, event: &Event) -> String {
        self.frame(event).summary()
    }

    /// Each part with its value for an event, the whole first, each before its own parts. The bodies of macros are left out.
    #[must_use]
    pub fn explain(&self, event: &Event) -> Vec<Step> {
        self.frame(event).explain()
    }

    /// The condition beside an event, with what it reads looked up: for whoever asks more than one thing of the two, or the same
    /// thing again. For one verdict [`Condition::verdict`] is quicker: it looks up only what decides.
    #[must_use]
    pub fn frame<'a>(&'a self, event: &'a Event) -> ConditionFrame<'a> {
        ConditionFrame::new(self, event)
    }

    /// As [`Condition::explain`], of what stands behind `resolve when`; nothing where nothing does.
    #[must_use]
    pub fn explain_resolve(&self, event: &Event) -> Vec<Step> {
        let Some(resolve) = self.resolve() else { return Vec::new() };
        self.expression.alone(event, |this, frame| explain::steps(this, resolve, frame))
    }

    /// The value of the condition as an expression.
    #[must_use]
    pub fn value(&self, event: &Event) -> Answer {
        self.expression.value(event)
    }

    /// What is allowed but probably not meant.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        self.expression.warnings()
    }

    /// The source as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        self.expression.source()
    }

    /// The source in its one normal form, see [`Expression::normal_form`].
    #[must_use]
    pub fn normal_form(&self) -> String {
        self.expression.normal_form()
    }

    /// The paths that it reads, see [`Expression::paths`].
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.expression.paths()
    }

    pub(crate) const fn expression(&self) -> &Expression {
        &self.expression
    }

    /// How long it must hold, in nanoseconds.
    pub(crate) fn hold(&self) -> i64 {
        self.ending.as_ref().map_or(0, |ending| ending.hold)
    }

    /// What ends its firing.
    pub(crate) fn resolve(&self) -> Option<&Node> {
        self.ending.as_ref()?.resolve.as_ref()
    }

    /// How long what ends its firing must hold, in nanoseconds.
    pub(crate) fn resolve_hold(&self) -> i64 {
        self.ending.as_ref().map_or(0, |ending| ending.resolve_hold)
    }

    /// The verdict over a frame that was made for this condition's paths.
    pub(crate) fn judge<'a>(&'a self, frame: &Frame<'a>) -> Verdict {
        judge(&self.expression, frame)
    }

    /// Whether what ends its firing holds.
    pub(crate) fn judge_resolve<'a>(&'a self, frame: &Frame<'a>) -> Option<Verdict> {
        Some(verdict_of(truth(self.resolve()?, Scope::new(frame)), self.expression.profile))
    }
}

fn judge<'a>(expression: &'a Expression, frame: &Frame<'a>) -> Verdict {
    verdict_of(truth(&expression.root, Scope::new(frame)), expression.profile)
}

fn verdict_of(truth: Result<bool, Stop>, profile: Profile) -> Verdict {
    match truth {
        Ok(true) => Verdict::Fire,
        Ok(false) => Verdict::No,
        Err(Stop { reason, .. }) if reason.is_missing() && profile == Profile::Tidings => Verdict::Missing,
        Err(_) => Verdict::Error,
    }
}

#[cfg(test)]
mod limits;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
