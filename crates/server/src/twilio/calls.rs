//! Takes Twilio's calls: verifies them by the account's token, keeps the list of who said STOP, and hands reports on. What a report
//! changes is the program's business.

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use secrecy::SecretString;
use tidings_core::{BoxFuture, DeliveryId};
use tidings_sms::{
    Suppressions,
    callback::{self, Incoming, Report, State},
};

use super::{Call, Callbacks, Form, Route, handled::Handled};

/// How one of our messages fared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The delivery that the message was.
    pub delivery: DeliveryId,
    /// Where it stands. Reports overtake each other and may be repeated: [`State::then`] tells what holds.
    pub state: State,
    /// What Twilio said of it.
    pub report: Report,
}

/// What reports are handed to.
type Hand = dyn Fn(Reported) -> BoxFuture<'static, Result<(), String>> + Send + Sync;

/// The taker that stands ready: the tokens of the account, the list that the channel asks, and where reports go.
///
/// A message of a person is dealt with once: a call that is repeated, by Twilio or by somebody who kept it, does not undo a later STOP.
/// The last 10,000 are remembered, until a restart.
pub struct TwilioCalls {
    tokens: Vec<SecretString>,
    suppressions: Arc<dyn Suppressions>,
    hand: Box<Hand>,
    handled: Mutex<Handled>,
}

impl TwilioCalls {
    /// Verifies by this token, and keeps this list: the one that the channel has. Reports are dropped.
    #[must_use]
    pub fn new(token: impl Into<SecretString>, suppressions: Arc<dyn Suppressions>) -> Self {
        Self {
            tokens: vec![token.into()],
            suppressions,
            hand: Box::new(|_| Box::pin(std::future::ready(Ok(())))),
            handled: Mutex::default(),
        }
    }

    /// Takes what this token signed as well: while one is exchanged for another.
    #[must_use]
    pub fn token(mut self, token: impl Into<SecretString>) -> Self {
        self.tokens.push(token.into());
        self
    }

    /// Hands every report on one of our deliveries to this closure. Its error is told to Twilio as `503`, so it must name no content.
    #[must_use]
    pub fn on_report<F>(mut self, hand: impl Fn(Reported) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.hand = Box::new(move |reported| Box::pin(hand(reported)));
        self
    }

    async fn status(&self, call: Call) -> Result<(), String> {
        let Some(report) = Report::read(&call.form) else {
            tracing::debug!("a status callback reports on no message");
            return Ok(());
        };
        if let Some(to) = report.to.clone().filter(|_| report.opted_out()) {
            self.change(move |list| list.suppress(to.as_str())).await?;
        }
        // A message without a delivery is not ours.
        let Some(delivery) = callback::delivery(&call.url) else { return Ok(()) };
        (self.hand)(Reported { delivery, state: report.state(), report }).await
    }

    async fn incoming(&self, form: Form) -> Result<(), String> {
        let Some(incoming) = Incoming::read(&form).filter(|incoming| incoming.keyword.is_some()) else {
            return Ok(());
        };
        let sid = incoming.message.clone();
        if sid.as_ref().is_some_and(|sid| self.handled().contains(sid)) {
            return Ok(());
        }
        self.change(move |list| incoming.apply(list).map(drop)).await?;
        // Only now: what failed is to come again.
        sid.into_iter().for_each(|sid| self.handled().insert(sid));
        Ok(())
    }

    /// Changes the list off the runtime's threads, since a file is synced. Of a sender without a number nothing can be kept, however often
    /// it comes: that is taken.
    async fn change(
        &self,
        change: impl FnOnce(&dyn Suppressions) -> io::Result<()> + Send + 'static,
    ) -> Result<(), String> {
        let list = Arc::clone(&self.suppressions);
        let changed = tokio::task::spawn_blocking(move || change(list.as_ref())).await;
        match changed.unwrap_or_else(|broken| Err(io::Error::other(broken))) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                tracing::warn!(%error, "a STOP or START came from what is no phone number, and was left");
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "the suppression list cannot be written");
                Err("the suppression list cannot be written: send this again later".to_owned())
            }
        }
    }

    fn handled(&self) -> MutexGuard<'_, Handled> {
        // The worst that a torn step leaves is a call that is dealt with twice.
        self.handled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Callbacks for TwilioCalls {
    fn is_genuine(&self, url: &str, form: &[(String, String)], signature: &str) -> bool {
        callback::verify(&self.tokens, url, form, signature)
    }

    fn take(&self, call: Call) -> BoxFuture<'_, Result<(), String>> {
        match call.route {
            Route::Status => Box::pin(self.status(call)),
            Route::Incoming => Box::pin(self.incoming(call.form)),
        }
    }
}

impl fmt::Debug for TwilioCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioCalls")
            .field("tokens", &self.tokens.len())
            .field("suppressions", &self.suppressions)
            .field("handled", &self.handled().len())
            .finish_non_exhaustive()
    }
}
