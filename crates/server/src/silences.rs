//! Silences: who may begin one, see it, end it. What one covers is the policy's, where it is kept the engine's.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use jiff::{Span, SpanRelativeTo};
use serde::Deserialize;
use serde_json::{Value, json};
use tidings::{
    SilenceError, Timestamp,
    config::{self, Plan},
    policy::{Matcher, Silence},
    store::StoreError,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, caller::Caller, problem::Refusal, sent::Sent, views};

/// So many of one person's may stand at a time.
const OWN: usize = 20;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(end))
}

/// A silence to begin.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    matcher: Matcher,
    /// A span such as `2h`.
    #[serde(rename = "for")]
    span: Option<String>,
    until: Option<Timestamp>,
    from: Option<Timestamp>,
    reason: String,
    author: Option<String>,
}

/// All silences that the asker may see, those that are over for a while too.
#[utoipa::path(get, path = "/v1/silences", tag = "silences",
    responses((status = 200, description = "`{\"silences\": […]}`, as `tidings silence list --all --json`.")))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Refusal> {
    let silences = app.notifier().silences().await.map_err(|error| refused(&error))?;
    let seen = silences.iter().map(|kept| &kept.value).filter(|silence| may_change(&caller, &silence.matcher).is_ok());
    let now = app.now();
    let told: Vec<_> = seen.map(|silence| views::silence(silence, now)).collect();
    Ok(Json(json!({"silences": told})))
}

/// Begins a silence. A person may silence what would be told to that person.
#[utoipa::path(post, path = "/v1/silences", tag = "silences",
    request_body(content = Value, description = "`{\"matcher\": {agent, rule, event_type, user}, \"for\": \"2h\" | \"until\": time, \"from\"?, \"reason\", \"author\"?}`"),
    responses((status = 201, description = "It stands."), (status = 422, description = "It cannot be as it is.")))]
async fn add(
    State(app): State<App>,
    caller: Caller,
    Sent(new): Sent<New>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    may_change(&caller, &new.matcher)?;
    let now = app.now();
    leaves_room(&app, &caller, now).await?;
    let span = span(&new, now)?;
    // Only an operator speaks for others.
    let author = new.author.as_deref().filter(|_| caller.operator().is_ok()).unwrap_or(caller.name());
    let added =
        app.notifier().add_silence(&new.matcher, span, author, &new.reason).await.map_err(|error| refused(&error))?;
    let mut told = views::silence(&added, now);
    let warnings = unknown(&app, &added);
    if !warnings.is_empty() {
        told["warnings"] = warnings.into();
    }
    Ok((StatusCode::CREATED, Json(told)))
}

/// Ends a silence now.
#[utoipa::path(delete, path = "/v1/silences/{id}", tag = "silences", params(("id" = String, Path, description = "The silence.")),
    responses((status = 200, description = "As it stands then."), (status = 404, description = "There is none of this id.")))]
async fn end(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    if caller.operator().is_err() {
        let silences = app.notifier().silences().await.map_err(|error| refused(&error))?;
        let own = silences.iter().find(|kept| kept.id == id && may_change(&caller, &kept.value.matcher).is_ok());
        own.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "there is no silence of this id that is yours"))?;
    }
    let ended = app.notifier().end_silence(&id, caller.name()).await.map_err(|error| refused(&error))?;
    Ok(Json(views::silence(&ended, app.now())))
}

/// An operator any; a person those that cover that person alone.
fn may_change(caller: &Caller, matcher: &Matcher) -> Result<(), Refusal> {
    match &matcher.user {
        Some(user) => caller.looks_after(user),
        None => caller.operator(),
    }
}

/// Nobody's own silences leave an operator without room for one.
async fn leaves_room(app: &App, caller: &Caller, now: Timestamp) -> Result<(), Refusal> {
    let Some(user) = caller.own_user() else { return Ok(()) };
    let silences = app.notifier().silences().await.map_err(|error| refused(&error))?;
    let own = |silence: &Silence| silence.matcher.user.as_deref() == Some(user) && now < silence.until;
    if silences.iter().filter(|kept| own(&kept.value)).count() < OWN {
        return Ok(());
    }
    let detail = format!("{OWN} silences of yours stand already: end some of them");
    Err(Refusal::new(StatusCode::CONFLICT, detail))
}

/// From when to when.
fn span(new: &New, now: Timestamp) -> Result<(Timestamp, Timestamp), Refusal> {
    let from = new.from.unwrap_or(now);
    let until = match (&new.span, new.until) {
        (Some(text), None) => from + duration(text)?,
        (None, Some(until)) => until,
        _ => return Err(unprocessable("say how long: `for`, a span such as \"2h\", or `until`, a time; not both")),
    };
    Ok((from, until))
}

fn duration(text: &str) -> Result<std::time::Duration, Refusal> {
    let span = text.trim().parse::<Span>().ok();
    let span = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let span = span.and_then(|span| span.try_into().ok());
    span.ok_or_else(|| unprocessable("`for` is a span such as 90s, 1h30m or 7d"))
}

/// A text for each name that nobody knows: a name that is mistyped silences nothing.
fn unknown(app: &App, silence: &Silence) -> Vec<String> {
    let (plan, people) = (app.plan(), app.notifier().people());
    let rule = silence.matcher.rule.as_deref().and_then(|rule| no_rule(&plan, rule));
    let user = silence.matcher.user.as_deref().filter(|user| people.users().get(user).is_none());
    let user = user.map(|user| {
        format!("there is no user `{user}`: {}", config::hint(user, people.users().ids().collect::<Vec<_>>()))
    });
    rule.into_iter().chain(user).collect()
}

fn no_rule(plan: &Plan, name: &str) -> Option<String> {
    let known = || plan.rules.iter().map(|rule| rule.name.as_str());
    (!known().any(|rule| rule == name)).then(|| format!("there is no rule `{name}`: {}", config::hint(name, known())))
}

fn unprocessable(detail: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
}

fn refused(error: &SilenceError) -> Refusal {
    let status = match error {
        SilenceError::Unknown { .. } => StatusCode::NOT_FOUND,
        SilenceError::TooMany => StatusCode::CONFLICT,
        SilenceError::Store(StoreError::Unavailable(_) | StoreError::Closed) => StatusCode::SERVICE_UNAVAILABLE,
        SilenceError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Refusal::new(status, error.to_string())
}
