//! What is refused, and where each problem is told. A column counts characters.

use crate::{RULE, problems, refused};

fn sink(keys: &str, expected: &str) {
    refused(&format!("events:\n  sinks:\n    - {keys}\n"), expected);
}

fn webhook(keys: &str, expected: &str) {
    refused(&format!("events:\n sinks:\n - type: webhook\n   url: https://a.example.com\n   {keys}\n"), expected);
}

fn rule(keys: &str, expected: &str) {
    refused(&format!("users: {{ann: {{}}}}\ntriggers:\n- name: r\n  condition: x > 1\n  {keys}\n"), expected);
}

fn beside(section: &str, expected: &str) {
    refused(&format!("{RULE}{section}\n"), expected);
}

#[test]
fn what_theirs_accepts_silently() {
    sink("type: webhook", "3:7: events.sinks[0]: `url` is missing");
    sink(
        "{type: log, min_severity: waring}",
        "3:33: events.sinks[0].min_severity: unknown severity `waring`; did you mean `warning`?",
    );
    sink("{type: log, events: [tool error]}", "3:28: events.sinks[0].events[0]: `tool error` is no event name");
    sink("{type: log, events: [tool..error]}", "3:28: events.sinks[0].events[0]: ");
    sink("{type: log, events: []}", "3:27: events.sinks[0].events: the list is empty");
    webhook("secret: ''", "5:12: events.sinks[0].secret: the secret is empty");
    webhook("secret: ${EMPTY}", "5:12: events.sinks[0].secret: the secret is empty");
    sink("{type: log, type: log}", "3:19: events.sinks[0].type: duplicate key `type`, first given in line 3");
    webhook("headers: {X-A: a, x-a: b}", "5:22: events.sinks[0].headers.x-a: `X-A` and `x-a` are the same header");
    sink(
        "{type: log, url: 'https://a.example.com'}",
        "3:19: events.sinks[0].url: `url` does not belong to a sink of type log",
    );
    sink(
        "{type: webhook, url: 'https://127.0.0.1/'}",
        "3:28: events.sinks[0].url: the destination's address is not public",
    );
    sink("{type: webhook, url: 'ftp://a.example.com'}", "3:28: events.sinks[0].url: the URL must begin with http");
    webhook(
        "template: '{{ nothing }}'",
        "5:14: events.sinks[0].template: the template is refused: line 1: unknown name `nothing`",
    );
    webhook("template: '{{ data.x }'", "5:14: events.sinks[0].template: the template is refused");
    rule("channels: []", "5:13: triggers[0].channels: the list is empty");
    refused(
        "triggers:\n- &r {name: r, condition: x > 1, channels: [log], user_ids: [a]}\n- *r\n",
        "2:13: triggers[1].name: the rule in line 2 is called `r` too",
    );
    refused("", "1:1: the file has no sink and no rule");
    refused("dedup: {window: 5m}", "1:1: the file has no sink and no rule");
    refused("events: {sinks: []}\ntriggers: []", "1:1: the file has no sink and no rule");
}

