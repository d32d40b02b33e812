//! People: who there is, what they wish, what would become of a message for them, what lies in their inboxes. Who decides is the policy;
//! where it is kept is the engine's knowledge.

mod change;
mod inbox;
mod standing;
mod test;
mod version;
mod wishes;

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::standing::Standing;
use crate::{app::App, caller::Caller, problem::Refusal};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, change::change, change::remove))
        .routes(routes!(wishes::get, wishes::put))
        .routes(routes!(test::test))
        .routes(routes!(inbox::list))
        .routes(routes!(inbox::read))
}

/// Everybody whom the asker looks after.
#[utoipa::path(get, path = "/v1/users", tag = "people",
    responses((status = 200, description = "`{\"users\": [{user, timezone, contacts, source, version}]}`, addresses masked.")))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Refusal> {
    let everybody = Standing::everybody(&app).await?;
    let seen = everybody.iter().filter(|person| caller.looks_after(&person.user).is_ok());
    let told: Vec<_> = seen.map(Standing::in_short).collect();
    Ok(Json(json!({"users": told})))
}

/// One person, as `tidings prefs get --json` tells.
#[utoipa::path(get, path = "/v1/users/{id}", tag = "people", params(("id" = String, Path, description = "The person.")),
    responses((status = 200, description = "Wishes, addresses masked, who decides on each channel."),
        (status = 404, description = "There is nobody of this id.")))]
async fn get(State(app): State<App>, caller: Caller, Path(user): Path<String>) -> Result<Json<Value>, Refusal> {
    caller.looks_after(&user)?;
    let person = Standing::of(&app, &caller, &user).await?;
    Ok(Json(person.view(&app).to_json()))
}
