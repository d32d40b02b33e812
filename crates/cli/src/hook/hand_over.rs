//! Where a hook's event goes: to the daemon; where none runs, into the configuration's store, whose next daemon takes it up from there.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use tidings::{
    Event,
    clock::{instant_now, system_now},
    config::Plan,
    store::{Offer, Store},
};
use tokio::time::sleep;

use crate::{
    args::At,
    daemon::{AskError, Client, Daemon},
    kept,
    mcp::door::{deliver, is_in_use},
};

/// How long it is tried while another one has the store, and how often: an assistant calls several hooks at once, and a daemon that is
/// being started or stopped takes nothing for a moment.
const TRIED: Duration = Duration::from_millis(1_500);
const AGAIN: Duration = Duration::from_millis(20);

/// Hands the event over for good.
///
/// # Errors
/// If nobody takes it.
pub(super) async fn hand_over(at: &At, event: Event) -> anyhow::Result<()> {
    if let Some(url) = &at.url {
        return deliver(&Client::at(url)?, &event).await.map(drop);
    }
    let own = at.clone();
    let plan = tokio::task::spawn_blocking(move || plan(&own)).await.context("the configuration cannot be read")??;
    let started = instant_now();
    loop {
        match once(at, plan.as_ref(), &event).await {
            Err(error) if is_for_now(&error) && started.elapsed() < TRIED => sleep(AGAIN).await,
            done => return done,
        }
    }
}

/// Whether it was certainly not taken, and may be soon.
fn is_for_now(error: &anyhow::Error) -> bool {
    is_in_use(error) || matches!(error.downcast_ref(), Some(AskError::Refused { status: 503, .. }))
}

async fn once(at: &At, plan: Option<&Plan>, event: &Event) -> anyhow::Result<()> {
    if let Some(daemon) = Daemon::of(&at.config, plan)? {
        return deliver(&daemon.into_client(), event).await.map(drop);
    }
    // One that could not leave a note listens where the configuration says.
    let listening = Client::to(plan.map(|plan| plan.server.clone()).unwrap_or_default().listen)?;
    match plan.and_then(|plan| plan.store.as_ref()) {
        Some(store) => match keep(&store.path, event).await {
            Err(error) if is_in_use(&error) => {
                if listening.answers().await {
                    deliver(&listening, event).await.map(drop)
                } else {
                    Err(error)
                }
            }
            kept => kept,
        },
        None => deliver(&listening, event).await.map(drop),
    }
}

/// What the configuration says, without its secrets.
fn plan(at: &At) -> anyhow::Result<Option<Plan>> {
    let Some((file, mode)) = kept::configuration(&at.config) else { return Ok(None) };
    kept::plan(&file, mode).map(Some)
}

/// Puts the event into the store, as if a daemon had accepted it and ended before it did more.
async fn keep(path: &Path, event: &Event) -> anyhow::Result<()> {
    let path = path.to_owned();
    let store = tokio::task::spawn_blocking(move || kept::open_or_make(&path))
        .await
        .context("the store cannot be opened")??;
    let offer = Offer { id: event.identity(0), event: Arc::new(event.clone()), repeatable: true };
    store.accept(&[offer], system_now()).await?;
    tokio::task::spawn_blocking(move || store.close()).await.context("the store cannot be closed")
}
