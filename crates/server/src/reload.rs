//! `/v1/reload`: another configuration without a restart. Reading it is left to a [`Loader`], what changes with it to the notifier.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;
use tidings::config::{Difference, Plan, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, caller::Caller, problem::Refusal};

/// Reads the configuration anew. It is given the one that runs: what that has made up, such as secrets of webhooks that name none, is to stay
/// ([`Plan::inherit_secrets`]).
pub type Loader = Arc<dyn Fn(&Plan) -> Result<Plan, Vec<Problem>> + Send + Sync>;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(take_up))
}

/// What a daemon took up.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Reloaded {
    /// By names and keys, what is not as it was.
    #[serde(flatten)]
    pub difference: Difference,
    /// Incidents whose rule cannot end them any more.
    pub left_open: Vec<LeftOpen>,
}

/// An incident that nobody ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOpen {
    /// Its rule.
    pub rule: String,
    /// Its agent.
    pub agent: Option<String>,
}

/// Why a daemon goes on as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// Nothing was said of where the configuration is.
    #[error("this daemon runs without a configuration file: there is nothing to load anew")]
    Nothing,
    /// Another call is at it.
    #[error("another reload is under way")]
    Busy,
    /// The daemon stops.
    #[error("the daemon is stopping")]
    Stopping,
    /// The configuration is wrong.
    #[error("the configuration is wrong, and nothing has changed")]
    Wrong(Vec<Problem>),
    /// A part cannot be built, or does not fit to what runs.
    #[error("{0}; nothing has changed")]
    Part(#[from] tidings::Error),
}

/// Loads the configuration anew and goes on by it: for the route, and for a signal.
///
/// # Errors
/// If it cannot be loaded or taken up; then nothing has changed.
pub async fn reload(app: &App) -> Result<Reloaded, ReloadError> {
    if app.is_stopping() {
        return Err(ReloadError::Stopping);
    }
    let loader = app.loader().ok_or(ReloadError::Nothing)?;
    let app = app.clone();
    // A caller who hangs up leaves nothing half done.
    let work = tokio::spawn(async move {
        let _turn = app.reloading().try_lock().map_err(|_| ReloadError::Busy)?;
        let running = app.plan();
        // Files are read, and the operating system may take its time.
        let loading = tokio::task::spawn_blocking(move || loader(&running)).await;
        let plan = loading.map_err(|_| ReloadError::Stopping)?.map_err(ReloadError::Wrong)?;
        let (difference, engine) = app.notifier().reload(plan).await?;
        if let Some(standing) = app.notifier().plan() {
            app.put_plan(Plan::clone(&standing));
        }
        tracing::info!(changed = difference.changed, "the configuration was loaded anew");
        let left_open = engine.left_open.into_iter().map(|(rule, agent)| LeftOpen { rule, agent }).collect();
        Ok(Reloaded { difference, left_open })
    });
    work.await.unwrap_or(Err(ReloadError::Stopping))
}

/// Loads the configuration anew. Nothing that is under way is lost; where anything is wrong, nothing changes.
#[utoipa::path(post, path = "/v1/reload", tag = "daemon", responses(
    (status = 200, description = "What changed, by names and keys; `restart` takes effect with the next start."),
    (status = 403, description = "Not an operator's key."),
    (status = 409, description = "There is no configuration file, or another reload is under way."),
    (status = 422, description = "The configuration is wrong, with all its problems; nothing has changed."),
    (status = 503, description = "The daemon stops.")))]
async fn take_up(State(app): State<App>, caller: Caller) -> Result<Json<Reloaded>, Response> {
    caller.operator().map_err(IntoResponse::into_response)?;
    reload(&app).await.map(Json).map_err(IntoResponse::into_response)
}

impl IntoResponse for ReloadError {
    fn into_response(self) -> Response {
        let detail = self.to_string();
        let status = match &self {
            Self::Nothing | Self::Busy => StatusCode::CONFLICT,
            Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Self::Part(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Wrong(problems) => return wrong(&detail, problems),
        };
        Refusal::new(status, detail).into_response()
    }
}

/// A problem document with all that is wrong.
fn wrong(detail: &str, problems: &[Problem]) -> Response {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let body = json!({
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": status.as_u16(),
        "detail": detail,
        "problems": problems,
    });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