#[test]
fn sinks() {
    sink("{events: [tool.error]}", "3:7: events.sinks[0]: `type` is missing");
    sink(
        "{type: callback}",
        "3:14: events.sinks[0].type: unknown sink type `callback`; a callback sink can only be given in code",
    );
    sink("{type: webhok}", "3:14: events.sinks[0].type: unknown sink type `webhok`; did you mean `webhook`?");
    sink(
        "{type: log, lgger_name: a}",
        "3:19: events.sinks[0].lgger_name: unknown key `lgger_name`; did you mean `logger_name`?",
    );
    sink("{type: log, logger_name: ''}", "3:32: events.sinks[0].logger_name: the logger's name is empty");
    sink("{type: log, events: tool.error}", "3:27: events.sinks[0].events: expected a list, not text");
    sink("{type: log, events: [tool.*, 7]}", "3:36: events.sinks[0].events[1]: expected text, not a number");
    sink(
        "{type: log, name: a}\n    - {type: log, name: a}",
        "4:25: events.sinks[1].name: the sink in line 3 is called `a` too",
    );
    webhook("headers: {Host: a}", "5:14: events.sinks[0].headers.Host: the header `Host` is set by the webhook itself");
    webhook("headers: {x-promptise-signature: a}", "5:14: events.sinks[0].headers.x-promptise-signature: the header");
    webhook("headers: {Webhook-Id: a}", "5:14: ");
    webhook("headers: {'a b': a}", "5:14: events.sinks[0].headers[\"a b\"]: a header name");
    webhook(
        "headers: {A: \"a\\r\\nb\"}",
        "5:17: events.sinks[0].headers.A: a header's value is printable ASCII in one line",
    );
    webhook("headers: {Content-Type: text/plain}", "5:14: events.sinks[0].headers.Content-Type: the header");
    webhook("headers: {A: 1}", "5:17: events.sinks[0].headers.A: expected text, not a number; put it in quotes");
    webhook("max_retries: -1", "5:17: events.sinks[0].max_retries: expected a whole number");
    webhook("max_retries: 101", "5:17: events.sinks[0].max_retries: must be from 0 to 100");
    webhook("retry_delay: soon", "5:17: events.sinks[0].retry_delay: expected a duration");
    webhook("redact_sensitive: perhaps", "5:22: events.sinks[0].redact_sensitive: expected true or false, not text");
    refused(
        "events: {max_queue_size: 0, sinks: [{type: log}]}",
        "1:26: events.max_queue_size: must be from 1 to 1,000,000",
    );
    refused("events: {max_queue_size: 1000001, sinks: [{type: log}]}", "1:26: events.max_queue_size: must be");
    refused(
        "events: {shutdown_timeout: .nan, sinks: [{type: log}]}",
        "1:28: events.shutdown_timeout: expected a duration",
    );
    refused("events: []", "1:9: events: expected keys and values, not a list");
}

#[test]
fn rules() {
    rule("chanels: [log]", "5:3: triggers[0].chanels: unknown key `chanels`; did you mean `channels`?");
    rule("user_ids: [ann]", "3:3: triggers[0]: `channels` is missing");
    rule("channels: [emial]", "5:14: triggers[0].channels[0]: unknown channel `emial`; did you mean `email`?");
    rule("channels: [log]\n  user_ids: [an]", "6:14: triggers[0].user_ids[0]: unknown user `an`; did you mean `ann`?");
    rule("channels: [log]\n  user_ids: []", "6:13: triggers[0].user_ids: the list is empty");
    rule("channels: [log]\n  user_ids: ann", "6:13: triggers[0].user_ids: expected a list of user ids, or $event");
    rule(
        "channels: [log]\n  priority: urgent",
        "6:13: triggers[0].priority: unknown priority `urgent`; known are low, medium",
    );
    rule("channels: [log]\n  cooldown_seconds: -5", "6:21: triggers[0].cooldown_seconds: expected a duration");
    rule("channels: [log]\n  cooldown_seconds: 5 minutes", "6:21: triggers[0].cooldown_seconds: expected a duration");
    rule(
        "channels: [log]\n  title: '{{ agent }}'",
        "6:10: triggers[0].title: the template is refused: line 1: unknown name `agent`",
    );
    rule(
        "channels: [log]\n  body: |\n    fine\n      {{ agent }}",
        "8:7: triggers[0].body: the template is refused: line 2: unknown name `agent`",
    );
    rule("channels: [log]\n  agent_id: ''", "6:13: triggers[0].agent_id: not an agent");
    rule("channels: [log]\n  mandatory: 1", "6:14: triggers[0].mandatory: expected true or false, not a number");
    refused("triggers: [{name: r, channels: [log], user_ids: [a]}]", "1:12: triggers[0]: `condition` is missing");
    refused(
        "triggers: [{name: ' ', condition: x > 1, channels: [log], user_ids: [a]}]",
        "1:19: triggers[0].name: a rule's name",
    );
    refused("triggers: [{name: r, condition: x > 1, channels: [log]}]", "1:12: triggers[0]: nobody would be told");
    refused(
        "triggers: [{name: r, title: {{ agent_id }}}]",
        "1:29: triggers[0].title: expected text, not keys and values; a text that begins with `{` stands in quotes",
    );
    refused(
        "triggers:\n- condition: !done",
        "2:14: triggers[0].condition: expected text, not a tagged value; a text that begins with `!` stands in quotes",
    );
    refused("triggers: [{channels: log}]", "1:23: triggers[0].channels: expected a list, not text; put it in brackets");
    refused("triggers: {name: r}", "1:11: triggers: expected a list, not keys and values");
    refused("triggers: [r]", "1:12: triggers[0]: expected keys and values, not text");
}

