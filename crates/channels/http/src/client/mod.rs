//! The one HTTP client: one attempt to one guarded destination, classified. When to try again is the engine's business, what
//! is sent the channel's.

mod answer;
mod ask;
mod classify;
mod exchange;
mod request;
mod resolve;
mod retry_after;
mod tls;

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fmt,
    sync::Arc,
    time::Duration,
};

use tidings_core::{Receipt, SendError, Timestamp};

use self::{answer::Answer, resolve::GuardedResolve};
pub use self::{
    ask::{answer_with_dns, check_with_dns},
    exchange::Exchange,
    request::Request,
    resolve::{Resolve, SystemResolve},
};
use crate::{Blocked, Policy, SafeUrl, ports};

/// How many unused connections are kept open to one host.
const IDLE_CONNECTIONS: usize = 32;

/// Settings of a [`Client`].
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// What may be reached; the public internet alone by default.
    pub policy: Policy,
    /// How long resolving and connecting may take; 5 s by default.
    pub connect_timeout: Duration,
    /// How long one attempt may take in all, the answer's body included; 15 s by default.
    pub total_timeout: Duration,
    /// How many bytes of an answer's body are read; 16 KiB by default.
    pub response_limit: usize,
    /// The `User-Agent` header.
    pub user_agent: String,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(15),
            response_limit: 16 * 1024,
            user_agent: concat!("tidings/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Why a client cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// TLS cannot be set up.
    #[error("cannot set up TLS")]
    Tls(#[source] Box<dyn Error + Send + Sync>),
    /// The settings do not make a client.
    #[error("cannot build the HTTP client")]
    Client(#[source] Box<dyn Error + Send + Sync>),
}

/// The guarded client. Clones share connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    config: ClientConfig,
    resolve: Arc<dyn Resolve>,
    tls: rustls::ClientConfig,
    /// For every port that no rule singles out.
    common: reqwest::Client,
    /// For the ports that rules name, since a resolver sees no port.
    by_port: BTreeMap<u16, reqwest::Client>,
}

impl Client {
    /// A client that asks the system's resolver.
    ///
    /// # Errors
    /// If TLS or the settings do not allow it.
    pub fn new(config: ClientConfig) -> Result<Self, BuildError> {
        Self::with_resolver(config, Arc::new(SystemResolve))
    }

    /// A client that asks this resolver; its answers are judged as all others.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_resolver(config: ClientConfig, resolve: Arc<dyn Resolve>) -> Result<Self, BuildError> {
        let tls = tls::config().map_err(|error| BuildError::Tls(error.into()))?;
        Self::assemble(config, resolve, tls)
    }

    fn assemble(
        config: ClientConfig,
        resolve: Arc<dyn Resolve>,
        tls: rustls::ClientConfig,
    ) -> Result<Self, BuildError> {
        let build = |port| build(&config, GuardedResolve::new(&resolve, &config.policy, port), tls.clone());
        let ports: BTreeSet<u16> = config.policy.allow.iter().flat_map(|rule| rule.ports()).copied().collect();
        let by_port = ports.iter().map(|port| Ok((*port, build(*port)?))).collect::<Result<_, BuildError>>()?;
        let common = build(any_other(&ports))?;
        Ok(Self { inner: Arc::new(Inner { common, by_port, config, resolve, tls }) })
    }

    /// What this client may reach.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.inner.config.policy
    }

    /// A client of the same settings that may reach something else; it has connections of its own.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_policy(&self, policy: Policy) -> Result<Self, BuildError> {
        let config = ClientConfig { policy, ..self.inner.config.clone() };
        Self::assemble(config, Arc::clone(&self.inner.resolve), self.inner.tls.clone())
    }

    /// How long one attempt may take in all.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.inner.config.total_timeout
    }

    /// A client of the same settings whose attempts may take this long; it has connections of its own.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_timeout(&self, total_timeout: Duration) -> Result<Self, BuildError> {
        let config = ClientConfig { total_timeout, ..self.inner.config.clone() };
        Self::assemble(config, Arc::clone(&self.inner.resolve), self.inner.tls.clone())
    }

    /// Sends one POST request, once, and reads at most the configured part of the answer.
    ///
    /// A 2xx answer is a receipt, even where its body breaks off: the receiver has taken the message.
    ///
    /// # Errors
    /// Permanent: a refused destination, a redirect, 4xx. Transient: 408, 425, 429, 5xx (with `Retry-After`), no connection, no
    /// answer in time. Unknown: the connection broke after the request was sent.
    pub async fn post(&self, request: Request<'_>) -> Result<Receipt, SendError> {
        self.exchange(request).await?.outcome
    }

    /// As [`Client::post`], and gives what was read of the answer's body as well: for a protocol whose answers say more than their
    /// status does.
    ///
    /// # Errors
    /// Where there was no answer; what an answer means is in [`Exchange::outcome`].
    pub async fn exchange(&self, mut request: Request<'_>) -> Result<Exchange, SendError> {
        self.admit(request.url).map_err(|blocked| classify::refused(&blocked))?;
        let sent = self
            .transport(request.url.port())
            .post(request.url.url().clone())
            .headers(request.headers.clone())
            .body(std::mem::take(&mut request.body))
            .send();
        let response = sent.await.map_err(classify::failed)?;
        let answer = Answer::read(response, self.inner.config.response_limit).await;
        let detail = answer.detail(&request);
        Ok(Exchange { outcome: classify::status(&answer, detail, request.now), body: answer.body })
    }

    /// Judges the URL again: at load the policy may have been another.
    fn admit(&self, url: &SafeUrl) -> Result<(), Blocked> {
        url.recheck(self.policy())?;
        if let Some(address) = url.literal() {
            resolve::log_use(url.judge_answers(&[], self.policy())?, &address.to_string(), address);
        }
        Ok(())
    }

    fn transport(&self, port: u16) -> &reqwest::Client {
        self.inner.by_port.get(&port).unwrap_or(&self.inner.common)
    }
}

/// Settings only: a reqwest client would print its headers.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

/// The one builder, spec/security.md rule 5.
#[expect(clippy::disallowed_methods, reason = "this is the guarded client that the lint points to")]
fn build(
    config: &ClientConfig,
    resolve: GuardedResolve,
    tls: rustls::ClientConfig,
) -> Result<reqwest::Client, BuildError> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .dns_resolver(resolve)
        .tls_backend_preconfigured(tls)
        .connect_timeout(config.connect_timeout)
        .timeout(config.total_timeout)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .user_agent(&config.user_agent)
        .build()
        .map_err(|error| BuildError::Client(error.into()))
}

/// A port that stands for all that no rule singles out: open, as they are once the URL has been judged, and none of the rules'.
/// Where there is none, no such URL passes either, and port 0 refuses everything.
fn any_other(ruled: &BTreeSet<u16>) -> u16 {
    (1024..=u16::MAX).find(|port| ports::closed(*port).is_none() && !ruled.contains(port)).unwrap_or(0)
}

impl Request<'_> {
    /// A request without headers of its own and an empty body, at the time `now`, which dates in the answer are compared with.
    #[must_use]
    pub fn to(url: &SafeUrl, now: Timestamp) -> Request<'_> {
        Request { url, headers: http::HeaderMap::new(), body: Vec::new(), now, scrub: &tidings_core::KeepAll }
    }
}
