//! The daemon's life: it listens, and when it is told to stop it lets nothing more in, finishes what it has, and closes. Each route's
//! answers are its own.

use std::{io, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    ConnectionConfig, SocketConfig,
    app::App,
    callbacks, channels,
    connections::{Entrance, is_public},
    deliveries, events, explanations, health, ingest, links, live, metrics, notifications, now, openapi, page,
    patience, people,
    problem::Refusal,
    push, reload, rules, silences, tail,
};

/// Where events and messages come in.
const DOORS: [&str; 2] = ["/v1/events", "/v1/notifications"];

/// All routes of the daemon.
pub fn router(app: &App) -> Router {
    router_within(app, patience::REQUEST)
}

fn router_within(app: &App, limit: Duration) -> Router {
    let (router, mut document) = documented().split_for_parts();
    document.merge(links::routes().split_for_parts().1);
    let router = router.merge(openapi::routes(document)).merge(page::routes()).with_state(app.clone());
    let router = router.fallback(unknown).method_not_allowed_fallback(wrong_method);
    let router =
        patience::within(limit, app.guard().protect(router)).merge(links::router(app)).merge(callbacks::router(app));
    let access = app.push_access().clone();
    let sockets = SocketConfig { request_timeout: limit, ..SocketConfig::default() };
    let push = match app.notifier().hub() {
        Some(hub) => push::router(hub.clone(), access, app.guard(), sockets),
        None => push::tickets(access, app.guard()),
    };
    let router = router.merge(push).layer(from_fn(metrics::count));
    router.layer(from_fn_with_state(app.clone(), shut)).layer(from_fn(end_after_chunks))
}

async fn unknown() -> Refusal {
    let detail =
        "there is nothing under this path: events are sent by POST /v1/events, and /v1/openapi.json names all routes";
    Refusal::new(StatusCode::NOT_FOUND, detail)
}

async fn wrong_method() -> Refusal {
    let detail = "this path takes other methods: see `Allow`, and /v1/openapi.json";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}

/// Lets no event and no message in once the daemon stops, whoever sends it, before any of it is read.
async fn shut(State(app): State<App>, request: Request, next: Next) -> Response {
    let comes_in = request.method() == Method::POST && DOORS.contains(&request.uri().path());
    if comes_in && app.is_stopping() { Refusal::stopping().into_response() } else { next.run(request).await }
}

/// A request whose body comes in chunks is its connection's last: where a proxy before us reads lengths another way, what follows could be
/// somebody else's (RFC 9112, 6.1).
async fn end_after_chunks(request: Request, next: Next) -> Response {
    let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = next.run(request).await;
    if is_chunked {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The routes that the document tells of.
fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::head())
        .merge(channels::routes())
        .merge(deliveries::routes())
        .merge(events::routes())
        .merge(explanations::routes())
        .merge(health::routes())
        .merge(ingest::routes())
        .merge(live::routes())
        .merge(metrics::routes())
        .merge(notifications::routes())
        .merge(now::routes())
        .merge(people::routes())
        .merge(reload::routes())
        .merge(rules::routes())
        .merge(silences::routes())
}

/// Serves until [`App::begin_stop`]. Then events and messages are answered 503, sockets are closed so that they can resume, what was
/// asked before is answered, and the notifier is stopped. That takes at most the configuration's `shutdown_timeout`, and a little.
///
/// # Errors
/// If others than this machine reach the listener and no key is asked of them.
pub async fn serve(listener: TcpListener, app: App) -> io::Result<()> {
    serve_with(listener, app, ConnectionConfig::default()).await
}

/// [`serve`] with bounds of one's own.
///
/// # Errors
/// See [`serve`].
pub async fn serve_with(listener: TcpListener, app: App, config: ConnectionConfig) -> io::Result<()> {
    let address = listener.local_addr()?;
    if is_public(address) && app.keys().are_open() {
        let text = format!("others could reach {address}, and no key is asked of them: add `server.keys`");
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    links::prepare(&app).await;
    tokio::spawn(metrics::keep(app.clone()));
    tokio::spawn(tail::follow(app.clone()));
    let router = router_within(&app, config.patience);
    Entrance::new(listener, router, config).serve(&app).await;
    Ok(())
}
