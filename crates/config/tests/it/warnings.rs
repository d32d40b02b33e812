//! What loads, with a warning or a lint.

use crate::{RULE, loads};

fn told(text: &str, expected: &str) {
    let (_, warnings) = loads(text);
    let found = warnings.iter().any(|line| line.starts_with(&format!("tidings.yaml:{expected}")));
    assert!(found, "{expected} is not in {warnings:#?}");
}

fn sink(keys: &str, expected: &str) {
    told(&format!("events:\n  sinks:\n    - {keys}\n"), expected);
}

fn rule(keys: &str, expected: &str) {
    told(&format!("users: {{ann: {{}}}}\ntriggers:\n- name: r\n  condition: x > 1\n  {keys}\n"), expected);
}

#[test]
fn what_works_but_is_probably_not_meant() {
    sink(
        "{type: log, events: [tool.eror]}",
        "3:28: warning: events.sinks[0].events[0]: no known event is called `tool.eror`; did you mean `tool.error`?",
    );
    sink("{type: log, events: ['tools.*']}", "3:28: warning: events.sinks[0].events[0]: no known event");
    sink(
        "{type: webhook, url: 'https://a.example.com', secret: tooshort}",
        "3:61: warning: events.sinks[0].secret: the secret is shorter than 16 bytes",
    );
    sink(
        "{type: webhook, url: 'https://a.example.com', secret: tooshort}",
        "3:61: lint: events.sinks[0].secret: an inline secret",
    );
    sink(
        "{type: webhook, url: 'https://a.example.com', headers: {Authorization: Bearer x}}",
        "3:78: lint: events.sinks[0].headers.Authorization: an inline secret",
    );
    sink(
        "{type: webhook, url: 'https://discord.com/api/webhooks/1/x'}",
        "3:28: warning: events.sinks[0].url: an address of Discord",
    );
    for secret in ["whsec_short", "whsec_*", "whsec_AAAA"] {
        let keys = format!("{{type: webhook, url: 'https://a.example.com', secret: '{secret}'}}");
        sink(&keys, "3:61: warning: events.sinks[0].secret: `whsec_` is not followed by 24 to 64 bytes in base64");
    }
    rule(
        "channels: [push]\n  priority: critical",
        "3:3: lint: triggers[0]: critical, with `push` alone: if it fails, every user misses it",
    );
    told(&format!("{RULE}store: {{url: 'postgres://u:p@h/d'}}"), "2:8: lint: store: an inline secret");
    rule("channels: [log, log]", "5:19: warning: triggers[0].channels[1]: `log` is named twice");
    rule(
        "channels: [email]",
        "5:14: warning: triggers[0].channels[0]: the channel `email` is not set up: what goes there is dead, and says so; add",
    );
    rule(
        "channels: [log]\nfallbacks: {log: [sms]}",
        "6:19: warning: fallbacks.log[0]: the channel `sms` is not set up",
    );
    told(
        &format!("{RULE}channels: {{email: {{smtp_host: a.example, smtp_port: 465, from: a@example.com}}}}"),
        "2:53: warning: channels.email.smtp_port: on port 465 connections are secured from the first byte; add `tls: implicit`",
    );
    told(&format!("{RULE}channels: {{ops: 'slack://T/B/x'}}"), "2:17: lint: channels.ops: an inline secret; put it in");
    told(
        &format!("{RULE}channels: {{po: {{type: pushover, token: abc, user_key: u}}}}"),
        "2:40: lint: channels.po.token: an inline secret",
    );
    told(
        &format!("{RULE}channels: {{out: {{type: log, logger_name: a}}}}"),
        "2:29: warning: channels.out.logger_name: a channel writes to the target `tidings.notifications`",
    );
    let gateway = |body: &str, expected: &str| {
        let keys = format!("provider: http, url: 'https://a.example.com', template: '{body}'");
        told(&format!("{RULE}channels: {{sms: {{{keys}}}}}"), expected);
    };
    gateway("to={{ to }}", "2:74: warning: channels.sms.template: the body holds no text");
    gateway("text={{ text }}", "2:74: warning: channels.sms.template: the body holds no number");
    rule("channels: [email]", "3:3: lint: triggers[0]: `email` has no fallback");
    rule("channels: [log]\n  priority: critical", "3:3: lint: triggers[0]: critical, with `log` alone");
    rule("channels: [sms]", "3:3: lint: triggers[0]: the rule reaches nobody");
    rule("channels: [push]\npreferences: {default: {push: false}}", "3:3: lint: triggers[0]: the rule reaches nobody");
    told(
        &format!("{RULE}preferences: {{default: {{slack: true}}}}"),
        "2:25: warning: preferences.default.slack: no channel is called `slack`",
    );
}

#[test]
fn a_key_that_holds_nothing_is_told() {
    let expected = "holds nothing, and counts as left out; give it a value, or take the key away";
    told(
        "events:\n  sinks:\n  - type: log\n    events:\n",
        &format!("4:5: warning: events.sinks[0].events: {expected}"),
    );
    told(&format!("{RULE}users:"), &format!("2:1: warning: users: {expected}"));
}

#[test]
fn who_has_no_address_is_named() {
    let users = "users: {ann: {email: a@example.com}, bob: , cy: , dan: , eve: }\n";
    let rule = |keys: &str, expected: &str| {
        told(&format!("{users}triggers:\n- {{name: r, condition: x > 1, priority: high, {keys}}}\n"), expected);
    };
    rule(
        "channels: [log, email]",
        "3:63: lint: triggers[0].channels[1]: `email` has no address for `bob`, `cy`, `dan` and 1 more; give `users.bob.email`",
    );
    rule(
        "channels: [log, sms], user_ids: [ann, $event]",
        "3:63: lint: triggers[0].channels[1]: `sms` has no address for `ann`; give `users.ann.phone`",
    );
    let silent = |rest: &str| {
        let rule = "triggers: [{name: r, condition: x > 1, priority: high, channels: [log, sms], user_ids: [ann]}]\n";
        let (_, warnings) = loads(&format!("{users}{rule}{rest}"));
        assert!(!warnings.iter().any(|line| line.contains("no address")), "{warnings:#?}");
    };
    silent("fallbacks: {sms: [email]}");
    silent("channels: {sms: 'twilio://AC1:t@15550100100/15550100101'}");
    silent("preferences: {default: {sms: false}}");
    silent("preferences: {users: {ann: {default: {sms: false}}}}");
}

#[test]
fn what_is_fine_is_not_told() {
    for text in [
        "events: {sinks: [{type: log, events: [custom.my_event, tool.*, '*']}]}",
        "triggers: [{name: r, condition: x > 1, channels: [log], user_ids: $event, cooldown_seconds: 10m}]",
        "triggers: [{name: r, condition: x > 1, channels: [log], user_ids: [$event, ann]}]",
        "events: {sinks: [{type: webhook, url: 'https://a.example.com', secret: '${WEBHOOK_SECRET}'}]}",
        "events: {sinks: [{type: webhook, url: 'https://a.example.com', headers: {content-type: application/json}}]}",
        "events: {sinks: [{type: bus, events: [tool.*]}, {type: bus, url: 'nats://127.0.0.1:4222', topic: agents}]}",
        "triggers: [{name: r, condition: x > 1, channels: [push, inbox], user_ids: $event}]",
    ] {
        let (_, warnings) = loads(text);
        assert!(warnings.is_empty(), "{text}: {warnings:#?}");
    }
}
