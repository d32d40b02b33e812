//! A mail server, and one attempt to hand it a message. How a conversation goes is `talk`'s business, how failures are told
//! `failure`'s, how connections are made and kept `connect`'s and `idle`'s.

mod connect;
mod failure;
mod idle;
mod reply;
mod talk;
mod tls;

use std::{fmt, time::Duration};

use lettre::Address;
use tidings_core::{Receipt, Scrub, SendError, clock::instant_now};
use tokio::time::Instant;

use self::{
    connect::Server,
    failure::{Failure, Quote, Step},
    idle::Idle,
    reply::Reply,
    talk::{DONE, MORE, Talk},
};
use crate::{EmailError, SmtpConfig, letter::Letter};

/// How long a kept connection may take to show that it is alive, at most and as a part of the attempt's own time.
const PROBE: Duration = Duration::from_secs(2);
const PROBE_PART: u32 = 4;
/// The longest attempt, whatever is set: beyond what a clock can hold there is no deadline.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A mail server with its kept connections.
pub(crate) struct Relay {
    server: Server,
    idle: Idle,
    limit: Duration,
}

impl Relay {
    /// A server that gets messages from this sender, within this time each.
    pub(crate) fn new(config: &SmtpConfig, from: &Address, limit: Duration) -> Result<Self, EmailError> {
        Ok(Self { server: Server::new(config, from)?, idle: Idle::default(), limit: limit.min(LONGEST) })
    }

    /// Hands the server the message, once.
    pub(crate) async fn send(&self, letter: &Letter, scrub: &dyn Scrub) -> Result<Receipt, SendError> {
        let quote = Quote { scrub, secrets: self.server.secrets(), recipient: letter.to.as_ref() };
        let now = Instant::from_std(instant_now());
        match self.attempt(letter, now).await {
            Ok(reply) => Ok(quote.receipt(&reply)),
            Err(failure) => Err(failure.told(&quote)),
        }
    }

    /// The connection is given back only after a whole conversation: one that was dropped in the middle is closed.
    async fn attempt(&self, letter: &Letter, now: Instant) -> Result<Reply, Failure> {
        let mut talk = self.talk(now).await?;
        let outcome = submit(&mut talk, letter).await;
        if talk.is_settled() && outcome.as_ref().map_or_else(Failure::keeps_connection, |_| true) {
            self.idle.keep(talk);
        }
        outcome
    }

    /// A kept connection that is alive, or a new one. The message has not been told of yet, so that a dead one costs nothing.
    async fn talk(&self, now: Instant) -> Result<Talk, Failure> {
        let deadline = now + self.limit;
        let patience = PROBE.min(self.limit / PROBE_PART);
        while let Some(mut kept) = self.idle.take() {
            kept.until(now + patience);
            // It forgets whatever a refused message left behind, too.
            match kept.command(Step::Sender, DONE, "RSET").await {
                Ok(_) => {
                    kept.until(deadline);
                    return Ok(kept);
                }
                // The others will be as deaf, and each would cost its time.
                Err(Failure::Silent(_)) => self.idle.clear(),
                Err(_) => {}
            }
        }
        self.server.connect(deadline).await
    }
}

/// `MAIL`, `RCPT`, `DATA` and the message, each once.
async fn submit(talk: &mut Talk, letter: &Letter) -> Result<Reply, Failure> {
    let parameters = parameters(talk, letter)?;
    talk.command(Step::Sender, DONE, &format!("MAIL FROM:<{}>{parameters}", letter.from)).await?;
    talk.command(Step::Recipient, DONE, &format!("RCPT TO:<{}>", letter.to)).await?;
    talk.command(Step::Data, MORE, "DATA").await?;
    talk.message(&letter.bytes).await
}

/// What the server must be able to do for these addresses.
fn parameters(talk: &Talk, letter: &Letter) -> Result<&'static str, Failure> {
    let addresses: [&str; 2] = [letter.from.as_ref(), letter.to.as_ref()];
    if addresses.iter().all(|address| address.is_ascii()) {
        return Ok("");
    }
    let known = talk.offer("SMTPUTF8").is_some() && talk.offer("8BITMIME").is_some();
    if known { Ok(" SMTPUTF8 BODY=8BITMIME") } else { Err(Failure::ForeignAddress) }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("server", &self.server).field("limit", &self.limit).finish_non_exhaustive()
    }
}
