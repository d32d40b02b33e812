//! The example of the design and the seed's own example.

use std::time::Duration;

use tidings_config::{Audience, ChannelKind, ChatTarget, EmailTransport, Recipient, SinkKind};
use tidings_core::{Event, Priority, Severity};

use crate::loads;

const DESIGN: &str = include_str!("design.yaml");

#[test]
fn the_designs_example_loads() {
    let (plan, warnings) = loads(DESIGN);
    let rule = &plan.rules[0];
    assert_eq!((rule.name.as_str(), rule.priority, rule.cooldown), ("high_error_rate", Priority::High, seconds(600)));
    let admins = ["admin-1", "admin-2"].map(|id| Recipient::User(id.into())).to_vec();
    assert_eq!(rule.audience, Audience::Only(admins));
    assert_eq!(plan.fallbacks["push"], ["email"]);
    assert_eq!(plan.users["admin-1"].address("email", "email").unwrap().as_str(), "a@example.com");
    assert_eq!(plan.users["admin-1"].address("sms", "sms").unwrap().as_str(), "+15550101");
    assert!(!plan.preferences.operator.default.channels["sms"]);
    assert!(!plan.preferences.users["admin-1"].agents["batch-agent"].channels["push"]);
    assert_eq!(plan.delivery.retry, [seconds(30), seconds(120), seconds(600)]);
    assert_eq!((plan.delivery.critical_quorum, plan.delivery.expire_after), (2, seconds(86_400)));
    let store = plan.store.unwrap();
    assert_eq!((store.path.to_str(), store.retention), (Some("tidings.db"), seconds(30 * 86_400)));
    assert_eq!(plan.dedup_window, seconds(300));
    let ChannelKind::Chat(chat) = &plan.channels["ops-chat"].kind else { panic!("a chat") };
    assert!(matches!(chat.service, ChatTarget::Slack { .. }));
    let ChannelKind::Email(email) = &plan.channels["email"].kind else { panic!("mail") };
    let EmailTransport::Smtp(server) = &email.transport else { panic!("a server") };
    assert_eq!((server.host.as_str(), server.username.as_deref()), ("smtp.example.com", Some("agents@example.com")));
    assert!(matches!(plan.channels["sms"].kind, ChannelKind::Sms(_)));
    assert!(matches!(plan.channels["push"].kind, ChannelKind::Push));
    assert_eq!(plan.server.listen.to_string(), "127.0.0.1:7171");
    assert!(!warnings.iter().any(|line| line.contains("not yet acted on")), "{warnings:#?}");
    assert!(!warnings.iter().any(|line| line.contains("preferences")), "{warnings:#?}");
}

#[test]
fn the_seeds_example_loads_unchanged() {
    let (plan, warnings) = loads(
        "events:
  shutdown_timeout: 10
  slow_tool_threshold: 5
  sinks:
    - type: webhook
      url: https://hooks.slack.com/services/...
      events: [invocation.error, budget.exceeded]
      min_severity: warning
      secret: ${WEBHOOK_SECRET}
    - type: log
      events: [invocation.complete]
",
    );
    assert_eq!((plan.max_queue_size, plan.shutdown_timeout), (1000, seconds(10)));
    assert_eq!(plan.slow_tool_threshold, Some(seconds(5)));
    let [webhook, log] = plan.sinks.as_slice() else { panic!("two sinks") };
    assert_eq!((webhook.name.as_str(), log.name.as_str()), ("webhook-1", "log-2"));
    assert!(webhook.filter.wants(&Event::new("budget.exceeded")));
    assert!(!webhook.filter.wants(&Event::new("budget.exceeded").severity(Severity::Info)));
    assert!(!webhook.filter.wants(&Event::new("tool.error")));
    let SinkKind::Webhook(webhook) = &webhook.kind else { panic!("a webhook") };
    assert_eq!((webhook.max_retries, webhook.retry_delay, webhook.redact_sensitive), (3, seconds(1), true));
    assert!(webhook.secret.is_some() && webhook.template.is_none());
    let SinkKind::Log(log) = &log.kind else { panic!("a log") };
    assert_eq!(log.logger_name, "promptise.events");
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert!(warnings[0].contains("Slack"));
}

#[test]
fn a_rule_has_defaults() {
    let (plan, warnings) = loads("triggers: [{name: r, condition: x > 1, channels: [log]}]\nusers: {me: }\n");
    let rule = &plan.rules[0];
    assert_eq!((rule.agent.to_string().as_str(), rule.priority, rule.cooldown), ("*", Priority::Medium, seconds(300)));
    assert_eq!((&rule.audience, rule.mandatory), (&Audience::Everyone, false));
    assert!(matches!(plan.channels["log"].kind, ChannelKind::Log(_)));
    assert!(warnings.is_empty(), "{warnings:?}");
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn the_storm_limit_as_it_is_written() {
    let check = |keys: &str, expected: Option<(u32, u64)>| {
        let (plan, warnings) = crate::loads(&format!("{}{keys}", crate::RULE));
        assert_eq!(plan.delivery.storm.map(|limit| (limit.messages, limit.window.as_secs())), expected, "{keys}");
        assert!(!warnings.iter().any(|line| line.contains("storm")), "{warnings:?}");
    };
    check("", Some((20, 600)));
    check("delivery: {storm: true}", Some((20, 600)));
    check("delivery: {storm: false}", None);
    check("delivery: {storm: off}", None);
    check("delivery: {storm: {}}", Some((20, 600)));
    check("delivery: {storm: {messages: 5}}", Some((5, 600)));
    check("delivery: {storm: {messages: 1, window: 1h}}", Some((1, 3600)));
}
