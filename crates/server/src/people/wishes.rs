//! What a person wishes, read and put in its place, without losing what somebody else changed meanwhile.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tidings::{
    Profile,
    config::Plan,
    policy::{Preferences, PreferencesError},
};

use super::{
    standing::{Standing, problems},
    version::{Expected, Whom, tag},
};
use crate::{app::App, caller::Caller, problem::Refusal, sent::Sent};

/// What a person wishes, and what comes of it on each channel.
#[utoipa::path(get, path = "/v1/users/{id}/preferences", tag = "people",
    params(("id" = String, Path, description = "The person.")),
    responses((status = 200, description = "With the version as `ETag`."), (status = 404, description = "There is nobody of this id.")))]
pub(super) async fn get(State(app): State<App>, caller: Caller, Path(user): Path<String>) -> Result<Response, Refusal> {
    caller.looks_after(&user)?;
    Ok(told(&app, &Standing::of(&app, &caller, &user).await?, &[]))
}

/// Puts wishes in the place of a person's. `null` is none: the operator's hold.
#[utoipa::path(put, path = "/v1/users/{id}/preferences", tag = "people",
    params(("id" = String, Path, description = "The person."), ("If-Match" = Option<String>, Header, description = "The version that is changed.")),
    request_body(content = Value, description = "The preferences."),
    responses((status = 200, description = "As it stands then."), (status = 412, description = "Somebody changed it meanwhile."),
        (status = 422, description = "It cannot be as it is: `problems` tells where.")))]
pub(super) async fn put(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
    headers: HeaderMap,
    Sent(wishes): Sent<Value>,
) -> Result<Response, Refusal> {
    caller.looks_after(&user)?;
    let expected = Expected::read(&headers)?;
    let read = if wishes.is_null() { Ok(Preferences::default()) } else { Preferences::read(&wishes) };
    let read = read.map_err(|error| wrong(&error))?;
    let warnings = unknown_channels(&app.plan(), &read);
    let whom = Whom { app: &app, caller: &caller, user: &user, new: false };
    let wish = |profile: &mut Profile| {
        profile.preferences = (read != Preferences::default()).then(|| read.clone());
        Ok(())
    };
    let person = expected.change(whom, wish).await?;
    Ok(told(&app, &person, &warnings))
}

fn wrong(error: &PreferencesError) -> Refusal {
    let detail = format!("the preferences are wrong: {error}");
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, detail).problems(problems(error))
}

/// Channels that nobody knows: they are kept, since one may come later.
fn unknown_channels(plan: &Plan, wishes: &Preferences) -> Vec<String> {
    let blocks = std::iter::once(&wishes.default).chain(wishes.agents.values());
    let channels: std::collections::BTreeSet<_> = blocks.flat_map(|block| block.channels.keys()).collect();
    channels.into_iter().filter_map(|channel| plan.channel_problem(channel)).collect()
}

fn told(app: &App, person: &Standing, warnings: &[String]) -> Response {
    let full = person.view(app).to_json();
    let kept = ["user", "preferences", "timezone", "version", "author", "at", "source", "channels", "agents"];
    let mut told: serde_json::Map<String, Value> =
        kept.into_iter().filter_map(|key| Some((key.to_owned(), full.get(key)?.clone()))).collect();
    if !warnings.is_empty() {
        told.insert("warnings".to_owned(), json!(warnings));
    }
    (tag(person.version()), Json(Value::Object(told))).into_response()
}
