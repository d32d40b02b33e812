//! A receiver of webhooks within the program: it answers `/v1/receiver…` on a loopback address that a configuration sends to, so
//! that an example shows real requests with nothing else running. It checks every signature and counts.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use tidings::{
    config::{Plan, WebhookPlan},
    http::{SafeUrl, ports::closed},
    webhook::signature::verify_promptise,
};
use tokio::net::TcpListener;

use crate::{output, setup};

/// How often a free port is asked for.
const ATTEMPTS: usize = 20;

/// Where the paths begin that are answered.
const PREFIX: &str = "/v1/receiver";
/// The longest body that is read, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// The receivers of a run.
#[derive(Default)]
pub(crate) struct Receivers(Vec<Arc<Receiver>>);

struct Receiver {
    address: SocketAddr,
    secrets: Vec<SecretString>,
    signed: AtomicU64,
    unsigned: AtomicU64,
}

impl Receivers {
    /// Listens where webhooks of the plan go to a receiver. Where somebody else listens already, it takes a free port and sends
    /// this run's webhooks there.
    pub(crate) async fn start(plan: &mut Plan) -> anyhow::Result<Self> {
        let mut listening: BTreeMap<SocketAddr, (TcpListener, Vec<SecretString>)> = BTreeMap::new();
        for (_, webhook) in setup::webhooks(plan) {
            let literal = webhook.url.literal().filter(IpAddr::is_loopback);
            let Some(address) = literal.filter(|_| webhook.url.url().path().starts_with(PREFIX)) else { continue };
            let wanted = SocketAddr::new(address, webhook.url.port());
            let (listener, secrets) = match listening.entry(wanted) {
                Entry::Occupied(found) => found.into_mut(),
                Entry::Vacant(free) => free.insert((listen(wanted).await?, Vec::new())),
            };
            secrets.extend(webhook.secret.clone());
            redirect(webhook, listener.local_addr()?)?;
        }
        let receivers = listening.into_values().map(|(listener, secrets)| {
            let address = listener.local_addr()?;
            let (signed, unsigned) = (AtomicU64::default(), AtomicU64::default());
            let receiver = Arc::new(Receiver { address, secrets, signed, unsigned });
            tokio::spawn(serve(listener, Arc::clone(&receiver)));
            Ok(receiver)
        });
        Ok(Self(receivers.collect::<anyhow::Result<_>>()?))
    }

    /// Tells what arrived.
    pub(crate) fn tell(&self) {
        for receiver in &self.0 {
            let (signed, unsigned) = (receiver.signed.load(Relaxed), receiver.unsigned.load(Relaxed));
            output::note(format_args!(
                "received at {}{PREFIX}: {signed} requests with a good signature, {unsigned} without",
                receiver.address
            ));
        }
    }
}

/// Listens there; where somebody else does already, or the guard keeps the port closed, on a free port.
pub(crate) async fn listen(wanted: SocketAddr) -> anyhow::Result<TcpListener> {
    if wanted.port() != 0
        && let Ok(listener) = TcpListener::bind(wanted).await
    {
        return Ok(listener);
    }
    // A port that the system picks may be one that the guard keeps closed: then the next one will do.
    for _ in 0..ATTEMPTS {
        let listener = TcpListener::bind(SocketAddr::new(wanted.ip(), 0)).await?;
        if closed(listener.local_addr()?.port()).is_none() {
            return Ok(listener);
        }
    }
    anyhow::bail!("no port is free for a receiver on {}", wanted.ip())
}

/// Sends a webhook where its receiver really listens.
fn redirect(webhook: &mut WebhookPlan, to: SocketAddr) -> anyhow::Result<()> {
    let mut url = webhook.url.url().clone();
    if url.set_port(Some(to.port())).is_ok() {
        webhook.url = SafeUrl::parse(url.as_str(), &webhook.policy)?;
    }
    Ok(())
}

async fn serve(listener: TcpListener, receiver: Arc<Receiver>) {
    while let Ok((stream, _)) = listener.accept().await {
        let receiver = Arc::clone(&receiver);
        let service = service_fn(move |request| answer(Arc::clone(&receiver), request));
        tokio::spawn(async move {
            // A connection that breaks is the sender's to notice.
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn answer(receiver: Arc<Receiver>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let status = receiver.take(request).await;
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    Ok(response)
}

impl Receiver {
    async fn take(&self, request: Request<Incoming>) -> StatusCode {
        if !request.uri().path().starts_with(PREFIX) {
            return StatusCode::NOT_FOUND;
        }
        let header = request.headers().get("x-promptise-signature").and_then(|value| value.to_str().ok());
        let header = header.unwrap_or_default().to_owned();
        let Ok(body) = Limited::new(request.into_body(), BODY_LIMIT).collect().await else {
            return StatusCode::PAYLOAD_TOO_LARGE;
        };
        let secrets: Vec<_> = self.secrets.iter().map(|secret| secret.expose_secret()).collect();
        if verify_promptise(&header, &body.to_bytes(), &secrets, tidings::clock::system_now()) {
            self.signed.fetch_add(1, Relaxed);
            StatusCode::NO_CONTENT
        } else {
            self.unsigned.fetch_add(1, Relaxed);
            StatusCode::UNAUTHORIZED
        }
    }
}
