//! The daemon's life: it listens, and when it is told to stop it lets nothing more in, finishes what it has, and closes. Each route's
//! answers are its own.

use std::io;

use axum::{Router, middleware::from_fn};
use tokio::net::TcpListener;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    SocketConfig, app::App, callbacks, channels, deliveries, events, explanations, health, ingest, links, live,
    metrics, notifications, now, openapi, page, patience, people, push, reload, rules, silences, tail,
};

/// All routes of the daemon.
pub fn router(app: &App) -> Router {
    let (router, mut document) = documented().split_for_parts();
    document.merge(links::routes().split_for_parts().1);
    let router = router.merge(openapi::routes(document)).merge(page::routes()).with_state(app.clone());
    let router = patience::within(patience::REQUEST, app.guard().protect(router))
        .merge(links::router(app))
        .merge(callbacks::router(app));
    let router = match app.notifier().hub() {
        Some(hub) => {
            let access = app.push_access().clone();
            router.merge(push::router(hub.clone(), access, app.guard(), SocketConfig::default()))
        }
        None => router,
    };
    router.layer(from_fn(metrics::count))
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

/// Serves until [`App::begin_stop`], then until what was asked before is answered.
///
/// # Errors
/// If the listener fails for good.
pub async fn serve(listener: TcpListener, app: App) -> io::Result<()> {
    links::prepare(&app).await;
    let router = router(&app);
    tokio::spawn(metrics::keep(app.clone()));
    tokio::spawn(tail::follow(app.clone()));
    axum::serve(listener, router).with_graceful_shutdown(async move { app.stopping().await }).await
}
