//! The channel itself: render, scrub, add our credentials, post. One attempt; retries and users are the engine's business.

use std::fmt;

use tidings_core::{Address, Channel, Envelope, ErrorKind, KeepAll, Problem, Receipt, Scrub, SendError};
use tidings_http::{BuildError, Client, HeaderMap, HeaderName, HeaderValue, Request, SafeUrl};
use tidings_render::Text;

use crate::{
    answer,
    config::{ChatConfig, is_receiver},
    order::Order,
    secret::OwnSecrets,
    service,
    subject::Subject,
    target::{Role, Target},
};

/// The header by which a delivery is known again; services ignore it, a receiver of your own may not.
const DELIVERY: &str = "x-tidings-delivery";
/// The shortest name of a receiver that is masked in what a service says: a shorter one would be found in every number.
const SHORTEST_RECEIVER: usize = 5;

/// Why a chat channel cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChatError {
    /// Settings are wrong: all of them.
    #[error("{}", Problem::told(.0))]
    Invalid(Vec<Problem>),
    /// A client of its own could not be built.
    #[error("cannot build the chat channel's client")]
    Client(#[from] BuildError),
}

/// A chat channel. `Debug` shows the service and its host, never path, credentials or receivers.
pub struct Chat {
    target: Target,
    base: SafeUrl,
    client: Client,
    text: Option<Text>,
    redact: bool,
}

impl Chat {
    /// A channel that sends through this client. One that may reach private networks gets a client of its own, unless this one may do
    /// so already.
    ///
    /// # Errors
    /// Tells every wrong setting at once.
    pub fn new(config: ChatConfig, client: &Client) -> Result<Self, ChatError> {
        let problems = config.validate(client.policy());
        if !problems.is_empty() {
            return Err(ChatError::Invalid(problems));
        }
        let base = config.base(client.policy()).map_err(|problem| ChatError::Invalid(vec![problem]))?;
        let client = client_for(&config, client)?;
        Ok(Self { target: config.target, base, client, text: config.text, redact: config.redact_sensitive })
    }

    /// Whom to send to: the user's address, or the receiver that was set. Empty where the service has none but its address.
    fn receiver<'a>(&'a self, to: Option<&'a Address>) -> Result<&'a str, SendError> {
        if !self.target.has_receivers() {
            return Ok("");
        }
        let own = self.target.setting(Role::Receiver);
        if let Some(receiver) = to.map(Address::as_str).or(own).filter(|receiver| is_receiver(receiver)) {
            return Ok(receiver);
        }
        let text = match to {
            Some(_) => format!("the user's address is none that {} could have", self.target.name()),
            None => format!("the user has no address on {}, and the channel has no receiver", self.target.name()),
        };
        Err(SendError::permanent(ErrorKind::NoAddress, text))
    }

    /// Where the order goes. A user's own webhook is judged as every other address of this channel.
    fn url(&self, order: &Order, to: Option<&Address>) -> Result<SafeUrl, SendError> {
        let text = match to.filter(|_| self.target.is_webhook()) {
            Some(address) => address.as_str().to_owned(),
            None => order.url(self.base.url()).into(),
        };
        SafeUrl::parse(&text, self.client.policy())
            .map_err(|blocked| SendError::permanent(ErrorKind::Destination, blocked.to_string()))
    }

    /// What a service may repeat and nobody should read.
    fn secrets<'a>(&'a self, receiver: &'a str) -> Vec<&'a str> {
        let set = self.target.settings().into_iter().map(|(_, role, value)| (role, value));
        let all = set.chain([(Role::Receiver, receiver)]);
        all.filter(|(role, value)| *role != Role::Receiver || value.len() >= SHORTEST_RECEIVER)
            .map(|(_, value)| value)
            .collect()
    }
}

impl Channel for Chat {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let to = envelope.to.as_ref();
        let receiver = self.receiver(to)?;
        let scrub: &dyn Scrub = if self.redact { envelope.scrub.as_ref() } else { &KeepAll };
        let subject = Subject::of(envelope, self.text.as_ref(), scrub)?;
        let order = service::order(&self.target, &subject, receiver);
        let (url, body, headers) = (self.url(&order, to)?, order.body(scrub)?, headers(&order, envelope)?);
        let kept = OwnSecrets { inner: envelope.scrub.as_ref(), secrets: self.secrets(receiver) };
        let request = Request { url: &url, headers, body, now: envelope.now, scrub: &kept };
        answer::judge(&self.target, self.client.exchange(request).await?)
    }
}

impl fmt::Debug for Chat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chat")
            .field("target", &self.target)
            .field("base", &self.base)
            .field("redact", &self.redact)
            .finish_non_exhaustive()
    }
}

fn headers(order: &Order, envelope: &Envelope) -> Result<HeaderMap, SendError> {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert(DELIVERY, value(&envelope.delivery.to_string())?);
    if let Some((name, credential)) = &order.header {
        let mut credential = value(credential)?;
        credential.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), credential);
    }
    Ok(headers)
}

fn value(text: &str) -> Result<HeaderValue, SendError> {
    HeaderValue::from_str(text)
        .map_err(|_| SendError::permanent(ErrorKind::Other, "a header of the request cannot be written"))
}

fn client_for(config: &ChatConfig, client: &Client) -> Result<Client, BuildError> {
    let policy = config.policy(client.policy());
    if policy == *client.policy() { Ok(client.clone()) } else { client.with_policy(policy) }
}
