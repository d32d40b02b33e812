//! `/v1/deliveries`: the log of what was decided and done, to be read, exported, and acted on: what was given up is sent again. Why
//! something happened is told by `explain`.

mod asked;
mod csv;
mod export;
mod pages;

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tidings::RetryError;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::asked::{Asked, Format};
use crate::{app::App, caller::Caller, problem::Refusal};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(retry))
}

/// The log, newest first. A key of agents sees what concerns them, a person's key what concerns that person.
#[utoipa::path(get, path = "/v1/deliveries", tag = "log",
    params(
        ("step" = Option<Vec<String>>, Query, description = "Only these steps; may be given several times."),
        ("event" = Option<String>, Query, description = "Only of this event."),
        ("notification" = Option<String>, Query, description = "Only of this notification."),
        ("delivery" = Option<String>, Query, description = "Only of this delivery."),
        ("rule" = Option<String>, Query, description = "Only of this rule."),
        ("agent" = Option<String>, Query, description = "Only of this agent."),
        ("user" = Option<String>, Query, description = "Only of this user."),
        ("endpoint" = Option<String>, Query, description = "Only of this sink or channel."),
        ("since" = Option<f64>, Query, description = "Not before this, in Unix seconds."),
        ("until" = Option<f64>, Query, description = "Before this, in Unix seconds."),
        ("before" = Option<u64>, Query, description = "Only entries below this number: `next` of the page before."),
        ("limit" = Option<usize>, Query, description = "1 to 1,000, 100 by default; an export up to 100,000, which is its default."),
        ("format" = Option<String>, Query, description = "`json` for a page, `csv` or `ndjson` for a download of all that matches.")),
    responses(
        (status = 200, description = "`entries`, and `next` where there are more."),
        (status = 400, description = "A parameter is wrong.")))]
async fn list(State(app): State<App>, caller: Caller, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let asked = Asked::read(query.as_deref().unwrap_or_default())?;
    if asked.format != Format::Page {
        return export::respond(app, caller, asked).await;
    }
    let pages::Found { entries, next } = pages::next(&app, &caller, &asked).await?;
    Ok(Json(json!({"entries": entries, "next": next})).into_response())
}

/// Sends again what was given up or became too old, under a new id and to the address of today; hastens what waits.
#[utoipa::path(post, path = "/v1/deliveries/{id}/retry", tag = "log",
    params(("id" = String, Path, description = "The delivery's id.")),
    responses(
        (status = 200, description = "`delivery`: the id that it goes by now."),
        (status = 404, description = "There is no such delivery."),
        (status = 409, description = "There is nothing to send again, or nothing left to make it of.")))]
async fn retry(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    caller.operator()?;
    let id = id.parse().map_err(|_| Refusal::new(StatusCode::NOT_FOUND, "an id is 32 lower-case hex digits"))?;
    let again = app.notifier().retry(id, caller.name()).await.map_err(|error| refused(&error))?;
    Ok(Json(json!({"delivery": again})))
}

fn refused(error: &RetryError) -> Refusal {
    let status = match error {
        RetryError::Unknown => StatusCode::NOT_FOUND,
        RetryError::NotRunning => StatusCode::SERVICE_UNAVAILABLE,
        RetryError::Store(error) => return Refusal::store(error),
        _ => StatusCode::CONFLICT,
    };
    Refusal::new(status, error.to_string())
}
