//! The channel itself: write the message, hand it to the transport. One attempt; retries and users are the engine's business.

use std::fmt;

use tidings_core::{Channel, Envelope, Problem, Receipt, SendError};

use crate::{EmailConfig, Transport, address, folder::Folder, letter::Style, smtp::Relay};

/// Why an e-mail channel cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmailError {
    /// Settings are wrong: all of them.
    #[error("{}", Problem::told(.0))]
    Invalid(Vec<Problem>),
    /// No certificate of any authority can be had.
    #[error(
        "TLS cannot be set up: {0}; install the system's certificates (`ca-certificates`), or name an authority of your own"
    )]
    Tls(String),
}

/// An e-mail channel. `Debug` shows neither addresses nor login nor password.
pub struct Email {
    style: Style,
    carrier: Carrier,
}

/// Who carries the message.
enum Carrier {
    Smtp(Box<Relay>),
    Folder(Folder),
}

impl Email {
    /// A channel with these settings. It connects at its first message.
    ///
    /// # Errors
    /// Tells every wrong setting at once, or that there are no certificates to check a server by.
    pub fn new(config: EmailConfig) -> Result<Self, EmailError> {
        let problems = config.validate();
        if !problems.is_empty() {
            return Err(EmailError::Invalid(problems));
        }
        let from =
            address::sender(&config.from).map_err(|text| EmailError::Invalid(vec![Problem::new("from", text)]))?;
        let carrier = match &config.transport {
            Transport::Smtp(smtp) => Carrier::Smtp(Box::new(Relay::new(smtp, &from.email, config.timeout)?)),
            Transport::Folder(folder) => Carrier::Folder(Folder::new(folder.clone(), config.timeout)),
        };
        let style = Style { from, text: config.text, unsubscribe: config.unsubscribe, redact: config.redact_sensitive };
        Ok(Self { style, carrier })
    }

    /// The message for this envelope as it goes over the wire: RFC 5322 with lines that end in CR LF.
    ///
    /// # Errors
    /// If the user has no mail address, or the text cannot be rendered.
    pub fn message(&self, envelope: &Envelope) -> Result<Vec<u8>, SendError> {
        Ok(self.style.write(envelope)?.bytes)
    }
}

impl Channel for Email {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let letter = self.style.write(envelope)?;
        match &self.carrier {
            Carrier::Smtp(relay) => relay.send(&letter, envelope.scrub.as_ref()).await,
            Carrier::Folder(folder) => folder.put(envelope.delivery, letter.bytes).await,
        }
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let carrier: &dyn fmt::Debug = match &self.carrier {
            Carrier::Smtp(relay) => relay,
            Carrier::Folder(folder) => folder,
        };
        f.debug_struct("Email").field("carrier", carrier).field("redact", &self.style.redact).finish_non_exhaustive()
    }
}
