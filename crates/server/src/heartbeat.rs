//! The outgoing heartbeat: the daemon tells an address outside, again and again, that it lives and that its store takes events. Who notices that
//! it stays away is whoever listens there.

use std::{sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use tidings::{
    SendError, Timestamp,
    config::{HeartbeatPlan, Plan},
    http::{Client, ClientConfig, Request, SafeUrl},
    store::{DocumentChange, DocumentKind},
};

use crate::app::App;

/// How often it is looked whether a reload has brought a heartbeat.
const LOOK: Duration = Duration::from_secs(10);
/// How long the store may take to show that it takes something.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a failure that goes on is logged.
const QUIET: Duration = Duration::from_secs(3_600);
/// Under this id the store is written to: too long for a silence's, and removed from the first, so that nobody meets it.
const PROBE: &str = "heartbeat";

/// Sends a beat as often as the configuration says, until the daemon stops.
pub async fn heartbeat(app: App) {
    let mut heart = Heart::default();
    while !app.is_stopping() {
        let plan = app.plan();
        let pause = match &plan.server.heartbeat {
            Some(heartbeat) => {
                let beaten = heart.beat(&app, &plan, heartbeat).await;
                heart.tell(beaten, app.now());
                heartbeat.every
            }
            None => LOOK,
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.stopping() => {}
        }
    }
}

/// Why no beat was sent, or did not arrive. It tells nothing of the address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Missed {
    #[error("the store takes nothing")]
    Store,
    #[error("the address under `server.heartbeat` may not be sent to: see `allow_destinations`")]
    Refused,
    #[error("no HTTP client can be made")]
    Client,
    #[error("the receiver did not take it: {0}")]
    Sent(String),
}

/// What stays from beat to beat.
#[derive(Debug, Default)]
struct Heart {
    /// The client, and the configuration that it was made for.
    client: Option<(Arc<Plan>, Client)>,
    /// When a failure was logged last, while it goes on.
    failing: Option<Timestamp>,
}

impl Heart {
    async fn beat(&mut self, app: &App, plan: &Arc<Plan>, heartbeat: &HeartbeatPlan) -> Result<(), Missed> {
        // One who cannot keep anything is not alive, whatever else he says.
        probe(app).await?;
        let url = SafeUrl::parse(heartbeat.url.expose_secret(), &plan.destinations).map_err(|_| Missed::Refused)?;
        let client = self.client(plan)?;
        client.post(Request::to(&url, app.now())).await.map(drop).map_err(|error| Missed::Sent(name(&error)))
    }

    fn client(&mut self, plan: &Arc<Plan>) -> Result<&Client, Missed> {
        if !self.client.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, plan)) {
            let config = ClientConfig { policy: plan.destinations.clone(), ..ClientConfig::default() };
            let client = Client::new(config).map_err(|_| Missed::Client)?;
            self.client = Some((Arc::clone(plan), client));
        }
        self.client.as_ref().map(|(_, client)| client).ok_or(Missed::Client)
    }

    /// Logs that beats fail, once in a while, and that they arrive again.
    fn tell(&mut self, beaten: Result<(), Missed>, now: Timestamp) {
        match beaten {
            Ok(()) => {
                if self.failing.take().is_some() {
                    tracing::warn!("the heartbeat arrives again");
                }
            }
            Err(missed) if self.failing.is_none_or(|last| last + QUIET <= now) => {
                self.failing = Some(now);
                tracing::warn!("no heartbeat: {missed}");
            }
            Err(_) => {}
        }
    }
}

/// Whether the store takes something now: a row that it writes for good, and shows to nobody.
async fn probe(app: &App) -> Result<(), Missed> {
    let change = DocumentChange {
        kind: DocumentKind::Silence,
        id: PROBE.to_owned(),
        expected: None,
        author: PROBE.to_owned(),
        content: None,
    };
    let changes = [change];
    let put = app.notifier().store().put_documents(&changes, app.now());
    match tokio::time::timeout(PATIENCE, put).await {
        Ok(Ok(_)) => Ok(()),
        _ => Err(Missed::Store),
    }
}

/// What kind of failure it was. What a receiver answers may repeat the address, and is not shown.
fn name(error: &SendError) -> String {
    error.kind().as_str().to_owned()
}

#[cfg(test)]
mod tests;