#[test]
fn a_condition_is_told_at_its_place_inside() {
    let check = |condition: &str, expected: &str| {
        refused(
            &format!("triggers:\n- name: r\n  condition: {condition}\n  channels: [log]\n  user_ids: [a]\n"),
            expected,
        );
    };
    check("x > > 1", "3:18: triggers[0].condition: ");
    check("\"x > > 1\"", "3:19: triggers[0].condition: ");
    check("|\n    x > 1 &&\n    y > > 1", "5:9: triggers[0].condition: ");
    check(">-\n    x > 1 &&\n    y > > 1", "5:9: triggers[0].condition: ");
    check("5", "3:14: triggers[0].condition: ");
    check("''", "3:14: triggers[0].condition: ");
}

#[test]
fn other_sections() {
    beside("chanels: {}", "2:1: chanels: unknown key `chanels`; did you mean `channels`?");
    beside("channels: {ops: {}}", "2:12: channels.ops: `ops` is no channel type, and the channel names none");
    beside(
        "channels: {ops: {type: slak}}",
        "2:24: channels.ops.type: unknown channel type `slak`; did you mean `slack`?",
    );
    beside("channels: {ops: {type: webhook}}", "2:17: channels.ops: `url` is missing");
    beside("channels: {log: {url: a}}", "2:18: channels.log.url: `url` does not belong to a channel of type log");
    beside("channels: {sms: {provider: nexmo}}", "2:28: channels.sms.provider: expected one of twilio, http");
    beside("channels: {tg: {type: telegram}}", "2:12: channels.tg: `token` is missing");
    beside("channels: {callback: {}}", "2:12: channels.callback: a callback channel can only be given in code");
    beside(
        "fallbacks: {push: [email], email: [sms], sms: [push]}",
        "2:13: fallbacks.push: the fallbacks go in a circle: push -> email -> sms -> push",
    );
    beside("fallbacks: {push: [push]}", "2:13: fallbacks.push: the fallbacks go in a circle: push -> push");
    beside("fallbacks: {push: [emial]}", "2:20: fallbacks.push[0]: unknown channel `emial`");
    beside("fallbacks: {psh: [email]}", "2:13: fallbacks.psh: unknown channel `psh`; did you mean `push`?");
    beside("users: {ann: {email: ann}}", "2:22: users.ann.email: not a mail address");
    beside(
        "users: {ann: {phone: +41791234567}}",
        "2:22: users.ann.phone: expected text, not a number; put it in quotes",
    );
    beside("users: {ann: {phone: '0791234567'}}", "2:22: users.ann.phone: not a phone number");
    beside("users: {ann: {timezone: Europe/Zuerich}}", "2:25: users.ann.timezone: unknown time zone");
    beside("users: {$event: {}}", "2:9: users[\"$event\"]: ");
    beside(
        "users: {ann: {}}\npreferences: {users: {an: {}}}",
        "3:23: preferences.users.an: unknown user `an`; did you mean `ann`?",
    );
    beside("preferences: {default: {push: 1}}", "2:31: preferences.default.push: expected true or false");
    beside(
        "preferences: {default: {quiet_hours: {from: 22:00}}}",
        "2:38: preferences.default.quiet_hours: `to` is missing",
    );
    beside(
        "preferences: {users: {a: {agents: {b: {digest: {every: week}}}}}}",
        "2:56: preferences.users.a.agents.b.digest.every: expected hourly or daily",
    );
    beside(
        "preferences: {defaults: {}}",
        "2:15: preferences.defaults: unknown key `defaults`; did you mean `default`?",
    );
    beside(
        "preferences: {default: {quiet_hour: {from: '22:00'}}}",
        "2:25: preferences.default.quiet_hour: unknown key `quiet_hour`; did you mean `quiet_hours`?",
    );
    beside("dedup: {windows: 5m}", "2:9: dedup.windows: unknown key `windows`; did you mean `window`?");
    beside("dedup: {window: [5m]}", "2:17: dedup.window: expected a duration such as");
    beside("delivery: {retry: short}", "2:19: delivery.retry: expected `long` or a list");
    beside("delivery: {critical: {quorum: 0}}", "2:31: delivery.critical.quorum: must be from 1 to 8");
    beside(
        "delivery: {storm: {messages: 0}}",
        "2:30: delivery.storm.messages: must be from 1 to 10,000; to have no limit",
    );
    beside("delivery: {storm: {messages: 10001}}", "2:30: delivery.storm.messages: must be from 1 to 10,000");
    beside("delivery: {storm: {window: 500ms}}", "2:28: delivery.storm.window: must be from 1s to 24h");
    beside("delivery: {storm: {window: 25h}}", "2:28: delivery.storm.window: must be from 1s to 24h");
    beside(
        "delivery: {storm: {mesages: 5}}",
        "2:20: delivery.storm.mesages: unknown key `mesages`; did you mean `messages`?",
    );
    beside(
        "delivery: {storm: 20}",
        "2:19: delivery.storm: expected `{messages: 20, window: 10m}` or false, not a number",
    );
    beside("delivery: {storm: some}", "2:19: delivery.storm: expected true or false, not text");
    beside(
        "preferences: {default: {digest: {first: later}}}",
        "2:41: preferences.default.digest.first: expected now or together",
    );
    beside(
        "preferences: {default: {quiet_hours: {from: '22:00', to: '22:00'}}}",
        "2:38: preferences.default.quiet_hours: `from` and `to` are the same",
    );
    beside(
        "preferences: {users: {a: {snooze_until: .inf}}}",
        "2:41: preferences.users.a.snooze_until: expected a finite number",
    );
    beside(
        "preferences: {default: {quiet_hours: {from: '22:00', to: '07:00', days: [mon, tues day]}}}",
        "2:79: preferences.default.quiet_hours.days[1]: expected a day: mon, tue, wed",
    );
    beside("proxy: localhost", "2:8: proxy: not a proxy");
    beside("store: {path: a, url: postgres://a/b}", "2:8: store: `path` and `url` are both given");
    beside("store: {url: mysql://a/b}", "2:14: store.url: not the address of a database");
    beside("server: {listen: 7171}", "2:18: server.listen: expected text");
    beside("server: {listen: localhost}", "2:18: server.listen: expected an address with its port");
    beside("server: {listen: 0.0.0.0:7171}", "2:18: server.listen: others could reach this address");
    beside("server: {keys: [{name: a, sha256: secret}]}", "2:35: server.keys[0].sha256: expected the key's SHA-256");
    beside("server: {keys: [{name: a}]}", "2:17: server.keys[0]: `sha256` is missing");
    beside("store: tidings.db", "2:8: store: expected keys and values, not text");
    beside(
        "allow_destinations: [{cidr: 0.0.0.0/0}]",
        "2:22: allow_destinations[0]: `cidr`: 0.0.0.0/0 allows far too much",
    );
    beside("allow_destinations: [{host: a.example}]", "2:22: allow_destinations[0]: `cidr` is missing");
    beside(
        "allow_destinations: [{cidr: 10.0.0.0/8, ports: [0]}]",
        "2:49: allow_destinations[0].ports[0]: a port is from 1 to 65535",
    );
    beside("allow_destinations: [{cidr: 10.0.0.0/8, host: 7}]", "2:47: allow_destinations[0].host: expected text");
}

#[test]
fn every_problem_comes_at_once_in_the_files_order() {
    let told = problems(
        "evnts: {}
events:
  sinks:
    - {type: log, min_severity: loud, url: x}
    - {type: webhook}
triggers:
  - {name: r, channels: [nowhere], priority: 5}
",
    );
    let places: Vec<&str> = told.iter().map(|line| line.trim_start_matches("tidings.yaml:")).collect();
    let expected = [
        "1:1: evnts",
        "4:33: events.sinks[0].min_severity",
        "4:39: events.sinks[0].url",
        "5:7: events.sinks[1]",
        "7:5: triggers[0]: `condition`",
        "7:5: triggers[0]: nobody",
        "7:26: triggers[0].channels[0]",
        "7:46: triggers[0].priority",
    ];
    assert_eq!(places.len(), expected.len(), "{told:#?}");
    for (place, expected) in places.iter().zip(expected) {
        assert!(place.starts_with(expected), "{place} does not begin with {expected}");
    }
}
