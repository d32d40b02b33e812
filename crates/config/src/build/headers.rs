//! Headers that a webhook adds. Those that carry the signature or the connection are not the user's to give.

use std::collections::HashMap;

use secrecy::{ExposeSecret, SecretString};

use crate::{
    problem::Findings,
    read::{At, Given, Named},
    suggest::shown,
    values::Secret,
};

/// Headers that we send ourselves, or that say where a request ends and where it goes.
const OURS: [&str; 17] = [
    "content-type",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "host",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "proxy-authorization",
    "accept-encoding",
];

/// Headers whose value is a secret as a rule.
const SECRET: [&str; 7] =
    ["authorization", "cookie", "x-api-key", "api-key", "x-auth-token", "x-gitlab-token", "x-access-token"];

/// The headers in the file's order.
pub(crate) fn build(given: &Given<Named<Secret>>, findings: &mut Findings<'_>) -> Vec<(String, SecretString)> {
    let Some(named) = given.as_ref().and_then(|at| at.value.as_ref()) else { return Vec::new() };
    let mut seen: HashMap<String, String> = HashMap::new();
    let mut headers = Vec::new();
    for (name, at) in &named.0 {
        let key = at.spot.at_key();
        if let Some(first) = seen.insert(name.to_ascii_lowercase(), name.clone()) {
            let message = format!("`{}` and `{}` are the same header", shown(&first), shown(name));
            findings.error(&key, message).help("header names do not differ by case: keep one");
        } else if is_our_content_type(name, at) {
            // What is sent anyway does no harm.
        } else if let Some(message) = bad_name(name) {
            findings.error(&key, message);
        } else if let Some(value) = good_value(name, at, findings) {
            headers.push((name.clone(), value));
        }
    }
    headers
}

fn is_our_content_type(name: &str, at: &At<Secret>) -> bool {
    let ours = |value: &Secret| value.0.expose_secret().trim().eq_ignore_ascii_case("application/json");
    name.eq_ignore_ascii_case("content-type") && at.value.as_ref().is_some_and(ours)
}

fn bad_name(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || !name.bytes().all(plain) {
        return Some("a header name holds letters, digits and hyphens".to_owned());
    }
    let ours = OURS.contains(&lower.as_str()) || lower.starts_with("x-promptise-");
    ours.then(|| format!("the header `{}` is set by the webhook itself", shown(name)))
}

fn good_value(name: &str, at: &At<Secret>, findings: &mut Findings<'_>) -> Option<SecretString> {
    let value = &at.value.as_ref()?.0;
    if !value.expose_secret().chars().all(|c| c == '\t' || c == ' ' || c.is_ascii_graphic()) {
        findings.error(&at.spot, "a header's value is printable ASCII in one line");
        return None;
    }
    lint(name, at, findings);
    Some(value.clone())
}

fn lint(name: &str, at: &At<Secret>, findings: &mut Findings<'_>) {
    let secret = SECRET.contains(&name.to_ascii_lowercase().as_str());
    let filled = at.value.as_ref().is_some_and(|value| !value.0.expose_secret().is_empty());
    if secret && at.literal && filled {
        findings.lint(&at.spot, "an inline secret").help("put it in a variable: ${NAME}");
    }
}
