//! Silences: for a while nobody is told what somebody knows already. They are kept elsewhere; here is what one matches, and that it ends.

use serde::{Deserialize, Serialize};
use tidings_core::{EventPattern, Notification, Timestamp};

/// What a silence matches: all that is set must fit; of a matcher with nothing set everything does, so that none is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matcher {
    /// The agent; `*` within stands for any text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The rule's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The type of the event, or a glob of it: `tool.*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// Who would be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// For a while nobody is told what it matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// Its name, by which it is ended.
    pub id: String,
    /// What it matches.
    pub matcher: Matcher,
    /// When it begins.
    pub from: Timestamp,
    /// When it ends: at this moment it is over.
    pub until: Timestamp,
    /// Who silences.
    pub author: String,
    /// Why.
    pub reason: String,
}

impl Matcher {
    /// Whether nothing is set: it would silence everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether this notification is meant.
    #[must_use]
    pub fn matches(&self, told: &Notification) -> bool {
        let event_type = told.metadata.get("event_type").and_then(|value| value.as_str());
        !self.is_empty()
            && fits(&self.agent, told.agent_id.as_deref(), glob)
            && fits(&self.rule, told.rule.as_deref(), |wanted, rule| wanted == rule)
            && fits(&self.event_type, event_type, is_type)
            && fits(&self.user, Some(&told.user_id), |wanted, user| wanted == user)
    }
}

impl Silence {
    /// Whether this notification is not to be told at this moment.
    #[must_use]
    pub fn covers(&self, told: &Notification, now: Timestamp) -> bool {
        self.from <= now && now < self.until && self.matcher.matches(told)
    }
}

/// Of several silences the one that lasts longest.
#[must_use]
pub fn silenced<'a>(silences: &'a [Silence], told: &Notification, now: Timestamp) -> Option<&'a Silence> {
    silences.iter().filter(|silence| silence.covers(told, now)).max_by_key(|silence| silence.until)
}

fn fits(wanted: &Option<String>, found: Option<&str>, fit: impl Fn(&str, &str) -> bool) -> bool {
    wanted.as_deref().is_none_or(|wanted| found.is_some_and(|found| fit(wanted, found)))
}

fn is_type(wanted: &str, event_type: &str) -> bool {
    wanted.parse::<EventPattern>().is_ok_and(|pattern| pattern.matches(event_type))
}

/// Whether the text fits the pattern, in which `*` stands for any text. In linear time but for the last piece's search.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    let mut rest = rest;
    for piece in middle {
        let Some(place) = rest.find(piece) else { return false };
        rest = &rest[place + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(agent: Option<&str>) -> Notification {
        let event = tidings_core::EventId::named("silence", "a");
        Notification {
            notification_id: tidings_core::NotificationId::derived(event, "slow", "ann"),
            agent_id: agent.map(str::to_owned),
            title: String::new(),
            body: String::new(),
            priority: tidings_core::Priority::High,
            channels: vec![],
            user_id: "ann".to_owned(),
            metadata: json!({"event_type": "tool.slow"}).as_object().cloned().unwrap_or_default(),
            created_at: Timestamp::EPOCH,
            dedup_key: String::new(),
            rule: Some("slow".to_owned()),
            event: None,
            kind: tidings_core::NotificationKind::Firing,
            incident: None,
        }
    }

    fn check(matcher: serde_json::Value, expected: bool) {
        let matcher: Matcher = serde_json::from_value(matcher).unwrap();
        assert_eq!(matcher.matches(&told(Some("billing-eu"))), expected, "{matcher:?}");
    }

    #[test]
    fn all_that_is_set_must_fit() {
        check(json!({}), false);
        check(json!({"agent": "billing-eu"}), true);
        check(json!({"agent": "billing-*"}), true);
        check(json!({"agent": "*-eu"}), true);
        check(json!({"agent": "*"}), true);
        check(json!({"agent": "b*l*g-*u"}), true);
        check(json!({"agent": "billing"}), false);
        check(json!({"agent": "*eu*eu"}), false);
        check(json!({"rule": "slow"}), true);
        check(json!({"rule": "sl*"}), false);
        check(json!({"event_type": "tool.*"}), true);
        check(json!({"event_type": "tool.error"}), false);
        check(json!({"event_type": "no pattern at all"}), false);
        check(json!({"user": "ann", "rule": "slow"}), true);
        check(json!({"user": "bob", "rule": "slow"}), false);
        assert!(!Matcher { agent: Some("*".to_owned()), ..Matcher::default() }.matches(&told(None)));
    }

    #[test]
    fn it_begins_and_ends() {
        let at = Timestamp::from_secs;
        let silence = |from, until| Silence {
            id: format!("{from}"),
            matcher: Matcher { user: Some("ann".to_owned()), ..Matcher::default() },
            from: at(from),
            until: at(until),
            author: "ops".to_owned(),
            reason: "known".to_owned(),
        };
        let silences = [silence(10, 20), silence(15, 30)];
        let until = |now| silenced(&silences, &told(None), at(now)).map(|silence| silence.until);
        for (now, expected) in [(9, None), (10, Some(20)), (15, Some(30)), (20, Some(30)), (30, None)] {
            assert_eq!(until(now), expected.map(at), "{now}");
        }
    }
}
