//! The two channels over a hub: `Push` counts what a session acknowledged, `Inbox` what was kept. One attempt; fallbacks are the
//! engine's business.

use tidings_core::{Channel, Envelope, ErrorKind, Receipt, SendError};
use tidings_render::Text;

use crate::{
    config::{Acknowledged, PushConfig},
    content,
    hub::{Hub, Invalid},
    memory::MemoryError,
};

/// Push: delivered is what a session of the user has acknowledged. What nobody acknowledges is kept all the same.
#[derive(Clone, Debug)]
pub struct Push {
    hub: Hub,
    config: PushConfig,
}

impl Push {
    /// The push channel of this hub.
    ///
    /// # Errors
    /// Tells every wrong setting at once.
    pub fn new(hub: Hub, config: PushConfig) -> Result<Self, Invalid> {
        let problems = config.validate();
        if problems.is_empty() { Ok(Self { hub, config }) } else { Err(Invalid(problems)) }
    }

    /// Waits for the acknowledgement, no longer than it may take.
    async fn acknowledged(&self, user: &str, seq: u64) -> Result<Receipt, SendError> {
        let wants = self.config.acknowledged;
        let Some(waiting) = self.hub.wait(user, seq, wants) else { return Err(nobody()) };
        match tokio::time::timeout(self.config.ack_timeout, waiting).await {
            Ok(Ok(())) => Ok(receipt(seq, word(wants))),
            Ok(Err(_)) => Err(nobody()),
            Err(_) => Err(SendError::permanent(
                ErrorKind::NotConnected,
                format!("no session of the user has {} the message in time; it is kept", word(wants)),
            )),
        }
    }
}

impl Channel for Push {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let (user, seq) = keep(&self.hub, envelope, self.config.text.as_ref()).await?;
        self.acknowledged(&user, seq).await
    }
}

/// The inbox: delivered is what is kept. Whoever is connected sees it at once.
#[derive(Clone, Debug)]
pub struct Inbox {
    hub: Hub,
    text: Option<Text>,
}

impl Inbox {
    /// The inbox of this hub.
    #[must_use]
    pub const fn new(hub: Hub) -> Self {
        Self { hub, text: None }
    }

    /// Sets what gives the text in place of the message's own.
    #[must_use]
    pub fn text(mut self, text: Text) -> Self {
        self.text = Some(text);
        self
    }
}

impl Channel for Inbox {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let (_, seq) = keep(&self.hub, envelope, self.text.as_ref()).await?;
        Ok(receipt(seq, "kept"))
    }
}

/// Keeps what the envelope says and hands it to whoever is connected; tells whose it is and its number.
async fn keep(hub: &Hub, envelope: &Envelope, text: Option<&Text>) -> Result<(String, u64), SendError> {
    let message = content::new_message(envelope, text)?;
    let user = message.user.clone();
    let appended = hub.append(message).await.map_err(forgetful)?;
    Ok((user, appended.message.seq))
}

fn forgetful(error: MemoryError) -> SendError {
    SendError::transient(ErrorKind::Other, "the message could not be kept").caused_by(error)
}

fn nobody() -> SendError {
    SendError::permanent(ErrorKind::NotConnected, "no session of the user is connected; the message is kept")
}

const fn word(wants: Acknowledged) -> &'static str {
    match wants {
        Acknowledged::Required => "acknowledged",
        Acknowledged::Sent => "taken",
    }
}

fn receipt(seq: u64, word: &str) -> Receipt {
    Receipt { code: None, detail: Some(format!("{word} as {seq}")) }
}
