//! Where a person is reached, and by which clock he lives: an operator's to change.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tidings::{Address, Profile, config::Plan, policy::time_zone};

use super::{
    standing::{Standing, refused},
    version::{Expected, Whom, tag},
};
use crate::{app::App, caller::Caller, problem::Refusal, sent::Sent};

/// What is changed: what is left out stays, what is `null` goes. It holds addresses, so that there is no `Debug`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    /// Whether somebody may be taken in who is not there: a mistyped id must not do that.
    #[serde(default)]
    new: bool,
    #[serde(default, deserialize_with = "given")]
    timezone: Option<Option<String>>,
    #[serde(default)]
    contacts: Map<String, Value>,
}

/// Tells `null` from what is left out.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Changes a person's time zone and addresses, or takes somebody in.
#[utoipa::path(patch, path = "/v1/users/{id}", tag = "people",
    params(("id" = String, Path, description = "The person."), ("If-Match" = Option<String>, Header, description = "The version that is changed.")),
    request_body(content = Value, description = "`{\"new\"?: true, \"timezone\"?: \"Europe/Zurich\", \"contacts\"?: {\"email\": \"ann@example.com\", \"sms\": null}}`"),
    responses((status = 200, description = "The person as he stands then, addresses masked."),
        (status = 404, description = "There is nobody of this id, and `new` is not said."),
        (status = 412, description = "Somebody changed it meanwhile."), (status = 422, description = "`problems` tells what is wrong.")))]
pub(super) async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
    headers: HeaderMap,
    Sent(patch): Sent<Patch>,
) -> Result<Response, Refusal> {
    caller.operator()?;
    let expected = Expected::read(&headers)?;
    let plan = app.plan();
    let whom = Whom { app: &app, caller: &caller, user: &user, new: patch.new };
    let person = expected.change(whom, |profile| put_over(&plan, profile, &patch)).await.map_err(with_way_in)?;
    Ok((tag(person.version()), Json(person.view(&app).to_json())).into_response())
}

/// Forgets a person.
#[utoipa::path(delete, path = "/v1/users/{id}", tag = "people",
    params(("id" = String, Path, description = "The person."), ("If-Match" = Option<String>, Header, description = "The version that is removed.")),
    responses((status = 204, description = "Nobody of this id is told any more, unless a rule names him."),
        (status = 404, description = "There is nobody of this id.")))]
pub(super) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    caller.operator()?;
    let expected = Expected::read(&headers)?;
    let person = Standing::of(&app, &caller, &user).await?;
    expected.admits(person.version())?;
    let version = (expected != Expected::Any).then_some(person.version());
    app.notifier().remove_profile(&user, version, &caller.author()).await.map_err(|error| refused(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is not there may be meant to come.
fn with_way_in(refusal: Refusal) -> Refusal {
    if refusal.status != StatusCode::NOT_FOUND {
        return refusal;
    }
    let detail = format!("{}; with `\"new\": true` somebody is taken in", refusal.detail);
    Refusal { detail, ..refusal }
}

/// The patch over the profile; what is wrong with it all at once.
fn put_over(plan: &Plan, profile: &mut Profile, patch: &Patch) -> Result<(), Refusal> {
    let mut problems = Vec::new();
    if let Some(zone) = &patch.timezone {
        match zone.as_deref().map(time_zone).transpose() {
            Ok(_) => profile.timezone.clone_from(zone),
            Err(error) => problems.push(json!({"path": "timezone", "message": error.to_string()})),
        }
    }
    for (channel, address) in &patch.contacts {
        if let Err(message) = reach(plan, profile, channel, address) {
            problems.push(json!({"path": format!("contacts.{channel}"), "message": message}));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    let told: Vec<_> = problems.iter().filter_map(|problem| problem["message"].as_str()).collect();
    Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, told.join("; ")).problems(problems))
}

/// One address. As in the file, the name of a type means every channel of it.
fn reach(plan: &Plan, profile: &mut Profile, name: &str, address: &Value) -> Result<(), String> {
    let of_type = plan.channels.iter().filter(|(_, channel)| channel.type_name == name);
    let of_type: Vec<_> = of_type.map(|(channel, _)| channel.clone()).collect();
    let meant = if plan.channels.contains_key(name) || of_type.is_empty() { vec![name.to_owned()] } else { of_type };
    match address {
        Value::Null => meant.iter().for_each(|channel| drop(profile.contacts.remove(channel))),
        Value::String(address) => {
            plan.address_problem(name, address).map_or(Ok(()), Err)?;
            profile.contacts.extend(meant.into_iter().map(|channel| (channel, Address::new(address.as_str()))));
        }
        _ => return Err("expected an address, or null".to_owned()),
    }
    Ok(())
}
