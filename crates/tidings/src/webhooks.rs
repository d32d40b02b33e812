//! Webhooks from a configuration, over one shared client. Without the feature `webhook` each of them is an error that says so.

use std::sync::Arc;

use tidings_config::{Plan, WebhookPlan};
use tidings_core::DynChannel;

use crate::Error;

/// Makes webhooks.
#[cfg(not(feature = "webhook"))]
pub(crate) struct Webhooks;

#[cfg(not(feature = "webhook"))]
impl Webhooks {
    pub(crate) fn new(_: &Plan) -> Result<Self, Error> {
        Ok(Self)
    }

    pub(crate) fn channel(&self, name: &str, _: WebhookPlan) -> Result<Arc<dyn DynChannel>, Error> {
        Err(Error::Feature { name: name.to_owned(), feature: "webhook" })
    }
}

#[cfg(feature = "webhook")]
pub(crate) use with_client::Webhooks;

#[cfg(feature = "webhook")]
mod with_client {
    use secrecy::ExposeSecret;
    use tidings_core::{ErrorKind, Payload, SendError};
    use tidings_http::{Client, ClientConfig};
    use tidings_template::{Template, context_of};
    use tidings_webhook::{Webhook, WebhookConfig};

    use super::{Arc, DynChannel, Error, Plan, WebhookPlan};

    /// Makes webhooks.
    pub(crate) struct Webhooks(Client);

    impl Webhooks {
        pub(crate) fn new(plan: &Plan) -> Result<Self, Error> {
            Ok(Self(Client::new(ClientConfig { policy: plan.destinations.clone(), ..ClientConfig::default() })?))
        }

        pub(crate) fn channel(&self, name: &str, plan: WebhookPlan) -> Result<Arc<dyn DynChannel>, Error> {
            let webhook = Webhook::new(config(plan), &self.0)?;
            if webhook.generated_secret().is_some() {
                tracing::warn!(webhook = name, "it has no secret: one was made, and changes at every start");
            }
            Ok(Arc::new(webhook))
        }
    }

    fn config(plan: WebhookPlan) -> WebhookConfig {
        let mut config = WebhookConfig::new(plan.url.url().as_str())
            .redact_sensitive(plan.redact_sensitive)
            .allow_private_networks(plan.policy.private);
        config.headers =
            plan.headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect();
        config.secrets = plan.secret.into_iter().collect();
        match plan.template {
            Some(template) => config.transform(move |payload| render(&template, payload)),
            None => config,
        }
    }

    /// The body that a template gives; it sees the fields of the message and the message as a whole.
    fn render(template: &Template, payload: &Payload) -> Result<Vec<u8>, SendError> {
        let rendered = match payload {
            Payload::Event(event) => template.render(&context_of(event)),
            Payload::Notification(told) => {
                let mut values = serde_json::to_value(told.as_ref()).unwrap_or_default();
                values["notification"] = values.clone();
                values["kind"] = told.kind.as_str().into();
                values["incident"] = told.incident.map(|incident| incident.to_string()).into();
                template.render(&values)
            }
            _ => return Err(SendError::permanent(ErrorKind::Render, "a template cannot show this kind of message")),
        };
        rendered.map(String::into_bytes).map_err(|error| {
            SendError::permanent(ErrorKind::Render, "the template cannot be rendered").caused_by(error)
        })
    }
}
