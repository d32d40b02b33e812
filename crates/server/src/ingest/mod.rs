//! `POST /v1/events`: events in, answered item by item once they are durable. What becomes of them is the notifier's.

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};
use tidings::Event;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, caller::Caller, problem::Refusal};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(accept))
}

/// Takes one event.
#[utoipa::path(post, path = "/v1/events", tag = "events",
    responses((status = 200, description = "Accepted for good.")))]
async fn accept(State(app): State<App>, caller: Caller, Json(body): Json<Value>) -> Result<Json<Value>, Refusal> {
    let bad = |error: tidings::EventError| Refusal::new(StatusCode::BAD_REQUEST, error.to_string());
    let event = Event::from_json(body, app.now()).map_err(bad)?;
    caller.speaks_for(event.agent_id.as_deref())?;
    let unavailable = |error: tidings::AcceptError| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string());
    let answers = app.notifier().accept(vec![event]).await.map_err(unavailable)?;
    Ok(Json(json!({"results": answers})))
}
