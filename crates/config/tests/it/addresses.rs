//! Addresses in one line: what they come to in a file, and what is refused there.

use tidings_config::{ChannelKind, ChatTarget, EmailTransport, Plan, SmsProvider};

use crate::{RULE, loads, refused};

/// What a channel comes to, with its secrets written out.
fn shown(plan: &Plan) -> String {
    use secrecy::ExposeSecret;
    match &plan.channels["ops"].kind {
        ChannelKind::Chat(chat) => {
            let base = chat.api_url.as_ref().map(|url| url.url().to_string());
            let service = match &chat.service {
                ChatTarget::Slack { url }
                | ChatTarget::Discord { url }
                | ChatTarget::Teams { url }
                | ChatTarget::Mattermost { url }
                | ChatTarget::GoogleChat { url } => url.url().to_string(),
                ChatTarget::Telegram { token, chat_id } => format!("{} {chat_id:?}", token.expose_secret()),
                ChatTarget::PagerDuty { routing_key: key } | ChatTarget::Opsgenie { api_key: key } => {
                    key.expose_secret().to_owned()
                }
                ChatTarget::Ntfy { url, topic, token } => {
                    format!("{} {topic:?} {:?}", url.url(), token.as_ref().map(ExposeSecret::expose_secret))
                }
                ChatTarget::Gotify { url, token } => format!("{} {}", url.url(), token.expose_secret()),
                ChatTarget::Pushover { token, user_key } => {
                    format!("{} {:?}", token.expose_secret(), user_key.as_ref().map(ExposeSecret::expose_secret))
                }
            };
            format!("{} {service} {base:?} {}", plan.channels["ops"].type_name, chat.policy.private)
        }
        ChannelKind::Email(email) => {
            let EmailTransport::Smtp(smtp) = &email.transport else { return "a folder".to_owned() };
            let password = smtp.password.as_ref().map(ExposeSecret::expose_secret);
            let server = (&smtp.host, smtp.port, smtp.tls, &smtp.username, password);
            format!("{server:?} {} {:?}", email.from, plan.channels["ops"].to.as_ref().map(|to| to.as_str()))
        }
        ChannelKind::Sms(sms) => match &sms.provider {
            SmsProvider::Twilio(twilio) => {
                let to = plan.channels["ops"].to.as_ref().map(|to| to.as_str());
                format!("{} {} {:?} {to:?}", twilio.account_sid, twilio.auth_token.expose_secret(), twilio.sender)
            }
            SmsProvider::Gateway(_) => "a gateway".to_owned(),
        },
        ChannelKind::Webhook(webhook) => {
            let headers = webhook.headers.iter().map(|(name, value)| format!("{name}: {}", value.expose_secret()));
            format!("{} {:?}", webhook.url.url(), headers.collect::<Vec<_>>())
        }
        other => format!("{other:?}"),
    }
}

/// The address, alone and as `url:`, comes to what the keys come to.
fn same(address: &str, keys: &str) {
    let load = |channel: &str| shown(&loads(&format!("{RULE}channels:\n  ops: {channel}\n")).0);
    let expected = load(&format!("{{{keys}}}"));
    assert_eq!(load(&format!("'{address}'")), expected, "{address}");
    assert_eq!(load(&format!("{{url: '{address}'}}")), expected, "{address}");
}

#[test]
fn chat_addresses_are_their_keys() {
    same("slack://T0/B0/x9", "type: slack, url: 'https://hooks.slack.com/services/T0/B0/x9'");
    same("SLACK://Tidings@T0/B0/x9/", "type: slack, url: 'https://hooks.slack.com/services/T0/B0/x9'");
    same("discord://12/ab-c_d", "type: discord, url: 'https://discord.com/api/webhooks/12/ab-c_d'");
    same("discord://12/ab?thread=7", "type: discord, url: 'https://discord.com/api/webhooks/12/ab?thread_id=7'");
    same(
        "msteams://team/g@t/c/o",
        "type: teams, url: 'https://team.webhook.office.com/webhookb2/g@t/IncomingWebhook/c/o'",
    );
    same(
        "workflows://a.example.com:443/w/s",
        "type: teams, url: 'https://a.example.com/workflows/w/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=s'",
    );
    same("mmosts://mm.example.com/x9", "type: mattermost, url: 'https://mm.example.com/hooks/x9'");
    same("mmost://mm.example.com:8065/a/b/x9", "type: mattermost, url: 'http://mm.example.com:8065/a/b/hooks/x9'");
    same(
        "gchat://S/K/T%2Fx",
        "type: google_chat, url: 'https://chat.googleapis.com/v1/spaces/S/messages?key=K&token=T%2Fx'",
    );
    same("tgram://123:abc/-100200", "type: telegram, token: '123:abc', chat_id: '-100200'");
    same("tgram://bot123:abc", "type: telegram, token: '123:abc'");
    same("pagerduty://R1", "type: pagerduty, routing_key: R1");
    same("pagerduty://R1@A1?region=eu", "type: pagerduty, routing_key: R1, url: 'https://events.eu.pagerduty.com'");
    same("opsgenie://K1?region=EU", "type: opsgenie, api_key: K1, url: 'https://api.eu.opsgenie.com'");
    same("ntfy://alerts", "type: ntfy, topic: alerts");
    same(
        "ntfys://tk_1@ntfy.example.com/alerts",
        "type: ntfy, topic: alerts, token: tk_1, url: 'https://ntfy.example.com'",
    );
    same("ntfy://ntfy.sh/alerts", "type: ntfy, topic: alerts");
    same("gotifys://g.example.com/sub/x9", "type: gotify, token: x9, url: 'https://g.example.com/sub'");
    same("pover://u1@t1", "type: pushover, token: t1, user_key: u1");
}

