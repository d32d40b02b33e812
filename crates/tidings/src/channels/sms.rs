//! Text messages from a configuration.

use std::sync::Arc;

use secrecy::ExposeSecret;
use tidings_config::{ChannelKind, ChannelPlan, GatewayPlan, SmsContent, SmsPlan, SmsProvider, SmsSender, TwilioPlan};
use tidings_core::{DynChannel, ErrorKind, KeepAll, Notification, Payload, Scrub, SendError};
use tidings_http::Client;
use tidings_sms::{Body, Gateway, Outgoing, Preview, Provider, Sender, Sms, SmsConfig, Suppressions, Twilio, Writer};

use super::template;
use crate::{Error, assemble::redactor};

/// The text message that a notification would leave as by this channel, without its secrets, and its parts; `None` for a channel of
/// another kind. It is for what a person has just worded: nothing of it is cut.
///
/// # Errors
/// If the channel's template cannot be rendered, or the text has more parts than the channel allows.
#[must_use]
pub fn preview_sms(channel: &ChannelPlan, notification: &Notification) -> Option<Result<Preview, SendError>> {
    let ChannelKind::Sms(plan) = &channel.kind else { return None };
    let redactor = redactor(channel.redact_sensitive, channel.redact_personal);
    let clean = match &redactor {
        Some(redactor) => redactor.redact_notification(notification),
        None => notification.clone(),
    };
    let scrub: &dyn Scrub = match &redactor {
        Some(redactor) if plan.redact_sensitive => redactor,
        _ => &KeepAll,
    };
    let writer = Writer::new(plan.max_parts.into());
    let writer = match &plan.template {
        Some(own) => writer.text(template::text(own.clone())),
        None => writer,
    };
    Some(writer.write_uncut(&Payload::Notification(Arc::new(clean)), scrub))
}

/// The channel of a plan.
pub(super) fn channel(
    plan: SmsPlan,
    client: &Client,
    suppressions: Arc<dyn Suppressions>,
) -> Result<Arc<dyn DynChannel>, Error> {
    let provider = match plan.provider {
        SmsProvider::Twilio(twilio) => Provider::Twilio(account(twilio)),
        SmsProvider::Gateway(own) => Provider::Gateway(gateway(own)),
    };
    let mut config = SmsConfig::new(provider)
        .max_parts(plan.max_parts.into())
        .redact_sensitive(plan.redact_sensitive)
        .allow_private_networks(plan.policy.private)
        .suppressions(suppressions);
    config.text = plan.template.map(template::text);
    Ok(Arc::new(Sms::new(config, client)?))
}

fn account(plan: TwilioPlan) -> Twilio {
    let sender = match plan.sender {
        SmsSender::Number(number) => Sender::Number(number),
        SmsSender::Service(service) => Sender::Service(service),
    };
    let mut twilio = Twilio::new(plan.account_sid, plan.auth_token, sender);
    twilio.status_callback = plan.status_callback.map(|url| url.url().to_string());
    twilio.api_url = plan.api_url.map(|url| url.url().to_string());
    twilio
}

fn gateway(plan: GatewayPlan) -> Gateway {
    let headers: Vec<_> =
        plan.headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect();
    let content = match plan.content {
        SmsContent::Json => "application/json",
        SmsContent::Form => "application/x-www-form-urlencoded",
    };
    let url = plan.url.url().to_string();
    let mut gateway = Gateway::new(&url, body(plan));
    let is_said = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    gateway.headers = headers;
    if is_said { gateway } else { gateway.header("Content-Type", content) }
}

/// The body that the plan's template gives out of number, text and id.
fn body(plan: GatewayPlan) -> Body {
    Body::new(move |outgoing: &Outgoing<'_>| {
        let rendered = plan.render(outgoing.to, outgoing.text, &outgoing.delivery.to_string());
        rendered.map(String::into_bytes).map_err(|error| {
            SendError::permanent(ErrorKind::Render, "the gateway's template cannot be rendered").caused_by(error)
        })
    })
}
