//! Lets what a receiver called gone be sent to again.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{disabled::Gone, unknown, unreadable, view};
use crate::{app::App, caller::Caller, problem::Refusal, sent::MaySend};

/// Whose address; nobody's name means all that is disabled of it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Asked {
    user: Option<String>,
    /// One that is disabled, by itself: it is only looked for among those, and shown to nobody.
    address: Option<String>,
}

/// Lets a sink or channel, or one user's address of it, be sent to again. What was given up meanwhile stays so.
#[utoipa::path(post, path = "/v1/channels/{name}/enable", tag = "channels", params(("name" = String, Path, description = "The sink or channel.")),
    request_body(content = Value, description = "`{\"user\"?: \"ann\", \"address\"?: \"…\"}`"),
    responses((status = 200, description = "`{\"enabled\": bool, \"again\": […], \"disabled\": […]}`, as `tidings channels enable --json`."),
        (status = 404, description = "There is none of this name.")))]
pub(super) async fn run(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    MaySend(asked): MaySend<Asked>,
) -> Result<Json<Value>, Refusal> {
    caller.operator()?;
    let gone = Gone::all(app.notifier().store().as_ref()).await.map_err(|error| unreadable(&error))?;
    // What is not configured any more may still be disabled.
    if !view::names(&app.plan()).any(|known| known == name) && !gone.iter().any(|gone| gone.row.endpoint == name) {
        return Err(unknown(&app, &name));
    }
    let is_asked = |gone: &Gone| {
        let is_whose = asked.user.is_none() || (gone.row.address.is_some() && gone.user == asked.user);
        let is_there = asked.address.is_none() || gone.row.address == asked.address;
        gone.row.endpoint == name && is_whose && is_there
    };
    let (again, left): (Vec<_>, Vec<_>) = gone.into_iter().partition(is_asked);
    for gone in &again {
        let enabled = app.notifier().enable(&gone.row.endpoint, gone.row.address.as_deref()).await;
        enabled.map_err(|error| unreadable(&error))?;
    }
    let told = |gone: &[Gone]| gone.iter().map(told).collect::<Vec<_>>();
    Ok(Json(json!({"enabled": !again.is_empty(), "again": told(&again), "disabled": told(&left)})))
}

fn told(gone: &Gone) -> Value {
    let mut told = gone.to_json();
    told["endpoint"] = json!(gone.row.endpoint);
    told
}
