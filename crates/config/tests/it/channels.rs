//! Channels by their keys: what they come to, and what is refused.

use std::{fs, time::Duration};

use secrecy::ExposeSecret;
use tidings_config::{
    ChannelKind, ChatTarget, EmailTransport, NatsLogin, Plan, SinkKind, SmsContent, SmsProvider, SmsSender, SmtpTls,
    load,
};

use crate::{RULE, lines, loads, options, refused};

fn plan(channel: &str) -> Plan {
    loads(&format!("{RULE}channels: {{c: {{{channel}}}}}\n")).0
}

/// The channel is refused in its line, and one of its problems begins so, behind its place.
fn bad(channel: &str, expected: &str) {
    let text = format!("{RULE}channels:\n  c: {{{channel}}}\n");
    let problems = load(&text, &options()).map(drop).expect_err(&text);
    let told = |problem: &tidings_config::Problem| {
        problem.line == 3
            && problem.to_string().splitn(4, ':').nth(3).is_some_and(|line| line.trim_start().starts_with(expected))
    };
    assert!(problems.iter().any(told), "{expected} is not in:\n{}\nof:\n{text}", lines(&problems));
}

#[test]
fn mail() {
    let plan =
        plan("type: email, smtp_host: '[::1]', smtp_port: 2525, tls: none, password: x, from: 'A <a@b.example>'");
    let ChannelKind::Email(email) = &plan.channels["c"].kind else { panic!("mail") };
    let EmailTransport::Smtp(server) = &email.transport else { panic!("a server") };
    assert_eq!((server.host.as_str(), server.port, server.tls), ("::1", Some(2525), SmtpTls::None));
    assert_eq!((server.username.as_deref(), email.from.as_str()), (Some("a@b.example"), "A <a@b.example>"));
    let server = "type: email, smtp_host: s.example, from: a@b.example";
    bad("type: email, smtp_host: s.example", "channels.c: `from` is missing");
    bad("type: email, from: a@b.example", "channels.c: `smtp_host` and `folder` are missing");
    bad(&format!("{server}, folder: out"), "channels.c.folder: `smtp_host` and `folder` are both given");
    bad("type: email, folder: out, smtp_port: 25, from: a@b.example", "channels.c.smtp_port: `smtp_port` is a mail");
    bad("type: email, from: Agents <agents>", "channels.c.from: not a sender");
    bad(&format!("{server}, tls: ssl"), "channels.c.tls: expected one of starttls, implicit, none");
    bad(
        &format!("{server}, tls: none, password: x"),
        "channels.c.tls: the password would cross the network in the clear",
    );
    bad(&format!("{server}, smtp_port: 0"), "channels.c.smtp_port: a port is from 1 to 65535");
    bad(&format!("{server}, username: ann"), "channels.c.username: `password` is missing");
    bad(&format!("{server}, password: \"a\\nb\""), "channels.c.password: `password` is empty, or holds a line break");
    let host = |host: &str, expected: &str| {
        bad(
            &format!("type: email, from: a@b.example, smtp_host: '{host}'"),
            &format!("channels.c.smtp_host: {expected}"),
        );
    };
    host("smtp://a.example", "not a host: expected its name or address alone; leave `smtp://` away");
    host("a.example:25", "not a host: expected its name or address alone; put the port into `smtp_port`");
    host("ann@a.example", "not a host: expected its name or address alone; the user stands in `username`");
    host("a b", "not a host");
    host("", "not a host");
}

