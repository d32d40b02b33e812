//! From a firing to what each user is told: titles, bodies and keys from templates. Whether it is sent, and where, is decided
//! after this.
//!
//! A resolve is told to those, under the title and with the key, of the firing that it ends; its body says what holds now and how
//! long it was after the firing.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tidings_core::{Event, EventId, IncidentId, Notification, NotificationId, NotificationKind, RESOLVED, Timestamp};
use tidings_dedup::{default_key, explicit_key};
use tidings_template::{Template, Values};
use tidings_trigger::{Firing, FiringKind};

use crate::{
    rule::{Recipient, Recipients, Rule},
    user::Users,
};

/// The longest title in characters; what is longer ends in an ellipsis.
const TITLE_LIMIT: usize = 256;

/// A firing, and the id of what gave rise to it: its event's, or one of its own where time alone did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cause<'a> {
    pub(crate) id: EventId,
    pub(crate) firing: &'a Firing,
}

impl Cause<'_> {
    fn kind(self) -> NotificationKind {
        if self.firing.kind == FiringKind::Resolve { NotificationKind::Resolved } else { NotificationKind::Firing }
    }

    fn incident(self, rule: &Rule) -> IncidentId {
        let origin = &self.firing.origin;
        IncidentId::derived(&rule.name, origin.agent_id.as_deref(), self.firing.named_since, origin.identity(0))
    }
}

/// The notifications of one firing: one for each user that it is for.
pub(crate) fn compose(rule: &Rule, cause: Cause<'_>, users: &Users, now: Timestamp) -> Vec<Notification> {
    let event = &cause.firing.origin;
    let texts = [("rule", rule.name.to_string()), ("priority", rule.priority.as_str().to_owned())];
    let writer = Writer { rule, event, values: Values::of(event, texts) };
    let (title, body, key) = (writer.title(cause.kind()), writer.body(cause.firing), writer.dedup_key());
    let incident = cause.incident(rule);
    let metadata = metadata(rule, cause, incident);
    recipients(rule, event, users)
        .into_iter()
        .map(|user| Notification {
            notification_id: NotificationId::derived(cause.id, &rule.name, user),
            agent_id: event.agent_id.clone(),
            title: title.clone(),
            body: body.clone(),
            priority: rule.priority,
            channels: rule.channels.clone(),
            user_id: user.to_owned(),
            metadata: metadata.clone(),
            created_at: now,
            dedup_key: key.as_deref().map_or_else(|| writer.default_key(user), |key| explicit_key(key, user)),
            rule: Some(rule.name.to_string()),
            event: Some(cause.id),
            kind: cause.kind(),
            incident: Some(incident),
        })
        .collect()
}

fn recipients<'a>(rule: &'a Rule, event: &'a Event, users: &'a Users) -> Vec<&'a str> {
    let Recipients::Only(named) = &rule.recipients else { return users.ids().collect() };
    let mut told = Vec::with_capacity(named.len());
    for recipient in named {
        let id = match recipient {
            Recipient::User(id) => Some(id.as_str()),
            Recipient::OfEvent => event.user_id.as_deref(),
        };
        told.extend(id.filter(|id| !told.contains(id)));
    }
    told
}

fn metadata(rule: &Rule, cause: Cause<'_>, incident: IncidentId) -> Map<String, Value> {
    let Value::Object(mut map) = json!({
        "rule": &*rule.name,
        "event_id": cause.id,
        "event_type": cause.firing.event.event_type,
        "severity": cause.firing.event.severity,
        "kind": cause.kind(),
        "incident": incident,
    }) else {
        return Map::new();
    };
    if rule.mandatory {
        map.insert("mandatory".to_owned(), true.into());
    }
    map
}

struct Writer<'a> {
    rule: &'a Rule,
    event: &'a Event,
    values: Values,
}

impl Writer<'_> {
    /// The rendered text; `None` where there is none or it fails, which is counted.
    fn render(&self, text: Option<&Template>) -> Option<String> {
        match text?.render_with(&self.values) {
            Ok(rendered) => Some(rendered),
            Err(error) => {
                metrics::counter!("tidings_template_failures_total", "rule" => self.rule.name.to_string()).increment(1);
                tracing::warn!(rule = %self.rule.name, "a template failed, the default text is used: {error}");
                None
            }
        }
    }

    fn title(&self, kind: NotificationKind) -> String {
        let title = self.render(self.rule.title.as_ref()).map(|title| one_line(&title)).unwrap_or_default();
        let title = if title.is_empty() { self.rule.name.to_string() } else { title };
        match kind {
            NotificationKind::Firing => title,
            NotificationKind::Resolved => one_line(&format!("{RESOLVED}{title}")),
        }
    }

    /// The rule's own body speaks of what is the matter; of its end the condition speaks.
    fn body(&self, firing: &Firing) -> String {
        match firing.kind {
            FiringKind::Resolve => {
                format!("{}\nOver {} after it was told.", firing.summary, spelled(firing.at.since(firing.since)))
            }
            _ => self.render(self.rule.body.as_ref()).unwrap_or_else(|| firing.summary.clone()),
        }
    }

    fn dedup_key(&self) -> Option<String> {
        self.render(self.rule.dedup_key.as_ref())
    }

    fn default_key(&self, user: &str) -> String {
        let written = self.rule.title.as_ref().map_or(&*self.rule.name, Template::source);
        default_key(self.event.agent_id.as_deref(), Some(&self.rule.name), written, user)
    }
}

/// The text on one line: blanks for control characters, none at the ends, cut to a length that a screen can show.
pub(crate) fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = clean.trim();
    if clean.chars().count() <= TITLE_LIMIT {
        return clean.to_owned();
    }
    clean.chars().take(TITLE_LIMIT - 1).chain(['…']).collect()
}

/// A span to the nearest second, as conditions spell it: `1h30m`.
fn spelled(span: Duration) -> String {
    let seconds = span.saturating_add(Duration::from_millis(500)).as_secs();
    let parts = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let text: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if text.is_empty() { "less than a second".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_spelled_as_in_conditions() {
        let check = |millis, expected: &str| assert_eq!(spelled(Duration::from_millis(millis)), expected);
        check(0, "less than a second");
        check(499, "less than a second");
        check(999, "1s");
        check(5_400_000, "1h30m");
        check(90_061_500, "1d1h1m2s");
        check(86_400_000, "1d");
    }
}
