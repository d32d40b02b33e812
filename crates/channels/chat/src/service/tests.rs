//! That whatever a message says, it stays within each service's limits, and rings at nobody.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;
use tidings_core::{KeepAll, Notification, NotificationKind, Payload, Priority, Scrub};
use tidings_redact::Redactor;
use tidings_testkit::samples;

use super::*;
use crate::form::Form;

fn targets() -> [Target; 11] {
    let url = || "https://chat.example/hook".into();
    [
        Target::Slack { url: url() },
        Target::Discord { url: url() },
        Target::Teams { url: url() },
        Target::Mattermost { url: url() },
        Target::GoogleChat { url: url() },
        Target::Telegram { token: "1:x".into(), chat_id: Some("1".to_owned()) },
        Target::PagerDuty { routing_key: "x".into() },
        Target::Opsgenie { api_key: "x".into() },
        Target::Ntfy { url: url(), topic: Some("t".to_owned()), token: None },
        Target::Gotify { url: url(), token: "x".into() },
        Target::Pushover { token: "x".into(), user_key: Some("x".into()) },
    ]
}

fn rendered(target: &Target, notification: &Notification) -> Value {
    scrubbed(target, notification, &KeepAll)
}

fn scrubbed(target: &Target, notification: &Notification, scrub: &dyn Scrub) -> Value {
    let envelope = samples::envelope("x", Payload::Notification(Arc::new(notification.clone())));
    let subject = Subject::of(&envelope, None, scrub).unwrap();
    // A form holds what its JSON would.
    let order = Order { form: Form::Json, ..order(target, &subject, "receiver") };
    serde_json::from_slice(&order.body(scrub).unwrap()).unwrap()
}

/// The path of a text, how much of it is taken, and in which unit.
type Limit = (&'static str, usize, fn(&str) -> usize);

/// What each service takes at most: characters, or UTF-16 units, or bytes.
fn limits(name: &str) -> &'static [Limit] {
    const CHARS: fn(&str) -> usize = |text| text.chars().count();
    const UNITS: fn(&str) -> usize = |text| text.encode_utf16().count();
    match name {
        "slack" => &[("/text", 4000, CHARS), ("/blocks/0/text/text", 150, CHARS), ("/blocks/1/text/text", 3000, CHARS)],
        "discord" => &[("/content", 2000, UNITS)],
        "mattermost" => &[("/text", mattermost::TEXT, CHARS)],
        "google_chat" => &[("/text", 4096, UNITS)],
        "telegram" => &[("/text", telegram::TEXT, UNITS)],
        "pagerduty" => &[
            ("/dedup_key", pagerduty::KEY, CHARS),
            ("/payload/summary", pagerduty::SUMMARY, CHARS),
            ("/payload/custom_details/text", pagerduty::DETAIL, CHARS),
        ],
        "opsgenie" => &[
            ("/message", opsgenie::MESSAGE, CHARS),
            ("/alias", opsgenie::ALIAS, CHARS),
            ("/description", opsgenie::DESCRIPTION, CHARS),
            ("/source", opsgenie::SOURCE, CHARS),
            ("/details/agent", opsgenie::DETAIL, CHARS),
            ("/note", opsgenie::DESCRIPTION, CHARS),
        ],
        "ntfy" => &[("/title", ntfy::TITLE, CHARS), ("/message", ntfy::MESSAGE, str::len)],
        "gotify" => &[("/title", gotify::TITLE, CHARS), ("/message", gotify::MESSAGE, CHARS)],
        "pushover" => &[("/title", pushover::TITLE, CHARS), ("/message", pushover::MESSAGE, CHARS)],
        _ => &[],
    }
}

fn stays_within_limits(notification: &Notification, scrub: &dyn Scrub) {
    for target in targets() {
        let body = scrubbed(&target, notification, scrub);
        for (path, limit, count) in limits(target.name()) {
            let Some(text) = body.pointer(path).and_then(Value::as_str) else { continue };
            assert!(count(text) <= *limit, "{} {path}: {}", target.name(), count(text));
            assert!(path.contains("description") || !text.is_empty(), "{} {path} is empty", target.name());
        }
        assert!(body.to_string().len() <= 120_000, "{}", target.name());
    }
}

#[test]
fn hostile_titles_ring_at_nobody() {
    for title in samples::hostile_titles() {
        let notification =
            Notification { body: title.clone(), agent_id: Some(title.clone()), ..samples::notification(&title) };
        stays_within_limits(&notification, &KeepAll);
        for target in targets() {
            let body = rendered(&target, &notification).to_string();
            for call in ["@everyone", "@here", "<!channel>", "<!here>", "\u{202e}", "\\u0000", "\\r"] {
                assert!(!body.contains(call), "{} {call}", target.name());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn whatever_is_said_stays_within_the_limits(
        unit in "[a-z<&*@\"\\\\ é😀\n]{1,6}|\\PC{1,4}", times in (0_usize..3000, 0_usize..20_000, 0_usize..2000), resolved: bool,
    ) {
        let notification = Notification {
            body: unit.repeat(times.1),
            agent_id: Some(unit.repeat(times.2)),
            kind: if resolved { NotificationKind::Resolved } else { NotificationKind::Firing },
            incident: None,
            dedup_key: unit.repeat(times.2),
            ..samples::notification(&unit.repeat(times.0))
        };
        stays_within_limits(&notification, &KeepAll);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    /// A placeholder may be longer than what it stands for.
    #[test]
    fn whatever_is_redacted_stays_json_within_the_limits(
        unit in "[a-z\"\\\\{}:, \n]{0,8}(password=x|token: \"y\"|\\{\"secret\": 1\\}|a@b\\.example) ?", times in (0_usize..400, 0_usize..900),
    ) {
        let body = unit.repeat(times.1);
        let notification = Notification { body, ..samples::notification(&unit.repeat(times.0)) };
        stays_within_limits(&notification, &Redactor::default());
    }
}

#[test]
fn what_is_over_is_never_louder_than_what_is_usual() {
    let check = |target: &Target, path: &str, critical: i64, resolved: i64| {
        let rank = |kind| {
            let told = Notification { kind, priority: Priority::Critical, ..samples::notification("t") };
            rendered(target, &told).pointer(path).and_then(Value::as_i64)
        };
        assert_eq!(rank(NotificationKind::Firing), Some(critical));
        assert_eq!(rank(NotificationKind::Resolved), Some(resolved));
    };
    let [.., ntfy, gotify, pushover] = targets();
    check(&ntfy, "/priority", 5, 3);
    check(&gotify, "/priority", 10, 5);
    check(&pushover, "/priority", 1, -1);
}
