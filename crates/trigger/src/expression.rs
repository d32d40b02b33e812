//! A compiled expression of any type: its value for an event. What makes it a condition is left to `condition`.

use serde_json::Value as Json;
use tidings_core::Event;

use crate::{
    Profile,
    diagnostic::Diagnostic,
    evaluate::{Outcome, Scope, evaluate},
    explain::{self, Step},
    fault::Stop,
    kind::Kind,
    lint,
    lower::lower,
    node::Node,
    parser::parse,
    path::{Frame, Path},
    value::Value,
};

/// An expression, ready to be evaluated any number of times, from any thread.
#[derive(Clone, Debug)]
pub struct Expression {
    pub(crate) source: Box<str>,
    pub(crate) root: Node,
    pub(crate) paths: Box<[Path]>,
    pub(crate) kind: Kind,
    pub(crate) profile: Profile,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// What an expression gave for an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Its value. Durations and timestamps are text, as `string()` writes them; so are NaN and infinities.
    Value(Json),
    /// Something that it reads is not there: what, and where in the source.
    Missing(String),
    /// Something that it reads cannot be used: what, and where in the source.
    Error(String),
}

impl Expression {
    /// Compiles a source of at most 4 KiB, 512 nodes and 64 levels of nesting.
    ///
    /// # Errors
    /// All problems that one run finds, in the order of the source, warnings among them; at least one is an error.
    pub fn compile(source: &str, profile: Profile) -> Result<Self, Vec<Diagnostic>> {
        let parsed = parse(source, profile);
        let mut problems = parsed.problems;
        let lowered = lower(&parsed.tree, profile);
        // Without a whole tree the checker only adds what it is sure of: broken parts have no type.
        problems.extend(lowered.problems);
        // CEL's profile refuses nothing for its cost: there every item that a macro goes over is charged for instead.
        if profile == Profile::Tidings && !problems.iter().any(Diagnostic::is_error) {
            problems.extend(lint::cost_problem(&lowered.root));
        }
        problems.sort_by_key(|problem| (problem.span.start, !problem.is_error()));
        if problems.iter().any(Diagnostic::is_error) {
            return Err(problems);
        }
        Ok(Self {
            source: source.into(),
            root: lowered.root,
            paths: lowered.paths.into(),
            kind: lowered.kind,
            profile,
            warnings: problems,
        })
    }

    /// The source as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The source in its one normal form: symbols for words, no blanks that mean nothing, no needless parentheses. Two sources
    /// with the same normal form mean the same.
    #[must_use]
    pub fn normal_form(&self) -> String {
        parse(&self.source, self.profile).tree.to_string()
    }

    /// What is allowed but probably not meant.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The paths that it reads, in their shortest form: `error_rate`, `metadata.host`, `agent_id`.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(|path| &*path.text)
    }

    /// Its value for an event.
    #[must_use]
    pub fn value(&self, event: &Event) -> Answer {
        self.answer(evaluate(&self.root, Scope::new(&self.frame(event))))
    }

    /// Each part with its value for an event, the whole first, each before its own parts. The bodies of macros are left out.
    #[must_use]
    pub fn explain(&self, event: &Event) -> Vec<Step> {
        explain::steps(self, &self.frame(event))
    }

    pub(crate) fn frame<'a>(&'a self, event: &'a Event) -> Frame<'a> {
        Frame::new(event, &self.paths, self.profile == Profile::Cel)
    }

    pub(crate) fn answer(&self, outcome: Outcome<'_>) -> Answer {
        match outcome {
            Ok(value) => Answer::Value(explain::to_json(&value)),
            Err(stop) => self.stopped(stop),
        }
    }

    pub(crate) fn stopped(&self, stop: Stop) -> Answer {
        let reason = stop.describe(&self.source);
        if stop.reason.is_missing() && self.profile == Profile::Tidings {
            Answer::Missing(reason)
        } else {
            Answer::Error(reason)
        }
    }

    pub(crate) fn outcome<'a>(&'a self, frame: &Frame<'a>) -> Result<Value<'a>, Stop> {
        evaluate(&self.root, Scope::new(frame))
    }
}
