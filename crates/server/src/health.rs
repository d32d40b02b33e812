//! Whether the daemon lives, and whether it takes events. What it does is told by `metrics` and `now`.

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, problem::Refusal};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(alive)).routes(routes!(ready))
}

/// Whether the process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "It does.")))]
async fn alive() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// Whether events are taken.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, description = "They are."), (status = 503, description = "It stops.")))]
async fn ready(State(app): State<App>) -> Result<Json<Value>, Refusal> {
    if app.is_stopping() {
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the daemon is stopping"));
    }
    Ok(Json(json!({"status": "ready"})))
}