#[test]
fn text_messages() {
    let account = "type: sms, provider: twilio, account_sid: AC1, auth_token: t";
    let sender = |from: &str| {
        let plan = plan(&format!("{account}, {from}"));
        let ChannelKind::Sms(sms) = &plan.channels["c"].kind else { panic!("text messages") };
        let SmsProvider::Twilio(twilio) = &sms.provider else { panic!("twilio") };
        assert_eq!((sms.max_parts, twilio.auth_token.expose_secret()), (2, "t"));
        twilio.sender.clone()
    };
    assert_eq!(sender("from: '+15550100'"), SmsSender::Number("+15550100".into()));
    assert_eq!(sender("from: '12345'"), SmsSender::Number("12345".into()));
    assert_eq!(sender("from: Tidings"), SmsSender::Number("Tidings".into()));
    assert_eq!(sender("messaging_service_sid: MG1"), SmsSender::Service("MG1".into()));
    bad("type: sms", "channels.c: `provider` is missing; `twilio`, or `http` for any other");
    bad("type: sms, provider: twilio", "channels.c: `account_sid` is missing");
    bad("type: sms, provider: twilio", "channels.c: `auth_token` is missing");
    bad(account, "channels.c: `from` and `messaging_service_sid` are missing");
    bad(&format!("{account}, from: '0791234567'"), "channels.c.from: not a sender");
    bad(&format!("{account}, from: A, max_parts: 11"), "channels.c.max_parts: must be from 1 to 10");
    bad(&format!("{account}, from: A, to: '12'"), "channels.c.to: not a phone number");
    bad(
        "type: sms, provider: twilio, account_sid: ../x, auth_token: t, from: A",
        "channels.c.account_sid: not an account",
    );
    bad(&format!("{account}, from: A, headers: {{a: b}}"), "channels.c.headers: `headers` does not belong");
}

#[test]
fn a_gateway_keeps_every_text_in_its_place() {
    let gateway =
        |template: &str| format!("type: sms, provider: http, url: 'https://a.example.com', template: {template}");
    let body = |template: &str| {
        let plan = plan(&gateway(template));
        let ChannelKind::Sms(sms) = &plan.channels["c"].kind else { panic!("text messages") };
        let SmsProvider::Gateway(gateway) = &sms.provider else { panic!("a gateway") };
        (gateway.content, gateway.render("+1", "a\"&b=c", "d").unwrap())
    };
    let json = "'{\"to\": {{ to | tojson }}, \"text\": {{ text | tojson }}, \"id\": \"{{ delivery_id }}\"}'";
    assert_eq!(body(json).0, SmsContent::Json);
    assert!(body(json).1.starts_with("{\"to\": \"+1\", \"text\": \"a"), "{}", body(json).1);
    let form = body("'to={{ to }}&text={{ text }}&id={{ delivery_id }}'");
    assert_eq!(form, (SmsContent::Form, "to=%2B1&text=a%22%26b%3Dc&id=d".to_owned()));
    let refused = |template: &str, expected: &str| {
        bad(&gateway(template), &format!("channels.c.template: {expected}"));
    };
    refused("'{\"text\": \"{{ text }}\"}'", "a text with quotes in it would break the JSON; write {{ text | tojson }}");
    refused("'<sms>{{ text }}</sms>'", "the body is neither JSON nor a form");
    refused("'{{ text }}'", "the body is neither JSON nor a form");
    refused("'to={{ title }}'", "the template is refused: line 1: unknown name `title`");
    bad("type: sms, provider: http, template: 'a={{ to }}'", "channels.c: `url` is missing");
    bad("type: sms, provider: http, url: 'https://a.example.com'", "channels.c: `template` is missing");
    bad(
        &format!("{}, account_sid: a", gateway("'a={{ to }}'")),
        "channels.c.account_sid: `account_sid` does not belong",
    );
}

