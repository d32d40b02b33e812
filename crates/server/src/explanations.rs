//! `/v1/explain/{id}`: why somebody was told, and why not. How that is found out is `explain`'s; here it is cut to what the caller may see.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tidings::{
    EventId, Explanation,
    store::{LogFilter, Page},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, caller::Caller, problem::Refusal, shown};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(explain))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    format: Format,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Text,
}

/// Explains an event, a notification, a delivery, or what time alone gave.
#[utoipa::path(get, path = "/v1/explain/{id}", tag = "log",
    params(
        ("id" = String, Path, description = "An id of ours, or the one that an event brought itself: `id` or `source#id`."),
        ("format" = Option<String>, Query, description = "`json`, or `text` for a timeline to be read.")),
    responses(
        (status = 200, description = "The explanation."),
        (status = 404, description = "Nothing of this id is known that the key may see.")))]
async fn explain(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(asked) =
        asked.map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "`format` must be `json` or `text`, given once"))?;
    let none = || Refusal::new(StatusCode::NOT_FOUND, "no event, notification or delivery of this id is known");
    let explained = of(&app, &caller, &id).await?.ok_or_else(none)?;
    Ok(match asked.format {
        Format::Json => Json(explained).into_response(),
        Format::Text => format!("{explained}\n").into_response(),
    })
}

/// What there is to tell of an id, as far as the caller may see it: what concerns his agents, or himself. `None` also where he may see
/// nothing of it: that it is there is not his business.
///
/// # Errors
/// If the store cannot be read.
pub(crate) async fn of(app: &App, caller: &Caller, id: &str) -> Result<Option<Explanation>, Refusal> {
    let explained = app.notifier().explain(id).await.map_err(|error| Refusal::store(&error))?;
    let Some(mut explained) = explained else { return Ok(None) };
    shown::explanation(&mut explained);
    if caller.operator().is_ok() {
        return Ok(Some(explained));
    }
    if let Some(person) = caller.own_user() {
        return Ok(for_person(explained, person));
    }
    let agent = agent_of(app, &explained).await?;
    Ok(caller.sees(agent.as_deref(), None).then_some(explained))
}

/// What one person was told, and by which rules; what others were told is theirs.
fn for_person(mut explained: Explanation, person: &str) -> Option<Explanation> {
    explained.notifications.retain(|told| told.user.as_deref() == Some(person));
    explained.sinks.clear();
    let Explanation { rules, notifications, .. } = &mut explained;
    rules.retain(|rule| notifications.iter().any(|told| told.rule.as_deref() == Some(&rule.rule)));
    (!notifications.is_empty()).then_some(explained)
}

/// The agent that it is all about: its event's, else the one that the log names.
async fn agent_of(app: &App, explained: &Explanation) -> Result<Option<String>, Refusal> {
    if let Some(event) = &explained.event {
        return Ok(event.agent.clone());
    }
    let filter = match explained.notifications.first() {
        Some(told) => LogFilter { notification: Some(told.id), ..LogFilter::default() },
        None => LogFilter { event: explained.id.parse::<EventId>().ok(), ..LogFilter::default() },
    };
    if filter == LogFilter::default() {
        return Ok(None);
    }
    let page = Page::After { number: 0, limit: 1 };
    let found = app.notifier().store().log_query(&filter, page).await.map_err(|error| Refusal::store(&error))?;
    Ok(found.into_iter().next().and_then(|entry| entry.agent))
}
