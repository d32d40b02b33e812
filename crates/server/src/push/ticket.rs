//! `POST /v1/push/ticket`: a ticket for a browser's socket or event stream. What it is good for is `access`'s.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Deserialize;
use serde_json::json;

use crate::{access::PushAccess, problem::Refusal, tickets};

/// What the ticket shall be good for; nothing for the messages of the key's own user.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    user: Option<String>,
    #[serde(default)]
    live: bool,
}

pub(super) fn routes(access: PushAccess) -> Router {
    Router::new().route("/v1/push/ticket", post(ticket)).with_state(access)
}

/// Gives a ticket: for a browser, which cannot set a header on a socket.
#[utoipa::path(post, path = "/v1/push/ticket", tag = "push",
    request_body(content = serde_json::Value, description = "Nothing, `{\"user\": \"ann\"}`, or `{\"live\": true}` for `/v1/live`."),
    responses((status = 200, description = "`ticket`, and `expires_in` in seconds."),
        (status = 401, description = "No key is there, or one that is not known."),
        (status = 403, description = "The key is not that person's.")))]
pub(super) async fn ticket(
    State(access): State<PushAccess>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let body = body.map_err(|error| Refusal::new(error.status(), "the body is too large, or was cut off"))?;
    let asked = read(&body)?;
    let ticket = match asked {
        Asked { live: true, user: None } => access.live_ticket(&headers)?,
        Asked { live: false, user } => access.ticket(&headers, user.as_deref())?,
        Asked { .. } => return Err(Refusal::new(StatusCode::BAD_REQUEST, "send `user` or `live`, not both")),
    };
    let body = Json(json!({"ticket": ticket, "expires_in": tickets::LIFETIME.as_secs()}));
    Ok(([(header::CACHE_CONTROL, "no-store")], body).into_response())
}

fn read(body: &[u8]) -> Result<Asked, Refusal> {
    if body.trim_ascii().is_empty() {
        return Ok(Asked::default());
    }
    let detail = "send nothing, `{\"user\": \"ann\"}` or `{\"live\": true}`";
    serde_json::from_slice(body).map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, detail))
}
