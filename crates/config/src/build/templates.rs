//! Templates: compiled and tried on a sample at load, with their errors told at the line of the file.

use tidings_template::{RULE_NAMES, Template, TemplateError, WEBHOOK_NAMES};

use crate::{
    inside,
    problem::{Findings, Spot},
    read::{At, Given},
};

/// A rule's template.
pub(crate) fn of_rule(given: &Given<String>, findings: &mut Findings<'_>) -> Option<Template> {
    build(given, RULE_NAMES, findings)
}

/// A webhook's template.
pub(crate) fn of_webhook(given: &Given<String>, findings: &mut Findings<'_>) -> Option<Template> {
    build(given, WEBHOOK_NAMES, findings)
}

/// A template that may name these.
pub(crate) fn of_names(given: &Given<String>, names: &[&str], findings: &mut Findings<'_>) -> Option<Template> {
    build(given, names, findings)
}

fn build(given: &Given<String>, names: &[&str], findings: &mut Findings<'_>) -> Option<Template> {
    let at = given.as_ref()?;
    let source = at.value.as_ref()?;
    let tried = Template::compile(source).and_then(|template| template.check_sample(names).map(|()| template));
    match tried {
        Ok(template) => Some(template),
        Err(error) => {
            let spot = place(at, source, &error, findings);
            findings.error(&spot, format!("the template is refused: {error}"));
            None
        }
    }
}

/// The line of the file. Once variables were put in, lines may have moved: then the place of the value.
fn place(at: &At<String>, source: &str, error: &TemplateError, findings: &Findings<'_>) -> Spot {
    match error.line() {
        Some(line) if at.literal && line > 1 => inside::line_spot(findings, &at.spot, source, line),
        _ => at.spot.clone(),
    }
}
