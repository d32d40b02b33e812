//! A receiver in process that answers by a rule of the test's own, and remembers every attempt.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tidings::{
    Address, Channel, Clock, DeliveryId, Envelope, ErrorKind, Payload, Receipt, SendError, Severity, Timestamp,
};
use tokio::sync::watch;

use super::hooks::number;

/// An attempt as the receiver saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// When, by the test's clock.
    pub at: Timestamp,
    /// The delivery's id.
    pub delivery: DeliveryId,
    /// Which attempt it is told to be.
    pub number: u32,
    /// The agent.
    pub agent: String,
    /// An event's `n`.
    pub n: u64,
    /// An event's type, or a notification's title.
    pub what: String,
    /// How severe the event is.
    pub severity: Option<Severity>,
    /// Whom it is for.
    pub to: Option<Address>,
    /// Whether it was taken.
    pub taken: bool,
}

type Answer = dyn Fn(&Attempt) -> Result<(), SendError> + Send + Sync;

struct State {
    clock: Arc<dyn Clock>,
    answer: Box<Answer>,
    attempts: Mutex<Vec<Attempt>>,
    taken: watch::Sender<usize>,
}

/// The receiver. Clones are the same one.
#[derive(Clone)]
pub struct Receiver(Arc<State>);

impl Receiver {
    /// A receiver that answers by this rule.
    #[must_use]
    pub fn new(clock: impl Clock, answer: impl Fn(&Attempt) -> Result<(), SendError> + Send + Sync + 'static) -> Self {
        let taken = watch::Sender::new(0);
        let (clock, answer) = (Arc::new(clock), Box::new(answer));
        Self(Arc::new(State { clock, answer, attempts: Mutex::default(), taken }))
    }

    /// One that takes everything.
    #[must_use]
    pub fn good(clock: impl Clock) -> Self {
        Self::new(clock, |_| Ok(()))
    }

    /// Every attempt so far.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        self.list().clone()
    }

    /// What it has taken.
    #[must_use]
    pub fn taken(&self) -> Vec<Attempt> {
        self.list().iter().filter(|attempt| attempt.taken).cloned().collect()
    }

    /// The names of what it has taken.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.taken().into_iter().map(|attempt| attempt.what).collect()
    }

    /// Waits until it has taken so many.
    pub async fn wait_for(&self, count: usize) {
        let mut taken = self.0.taken.subscribe();
        // The sender lives as long as this does.
        drop(taken.wait_for(|taken| *taken >= count).await);
    }

    /// Checks that nothing was taken twice, and that each agent's events came in the order of their numbers.
    ///
    /// # Panics
    /// If not.
    pub fn check_once_and_in_order(&self) {
        let (mut ids, mut last) = (HashSet::new(), HashMap::new());
        for attempt in self.taken() {
            assert!(ids.insert(attempt.delivery), "taken twice: {attempt:?}");
            let before = last.insert(attempt.agent.clone(), attempt.n);
            assert!(before.is_none_or(|before| before <= attempt.n), "{before:?} before {attempt:?}");
        }
    }

    fn list(&self) -> MutexGuard<'_, Vec<Attempt>> {
        self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn see(&self, envelope: &Envelope) -> Attempt {
        let (agent, n, what, severity) = match &envelope.payload {
            Payload::Event(event) => {
                (event.agent_id.clone(), number(&envelope.payload), event.event_type.clone(), Some(event.severity))
            }
            Payload::Notification(told) => (told.agent_id.clone(), 0, told.title.clone(), None),
            _ => (None, 0, String::new(), None),
        };
        Attempt {
            at: self.0.clock.now(),
            delivery: envelope.delivery,
            number: envelope.attempt,
            agent: agent.unwrap_or_default(),
            n,
            what,
            severity,
            to: envelope.to.clone(),
            taken: false,
        }
    }
}

impl Channel for Receiver {
    fn send(&self, envelope: &Envelope) -> impl Future<Output = Result<Receipt, SendError>> + Send {
        let mut attempt = self.see(envelope);
        let answer = (self.0.answer)(&attempt);
        attempt.taken = answer.is_ok();
        self.list().push(attempt);
        if answer.is_ok() {
            self.0.taken.send_modify(|taken| *taken += 1);
        }
        std::future::ready(answer.map(|()| Receipt::default()))
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Receiver").field(&self.list().len()).finish()
    }
}

/// Nobody listens there.
#[must_use]
pub fn refused() -> SendError {
    SendError::transient(ErrorKind::Connect, "refused")
}

/// The receiver has a defect.
#[must_use]
pub fn broken() -> SendError {
    SendError::transient(ErrorKind::Status(500), "the receiver answered 500")
}
