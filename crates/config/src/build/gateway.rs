//! A gateway for text messages: any provider that takes an HTTP request. Its body is a template, tried here with a text that would break
//! out of its place.

use tidings_http::Policy;
use tidings_template::Template;

use crate::{
    build::{headers, keys, templates, webhook},
    plan::{GatewayPlan, SmsContent},
    problem::{Findings, Spot},
    raw::Channel,
};

/// What the body may name.
const NAMES: &[&str] = &["to", "text", "delivery_id"];
/// A text with whatever ends a place in JSON or in a form.
const HOSTILE: &str = "a\"b\\c'd&e=f%g+h\n#i;j{{k}}\u{2028}é";

/// The gateway; `None` where something of it is wrong or could not be read.
pub(crate) fn build(
    channel: &Channel,
    spot: &Spot,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Option<GatewayPlan> {
    let url = webhook::address(&channel.url, spot, policy, findings);
    let headers = headers::build(&channel.headers, findings);
    if channel.template.is_none() {
        let help = "give the body: '{\"to\": {{ to | tojson }}, \"text\": {{ text | tojson }}}', or 'to={{ to }}&text={{ text }}'";
        keys::missing("template", help, spot, findings);
    }
    let body = templates::of_names(&channel.template, NAMES, findings)?;
    let content = content(&body);
    let plan = GatewayPlan { url: url?, headers, body, content };
    if let (Some(at), false) = (&channel.template, holds(&plan)) {
        let (message, help) = match content {
            SmsContent::Json => {
                ("a text with quotes in it would break the JSON", "write {{ text | tojson }}, without quotes around it")
            }
            SmsContent::Form => ("the body is neither JSON nor a form", "as 'to={{ to }}&text={{ text }}'"),
        };
        findings.error(&at.spot, message).help(help);
    }
    if let Some(at) = &channel.template {
        lost(&plan, &at.spot, findings);
    }
    Some(plan)
}

/// Warns of a body that says the same whatever is told, or whomever.
fn lost(plan: &GatewayPlan, spot: &Spot, findings: &mut Findings<'_>) {
    let body = |to: &str, text: &str| plan.render(to, text, "d").ok();
    if body("0", "a") == body("0", "b") {
        findings.warn(spot, "the body holds no text: nobody learns what happened").help("put {{ text }} into it");
    }
    if body("0", "a") == body("1", "a") {
        findings
            .warn(spot, "the body holds no number: the gateway is not told whom to reach")
            .help("put {{ to }} into it, unless the gateway has one receiver");
    }
}

/// What the body is, by how it begins.
fn content(body: &Template) -> SmsContent {
    let values = serde_json::json!({"to": "0", "text": "0", "delivery_id": "0"});
    let begins = body.render(&values).is_ok_and(|text| text.trim_start().starts_with(['{', '[']));
    if begins { SmsContent::Json } else { SmsContent::Form }
}

/// Whether the body stays in its form with a hostile text in it, and the text whole.
fn holds(plan: &GatewayPlan) -> bool {
    let (Ok(plain), Ok(body)) = (plan.render("+15550100", "a", "d"), plan.render("+15550100", HOSTILE, "d")) else {
        return false;
    };
    match plan.content {
        SmsContent::Json => {
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            read(&plain).zip(read(&body)).is_some_and(|(plain, body)| leaves(&plain) == leaves(&body))
        }
        SmsContent::Form => is_form(&body) && body.matches('&').count() == plain.matches('&').count(),
    }
}

/// How many values there are within.
fn leaves(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(items) => items.iter().map(leaves).sum(),
        serde_json::Value::Object(map) => map.values().map(leaves).sum(),
        _ => 1,
    }
}

fn is_form(body: &str) -> bool {
    let pair = |pair: &str| pair.split_once('=').is_some_and(|(name, _)| !name.is_empty());
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte);
    body.split('&').all(pair) && body.bytes().all(plain)
}