#[test]
fn chats() {
    let ntfy = plan("type: ntfy, topic: t");
    let ChannelKind::Chat(chat) = &ntfy.channels["c"].kind else { panic!("a chat") };
    let ChatTarget::Ntfy { url, .. } = &chat.service else { panic!("ntfy") };
    assert_eq!(url.to_string(), "https://ntfy.sh");
    let own =
        plan("type: telegram, token: '1:a', chat_id: x, url: 'http://10.0.0.1:8081', allow_private_networks: true");
    let ChannelKind::Chat(chat) = &own.channels["c"].kind else { panic!("a chat") };
    assert!(chat.api_url.is_some() && chat.policy.private);
    for (channel, expected) in [
        ("type: slack", "channels.c: `url` is missing"),
        ("type: telegram", "channels.c: `token` is missing"),
        ("type: telegram, token: '1/2', chat_id: x", "channels.c.token: not a bot's token"),
        ("type: telegram, token: '1:a', url: 'https://a.example.com/?x=1'", "channels.c.url: the base of a service"),
        ("type: pagerduty", "channels.c: `routing_key` is missing"),
        ("type: opsgenie, api_key: ''", "channels.c.api_key: `api_key` is empty"),
        ("type: gotify, token: a", "channels.c: `url` is missing"),
        ("type: pushover", "channels.c: `token` is missing"),
        ("type: slack, url: 'https://a.example.com', token: a", "channels.c.token: `token` does not belong"),
        ("type: slack, url: 'https://127.0.0.1/'", "channels.c.url: the destination's address is not public"),
    ] {
        bad(channel, expected);
    }
}

#[test]
fn a_receiver_is_left_out_only_where_every_user_has_an_address() {
    let file = |users: &str, more: &str| {
        format!(
            "users: {users}\ntriggers: [{{name: r, condition: x > 1, channels: [tg]}}]\nchannels:\n  tg: {{type: telegram, token: '1:a'}}\n{more}"
        )
    };
    loads(&file("{ann: {addresses: {tg: '7'}}}", ""));
    refused(
        &file("{ann: {addresses: {tg: '7'}}, bob: {}}", ""),
        "4:3: channels.tg: `chat_id` is missing, and `tg` has no address for `bob`; give `chat_id`, or `users.bob.addresses.tg`",
    );
    let by_fallback = "users: {ann: }\ntriggers: [{name: r, condition: x > 1, channels: [log], user_ids: [ann]}]\n\
        channels: {n: {type: ntfy}}\nfallbacks: {log: [push], push: [n]}";
    refused(by_fallback, "3:12: channels.n: `topic` is missing, and `n` has no address for `ann`");
    let of_event = "triggers: [{name: r, condition: x > 1, channels: [p], user_ids: $event}]\nchannels: {p: {type: pushover, token: a}}";
    refused(of_event, "2:12: channels.p: `user_key` is missing, and `p` has no address for the event's own user");
    // No rule leads there.
    plan("type: telegram, token: '1:a'");
}

#[test]
fn an_address_is_held_against_the_type_of_its_channel() {
    let file = |addresses: &str| {
        format!(
            "{RULE}channels: {{work: {{type: email, folder: a, from: a@b.example}}, tg: {{type: telegram, token: '1:a', chat_id: x}}}}\n\
            users:\n  ann:\n    addresses:\n      {addresses}\n"
        )
    };
    refused(&file("work: ann"), "6:13: users.ann.addresses.work: not a mail address: expected name@example.com");
    refused(&file("sms: 0791234567"), "6:12: users.ann.addresses.sms: not a phone number");
    let users = loads(&file("{work: ann@b.example, tg: '7'}")).0.users;
    assert_eq!(users["ann"].address("work", "email").unwrap().as_str(), "ann@b.example");
    assert_eq!(users["ann"].address("tg", "telegram").unwrap().as_str(), "7");
}

#[test]
fn a_name_that_is_not_known_is_told_the_known_ones_once() {
    refused(
        "triggers: [{name: r, condition: x > 1, channels: [pigeon]}]\nusers: {ann: }\nchannels: {email: {folder: a, from: a@b.example}}",
        "1:51: triggers[0].channels[0]: unknown channel `pigeon`; known are email, push, sms, log, inbox, or declare it",
    );
}

