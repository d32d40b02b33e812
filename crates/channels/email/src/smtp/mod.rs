//! A mail server, and one attempt to hand it a message. How failures are told is `failure`'s business, how connections are made
//! and kept `connect`'s and `idle`'s.
//!
//! The pool of the library below is not used: it gives a connection back whose attempt was dropped in the middle, and the next
//! message would read the answers of the last.

mod connect;
mod failure;
mod idle;
mod tls;
mod wire;

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use lettre::{
    Address,
    transport::smtp::{
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt, Rset},
        extension::{Extension, MailBodyParameter, MailParameter},
        response::{Response, Severity},
    },
};
use tidings_core::{ErrorKind, Receipt, Scrub, SendError};
use tokio::time::timeout;

use self::{
    connect::Server,
    failure::{Failure, Quote, Step},
    idle::Idle,
};
use crate::{EmailError, SmtpConfig, letter::Letter};

/// How long a kept connection may take to show that it is alive, at most and as a part of the attempt's own time.
const PROBE: Duration = Duration::from_secs(2);
const PROBE_PART: u32 = 4;

/// A mail server with its kept connections.
pub(crate) struct Relay {
    server: Server,
    idle: Idle,
    limit: Duration,
}

impl Relay {
    /// A server that gets messages from this sender, within this time each.
    pub(crate) fn new(config: &SmtpConfig, from: &Address, limit: Duration) -> Result<Self, EmailError> {
        Ok(Self { server: Server::new(config, from)?, idle: Idle::default(), limit })
    }

    /// Hands the server the message, once.
    pub(crate) async fn send(&self, letter: &Letter, scrub: &dyn Scrub) -> Result<Receipt, SendError> {
        let quote = Quote { scrub, secrets: self.server.secrets(), recipient: letter.to.as_ref() };
        // Set once the server may have the whole message.
        let handed = AtomicBool::new(false);
        match timeout(self.limit, self.attempt(letter, &handed)).await {
            Ok(Ok(response)) => Ok(quote.receipt(&response)),
            Ok(Err(failure)) => Err(failure.told(&quote)),
            Err(_) if handed.load(Ordering::Relaxed) => {
                let text = "the mail server had the message and did not answer in time";
                Err(SendError::unknown(ErrorKind::Timeout, text))
            }
            Err(_) => Err(SendError::transient(ErrorKind::Timeout, "the mail server did not answer in time")),
        }
    }

    /// The connection is given back only after a whole conversation: one that was dropped in the middle is closed.
    async fn attempt(&self, letter: &Letter, handed: &AtomicBool) -> Result<Response, Failure> {
        let mut connection = self.connection().await?;
        let outcome = submit(&mut connection, letter, handed).await;
        if outcome.as_ref().map_or_else(Failure::keeps_connection, |_| true) {
            self.idle.keep(connection);
        }
        outcome
    }

    /// A kept connection that is alive, or a new one. The message has not been told of yet, so that a dead one costs nothing.
    async fn connection(&self) -> Result<AsyncSmtpConnection, Failure> {
        let patience = PROBE.min(self.limit / PROBE_PART);
        while let Some(mut kept) = self.idle.take() {
            // It forgets whatever a refused message left behind, too.
            match timeout(patience, kept.command(Rset)).await {
                Ok(Ok(_)) => return Ok(kept),
                Ok(Err(_)) => {}
                // The others will be as deaf, and each would cost its time.
                Err(_) => self.idle.clear(),
            }
        }
        self.server.connect().await
    }
}

/// `MAIL`, `RCPT`, `DATA` and the message, each once.
async fn submit(
    connection: &mut AsyncSmtpConnection,
    letter: &Letter,
    handed: &AtomicBool,
) -> Result<Response, Failure> {
    let sender = Mail::new(Some(letter.from.clone()), parameters(connection, letter)?);
    let done = Severity::PositiveCompletion;
    Step::Sender.expect(done, connection.command(sender).await)?;
    Step::Recipient.expect(done, connection.command(Rcpt::new(letter.to.clone(), Vec::new())).await)?;
    Step::Data.expect(Severity::PositiveIntermediate, connection.command(Data).await)?;
    handed.store(true, Ordering::Relaxed);
    Step::Message.expect(done, connection.message(&letter.bytes).await)
}

/// What the server must be able to do for these addresses.
fn parameters(connection: &AsyncSmtpConnection, letter: &Letter) -> Result<Vec<MailParameter>, Failure> {
    let addresses: [&str; 2] = [letter.from.as_ref(), letter.to.as_ref()];
    if addresses.iter().all(|address| address.is_ascii()) {
        return Ok(Vec::new());
    }
    let server = connection.server_info();
    if !server.supports_feature(Extension::SmtpUtfEight) || !server.supports_feature(Extension::EightBitMime) {
        return Err(Failure::ForeignAddress);
    }
    Ok(vec![MailParameter::SmtpUtfEight, MailParameter::Body(MailBodyParameter::EightBitMime)])
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("server", &self.server).field("limit", &self.limit).finish_non_exhaustive()
    }
}
