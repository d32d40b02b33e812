//! Webhooks from a configuration.

use std::sync::Arc;

use secrecy::ExposeSecret;
use tidings_config::WebhookPlan;
use tidings_core::DynChannel;
use tidings_http::Client;
use tidings_template::Template;
use tidings_webhook::{Webhook, WebhookConfig};

use super::template;
use crate::Error;

/// The channel of a plan.
pub(super) fn channel(name: &str, plan: WebhookPlan, client: &Client) -> Result<Arc<dyn DynChannel>, Error> {
    let webhook = Webhook::new(config(plan), client)?;
    if webhook.generated_secret().is_some() {
        tracing::warn!(webhook = name, "it has no secret: one was made, and changes at every start");
    }
    Ok(Arc::new(webhook))
}

fn config(plan: WebhookPlan) -> WebhookConfig {
    let mut config = WebhookConfig::new(plan.url.url().as_str())
        .redact_sensitive(plan.redact_sensitive)
        .allow_private_networks(plan.policy.private);
    config.headers =
        plan.headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect();
    config.secrets = plan.secret.into_iter().collect();
    match plan.template {
        Some(template) => config.transform(body(template)),
        None => config,
    }
}

/// The body that a template gives.
fn body(
    template: Template,
) -> impl Fn(&tidings_core::Payload) -> Result<Vec<u8>, tidings_core::SendError> + Send + Sync + 'static {
    move |payload| template::render(&template, payload).map(String::into_bytes)
}
