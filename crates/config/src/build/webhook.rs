//! A webhook, as a sink or as a channel: address, headers, secret, retries, template.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tidings_http::{Policy, SafeUrl};
use tidings_render::chat::Service;

use crate::{
    build::{Site, headers, secrets, templates},
    plan::WebhookPlan,
    problem::{Findings, Spot},
    raw::{Channel, Sink},
    read::{Given, Named, value},
    values::{Secret, Span},
};

/// The most retries that a sink can ask for.
const MOST_RETRIES: u64 = 100;

/// The keys of a webhook, wherever they are written.
pub(crate) struct Keys<'a> {
    spot: &'a Spot,
    url: &'a Given<Secret>,
    headers: &'a Given<Named<Secret>>,
    secret: &'a Given<Secret>,
    secret_file: &'a Given<String>,
    template: &'a Given<String>,
    private: &'a Given<bool>,
    redact: &'a Given<bool>,
    max_retries: &'a Given<u64>,
    retry_delay: &'a Given<Span>,
}

impl<'a> Keys<'a> {
    pub(crate) fn of_sink(sink: &'a Sink, spot: &'a Spot) -> Self {
        Self {
            spot,
            url: &sink.url,
            headers: &sink.headers,
            secret: &sink.secret,
            secret_file: &sink.secret_file,
            template: &sink.template,
            private: &sink.allow_private_networks,
            redact: &sink.redact_sensitive,
            max_retries: &sink.max_retries,
            retry_delay: &sink.retry_delay,
        }
    }

    pub(crate) fn of_channel(channel: &'a Channel, spot: &'a Spot) -> Self {
        Self {
            spot,
            url: &channel.url,
            headers: &channel.headers,
            secret: &channel.secret,
            secret_file: &channel.secret_file,
            template: &channel.template,
            private: &channel.allow_private_networks,
            redact: &channel.redact_sensitive,
            max_retries: &None,
            retry_delay: &None,
        }
    }
}

/// The webhook; `None` where it has no good address or no good secret, which is told.
pub(crate) fn build(keys: &Keys<'_>, site: &Site<'_>, findings: &mut Findings<'_>) -> Option<WebhookPlan> {
    let policy = Policy { private: value(keys.private).copied().unwrap_or(false), ..site.destinations.clone() };
    let url = address(keys.url, keys.spot, &policy, findings);
    let headers = headers::build(keys.headers, findings);
    secrets::lint_inline(keys.secret, findings);
    let secret = secrets::build(keys.secret, keys.secret_file, site, findings);
    let template = templates::of_webhook(keys.template, findings);
    let url = url?;
    note_service(&url, keys, findings);
    Some(WebhookPlan {
        url,
        policy,
        headers,
        secret: required(secret, keys)?,
        max_retries: retries(keys.max_retries, findings),
        retry_delay: value(keys.retry_delay).map_or(Duration::from_secs(1), |span| span.0),
        redact_sensitive: value(keys.redact).copied().unwrap_or(true),
        template,
    })
}

/// A webhook whose secret was given but could not be had must not be sent with a generated one.
fn required(secret: Option<SecretString>, keys: &Keys<'_>) -> Option<Option<SecretString>> {
    let given = keys.secret.is_some() || keys.secret_file.is_some();
    (secret.is_some() || !given).then_some(secret)
}

/// The address, judged by the destination guard.
pub(crate) fn address(
    given: &Given<Secret>,
    around: &Spot,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Option<SafeUrl> {
    let Some(at) = given else {
        findings.error(around, "`url` is missing").help("give the address that gets the requests");
        return None;
    };
    match SafeUrl::parse(at.value.as_ref()?.0.expose_secret(), policy) {
        Ok(url) => Some(url),
        Err(blocked) => {
            findings.error(&at.spot, blocked.to_string());
            None
        }
    }
}

/// An address that may be left out. The outer `None`: it was given, but is no good or could not be read.
pub(crate) fn optional(given: &Given<Secret>, policy: &Policy, findings: &mut Findings<'_>) -> Option<Option<SafeUrl>> {
    match given {
        Some(at) => address(given, &at.spot, policy, findings).map(Some),
        None => Some(None),
    }
}

fn note_service(url: &SafeUrl, keys: &Keys<'_>, findings: &mut Findings<'_>) {
    if let (Some(service), Some(at), None) = (Service::for_url(url.url()), keys.url, keys.template) {
        let name = service.name();
        let message = format!("an address of {name}, which takes no raw events: it gets a message in {name}'s form");
        findings.warn(&at.spot, message).help("give a `template` for another form");
    }
}

fn retries(given: &Given<u64>, findings: &mut Findings<'_>) -> u32 {
    match (given, value(given)) {
        (Some(at), Some(count)) if *count > MOST_RETRIES => {
            findings.error(&at.spot, format!("must be from 0 to {MOST_RETRIES}"));
            3
        }
        (_, count) => count.and_then(|count| u32::try_from(*count).ok()).unwrap_or(3),
    }
}
