//! Text messages: the provider, the sender, and how long a message may be.

use std::path::PathBuf;

use tidings_http::Policy;

use crate::{
    build::{Site, chat, gateway, keys, people, secrets, secrets::SecretKey, templates, webhook},
    plan::{SmsPlan, SmsProvider, SmsSender, TwilioPlan},
    problem::{Findings, Spot},
    raw::Channel,
    read::value,
};

/// The keys that only Twilio has.
const OF_TWILIO: [&str; 6] =
    ["account_sid", "auth_token", "auth_token_file", "messaging_service_sid", "status_callback", "from"];

#[derive(Clone, Copy)]
enum Provider {
    Twilio,
    Gateway,
}

/// Text messages; `None` where something of it is wrong or could not be read.
pub(crate) fn build(channel: &Channel, spot: &Spot, site: &Site<'_>, findings: &mut Findings<'_>) -> Option<SmsPlan> {
    let private = value(&channel.allow_private_networks).copied().unwrap_or(false);
    let policy = Policy { private, ..site.destinations.clone() };
    let max_parts = keys::within(&channel.max_parts, 1..=10, 2, findings);
    let suppressions_file = keys::text(&channel.suppressions_file, findings);
    let words = [("twilio", Provider::Twilio), ("http", Provider::Gateway)];
    let chosen = keys::word(&channel.provider, &words, findings)?;
    let (provider, template) = match chosen {
        Some(Provider::Twilio) => {
            let template = templates::of_webhook(&channel.template, findings);
            (twilio(channel, spot, &policy, site, findings).map(SmsProvider::Twilio), template)
        }
        Some(Provider::Gateway) => {
            foreign(channel, findings);
            (gateway::build(channel, spot, &policy, findings).map(SmsProvider::Gateway), None)
        }
        None => {
            keys::missing("provider", "`twilio`, or `http` for any other", spot, findings);
            return None;
        }
    };
    Some(SmsPlan {
        provider: provider?,
        max_parts,
        template,
        suppressions_file: suppressions_file?.map(PathBuf::from),
        redact_sensitive: value(&channel.redact_sensitive).copied().unwrap_or(true),
        policy,
    })
}

fn foreign(channel: &Channel, findings: &mut Findings<'_>) {
    for (key, spot) in channel.given().into_iter().filter(|(key, _)| OF_TWILIO.contains(key)) {
        let help = "a gateway gets what the template says";
        findings.error(&spot.at_key(), format!("`{key}` does not belong to the provider `http`")).help(help);
    }
}

fn twilio(
    channel: &Channel,
    spot: &Spot,
    policy: &Policy,
    site: &Site<'_>,
    findings: &mut Findings<'_>,
) -> Option<TwilioPlan> {
    if let Some(at) = &channel.headers {
        findings.error(&at.spot.at_key(), "`headers` does not belong to the provider `twilio`");
    }
    let account_sid = keys::needed(&channel.account_sid, "account_sid", "it begins with AC", spot, findings);
    // It stands in the path of every request, so it must not be able to end it.
    let plain = |sid: &String| sid.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if let (Some(at), Some(false)) = (&channel.account_sid, account_sid.as_ref().map(plain)) {
        findings.error(&at.spot, "not an account: expected AC and 32 digits or letters");
    }
    let token = SecretKey { name: "auth_token", inline: &channel.auth_token, file: Some(&channel.auth_token_file) };
    let auth_token = secrets::needed(&token, spot, site, findings);
    let sender = sender(channel, spot, findings);
    let status_callback = webhook::optional(&channel.status_callback, &Policy::default(), findings);
    let api_url = chat::base(&channel.url, policy, findings);
    Some(TwilioPlan {
        account_sid: account_sid?,
        auth_token: auth_token?,
        sender: sender?,
        status_callback: status_callback?,
        api_url: api_url?,
    })
}

fn sender(channel: &Channel, spot: &Spot, findings: &mut Findings<'_>) -> Option<SmsSender> {
    match (&channel.from, &channel.messaging_service_sid) {
        (Some(at), None) => {
            let number = keys::text(&channel.from, findings)??;
            if is_sender(&number) {
                return Some(SmsSender::Number(number));
            }
            findings.error(&at.spot, "not a sender: expected +15550100, a short code, or a name of at most 11 letters");
        }
        (None, Some(_)) => return keys::text(&channel.messaging_service_sid, findings)?.map(SmsSender::Service),
        (Some(_), Some(at)) => {
            findings
                .error(&at.spot.at_key(), "`from` and `messaging_service_sid` are both given")
                .help("keep one of them");
        }
        (None, None) => {
            let help = "give the number that sends, or the messaging service";
            findings.error(&spot.at_key(), "`from` and `messaging_service_sid` are missing").help(help);
        }
    }
    None
}

/// A number, a short code of 3 to 8 digits, or a name of up to 11 letters, digits and blanks with a letter in it.
fn is_sender(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" +-_&".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_alphabetic());
    people::is_phone(text) || digits && (3..=8).contains(&text.len()) || name && text.len() <= 11
}
