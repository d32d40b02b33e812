//! What is told where nobody wrote a rule: warnings and worse, to the user `me`, by the log.

use std::time::Duration;

use tidings::{Builder, Recipients, Rule};

/// The user who is told.
pub(crate) const ME: &str = "me";

/// The rule's name.
pub(crate) const NAME: &str = "warnings and worse";

/// Adds the rule. Dedup alone keeps it from repeating itself, so that each kind of event is told at once.
pub(crate) fn add(builder: Builder) -> anyhow::Result<Builder> {
    let rule = Rule::new(NAME, r#"severity >= "warning""#)?
        .cooldown(Duration::ZERO)
        .recipients(Recipients::users([ME]))
        .title("{{ severity }}: {{ event_type }}{% if agent_id %} from {{ agent_id }}{% endif %}")?
        .body("{{ data | tojson }}")?
        .dedup_key("{{ event_type }} {{ agent_id or '' }}")?;
    Ok(builder.rule(rule))
}
