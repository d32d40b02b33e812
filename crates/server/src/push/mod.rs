//! The routes of the push channel: sockets, event streams, acknowledgements and tickets. What flows through them is the hub's.

mod frames;
mod sse;
mod ticket;
mod ws;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{
        DefaultBodyLimit, Query, State,
        rejection::{JsonRejection, QueryRejection},
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use tidings_push::{Hub, Position, Session, SubscribeError};

use crate::{access::PushAccess, guard::Guard, patience, problem::Refusal};

/// The largest message and the largest body that a client may send, in bytes.
const LARGEST: usize = 4 * 1024;
/// What a socket holds while nothing is said. What is larger gets more room for as long as it lasts.
const READ_BUFFER: usize = 512;

/// How sockets are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketConfig {
    /// How often a silent connection is asked whether it still is one. One that says nothing until the next time is closed.
    /// Default: 45 s.
    pub keepalive: Duration,
    /// How long one write may take. Default: 10 s.
    pub write_timeout: Duration,
    /// How long a request may take until it is answered, its body included: 408 then. Default: 10 s.
    pub request_timeout: Duration,
}

impl Default for SocketConfig {
    fn default() -> Self {
        Self {
            keepalive: Duration::from_secs(45),
            write_timeout: Duration::from_secs(10),
            request_timeout: patience::REQUEST,
        }
    }
}

/// What the document tells of these routes.
#[derive(utoipa::OpenApi)]
#[openapi(paths(connect, acknowledge, ticket::ticket))]
pub(crate) struct Document;

#[derive(Clone)]
struct Served {
    hub: Hub,
    access: PushAccess,
    sockets: SocketConfig,
}

/// `GET /v1/push`, `POST /v1/push/ack` and `POST /v1/push/ticket`, behind the guard.
pub fn router(hub: Hub, access: PushAccess, guard: Guard, sockets: SocketConfig) -> Router {
    let router = Router::new()
        .route("/v1/push", get(connect))
        .route("/v1/push/ack", post(acknowledge))
        .with_state(Arc::new(Served { hub, access: access.clone(), sockets }))
        .merge(ticket::routes(access))
        .layer(DefaultBodyLimit::max(LARGEST));
    patience::within(sockets.request_timeout, guard.protect(router))
}

/// `POST /v1/push/ticket` alone, for a daemon without a hub: its page asks for tickets too.
pub(crate) fn tickets(access: PushAccess, guard: Guard) -> Router {
    let router = ticket::routes(access).layer(DefaultBodyLimit::max(LARGEST));
    patience::within(patience::REQUEST, guard.protect(router))
}

#[derive(Deserialize)]
struct Asked {
    since: Option<String>,
    ticket: Option<String>,
    /// Whose messages, where the key is an operator's.
    user: Option<String>,
}

#[derive(Deserialize)]
struct Ack {
    seq: u64,
}

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// Opens a WebSocket, or with `Accept: text/event-stream` a stream of events, of a user's messages.
#[utoipa::path(get, path = "/v1/push", tag = "push",
    params(
        ("ticket" = Option<String>, Query, description = "From `POST /v1/push/ticket`: good once, for 30 s."),
        ("user" = Option<String>, Query, description = "Whose messages, where the key is an operator's."),
        ("since" = Option<String>, Query, description = "The last `position` or `seq` that was seen, or 0 for everything."),
        ("Last-Event-ID" = Option<String>, Header, description = "The same, from a browser that reconnects.")),
    responses((status = 101, description = "A WebSocket."), (status = 200, description = "A stream of events."),
        (status = 401, description = "Neither a key nor a ticket is good."),
        (status = 429, description = "The user has too many sessions.")))]
async fn connect(
    State(served): State<Arc<Served>>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, Refusal> {
    let Query(asked) = asked.map_err(|_| bad_since("since"))?;
    if headers.contains_key(header::UPGRADE) && upgrade.is_err() {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "this is no handshake of a WebSocket of version 13"));
    }
    if upgrade.is_err() && !takes_events(&headers) {
        let detail = "connect by WebSocket, or send `Accept: text/event-stream`";
        return Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, detail));
    }
    // A browser that reconnects sends the address of before, and where it is in the header.
    let since = match last_event_id(&headers)? {
        None => asked.since.map(|text| text.parse().map_err(|_| bad_since("since"))).transpose()?,
        last => last,
    };
    let user = served.access.user(&headers, asked.ticket.as_deref(), asked.user.as_deref())?;
    let session = subscribe(&served.hub, &user, since).await?;
    let sockets = served.sockets;
    // Who did not say where to begin is told where that is, and misses nothing after a cut before the first message.
    let hello = since.is_none().then(|| session.position(session.last()));
    Ok(match upgrade {
        Ok(upgrade) => upgrade
            .read_buffer_size(READ_BUFFER)
            // Every message is written at once: nothing is gained by gathering.
            .write_buffer_size(0)
            .max_message_size(LARGEST)
            .max_frame_size(LARGEST)
            .on_upgrade(move |socket| ws::run(socket, session, sockets, hello)),
        Err(_) => sse::respond(session, sockets, hello),
    })
}

fn bad_since(name: &str) -> Refusal {
    let detail =
        format!("`{name}` must be given once: the last `position` or `seq` that was seen, or 0 for everything");
    Refusal::new(StatusCode::BAD_REQUEST, detail)
}

fn takes_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|kind| {
        let name = kind.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case("text/event-stream")
    })
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<Position>, Refusal> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let position = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    position.map(Some).ok_or_else(|| bad_since("Last-Event-ID"))
}

async fn subscribe(hub: &Hub, user: &str, since: Option<Position>) -> Result<Session, Refusal> {
    let session = match since {
        Some(position) => hub.resume(user, position).await,
        None => hub.subscribe(user, None).await,
    };
    session.map_err(|error| {
        let status = match error {
            SubscribeError::TooManyOfUser => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        Refusal::new(status, error.to_string())
    })
}

/// Acknowledges for clients whose connection goes one way only.
#[utoipa::path(post, path = "/v1/push/ack", tag = "push",
    params(("ticket" = Option<String>, Query, description = "From `POST /v1/push/ticket`."),
        ("user" = Option<String>, Query, description = "Whose messages, where the key is an operator's.")),
    request_body(content = serde_json::Value, description = "`{\"seq\": 7}`: all up to this one is seen."),
    responses((status = 204, description = "Noted."), (status = 401, description = "Neither a key nor a ticket is good.")))]
async fn acknowledge(
    State(served): State<Arc<Served>>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
    ack: Result<Json<Ack>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let Query(asked) = asked.map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "`ticket` must be given once"))?;
    let user = served.access.user(&headers, asked.ticket.as_deref(), asked.user.as_deref())?;
    let Json(Ack { seq }) =
        ack.map_err(|error| Refusal::new(error.status(), "send `{\"seq\": 7}` as application/json"))?;
    served.hub.acknowledge(&user, seq);
    Ok(StatusCode::NO_CONTENT)
}
