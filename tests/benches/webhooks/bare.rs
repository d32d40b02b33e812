//! The bare client as its documentation tells, and the same with what is done to each message beside sending it. What a whole
//! notifier costs beside both is `main`'s.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tidings::{
    Channel, DeliveryId, Envelope, ErrorKind, Layer, Payload, Receipt, SendError, clock::instant_now, redact::Redactor,
    webhook::signature::promptise_header,
};
use tidings_layers::RedactValues;
use tidings_tests::webhooks::{Cost, load::Load, processor_time, receivers::Receivers};

use crate::{IN_FLIGHT, cost};

/// The bare client, as its documentation tells: warmed up, then all bodies by sixteen tasks.
pub(crate) async fn bare_round(receivers: &mut Receivers, bodies: &Arc<Vec<Vec<u8>>>) -> io::Result<Cost> {
    let client = bare_client().map_err(io::Error::other)?;
    let url = receivers.url(0);
    let warm = Arc::new(bodies.iter().take(320).cloned().collect());
    post_all(&client, &url, &warm).await;
    receivers.wait_for(0, warm.len() as u64)?;
    let (started, used) = (instant_now(), processor_time());
    post_all(&client, &url, bodies).await;
    let took = started.elapsed();
    let used = processor_time() - used;
    let counts = receivers.wait_for(0, bodies.len() as u64)?;
    Ok(cost(took, used, &[counts]))
}

#[expect(clippy::disallowed_methods, reason = "the bare client is what is measured against")]
fn bare_client() -> Result<reqwest::Client, Box<dyn std::error::Error + Send + Sync>> {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    let tls = tls.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).timeout(Duration::from_secs(15)).no_proxy().build()?)
}

async fn post_all(client: &reqwest::Client, url: &str, bodies: &Arc<Vec<Vec<u8>>>) {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..IN_FLIGHT {
        let (client, url, bodies, next) = (client.clone(), url.to_owned(), Arc::clone(bodies), Arc::clone(&next));
        tasks.spawn(async move {
            while let Some(body) = bodies.get(next.fetch_add(1, Relaxed)) {
                let request = client.post(&url).header("content-type", "application/json").body(body.clone());
                let mut response = request.send().await.expect("the receiver answers");
                assert!(response.status().is_success());
                while let Ok(Some(_)) = response.chunk().await {}
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no request failed");
    }
}

/// The bare client again, with what is done to each message beside sending it, and nothing that decides or remembers: it serialises
/// an event, looks for secrets, signs, and writes a line. No notifier that does these by the same means can be cheaper.
pub(crate) async fn parts_round(receivers: &mut Receivers, load: Load) -> io::Result<Cost> {
    let signed = Signed { client: bare_client().map_err(io::Error::other)?, url: receivers.url(0) };
    let channel = RedactValues::new(Redactor::default()).layer(Arc::new(signed));
    let events: Arc<Vec<_>> = Arc::new(load.events().into_iter().map(Arc::new).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let (started, used) = (instant_now(), processor_time());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..IN_FLIGHT {
        let (channel, events, next) = (Arc::clone(&channel), Arc::clone(&events), Arc::clone(&next));
        tasks.spawn(async move {
            while let Some(event) = events.get(next.fetch_add(1, Relaxed)) {
                let delivery = DeliveryId::of_event(event.identity(0), "hook");
                let envelope = Envelope::plain(delivery, Payload::Event(Arc::clone(event)), event.timestamp);
                channel.send_boxed(&envelope).await.expect("the receiver answers");
                let data = serde_json::to_string(&event.data).unwrap_or_default();
                tracing::error!(target: "promptise.events", event_type = event.event_type, id = %delivery, data, "event");
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no request failed");
    }
    let (took, used) = (started.elapsed(), processor_time() - used);
    Ok(cost(took, used, &[receivers.wait_for(0, load.events)?]))
}

/// Posts a signed message by the bare client.
struct Signed {
    client: reqwest::Client,
    url: String,
}

impl Channel for Signed {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let body = envelope.scrub.clean_json().map(<[u8]>::to_vec).unwrap_or_default();
        let signature = promptise_header(["a secret for this measurement"], envelope.now.as_secs(), &body);
        let request = self.client.post(&self.url).header("content-type", "application/json");
        let request = request.header("x-promptise-signature", signature).body(body);
        let answer = request.send().await.map_err(|error| SendError::unknown(ErrorKind::Reset, error.to_string()))?;
        assert!(answer.status().is_success());
        Ok(Receipt::default())
    }
}
