//! `/v1/notifications`: a message to people, and what became of it. Who is told on which channel is the notifier's.

mod answered;
mod fields;

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
};
use serde_json::{Value, json};
use tidings::{AcceptError, Message, config};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use answered::{Answered, whole};

use crate::{app::App, caller::Caller, problem::Refusal};

/// Who is told where nobody is configured.
const ME: &str = "me";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(send)).routes(routes!(tell))
}

/// Tells people something. `users` and `channels` are names: who is to be told, everybody by default, and how, by the inbox or the log
/// by default.
#[utoipa::path(post, path = "/v1/notifications", tag = "notifications", request_body = Value,
    responses(
        (status = 200, description = "What became of it for each user: `planned`, `duplicate`, `later`, `silenced` or `denied`."),
        (status = 422, description = "A field is wrong, or there is no such user or channel."),
        (status = 429, description = "The key has sent as much as it may.")))]
async fn send(
    State(app): State<App>,
    caller: Caller,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Json<Value>, Refusal> {
    let Json(body) = body.map_err(|error| Refusal::new(error.status(), "send one JSON object as application/json"))?;
    let channels: Vec<String> = app.notifier().channel_accounts().await.into_keys().collect();
    let default = ["inbox", "log"].into_iter().find(|name| channels.iter().any(|channel| channel == name));
    let message = fields::message(&body, vec![default.unwrap_or("log").to_owned()])?;
    caller.speaks_for(message.agent_id.as_deref())?;
    check_names(&app, &message, &channels)?;
    caller.spend(1)?;
    let mut told = app.notifier().notify(&message).await.map_err(unavailable)?;
    if told.is_empty() {
        let to_me = Message { user_ids: vec![ME.to_owned()], ..message };
        told = app.notifier().notify(&to_me).await.map_err(unavailable)?;
    }
    let answers = Answered::all(app.notifier(), &told).await.map_err(|error| Refusal::store(&error))?;
    Ok(Json(json!({"told": answers})))
}

/// Names only: an address is none, so that no agent can reach who is not configured.
fn check_names(app: &App, message: &Message, channels: &[String]) -> Result<(), Refusal> {
    let people = app.notifier().people();
    let known: Vec<&str> = people.users().ids().chain(people.users().ids().next().is_none().then_some(ME)).collect();
    let unknown = |name: &String, known: &[&str]| !known.contains(&name.as_str());
    if let Some(user) = message.user_ids.iter().find(|user| unknown(user, &known)) {
        let hint = config::hint(user, known.iter().copied());
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, format!("a user in `users` is not known: {hint}")));
    }
    let known: Vec<&str> = channels.iter().map(String::as_str).collect();
    if let Some(channel) = message.channels.iter().find(|channel| unknown(channel, &known)) {
        let hint = config::hint(channel, known.iter().copied());
        let detail = format!("a channel in `channels` is not known: {hint}");
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    Ok(())
}

fn unavailable(error: AcceptError) -> Refusal {
    match error {
        AcceptError::UnknownChannel(_) => {
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "a channel in `channels` is not known")
        }
        AcceptError::Store(error) => Refusal::store(&error),
        other => Refusal::new(StatusCode::SERVICE_UNAVAILABLE, other.to_string()),
    }
}

/// Tells what became of one notification.
#[utoipa::path(get, path = "/v1/notifications/{id}", tag = "notifications",
    params(("id" = String, Path, description = "The notification's id.")),
    responses(
        (status = 200, description = "The notification as in the explanation."),
        (status = 404, description = "There is none of this id that the key may see.")))]
async fn tell(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    let explained = crate::explanations::of(&app, &caller, &id).await?;
    let wanted = explained.into_iter().flat_map(|explained| explained.notifications);
    let found = wanted.into_iter().find(|told| told.id.to_string() == id);
    let none = || Refusal::new(StatusCode::NOT_FOUND, "there is no notification of this id");
    found.map(|told| Json(json!(told))).ok_or_else(none)
}
