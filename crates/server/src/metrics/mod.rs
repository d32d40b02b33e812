//! `/metrics`: counters and gauges as Prometheus reads them. What happens is counted where it happens, by the `metrics` facade or in the
//! notifier's accounts; here it is put together. No label names an agent, a user or an id.

mod accounts;
mod help;
mod process;
mod recorder;
mod requests;
mod text;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::text::Text;
pub(crate) use self::{recorder::keep, requests::count};
use crate::{app::App, caller::Caller, problem::Refusal};

/// The version of the text format.
const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(scrape))
}

/// All metrics, in Prometheus' text format. For operators.
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, description = "The text that Prometheus scrapes.", content_type = "text/plain")))]
async fn scrape(State(app): State<App>, caller: Caller) -> Result<Response, Refusal> {
    caller.operator()?;
    let mut text = Text::default();
    accounts::write(&app, &mut text).await;
    process::write(app.started(), &mut text);
    let body = text.finish() + &recorder::render();
    Ok(([(header::CONTENT_TYPE, KIND), (header::CACHE_CONTROL, "no-store")], body).into_response())
}
