//! An event to try a condition on: one that came, without its secrets, else one that might.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tidings::{
    Event,
    redact::Redactor,
    store::{EventRange, Store, StoreError, StoredEvent},
};
use tidings_core::taxonomy::severity_of;

use super::past::newest;
use crate::{app::App, caller::Caller, problem::Refusal};

/// So many events are looked through, from the newest on, so many at once: one may have 256 KiB.
const LOOKED_AT: u64 = 20_000;
const AT_ONCE: u64 = 100;

/// Which event.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    agent: Option<String>,
    #[serde(rename = "type")]
    event_type: Option<String>,
}

/// The newest stored event of an agent and a type, redacted; where there is none, a made-up one.
#[utoipa::path(get, path = "/v1/rules/sample", tag = "rules",
    params(("agent" = Option<String>, Query, description = "Of this agent."), ("type" = Option<String>, Query, description = "Of this type.")),
    responses((status = 200, description = "`{\"event\": {…}, \"stored\": bool}`")))]
pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    caller.operator()?;
    let bad = |_| Refusal::new(StatusCode::BAD_REQUEST, "there are `agent` and `type` to ask for, each once");
    let Query(asked) = asked.map_err(bad)?;
    let store = app.notifier().store();
    let found = find(store.as_ref(), &asked).await.map_err(|error| unreadable(&error))?;
    let stored = found.is_some();
    let event = found.map_or_else(|| made_up(&asked, &app), |found| Redactor::default().redact_event(&found.event));
    let event: Value = serde_json::from_slice(&event.to_wire()).unwrap_or_default();
    Ok(Json(json!({"event": event, "stored": stored})))
}

async fn find(store: &dyn Store, asked: &Asked) -> Result<Option<StoredEvent>, StoreError> {
    let newest = newest(store).await?;
    let mut until = newest;
    while until > newest.saturating_sub(LOOKED_AT) {
        let after = until.saturating_sub(AT_ONCE);
        let range = EventRange { after, until: Some(until), agent: asked.agent.clone(), ..EventRange::default() };
        let events = store.events(&range, usize::try_from(AT_ONCE).unwrap_or(usize::MAX)).await?;
        let fits =
            |event: &&StoredEvent| asked.event_type.as_ref().is_none_or(|wanted| *wanted == event.event.event_type);
        if let Some(found) = events.iter().rev().find(fits) {
            return Ok(Some(found.clone()));
        }
        until = after;
    }
    Ok(None)
}

/// An event of the taxonomy with what such events tell.
fn made_up(asked: &Asked, app: &App) -> Event {
    let event_type = asked.event_type.as_deref().unwrap_or("tool.error");
    let data = match event_type.split_once('.').map_or(event_type, |(category, _)| category) {
        "budget" => json!({"spent": 12.5, "limit": 10.0, "currency": "USD"}),
        "guardrail" => json!({"guardrail": "pii", "action": "blocked"}),
        "health" => json!({"error_rate": 0.12, "latency_ms": 2400}),
        "mission" => json!({"mission": "nightly report", "progress": 0.4}),
        "tool" => {
            json!({"tool_name": "search", "error": "connection refused", "error_rate": 0.12, "duration_ms": 3200})
        }
        _ => json!({"error_rate": 0.12, "latency_ms": 240}),
    };
    let event = Event::new(event_type).agent(asked.agent.as_deref().unwrap_or("billing")).at(app.now()).data(data);
    match severity_of(event_type) {
        Some(severity) => event.severity(severity),
        None => event,
    }
}

/// The store says no.
pub(super) fn unreadable(error: &StoreError) -> Refusal {
    tracing::error!(%error, "stored events cannot be read");
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "stored events cannot be read now: try again")
}
