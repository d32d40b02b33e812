//! The services with hosts of their own: what stands in the address is their tokens.

use super::{AddressError, Described, parts::Parts};
use crate::percent::encode;

/// `slack://[name@]T/B/X`. The name is the sender's, which a webhook of today has already.
pub(super) fn slack(parts: &mut Parts) -> Result<Described, AddressError> {
    let form = "slack://T/B/X, as in https://hooks.slack.com/services/T/B/X; the webhook knows its channel";
    let [team, bot, token] = parts.exactly::<3>(form)?;
    let url = format!("https://hooks.slack.com/services/{}/{}/{}", encode(&team), encode(&bot), encode(&token));
    Ok(Described::new("slack").key("url", url))
}

/// `discord://[name@]id/token`.
pub(super) fn discord(parts: &mut Parts) -> Result<Described, AddressError> {
    let [id, token] = parts.exactly::<2>("discord://id/token, as in https://discord.com/api/webhooks/id/token")?;
    let thread = parts.take("thread").map(|thread| format!("?thread_id={}", encode(&thread))).unwrap_or_default();
    let url = format!("https://discord.com/api/webhooks/{}/{}{thread}", encode(&id), encode(&token));
    Ok(Described::new("discord").key("url", url))
}

/// `workflows://host/workflow/signature`, or the connectors' older `msteams://team/group@tenant/channel/owner[/token]`.
pub(super) fn teams(parts: &mut Parts) -> Result<Described, AddressError> {
    let form = "workflows://host/workflow/signature, or msteams://team/group@tenant/channel/owner";
    parts.no_login(form)?;
    if parts.authority.contains('.') {
        return workflow(parts, form);
    }
    let team = encode(&parts.authority);
    let (Some(group), 3..=4) = (parts.path.first().filter(|group| group.contains('@')), parts.path.len()) else {
        return Err(parts.wrong(form));
    };
    let rest: Vec<String> = parts.path.iter().skip(1).map(|part| encode(part)).collect();
    let group = encode(group).replace("%40", "@");
    let url = format!("https://{team}.webhook.office.com/webhookb2/{group}/IncomingWebhook/{}", rest.join("/"));
    Ok(Described::new("teams").key("url", url))
}

fn workflow(parts: &mut Parts, form: &str) -> Result<Described, AddressError> {
    let place = parts.place()?;
    let [_, workflow, signature] = parts.exactly::<3>(form)?;
    let version = parts.take("ver").unwrap_or_else(|| "2016-06-01".to_owned());
    let url = format!(
        "https://{place}/workflows/{}/triggers/manual/paths/invoke?api-version={}&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={}",
        encode(&workflow),
        encode(&version),
        encode(&signature)
    );
    Ok(Described::new("teams").key("url", url).at(place))
}

/// `gchat://space/key/token`.
pub(super) fn google_chat(parts: &mut Parts) -> Result<Described, AddressError> {
    let form =
        "gchat://space/key/token, as in https://chat.googleapis.com/v1/spaces/space/messages?key=key&token=token";
    parts.no_login(form)?;
    let [space, key, token] = parts.exactly::<3>(form)?;
    let (space, key, token) = (encode(&space), encode(&key), encode(&token));
    let url = format!("https://chat.googleapis.com/v1/spaces/{space}/messages?key={key}&token={token}");
    Ok(Described::new("google_chat").key("url", url))
}

/// `tgram://token[/chat]`.
pub(super) fn telegram(parts: &mut Parts) -> Result<Described, AddressError> {
    let form = "tgram://123456789:token/chat";
    parts.no_login(form)?;
    let token = parts.authority.strip_prefix("bot").unwrap_or(&parts.authority).to_owned();
    if token.is_empty() {
        return Err(parts.wrong(form));
    }
    let chat = parts.receiver(form)?;
    Ok(Described::new("telegram").key("token", token).maybe("chat_id", chat))
}

/// `pagerduty://routing_key` or `pagerduty://routing_key@api_key`; events need no API key.
pub(super) fn pagerduty(parts: &mut Parts) -> Result<Described, AddressError> {
    let form = "pagerduty://integration_key@api_key, or pagerduty://integration_key";
    parts.no_path(form)?;
    let url = region(parts, "https://events.pagerduty.com", "https://events.eu.pagerduty.com")?;
    let key = parts.user.clone().unwrap_or_else(|| parts.authority.clone());
    if key.is_empty() || parts.password.is_some() {
        return Err(parts.wrong(form));
    }
    Ok(Described::new("pagerduty").key("routing_key", key).maybe("url", url))
}

/// `opsgenie://api_key`.
pub(super) fn opsgenie(parts: &mut Parts) -> Result<Described, AddressError> {
    let form = "opsgenie://api_key; who is told, the integration knows";
    parts.no_login(form)?;
    parts.no_path(form)?;
    let url = region(parts, "https://api.opsgenie.com", "https://api.eu.opsgenie.com")?;
    if parts.authority.is_empty() {
        return Err(parts.wrong(form));
    }
    Ok(Described::new("opsgenie").key("api_key", parts.authority.clone()).maybe("url", url))
}

/// The base of the region that the address names.
fn region(parts: &mut Parts, us: &str, eu: &str) -> Result<Option<String>, AddressError> {
    match parts.take("region").as_deref().map(str::to_ascii_lowercase).as_deref() {
        None => Ok(None),
        Some("us") => Ok(Some(us.to_owned())),
        Some("eu") => Ok(Some(eu.to_owned())),
        Some(_) => Err(AddressError::new("the region is not known", "`region=us` or `region=eu`")),
    }
}

/// `pover://user_key@token`.
pub(super) fn pushover(parts: &mut Parts) -> Result<Described, AddressError> {
    let form = "pover://user_key@token; a device cannot be named";
    parts.no_path(form)?;
    if parts.authority.is_empty() || parts.password.is_some() {
        return Err(parts.wrong(form));
    }
    let user = parts.user.clone();
    Ok(Described::new("pushover").key("token", parts.authority.clone()).maybe("user_key", user))
}

/// `twilio://account_sid:auth_token@from[/to]`.
pub(super) fn twilio(parts: &mut Parts) -> Result<Described, AddressError> {
    let form = "twilio://account_sid:auth_token@from/to";
    let (Some(sid), Some(token), false) = (parts.user.clone(), parts.password.clone(), parts.authority.is_empty())
    else {
        return Err(parts.wrong(form));
    };
    let service = parts.authority.starts_with("MG") && parts.authority.len() == 34;
    let from = if service { parts.authority.clone() } else { number(&parts.authority) };
    let to = match (parts.receiver(form)?, parts.take("to")) {
        (Some(_), Some(_)) => return Err(parts.wrong(form)),
        (one, other) => one.or(other).map(|to| number(&to)),
    };
    let described = Described::new("sms").key("provider", "twilio").key("account_sid", sid).key("auth_token", token);
    Ok(described.key(if service { "messaging_service_sid" } else { "from" }, from).maybe("to", to))
}

/// A number that is longer than a short code is international, with or without its plus.
fn number(text: &str) -> String {
    let long = text.len() > 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if long { format!("+{text}") } else { text.to_owned() }
}
