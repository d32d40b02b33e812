//! Webhooks to peers on loopback, as the figures send to them.

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tidings::{
    Channel, Envelope, ErrorKind, Payload, Receipt, SendError,
    clock::instant_now,
    http::{Client, ClientConfig, Policy},
    webhook::{Webhook, WebhookConfig},
};

/// A client whose attempts end by this time.
///
/// # Panics
/// If the system has no TLS.
#[must_use]
pub fn client(deadline: Duration) -> Client {
    let policy = Policy { private: true, ..Policy::default() };
    let config = ClientConfig { policy, total_timeout: deadline, ..ClientConfig::default() };
    Client::new(config).expect("it can be made")
}

/// A webhook to this address.
///
/// # Panics
/// If there can be none.
#[must_use]
pub fn hook(url: &str, client: &Client) -> Arc<Webhook> {
    let config = WebhookConfig::new(url).secret("a secret for this test").allow_private_networks(true);
    Arc::new(Webhook::new(config, client).expect("it is a webhook"))
}

/// An address of loopback where nobody listens.
///
/// # Panics
/// If there is no free port.
#[must_use]
pub fn nobody() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
    format!("http://{}/", listener.local_addr().expect("it has an address"))
}

/// What came of an attempt, and how long it took.
#[derive(Clone, Debug)]
pub struct Timed {
    /// What broke, if anything.
    pub error: Option<ErrorKind>,
    /// How long it took.
    pub took: Duration,
    /// When it ended.
    pub ended: Instant,
    /// The event's `n`.
    pub n: u64,
}

/// A channel whose attempts are timed. Clones share the list.
#[derive(Clone)]
pub struct Stopwatch {
    inner: Arc<Webhook>,
    attempts: Arc<Mutex<Vec<Timed>>>,
}

impl Stopwatch {
    /// Times this webhook.
    #[must_use]
    pub fn new(inner: Arc<Webhook>) -> Self {
        Self { inner, attempts: Arc::default() }
    }

    /// All attempts so far that have ended.
    #[must_use]
    pub fn attempts(&self) -> Vec<Timed> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Channel for Stopwatch {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let started = instant_now();
        let answer = self.inner.send(envelope).await;
        let error = answer.as_ref().err().map(SendError::kind);
        let timed = Timed { error, took: started.elapsed(), ended: instant_now(), n: number(&envelope.payload) };
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).push(timed);
        answer
    }
}

impl std::fmt::Debug for Stopwatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Stopwatch").field(&self.inner).finish()
    }
}

/// An event's `n`; 0 where there is none.
#[must_use]
pub fn number(payload: &Payload) -> u64 {
    match payload {
        Payload::Event(event) => event.data.get("n").and_then(serde_json::Value::as_u64).unwrap_or_default(),
        _ => 0,
    }
}
