//! Sinks and channels: how each stands, a message to see whether it arrives, and letting what was called gone be sent to again. What an
//! address is, is shown to nobody.

mod disabled;
mod enable;
mod trial;
mod view;

use axum::{Json, extract::State};
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::disabled::Gone;
pub(crate) use self::trial::Pause;
use crate::{app::App, caller::Caller, problem::Refusal};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(trial::run)).routes(routes!(enable::run))
}

/// Every sink and channel, and how it stands.
#[utoipa::path(get, path = "/v1/channels", tag = "channels",
    responses((status = 200, description = "`{\"channels\": [{name, type, kind, address, health, breaker, since, waiting, delivered, dead, disabled, last_error, fallbacks}]}`, addresses masked.")))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Refusal> {
    caller.operator()?;
    let channels = view::all(&app).await.map_err(|error| unreadable(&error))?;
    Ok(Json(json!({"channels": channels})))
}

/// The store says no. What it said stands in the log: it may name files.
fn unreadable(error: &tidings::store::StoreError) -> Refusal {
    tracing::error!(%error, "channels cannot be read");
    Refusal::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, "the store cannot be asked now: try again later")
}

/// There is no sink or channel of this name.
fn unknown(app: &App, name: &str) -> Refusal {
    let plan = app.plan();
    let known: Vec<_> = view::names(&plan).collect();
    let detail = format!("there is no sink or channel `{name}`: {}", tidings::config::hint(name, known));
    Refusal::new(axum::http::StatusCode::NOT_FOUND, detail)
}
