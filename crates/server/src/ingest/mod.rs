//! `POST /v1/events`: events in, answered item by item once they are durable. What becomes of them is the notifier's.

mod answers;
pub(crate) mod body;
mod cloudevents;
mod format;
mod items;
mod place;
mod split;
mod strict;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, caller::Caller, problem::Refusal};

use answers::Answers;
use format::Format;
use items::Items;

/// The longest `Idempotency-Key` in bytes: with an item's number it is still an id.
const LONGEST_KEY: usize = 240;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(accept))
}

/// Takes events: one, an array, one a line, or CloudEvents. Answers once all that is taken is durable.
#[utoipa::path(post, path = "/v1/events", tag = "events",
    params(("Idempotency-Key" = Option<String>, Header, description = "The id of an event that brings none: sent again it is the same \
        event. In a batch each item's is this key, `/`, and its place from 0.")),
    request_body(description = "At most 4 MiB, 256 KiB and 10,000 events.", content(
        (serde_json::Value = "application/json"), (String = "application/x-ndjson"),
        (serde_json::Value = "application/cloudevents+json"), (serde_json::Value = "application/cloudevents-batch+json"))),
    responses(
        (status = 200, description = "One result an event, in their order.", body = Answers),
        (status = 400, description = "It cannot be read; in a batch: as a whole."),
        (status = 401, description = "No key is there, or one that is not known."),
        (status = 403, description = "The key may not speak for that agent."),
        (status = 408, description = "It was not complete within 10 s."),
        (status = 413, description = "It is too large, or holds more events than the key may send at once."),
        (status = 415, description = "It is in no form that is read here."),
        (status = 429, description = "The key has sent its events of this second: see `Retry-After`."),
        (status = 503, description = "The daemon stops, or its store takes nothing: see `Retry-After`."),
        (status = 507, description = "The disk is full.")))]
async fn accept(State(app): State<App>, caller: Caller, request: Request) -> Result<Json<Answers>, Refusal> {
    caller.sends_events()?;
    let (head, body) = request.into_parts();
    let format = Format::of(&head.headers)?;
    let key = idempotency_key(&head.headers)?;
    // The body goes on taking its room until all that was read from it is answered.
    let held = app.room().read(body).await?;
    let mut items = Items::read(format, &head.headers, &held.bytes, app.now())?;
    caller.spend(items.len())?;
    items.keep(|event| caller.speaks_for(event.agent_id.as_deref()));
    if let Some(key) = key {
        items.name(&key);
    }
    answers::take(app.notifier(), items).await.map(Json)
}

/// The value of `Idempotency-Key`, with or without quotes.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if text.is_empty() || text.len() > LONGEST_KEY || values.next().is_some() {
        let detail = "`Idempotency-Key` must be given once: 1 to 240 characters of ASCII";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, detail));
    }
    Ok(Some(text.to_owned()))
}
