//! Problems of a condition with a caret under the place.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use tidings::trigger::{Diagnostic, Level as Severity};

/// One problem, drawn under its source.
pub(crate) fn draw(source: &str, problem: &Diagnostic) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let snippet = Snippet::source(source).annotation(AnnotationKind::Primary.span(problem.span.clone()));
    let report = level.primary_title(problem.label.as_str()).id(problem.code.as_str()).element(snippet);
    let report = match &problem.help {
        Some(help) => vec![report, annotate_snippets::Group::with_title(Level::HELP.secondary_title(help.as_str()))],
        None => vec![report],
    };
    Renderer::plain().render(&report)
}
