//! The channel itself: render, scrub, add our credentials, post. One attempt; retries and users are the engine's business.

use std::fmt;

use tidings_core::{Address, Channel, Envelope, ErrorKind, KeepAll, OwnSecrets, Problem, Receipt, Scrub, SendError};
use tidings_http::{Blocked, BuildError, Client, HeaderMap, HeaderName, HeaderValue, Request, SafeUrl};
use tidings_render::Text;

use crate::{
    answer,
    clients::Clients,
    config::{ChatConfig, is_receiver},
    order::Order,
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
    clients: Clients,
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
        let clients = Clients::new(client, config.policy(client.policy()))?;
        Ok(Self { target: config.target, base, clients, text: config.text, redact: config.redact_sensitive })
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

    /// The client of this order, and where it goes. A user's own webhook is judged by the public rules alone.
    fn route(&self, order: &Order, own: Option<&Address>) -> Result<(&Client, SafeUrl), SendError> {
        let Some(address) = own else {
            let client = self.clients.own();
            let url = SafeUrl::parse(order.url(self.base.url()).as_str(), client.policy());
            let refused = |blocked: Blocked| SendError::permanent(ErrorKind::Destination, blocked.to_string());
            return Ok((client, url.map_err(refused)?));
        };
        let client = self.clients.public()?;
        Ok((client, SafeUrl::parse(address.as_str(), client.policy()).map_err(|blocked| not_public(blocked.why()))?))
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
        let own = to.filter(|_| self.target.is_webhook());
        let (client, url) = self.route(&order, own)?;
        let (headers, body) = (headers(&order, envelope)?, order.body(scrub)?);
        let kept = OwnSecrets::new(envelope.scrub.as_ref(), self.secrets(receiver));
        let request = Request { url: &url, headers, body, now: envelope.now, scrub: &kept };
        match client.exchange(request).await {
            Ok(exchange) => answer::judge(&self.target, exchange),
            // What the guard says there is advice to an operator, and it would not help.
            Err(error) if own.is_some() && error.kind() == ErrorKind::Destination => Err(not_public("address")),
            Err(error) => Err(error),
        }
    }
}

/// The guard has refused a user's own address, by this rule. The address is not told.
fn not_public(rule: &str) -> SendError {
    let text = format!(
        "the user's own address is refused ({rule}): it takes a webhook on the public internet, whatever the channel itself may reach"
    );
    SendError::permanent(ErrorKind::Destination, text)
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
    headers.insert("content-type", HeaderValue::from_static(order.form.content_type()));
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