#[test]
fn buses() {
    let sink = |keys: &str| {
        let plan = loads(&format!("events: {{sinks: [{{type: bus{keys}}}]}}")).0;
        let SinkKind::Bus(bus) = plan.sinks[0].kind.clone() else { panic!("a bus") };
        bus
    };
    assert!(sink("").nats.is_none());
    let nats =
        sink(", url: 'tls://n.example:4222', username: u, password: p, jetstream: true, redact_sensitive: false");
    assert!(!nats.redact_sensitive);
    let nats = nats.nats.unwrap();
    assert_eq!((nats.url.as_str(), nats.topic.as_str(), nats.jetstream), ("tls://n.example:4222", "tidings", true));
    assert!(matches!(nats.login, NatsLogin::Password { .. }));
    let nats = plan("type: bus, url: 'nats://localhost', token: t, topic: a.b");
    let ChannelKind::Bus(bus) = &nats.channels["c"].kind else { panic!("a bus") };
    assert!(matches!(bus.nats.as_ref().unwrap().login, NatsLogin::Token(_)));
    for (keys, expected) in [
        ("", "channels.c: `url` is missing; give the server"),
        (", url: 'http://a'", "channels.c.url: not the address of a bus"),
        (", url: 'nats://u:p@a'", "channels.c.url: the address holds a user or a token"),
        (", url: 'nats://a/b'", "channels.c.url: not the address of a bus: behind the scheme"),
        (", url: 'nats://a', topic: 'a..b'", "channels.c.topic: not a topic"),
        (", url: 'nats://a', topic: 'a.>'", "channels.c.topic: not a topic"),
        (", url: 'nats://a', username: u", "channels.c.url: `password` is missing"),
        (", url: 'nats://a', token: t, username: u, password: p", "channels.c.url: a token and a user are both given"),
    ] {
        bad(&format!("type: bus{keys}"), expected);
    }
    refused(
        "events: {sinks: [{type: bus, topic: a}]}",
        "1:30: events.sinks[0].topic: `topic` is a server's, and `url` is missing",
    );
}

#[test]
fn every_channel_has_its_retries_its_deadline_and_its_redaction() {
    let channel = plan("type: log, retry: long, timeout: 2m, redact_sensitive: false, redact_personal: false");
    let channel = &channel.channels["c"];
    assert_eq!((channel.retry.as_ref().map(Vec::len), channel.timeout), (Some(7), Some(Duration::from_secs(120))));
    assert!(!channel.redact_sensitive && !channel.redact_personal);
    let channel = plan("type: push, retry: [1s, 2s]");
    let channel = &channel.channels["c"];
    assert_eq!(channel.retry, Some(vec![Duration::from_secs(1), Duration::from_secs(2)]));
    assert!(channel.timeout.is_none() && channel.redact_sensitive && channel.redact_personal);
    bad("type: push, timeout: 500ms", "channels.c.timeout: must be from 1s to 5m");
    bad("type: push, timeout: 301s", "channels.c.timeout: must be from 1s to 5m");
    bad("type: push, retry: sometimes", "channels.c.retry: expected `long` or a list");
}

#[test]
fn secrets_out_of_files() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("token"), "1:a\n").unwrap();
    let read = |keys: &str| {
        let text = format!("{RULE}channels: {{c: {{type: telegram, chat_id: x, {keys}}}}}");
        load(&text, &tidings_config::Options { folder: Some(folder.path()), ..options() })
    };
    let (plan, _) = read("token_file: token").unwrap();
    let ChannelKind::Chat(chat) = &plan.channels["c"].kind else { panic!("a chat") };
    let ChatTarget::Telegram { token, .. } = &chat.service else { panic!("telegram") };
    assert_eq!(token.expose_secret(), "1:a");
    assert!(!format!("{plan:?}").contains("1:a"));
    assert!(read("token_file: nowhere").is_err());
    assert!(read("token_file: token, token: '1:a'").is_err());
}
