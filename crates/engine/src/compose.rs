//! From a firing to what each user is told: titles, bodies and keys from templates. Whether it is sent, and where, is decided
//! after this.

use serde_json::{Map, Value, json};
use tidings_core::{Event, EventId, Notification, NotificationId, Timestamp};
use tidings_dedup::{default_key, explicit_key};
use tidings_template::{Template, context_of};

use crate::{
    rule::{Recipient, Recipients, Rule},
    user::Users,
};

/// The longest title in characters; what is longer ends in an ellipsis.
const TITLE_LIMIT: usize = 256;

/// The event that made a rule fire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cause<'a> {
    pub(crate) id: EventId,
    pub(crate) event: &'a Event,
}

/// The notifications of one firing: one for each user that it is for.
pub(crate) fn compose(rule: &Rule, cause: Cause<'_>, users: &Users, now: Timestamp) -> Vec<Notification> {
    let writer = Writer { rule, event: cause.event };
    let (title, body, key) = (writer.title(), writer.body(), writer.dedup_key());
    let recipients = recipients(rule, cause.event, users);
    recipients
        .into_iter()
        .map(|user| Notification {
            notification_id: NotificationId::derived(cause.id, &rule.name, user),
            agent_id: cause.event.agent_id.clone(),
            title: title.clone(),
            body: body.clone(),
            priority: rule.priority,
            channels: rule.channels.clone(),
            user_id: user.to_owned(),
            metadata: metadata(rule, cause),
            created_at: now,
            dedup_key: key.as_deref().map_or_else(|| writer.default_key(user), |key| explicit_key(key, user)),
            rule: Some(rule.name.to_string()),
            event: Some(cause.id),
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

fn metadata(rule: &Rule, cause: Cause<'_>) -> Map<String, Value> {
    let Value::Object(map) = json!({
        "rule": &*rule.name,
        "event_id": cause.id,
        "event_type": cause.event.event_type,
        "severity": cause.event.severity,
    }) else {
        return Map::new();
    };
    map
}

struct Writer<'a> {
    rule: &'a Rule,
    event: &'a Event,
}

impl Writer<'_> {
    /// The rendered text; `None` where there is none or it fails, which is counted.
    fn render(&self, text: Option<&Template>) -> Option<String> {
        let context =
            context_of(self.event).with("rule", &*self.rule.name).with("priority", self.rule.priority.as_str());
        match text?.render(&context) {
            Ok(rendered) => Some(rendered),
            Err(error) => {
                metrics::counter!("tidings_template_failures_total", "rule" => self.rule.name.to_string()).increment(1);
                tracing::warn!(rule = %self.rule.name, "a template failed, the default text is used: {error}");
                None
            }
        }
    }

    fn title(&self) -> String {
        let title = self.render(self.rule.title.as_ref()).map(|title| one_line(&title)).unwrap_or_default();
        if title.is_empty() { self.rule.name.to_string() } else { title }
    }

    fn body(&self) -> String {
        self.render(self.rule.body.as_ref()).unwrap_or_else(|| self.rule.spec.condition.summary(self.event))
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
