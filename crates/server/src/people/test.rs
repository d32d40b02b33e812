//! Test as somebody: what would become of a message, by the same word as on a real one.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::Value;
use tidings::{Priority, Timestamp};

use super::standing::Standing;
use crate::{
    app::App,
    caller::Caller,
    problem::Refusal,
    sent::MaySend,
    views::{Asked, Judged},
};

/// The message that is asked about.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Message {
    rule: Option<String>,
    agent: Option<String>,
    event_type: Option<String>,
    priority: Option<Priority>,
    channels: Vec<String>,
    topic: Option<String>,
    at: Option<Timestamp>,
}

/// What would become of a message for this person on each channel. Nothing is sent.
#[utoipa::path(post, path = "/v1/users/{id}/test", tag = "people", params(("id" = String, Path, description = "The person.")),
    request_body(content = Value, description = "`{\"rule\"?, \"agent\"?, \"event_type\"?, \"priority\"?, \"channels\"?, \"topic\"?, \"at\"?}`"),
    responses((status = 200, description = "As `tidings prefs test --json`."), (status = 422, description = "There is no such rule or channel.")))]
pub(super) async fn test(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
    MaySend(message): MaySend<Message>,
) -> Result<Json<Value>, Refusal> {
    caller.looks_after(&user)?;
    let person = Standing::of(&app, &caller, &user).await?;
    let at = message.at.unwrap_or(app.now());
    let asked = Asked {
        rule: message.rule,
        agent: message.agent,
        event_type: message.event_type,
        priority: message.priority,
        channels: message.channels,
        topic: message.topic,
    };
    let plan = app.plan();
    let question = asked.question(&plan, at);
    let question = question.map_err(|error| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    let words = app.notifier().judge(&user, &question);
    let people = app.notifier().people();
    let judged = Judged::of(&plan, &people, &user, (&question, &words), person.source());
    let judged = judged.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "there is nobody of this id"))?;
    Ok(Json(judged.to_json()))
}
