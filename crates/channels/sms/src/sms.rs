//! The channel itself: look whether the number may be sent to, write the text, hand it to the provider. One attempt; retries and users
//! are the engine's business.

use std::{fmt, sync::Arc};

use tidings_core::{Channel, Envelope, ErrorKind, KeepAll, Payload, Problem, Receipt, SendError, Verdict};
use tidings_http::{BuildError, Client, SafeUrl};

use crate::{
    Preview, Provider, SmsConfig, Suppressions, Writer, is_e164,
    provider::{Answered, GatewayLink, Job, Outgoing, TwilioLink},
};

/// Why an SMS channel cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmsError {
    /// Settings are wrong: all of them.
    #[error("{}", Problem::told(.0))]
    Invalid(Vec<Problem>),
    /// A client of its own could not be built.
    #[error("cannot build the client of the SMS channel")]
    Client(#[from] BuildError),
}

/// The SMS channel. `Debug` shows the provider's host, never path, header values, account or token.
pub struct Sms {
    link: Link,
    client: Client,
    writer: Writer,
    redact: bool,
    suppressions: Arc<dyn Suppressions>,
}

/// The provider, its settings checked.
enum Link {
    Twilio(TwilioLink),
    Gateway(GatewayLink),
}

impl Sms {
    /// A channel that sends through this client. One that may reach private networks gets a client of its own, unless this one may do
    /// so already.
    ///
    /// # Errors
    /// Tells every wrong setting at once.
    pub fn new(config: SmsConfig, client: &Client) -> Result<Self, SmsError> {
        let problems = config.validate(client.policy());
        if !problems.is_empty() {
            return Err(SmsError::Invalid(problems));
        }
        let policy = config.policy(client.policy());
        let client = if policy == *client.policy() { client.clone() } else { client.with_policy(policy)? };
        let writer = config.writer();
        let link = Link::new(config.provider, &client).map_err(|problem| SmsError::Invalid(vec![problem]))?;
        Ok(Self { link, client, writer, redact: config.redact_sensitive, suppressions: config.suppressions })
    }

    /// The text that this payload would leave as, and its parts, before anything is redacted or sent.
    ///
    /// # Errors
    /// As an attempt would fail: the caller's own text cannot be had, or has more parts than the cap.
    pub fn preview(&self, payload: &Payload) -> Result<Preview, SendError> {
        self.writer.write(payload, &KeepAll)
    }

    /// The list of who has said STOP, for the callback's route.
    #[must_use]
    pub const fn suppressions(&self) -> &Arc<dyn Suppressions> {
        &self.suppressions
    }

    /// The user's number, if it may be sent to.
    fn number<'a>(&self, envelope: &'a Envelope) -> Result<&'a str, SendError> {
        let address = envelope.to.as_ref().ok_or_else(|| no_address("the user has no phone number"))?;
        let number = address.as_str();
        if !is_e164(number) {
            return Err(no_address("the phone number is not in E.164: write it as +15550101"));
        }
        match self.suppressions.is_suppressed(number) {
            Ok(false) => Ok(number),
            Ok(true) => Err(no_address("the receiver has said STOP, and gets no text until a START")),
            // Whom we must not write to is not known: another attempt may find out.
            Err(error) => {
                Err(SendError::transient(ErrorKind::Other, "the suppression list cannot be read").caused_by(error))
            }
        }
    }

    /// Keeps what the provider knows of a STOP. That the list cannot be written does not make the attempt worth another one.
    fn remember(&self, number: &str, answered: Answered) -> Result<Receipt, SendError> {
        if !answered.opted_out {
            return answered.result;
        }
        match self.suppressions.suppress(number) {
            Ok(()) => answered.result,
            Err(broken) => answered.result.map_err(|error| error.caused_by(broken)),
        }
    }
}

impl Channel for Sms {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let number = self.number(envelope)?;
        let scrub = if self.redact { envelope.scrub.as_ref() } else { &KeepAll };
        let Preview { text, segments } = self.writer.write(&envelope.payload, scrub)?;
        let outgoing = Outgoing { to: number, text: &text, delivery: envelope.delivery };
        let answered = self.link.send(&self.client, &Job { envelope, outgoing, segments }).await;
        answered.and_then(|answered| self.remember(number, answered)).map_err(not_gone)
    }
}

impl Link {
    fn new(provider: Provider, client: &Client) -> Result<Self, Problem> {
        let policy = client.policy();
        match provider {
            Provider::Twilio(settings) => {
                let url = settings.url(policy).map_err(|text| Problem::new("api_url", text))?;
                Ok(Self::Twilio(TwilioLink { settings, url }))
            }
            Provider::Gateway(settings) => {
                let url = SafeUrl::parse(&settings.url, policy);
                let url = url.map_err(|blocked| Problem::new("url", blocked.to_string()))?;
                Ok(Self::Gateway(GatewayLink::new(&settings, url)))
            }
        }
    }

    async fn send(&self, client: &Client, job: &Job<'_>) -> Result<Answered, SendError> {
        match self {
            Self::Twilio(link) => link.send(client, job).await,
            Self::Gateway(link) => link.send(client, job).await,
        }
    }

    const fn url(&self) -> &SafeUrl {
        match self {
            Self::Twilio(link) => &link.url,
            Self::Gateway(link) => link.url(),
        }
    }
}

impl fmt::Debug for Sms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sms")
            .field("url", self.link.url())
            .field("max_parts", &self.writer.max_parts())
            .field("redact", &self.redact)
            .field("suppressions", &self.suppressions)
            .finish_non_exhaustive()
    }
}

/// The kind that takes the fallback at once and disables nothing: `Gone` would shut the number out even after a START.
fn no_address(text: &str) -> SendError {
    SendError::permanent(ErrorKind::NoAddress, text)
}

/// A provider's 410 is about its own address: it must not disable the receiver's.
fn not_gone(error: SendError) -> SendError {
    match error.kind() {
        ErrorKind::Gone => SendError::new(Verdict::Permanent, ErrorKind::Status(410), error.message()),
        _ => error,
    }
}
