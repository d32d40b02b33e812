//! Twilio's API for messages: the settings, the request, and what an answer means. Twilio knows no idempotency key, so delivery is at
//! least once. Source: Twilio's reference of the Messages resource.

pub(crate) mod answer;
mod settings;

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret;
use tidings_core::{DeliveryId, SendError};
use tidings_http::{Client, HeaderMap, HeaderName, HeaderValue, Request, SafeUrl};
use url::{Url, form_urlencoded::Serializer};

pub use self::settings::{Sender, Twilio};
use super::{Answered, Job};

/// The query parameter of the status callback that carries the delivery id.
pub(crate) const DELIVERY: &str = "delivery";

/// Twilio with its settings checked.
pub(crate) struct TwilioLink {
    pub(crate) settings: Twilio,
    pub(crate) url: SafeUrl,
}

impl TwilioLink {
    /// Posts the text once.
    pub(crate) async fn send(&self, client: &Client, job: &Job<'_>) -> Result<Answered, SendError> {
        // Of Twilio's words nothing is kept; should that change, these are out of them.
        let own = [self.settings.account_sid.as_str(), self.settings.auth_token.expose_secret()];
        let scrub = job.scrub(own);
        let body = self.form(job).into_bytes();
        let request = Request { url: &self.url, headers: self.headers(), body, now: job.envelope.now, scrub: &scrub };
        let exchange = client.exchange(request).await?;
        Ok(Answered::read(exchange, job.segments))
    }

    fn form(&self, job: &Job<'_>) -> String {
        let (key, sender) = match &self.settings.sender {
            Sender::Number(number) => ("From", number),
            Sender::Service(service) => ("MessagingServiceSid", service),
        };
        let mut form = Serializer::new(String::new());
        form.append_pair("To", job.outgoing.to).append_pair(key, sender).append_pair("Body", job.outgoing.text);
        if let Some(url) = &self.settings.status_callback {
            form.append_pair("StatusCallback", &with_delivery(url, job.outgoing.delivery));
        }
        form.finish()
    }

    fn headers(&self) -> HeaderMap {
        let credentials = format!("{}:{}", self.settings.account_sid, self.settings.auth_token.expose_secret());
        let basic = format!("Basic {}", STANDARD.encode(credentials));
        let mut headers = HeaderMap::new();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(HeaderName::from_static("content-type"), form);
        // Base64 is always a header value.
        if let Ok(mut basic) = HeaderValue::from_str(&basic) {
            basic.set_sensitive(true);
            headers.insert(HeaderName::from_static("authorization"), basic);
        }
        headers
    }
}

/// The callback's URL with the delivery id, so that a report finds its delivery even where it comes before the answer does.
fn with_delivery(url: &str, delivery: DeliveryId) -> String {
    let Ok(mut url) = Url::parse(url) else { return url.to_owned() };
    url.query_pairs_mut().append_pair(DELIVERY, &delivery.to_string());
    url.into()
}