#[test]
fn other_addresses_are_their_keys() {
    same(
        "mailto://ann:p%40ss@smtp.example.com:2525?from=Agents%20%3Ca@example.com%3E&to=b@example.com",
        "type: email, smtp_host: smtp.example.com, smtp_port: 2525, username: ann, password: p@ss, from: 'Agents <a@example.com>', to: b@example.com",
    );
    same(
        "mailtos://ann:pw@example.com?smtp=mx.example.com&mode=ssl&name=Agents",
        "type: email, smtp_host: mx.example.com, tls: implicit, username: ann, password: pw, from: 'Agents <ann@example.com>'",
    );
    same(
        "mailto://ann:pw@gmail.com",
        "type: email, smtp_host: smtp.gmail.com, username: ann@gmail.com, password: pw, from: ann@gmail.com",
    );
    same(
        "mailto://ann@example.com?mode=insecure",
        "type: email, smtp_host: example.com, tls: none, from: ann@example.com",
    );
    same(
        "twilio://AC1:t1@15550100100/+15550100101",
        "type: sms, provider: twilio, account_sid: AC1, auth_token: t1, from: '+15550100100', to: '+15550100101'",
    );
    same(
        "jsons://a.example.com:8443/in/x?+X-Key=k",
        "type: webhook, url: 'https://a.example.com:8443/in/x', headers: {X-Key: k}",
    );
    same(
        "json://u:p@a.example.com",
        "type: webhook, url: 'http://a.example.com', headers: {Authorization: Basic dTpw}",
    );
}

#[test]
fn what_stands_beside_an_address_counts() {
    let (plan, _) = loads(&format!(
        "{RULE}channels: {{ops: {{url: 'slack://T/B/x', retry: [1s], timeout: 5s, redact_personal: false, template: '{{{{ title }}}}'}}}}"
    ));
    let channel = &plan.channels["ops"];
    assert_eq!((channel.type_name.as_str(), channel.redact_personal), ("slack", false));
    assert_eq!(channel.timeout, Some(std::time::Duration::from_secs(5)));
}

#[test]
fn an_address_out_of_a_variable() {
    let variables = |_: &str| Some("slack://T0/B0/hunter2".to_owned());
    let text = format!("{RULE}channels: {{ops: '${{OPS}}', other: {{url: '${{OPS}}', token: x}}}}");
    let options =
        tidings_config::Options { environment: tidings_config::Environment::Given(&variables), ..crate::options() };
    let problems = tidings_config::load(&text, &options).unwrap_err();
    assert!(!crate::lines(&problems).contains("hunter2"), "{problems:?}");
    let untouched = tidings_config::Options {
        environment: tidings_config::Environment::Untouched,
        ..tidings_config::Options::default()
    };
    assert!(tidings_config::load(&format!("{RULE}channels: {{ops: '${{OPS}}'}}"), &untouched).is_ok());
}

#[test]
fn what_is_refused() {
    let beside = |channel: &str, expected: &str| {
        refused(&format!("{RULE}channels: {{ops: {channel}}}\n"), &format!("2:{expected}"));
    };
    beside(
        "'slak://T/B/x'",
        "17: channels.ops: no channel has addresses that begin with `slak://`; did you mean `slack://`?",
    );
    beside("{url: 'slak://T/B/x'}", "23: channels.ops.url: no channel has addresses that begin with `slak://`");
    beside(
        "'https://hooks.slack.com/services/T/B/x'",
        "17: channels.ops: no channel has addresses that begin with `https://`; name the service by `type:`",
    );
    beside("slack", "17: channels.ops: not an address");
    beside("'slack://T/B'", "17: channels.ops: not an address of slack; expected slack://T/B/X");
    beside("'slack://T/B/x?verify=no'", "17: channels.ops: `verify` cannot be switched off");
    beside("'slack://T/B/x?verify=off'", "17: channels.ops: `verify` cannot be switched off");
    beside("'slack://T/B/x?format=text'", "17: channels.ops: an address of slack takes no parameter `format`");
    beside("{type: discord, url: 'slack://T/B/x'}", "24: channels.ops.type: the address is one of type slack");
    beside("{url: 'tgram://1:a/2', chat_id: '3'}", "40: channels.ops.chat_id: `chat_id` stands in the address already");
    beside(
        "{url: 'slack://T/B/x', token: a}",
        "40: channels.ops.token: `token` does not belong to a channel of type slack",
    );
    beside("'mmosts://10.0.0.1/x'", "17: channels.ops: the destination's address is not public");
    beside(
        "'mailto://ann:pw@mail.example.com?mode=insecure'",
        "17: channels.ops: the password would cross the network",
    );
    beside(
        "'mailto://ann:pw@example.com/a@example.com/b@example.com'",
        "17: channels.ops: an address of mailto has one receiver",
    );
    beside("'twilio://AC1:t1@x/y'", "17: channels.ops: not a phone number");
}
