//! `GET /v1/openapi.json`: what the routes say of themselves, gathered where they are put together.

use axum::{Json, Router, routing::get};
use utoipa::{
    OpenApi as _,
    openapi::{Info, OpenApi, OpenApiBuilder},
};

use crate::{app::App, push};

/// The document before any route.
pub(crate) fn head() -> OpenApi {
    let mut head = OpenApiBuilder::new().info(Info::new("Tidings", env!("CARGO_PKG_VERSION"))).build();
    // The push routes are put together for themselves too, for programs without a daemon.
    head.merge(push::Document::openapi());
    head
}

pub(crate) fn routes(document: OpenApi) -> Router<App> {
    let document = std::sync::Arc::new(document);
    Router::new().route("/v1/openapi.json", get(move || async move { Json(OpenApi::clone(&document)) }))
}
