//! Variables in values.

use tidings_config::{Environment, Options, SinkKind, load};

use crate::{loads, refused};

#[test]
fn variables_stand_in_every_value() {
    let (plan, _) = loads(
        "events:
  sinks:
    - type: webhook
      url: https://${HOST}/in
      max_retries: ${RETRIES}
      retry_delay: ${DELAY:-2}
      redact_sensitive: ${REDACT:-no}
      min_severity: ${LEVEL:-error}
",
    );
    let SinkKind::Webhook(webhook) = &plan.sinks[0].kind else { panic!("a webhook") };
    assert_eq!(webhook.url.name(), Some("hooks.example.com"));
    assert_eq!((webhook.max_retries, webhook.retry_delay.as_secs(), webhook.redact_sensitive), (5, 2, false));
}

#[test]
fn a_missing_variable_is_named_at_its_place() {
    let sink = |url: &str| format!("events: {{sinks: [{{type: webhook, url: \"{url}\"}}]}}");
    refused(
        &sink("https://${NOWHERE}/in"),
        "1:48: events.sinks[0].url: the variable `NOWHERE` is not set; set it, or give a default: ${NOWHERE:-...}",
    );
    refused(&sink("https://${NOWHERE"), "1:48: events.sinks[0].url: `${` begins no variable");
    // What was put in is not looked at again, so the URL is refused for its `$`.
    refused(&sink("https://${NESTED}/"), "1:39: events.sinks[0].url: the host name is not one");
}

#[test]
fn left_alone_variables_skip_the_checks_of_their_values() {
    let text = "events:
  sinks:
    - {type: webhook, url: '${URL}', secret: '${SECRET}', events: ['${TYPE}'], min_severity: '${LEVEL}'}
    - {type: '${TYPE}', max_retries: '${COUNT}'}
triggers:
  - {name: '${A}', condition: '${B}', channels: ['${C}'], user_ids: ['${D}'], title: '${E}', cooldown_seconds: '${F}'}
users: {ann: {email: '${MAIL}', phone: '${PHONE}', timezone: '${ZONE}'}}
preferences: {default: {min_priority: '${G}'}}
allow_destinations: [{cidr: '${NET}'}]
";
    let options = Options { environment: Environment::Untouched, ..Options::default() };
    let (plan, problems) = load(text, &options).unwrap();
    assert!(plan.sinks.is_empty() && plan.rules.is_empty() && problems.is_empty(), "{problems:?}");
    assert!(load("events: {sinks: [{type: log, min_severity: '${X}', url: a}]}", &options).is_err());
    let channels = "channels:
  a: {type: email, smtp_host: '${A}', from: '${A}', password: '${A}', tls: '${A}', smtp_port: '${A}', to: '${A}'}
  b: {type: sms, provider: '${A}'}
  c: {type: sms, provider: twilio, account_sid: '${A}', auth_token: '${A}', from: '${A}', max_parts: '${A}'}
  d: {type: sms, provider: http, url: '${A}', template: '${A}'}
  e: {type: telegram, token: '${A}', url: '${A}'}
  f: {type: bus, url: '${A}', username: '${A}', password: '${A}', topic: '${A}'}
  g: '${A}'
  h: {url: '${A}', retry: '${A}', timeout: '${A}'}
";
    let rule = "triggers: [{name: r, condition: x > 1, channels: [log, a, b, c, d, e, f, g, h], user_ids: $event}]\n";
    let (plan, problems) = load(&format!("{rule}{channels}"), &options).unwrap();
    assert!(plan.channels.contains_key("log") && problems.is_empty(), "{problems:?}");
}
