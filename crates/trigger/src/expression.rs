//! A compiled expression of any type: its value for an event. What makes it a condition is left to `condition`.

use serde_json::Value as Json;
use tidings_core::Event;

use crate::{
    Profile,
    diagnostic::{Code, Diagnostic, Span},
    evaluate::{Outcome, Scope, evaluate},
    explain::{self, Step},
    fault::Stop,
    kind::Kind,
    lint,
    lower::lower,
    node::Node,
    parser::parse,
    past::Beginning,
    path::{Frame, Path},
    syntax::Suffix,
    value::Value,
    window::{AbsenceSpec, SeriesSpec},
};

/// An expression, ready to be evaluated any number of times, from any thread.
#[derive(Clone, Debug)]
pub struct Expression {
    pub(crate) source: Box<str>,
    pub(crate) root: Node,
    pub(crate) paths: Vec<Path>,
    /// What it keeps of an agent's history.
    pub(crate) series: Box<[SeriesSpec]>,
    /// What it awaits.
    pub(crate) absences: Box<[AbsenceSpec]>,
    pub(crate) kind: Kind,
    pub(crate) profile: Profile,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// What stands behind the condition of a rule: how long it must hold, and what ends its firing.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// In nanoseconds.
    pub(crate) hold: i64,
    pub(crate) resolve: Option<Node>,
    /// How long what ends it must hold, in nanoseconds.
    pub(crate) resolve_hold: i64,
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
        let (expression, suffix) = Self::compile_rule(source, profile)?;
        if suffix.is_some() {
            let span = Span::new(0, source.len());
            let problem = Diagnostic::error(Code::Syntax, span, "`for` and `resolve when` belong to rules");
            return Err(vec![problem.help("leave them out: this is a value, not a rule")]);
        }
        Ok(expression)
    }

    /// Compiles a source with what may stand behind the condition of a rule.
    pub(crate) fn compile_rule(source: &str, profile: Profile) -> Result<(Self, Option<Ending>), Vec<Diagnostic>> {
        let parsed = parse(source, profile);
        let mut problems = parsed.problems;
        let resolve = parsed.suffix.resolve.as_deref();
        let lowered = lower(&parsed.tree, resolve.map(|resolve| &resolve.when), profile);
        // Without a whole tree the checker only adds what it is sure of: broken parts have no type.
        problems.extend(lowered.problems);
        // CEL's profile refuses nothing for its cost: there every item that a macro goes over is charged for instead.
        if lowered.loops && profile == Profile::Tidings && !problems.iter().any(Diagnostic::is_error) {
            let sampled = lowered.series.iter().filter_map(|series| series.input.node());
            let roots = std::iter::once(&lowered.root).chain(&lowered.resolve).chain(sampled);
            problems.extend(roots.filter_map(lint::cost_problem));
        }
        problems.sort_by_key(|problem| (problem.span.start, !problem.is_error()));
        if problems.iter().any(Diagnostic::is_error) {
            return Err(problems);
        }
        let ending = (parsed.suffix != Suffix::default()).then(|| Ending {
            hold: parsed.suffix.hold.unwrap_or(0),
            resolve: lowered.resolve,
            resolve_hold: resolve.and_then(|resolve| resolve.hold).unwrap_or(0),
        });
        let expression = Self {
            source: source.into(),
            root: lowered.root,
            paths: lowered.paths,
            series: lowered.series.into(),
            absences: lowered.absences.into(),
            kind: lowered.kind,
            profile,
            warnings: problems,
        };
        Ok((expression, ending))
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
        let parsed = parse(&self.source, self.profile);
        format!("{}{}", parsed.tree, parsed.suffix)
    }

    /// What is allowed but probably not meant.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The paths that it reads, in their shortest form: `error_rate`, `metadata.host`, `agent_id`.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(Path::text)
    }

    /// Its value for an event.
    #[must_use]
    pub fn value(&self, event: &Event) -> Answer {
        self.alone(event, |this, frame| this.answer(evaluate(&this.root, Scope::new(frame))))
    }

    /// Each part with its value for an event, the whole first, each before its own parts. The bodies of macros are left out.
    #[must_use]
    pub fn explain(&self, event: &Event) -> Vec<Step> {
        self.alone(event, |this, frame| explain::steps(this, &this.root, frame))
    }

    /// Looks at an event that is all that was ever seen of its agent.
    pub(crate) fn alone<T>(&self, event: &Event, look: impl for<'f> FnOnce(&'f Self, &Frame<'f>) -> T) -> T {
        match Beginning::of(self, event) {
            None => look(self, &self.frame(event)),
            Some(beginning) => look(self, &Frame { past: Some(&beginning.past()), ..self.frame(event) }),
        }
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
