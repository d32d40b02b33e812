//! A compiled template. Its limits stand in `engine` and `growth`, the sample it is tried on in `sample`.

use std::fmt;

use minijinja::{Environment, Error, Value, value::Serde};
use serde::Serialize;

use crate::{
    TemplateError, Values,
    engine::{self, Bounded},
    growth, sample, scan,
};

/// The longest source, in bytes.
pub const SOURCE_LIMIT: usize = 64 * 1024;
/// The longest output, in bytes.
pub const OUTPUT_LIMIT: usize = 256 * 1024;

/// The one name under which the environment holds the template.
const NAME: &str = "template";

/// A template, compiled and found harmless. Cheap to clone.
#[derive(Clone)]
pub struct Template {
    environment: Environment<'static>,
    source: String,
}

impl Template {
    /// Compiles a source of at most [`SOURCE_LIMIT`] bytes.
    ///
    /// # Errors
    /// Names the line and what is wrong: a fault in the language, a statement or filter that is not available, or variables that
    /// may grow without bound. Names are not checked, see [`Template::check_sample`].
    pub fn compile(source: &str) -> Result<Self, TemplateError> {
        if source.len() > SOURCE_LIMIT {
            return Err(TemplateError::SourceTooLong { bytes: source.len() });
        }
        let tags = scan::tags(source);
        // Before the library, which would tell of a statement that it lacks only that it is unknown.
        growth::check_statements(&tags)?;
        let mut environment = engine::environment();
        environment.add_template_owned(NAME, source.to_owned()).map_err(|error| TemplateError::from_library(&error))?;
        growth::check(&tags)?;
        Ok(Self { environment, source: source.to_owned() })
    }

    /// The source as it was compiled.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text for these values: an object whose keys are the names that the template sees, such as [`context_of`] gives.
    ///
    /// [`context_of`]: crate::context_of
    ///
    /// # Errors
    /// When the values lack a name or are of the wrong kind, when the output passes [`OUTPUT_LIMIT`], when the work passes its
    /// limit. Nothing is lost by it: the caller shows a default text and reports the error.
    pub fn render(&self, values: &impl Serialize) -> Result<String, TemplateError> {
        self.render_value(Value::from(Serde(values))).map_err(|(_, error)| error)
    }

    /// [`Template::render`] for the values of an event, which several templates share.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn render_with(&self, values: &Values) -> Result<String, TemplateError> {
        self.render_value(values.seen()).map_err(|(_, error)| error)
    }

    /// Tries the template without an event: every name must be one of `names` (see [`RULE_NAMES`] and [`WEBHOOK_NAMES`]), and it
    /// must render on a sample that answers every path under `data` and `metadata`.
    ///
    /// [`RULE_NAMES`]: crate::RULE_NAMES
    /// [`WEBHOOK_NAMES`]: crate::WEBHOOK_NAMES
    ///
    /// # Errors
    /// Names the line and the unknown name, or what does not render.
    pub fn check_sample(&self, names: &[&str]) -> Result<(), TemplateError> {
        sample::check(self, names)
    }

    /// Renders, and on an error gives where in the source it came up.
    pub(crate) fn render_value(&self, values: Value) -> Result<String, (usize, TemplateError)> {
        let mut output = Bounded::default();
        let rendered =
            self.environment.get_template(NAME).and_then(|t| t.render_captured_to(values, &mut output).map(drop));
        match rendered {
            Ok(()) => Ok(String::from_utf8_lossy(&output.written).into_owned()),
            Err(_) if output.overflowed => Err((0, TemplateError::OutputTooLong)),
            Err(error) => Err((position(&error), TemplateError::from_library(&error))),
        }
    }

    /// The paths that it reads from outside, such as `data.error_rate`, in no order.
    pub(crate) fn paths(&self) -> Vec<String> {
        let template = self.environment.get_template(NAME);
        template.map(|template| template.undeclared_variables(true).into_iter().collect()).unwrap_or_default()
    }
}

fn position(error: &Error) -> usize {
    error.range().map_or(0, |range| range.start)
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template").field("source", &self.source).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
