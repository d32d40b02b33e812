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

/// Wishes beside a rule with the topic `costs` and one without, in line 6 of the file.
fn wishes(keys: &str, expected: &str) {
    told(&format!("{AROUND}preferences: {{{keys}}}"), expected);
}

const AROUND: &str = "triggers:
- {name: slow, condition: x > 1, channels: [push, log]}
- {name: spent, condition: x > 1, channels: [push, log], topic: costs}
channels: {email: {smtp_host: a.example, from: a@example.com}}
users: {ann: {email: a@example.com}, bob: , cy: {phone: '+41791234567'}}
";

#[test]
fn wishes_that_contradict_themselves() {
    wishes(
        "default: {email: false, digest: {at: '09:00'}}",
        "6:47: lint: preferences.default.digest: the digest's channel `email` is switched off: nothing is gathered; switch it on",
    );
    wishes(
        "users: {ann: {digest: {channel: push}, agents: {a: {push: false, digest: {channel: push}}}}}",
        "6:98: lint: preferences.users.ann.agents.a.digest.channel: the digest's channel `push` is switched off",
    );
    wishes(
        "users: {ann: {digest: {channel: mail}}}",
        "6:47: warning: preferences.users.ann.digest.channel: no channel is called `mail`; declare it",
    );
    wishes(
        "default: {digest: {channel: sms}}",
        "6:43: warning: preferences.default.digest.channel: the digest's channel `sms` is not set up: what goes there is dead",
    );
    wishes(
        "users: {bob: {digest: {every: hourly}}}",
        "6:37: lint: preferences.users.bob.digest: the digest's channel `email` has no address for `bob`; give `users.bob.email`",
    );
    wishes(
        "digest: {every: daily}, users: {cy: {digest: {channel: push}}}",
        "6:23: lint: preferences.digest: the digest's channel `email` has no address for `bob`; give `users.bob.email`",
    );
    wishes(
        "users: {bob: {quiet_hours: {from: '22:00', to: '07:00', policy: digest}}}",
        "6:79: lint: preferences.users.bob.quiet_hours.policy: the digest's channel `email` has no address for `bob`",
    );
    wishes(
        "default: {quiet_hours: {from: '22:00', to: '07:00', except: low}}",
        "6:75: lint: preferences.default.quiet_hours.except: everything passes: these quiet hours keep nothing back; name",
    );
    wishes(
        "users: {ann: {snooze_until: '2020-01-01T00:00:00Z'}}",
        "6:43: lint: preferences.users.ann.snooze_until: the snooze is over: it does nothing; take the key away",
    );
    wishes(
        "agents: {a: {topics: {cost: false}}}",
        "6:37: warning: preferences.agents.a.topics.cost: no rule has the topic `cost`; did you mean `costs`?",
    );
    wishes(
        "default: {topics: {spent: false}}",
        "6:34: warning: preferences.default.topics.spent: no rule has the topic `spent`; the rule of this name has the topic `costs`",
    );
    wishes(
        "users: {ann: {min_priority: {slak: high}}}",
        "6:44: warning: preferences.users.ann.min_priority.slak: no channel is called `slak`; declare it",
    );
}

#[test]
fn wishes_that_fit_are_not_told() {
    for keys in [
        "default: {topics: {slow: false, costs: true}, min_priority: {default: low, push: high, sms: low}}",
        "users: {ann: {digest: {at: '09:00', first: now}, quiet_hours: {from: '22:00', to: '07:00', policy: digest}}}",
        "users: {bob: {digest: {channel: inbox, first: together}}}",
        "snooze_until: '2200-01-01T00:00:00Z', default: {quiet_hours: {from: '22:00', to: '07:00', except: high}}",
        "users: {ann: {default: {email: false}}}, default: {digest: , quiet_hours: , topics: }",
    ] {
        let (plan, warnings) = loads(&format!("{AROUND}preferences: {{{keys}}}"));
        let about_wishes = |line: &&String| line.contains("preferences");
        assert_eq!(warnings.iter().find(about_wishes), None, "{keys}");
        // What carries a digest is there, even where no rule names it.
        assert_eq!(plan.channels.contains_key("inbox"), keys.contains("inbox"), "{keys}");
    }
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
