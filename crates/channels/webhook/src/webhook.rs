//! The channel itself: render, scrub, sign, post. One attempt; retries and users are the engine's business.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tidings_core::{Channel, Envelope, ErrorKind, KeepAll, OwnSecrets, Payload, Problem, Receipt, Scrub, SendError};
use tidings_http::{BuildError, Client, HeaderMap, Request, SafeUrl};
use tidings_render::{Message, chat::Service, scrubbed};

use crate::{
    config::{Transform, WebhookConfig},
    generate_secret, headers,
};

/// Why a webhook cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// Settings are wrong: all of them.
    #[error("{}", Problem::told(.0))]
    Invalid(Vec<Problem>),
    /// No secret could be generated.
    #[error("the system gives no randomness for a secret: {0}")]
    Random(getrandom::Error),
    /// A client of its own could not be built.
    #[error("cannot build the webhook's client")]
    Client(#[from] BuildError),
}

/// A webhook. `Debug` shows the destination's host, never path, header values or secrets.
pub struct Webhook {
    url: SafeUrl,
    client: Client,
    user_headers: HeaderMap,
    secrets: Vec<SecretString>,
    generated: bool,
    redact: bool,
    body: Body,
}

/// What gives the body.
enum Body {
    Json,
    Chat(Service),
    Transform(Transform),
}

impl Webhook {
    /// A webhook that sends through this client. One that may reach private networks gets a client of its own, unless this one
    /// may do so already.
    ///
    /// # Errors
    /// Tells every wrong setting at once.
    pub fn new(config: WebhookConfig, client: &Client) -> Result<Self, WebhookError> {
        let problems = config.validate(client.policy());
        if !problems.is_empty() {
            return Err(WebhookError::Invalid(problems));
        }
        let client = client_for(&config, client)?;
        let url = SafeUrl::parse(&config.url, client.policy()).map_err(|blocked| {
            WebhookError::Invalid(vec![Problem { key: "url".to_owned(), text: blocked.to_string() }])
        })?;
        let generated = config.secrets.is_empty();
        let secrets =
            if generated { vec![generate_secret().map_err(WebhookError::Random)?] } else { config.secrets.clone() };
        let body = match (config.service(), config.transform) {
            (_, Some(transform)) => Body::Transform(transform),
            (Some(service), None) => Body::Chat(service),
            (None, None) => Body::Json,
        };
        let (user_headers, _) = headers::read(&config.headers);
        Ok(Self { url, client, user_headers, secrets, generated, redact: config.redact_sensitive, body })
    }

    /// The secret that was made because none was given: to be shown once, and stored.
    #[must_use]
    pub fn generated_secret(&self) -> Option<&SecretString> {
        self.secrets.first().filter(|_| self.generated)
    }

    /// The final bytes for this envelope: rendered, and scrubbed unless that is switched off.
    ///
    /// # Errors
    /// If the transform fails, or if nothing that could be sent is left of a chat service's body.
    pub fn body(&self, envelope: &Envelope) -> Result<Vec<u8>, SendError> {
        let payload = &envelope.payload;
        let rendered = match &self.body {
            Body::Chat(service) => return chat(*service, payload, self.scrub(envelope)),
            Body::Transform(transform) => transform(payload)?,
            Body::Json => return self.json(envelope),
        };
        Ok(if self.redact { envelope.scrub.scrub(&rendered).into_owned() } else { rendered })
    }

    fn scrub<'a>(&self, envelope: &'a Envelope) -> &'a dyn Scrub {
        if self.redact { envelope.scrub.as_ref() } else { &KeepAll }
    }

    /// The message's own JSON; where the redactor has read it before, as it was read.
    fn json(&self, envelope: &Envelope) -> Result<Vec<u8>, SendError> {
        if let Some(clean) = self.scrub(envelope).clean_json() {
            return Ok(clean.to_vec());
        }
        let unknown = |error| SendError::permanent(ErrorKind::Render, "the message has no JSON form").caused_by(error);
        let json: Vec<u8> = envelope.payload.to_json().map_err(unknown)?;
        Ok(self.scrub(envelope).scrub(&json).into_owned())
    }
}

impl Channel for Webhook {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let body = self.body(envelope)?;
        let event = headers::event_type(&envelope.payload, self.scrub(envelope));
        let headers = headers::build(envelope, &body, &event, &self.secrets, &self.user_headers);
        let scrub = OwnSecrets::new(envelope.scrub.as_ref(), self.secrets.iter().map(ExposeSecret::expose_secret));
        let request = Request { url: &self.url, headers, body, now: envelope.now, scrub: &scrub };
        self.client.post(request).await
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.user_headers.keys().map(ToString::to_string).collect();
        f.debug_struct("Webhook")
            .field("url", &self.url)
            .field("headers", &names)
            .field("secrets", &self.secrets.len())
            .field("redact", &self.redact)
            .finish_non_exhaustive()
    }
}

fn client_for(config: &WebhookConfig, client: &Client) -> Result<Client, BuildError> {
    let policy = config.policy(client.policy());
    if policy == *client.policy() { Ok(client.clone()) } else { client.with_policy(policy) }
}

/// A chat service's body: no limit of it leaves half a secret.
fn chat(service: Service, payload: &Payload, scrub: &dyn Scrub) -> Result<Vec<u8>, SendError> {
    let message = Message::of(payload).scrubbed(scrub);
    let body = scrubbed::object(service.body(message), scrub)?;
    Ok(Value::Object(body).to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidings_core::Notification;
    use tidings_http::ClientConfig;
    use tidings_redact::Redactor;
    use tidings_testkit::samples;

    use super::*;

    const TOKEN: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

    fn body(url: &str, text: &str, redact: bool) -> String {
        let client = Client::new(ClientConfig::default()).unwrap();
        let webhook = Webhook::new(WebhookConfig::new(url).redact_sensitive(redact), &client).unwrap();
        let told = Notification { body: text.to_owned(), ..samples::notification(text) };
        let mut envelope = samples::envelope("x", Payload::Notification(Arc::new(told)));
        envelope.scrub = Arc::new(Redactor::default());
        String::from_utf8(webhook.body(&envelope).unwrap()).unwrap()
    }

    #[test]
    fn no_limit_of_a_chat_service_leaves_half_a_secret() {
        for url in [
            "https://hooks.slack.com/services/T0/B0/x",
            "https://discord.com/api/webhooks/1/x",
            "https://contoso.webhook.office.com/webhookb2/x",
            "https://chat.googleapis.com/v1/spaces/A/messages?key=x&token=y",
        ] {
            // What fills a limit to its end, so that a token would be cut in two.
            for fill in [110, 135, 230, 240, 980, 1960, 1980, 2980, 3980, 4080] {
                let text = format!("{} {TOKEN}", "x".repeat(fill));
                let sent = body(url, &text, true);
                assert!(!sent.contains(&TOKEN[..8]), "{url} {fill}: {sent}");
                assert!(serde_json::from_str::<Value>(&sent).is_ok_and(|sent| sent.is_object()));
            }
            assert!(body(url, TOKEN, false).contains(TOKEN), "{url}");
        }
    }
}
