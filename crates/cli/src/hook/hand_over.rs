//! Where a hook's event goes: to the daemon; where none runs, into the configuration's store, whose next daemon takes it up from there.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use tidings::{
    Event,
    clock::system_now,
    config::{Plan, ServerPlan},
    store::{Offer, Store},
};

use crate::{
    args::At,
    kept,
    mcp::{
        door::{deliver, is_in_use, running},
        remote::Remote,
    },
};

/// Hands the event over for good.
///
/// # Errors
/// If nobody takes it.
pub(super) async fn hand_over(at: &At, event: Event) -> anyhow::Result<()> {
    if let Some(url) = &at.url {
        return deliver(&Remote::at(url)?, &event).await.map(drop);
    }
    let own = at.clone();
    let plan = tokio::task::spawn_blocking(move || plan(&own)).await.context("the configuration cannot be read")??;
    if let Some(daemon) = running(plan.as_ref()).await {
        return deliver(&daemon, &event).await.map(drop);
    }
    let server = plan.as_ref().map(|plan| plan.server.clone()).unwrap_or_default();
    match plan.and_then(|plan| plan.store) {
        Some(store) => match keep(&store.path, &event).await {
            Err(error) if is_in_use(&error) => to_daemon(&server, &event).await,
            kept => kept,
        },
        None => to_daemon(&server, &event).await,
    }
}

/// The daemon that listens where the configuration says.
async fn to_daemon(server: &ServerPlan, event: &Event) -> anyhow::Result<()> {
    deliver(&Remote::listening(server.listen), event).await.map(drop)
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
