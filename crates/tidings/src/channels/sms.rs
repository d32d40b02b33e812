//! Text messages from a configuration.

use std::{io, path::PathBuf, sync::Arc};

use secrecy::ExposeSecret;
use tidings_config::{
    ChannelKind, ChannelPlan, GatewayPlan, Plan, SmsContent, SmsPlan, SmsProvider, SmsSender, TwilioPlan,
};
use tidings_core::{DynChannel, ErrorKind, KeepAll, Notification, Payload, Scrub, SendError};
use tidings_http::Client;
use tidings_sms::{
    Body, FileSuppressions, Gateway, MemorySuppressions, Outgoing, Preview, Provider, Sender, Sms, SmsConfig,
    Suppressions, Twilio, Writer,
};
use tidings_template::Template;

use super::template;
use crate::{Error, assemble::redactor};

/// The list of numbers that said STOP, one for all channels, since a STOP holds for every sender: in the file that one of them names, else
/// beside the store, else in memory. `None` where there is no channel for text messages.
pub(super) fn list(plan: &Plan) -> Result<Option<Arc<dyn Suppressions>>, Error> {
    let all = plan.channels.values().filter_map(|channel| match &channel.kind {
        ChannelKind::Sms(sms) => Some(sms.suppressions_file.as_ref()),
        _ => None,
    });
    let all: Vec<_> = all.collect();
    if all.is_empty() {
        return Ok(None);
    }
    let mut named = all.into_iter().flatten();
    let first = named.next();
    if let Some(other) = named.find(|other| Some(*other) != first) {
        let text = "another channel names another file, and a STOP holds for all of them: name one file";
        return Err(unusable(other.clone(), io::Error::new(io::ErrorKind::InvalidInput, text)));
    }
    let beside = || plan.store.as_ref().map(|store| PathBuf::from(format!("{}.stopped", store.path.display())));
    let Some(path) = first.cloned().or_else(beside) else {
        return Ok(Some(Arc::new(MemorySuppressions::default())));
    };
    match FileSuppressions::open(&path) {
        Ok(list) => Ok(Some(Arc::new(list))),
        Err(error) => Err(unusable(path, error)),
    }
}

const fn unusable(path: PathBuf, error: io::Error) -> Error {
    Error::Suppressions { path, error }
}

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
    suppressions: Option<Arc<dyn Suppressions>>,
) -> Result<Arc<dyn DynChannel>, Error> {
    let provider = match plan.provider {
        SmsProvider::Twilio(twilio) => Provider::Twilio(account(twilio)),
        SmsProvider::Gateway(own) => Provider::Gateway(gateway(own)),
    };
    let mut config = SmsConfig::new(provider)
        .max_parts(plan.max_parts.into())
        .redact_sensitive(plan.redact_sensitive)
        .allow_private_networks(plan.policy.private);
    config = match suppressions {
        Some(list) => config.suppressions(list),
        None => config,
    };
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
    let mut gateway = Gateway::new(plan.url.url().as_str(), body(plan.body));
    gateway.headers =
        plan.headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect();
    let content = match plan.content {
        SmsContent::Json => "application/json",
        SmsContent::Form => "application/x-www-form-urlencoded",
    };
    let is_said = gateway.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if is_said { gateway } else { gateway.header("Content-Type", content) }
}

/// The body that a template gives out of number, text and id.
fn body(template: Template) -> Body {
    Body::new(move |outgoing: &Outgoing<'_>| {
        let id = outgoing.delivery.to_string();
        let values = serde_json::json!({"to": outgoing.to, "text": outgoing.text, "delivery_id": id});
        template.render(&values).map(String::into_bytes).map_err(|error| {
            SendError::permanent(ErrorKind::Render, "the gateway's template cannot be rendered").caused_by(error)
        })
    })
}

#[cfg(test)]
mod tests {
    use tidings_config::{Environment, Options};

    use super::*;

    /// The list of a configuration with these channels for text messages.
    fn list_of(channels: &[(&str, &str)]) -> Result<Option<Arc<dyn Suppressions>>, Error> {
        let sms = "type: sms, provider: twilio, account_sid: AC01, auth_token: t, from: Agents";
        let channels: String = channels.iter().map(|(name, more)| format!("  {name}: {{{sms}{more}}}\n")).collect();
        let rules = "triggers:\n  - {name: failing, condition: error_rate > 0.05, channels: [log], user_ids: [me]}\n";
        let none = |_: &str| None;
        let options = Options { environment: Environment::Given(&none), ..Options::default() };
        let (plan, _) =
            tidings_config::load(&format!("channels:\n  a: {{type: log}}\n{channels}{rules}"), &options).unwrap();
        list(&plan)
    }

    #[test]
    fn one_list_holds_for_all_channels() {
        let folder = std::env::temp_dir().join(format!("tidings-list-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = |name: &str| format!(", suppressions_file: \"{}\"", folder.join(name).display());
        let (one, other) = (file("one"), file("other"));
        assert!(list_of(&[]).unwrap().is_none());
        assert!(format!("{:?}", list_of(&[("b", "")]).unwrap()).contains("MemorySuppressions"));
        // Whichever channel names the file, and whichever comes first.
        for channels in [[("b", ""), ("c", one.as_str())], [("b", &one), ("c", "")], [("b", &one), ("c", &one)]] {
            let list = list_of(&channels).unwrap().unwrap();
            list.suppress("+15550101").unwrap();
            assert!(FileSuppressions::open(folder.join("one")).unwrap().is_suppressed("+15550101").unwrap());
            std::fs::remove_file(folder.join("one")).unwrap();
        }
        let error = list_of(&[("b", &one), ("c", &other)]).unwrap_err().to_string();
        assert!(error.contains("other: ") && error.contains("name one file"), "{error}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
