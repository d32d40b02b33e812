//! A message to see whether it arrives: by one channel's own way, past rules and preferences, to nobody whom the configuration does not name.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tidings::{
    Timestamp,
    config::{self, ChannelPlan, Plan},
    redact::{Options, Redactor},
};

use super::{unknown, view};
use crate::{app::App, caller::Caller, problem::Refusal, sent::MaySend};

/// One test of a channel in this time.
const EVERY: Duration = Duration::from_secs(10);
/// An answer later than this is none: a request must be answered too.
const LONGEST: Duration = Duration::from_secs(8);

/// When each channel was tried last. It holds no more names than there are channels.
#[derive(Debug, Default)]
pub(crate) struct Pause(Mutex<BTreeMap<String, Timestamp>>);

impl Pause {
    /// Takes the turn of a channel.
    fn take(&self, name: &str, now: Timestamp) -> Result<(), Refusal> {
        let mut tried = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = tried.get(name).copied().filter(|last| now >= *last && now.since(*last) < EVERY);
        if last.is_some() {
            let detail = format!("this was tested a moment ago: once in {} s", EVERY.as_secs());
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, detail));
        }
        tried.insert(name.to_owned(), now);
        Ok(())
    }
}

/// Whom it is for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Asked {
    user: Option<String>,
}

/// Sends a test message by one sink or channel.
#[utoipa::path(post, path = "/v1/channels/{name}/test", tag = "channels", params(("name" = String, Path, description = "The sink or channel.")),
    request_body(content = Value, description = "`{\"user\"?: \"ann\"}`: a name, never an address."),
    responses((status = 200, description = "`{\"outcome\": \"delivered\" | \"failed\", \"took_ms\", \"text\"?, \"code\"?}`"),
        (status = 404, description = "There is none of this name."), (status = 422, description = "It needs a user, or there is none of this name."),
        (status = 429, description = "It was tested in the last 10 s.")))]
pub(super) async fn run(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    MaySend(asked): MaySend<Asked>,
) -> Result<Json<Value>, Refusal> {
    caller.operator()?;
    let plan = app.plan();
    if !view::names(&plan).any(|known| known == name) {
        return Err(unknown(&app, &name));
    }
    check(&app, &plan, &name, asked.user.as_deref())?;
    app.pause().take(&name, app.now())?;
    let tried = app.notifier().try_out(&name, asked.user.as_deref(), caller.name(), LONGEST).await;
    let nothing = || Refusal::new(StatusCode::CONFLICT, "this is in the process itself: there is nothing to test");
    let tried = tried.ok_or_else(nothing)?;
    let outcome = if tried.answer.is_ok() { "delivered" } else { "failed" };
    let took = u64::try_from(tried.note.took.as_millis()).unwrap_or(u64::MAX);
    let text = tried.note.text.as_deref().map(clean);
    Ok(Json(json!({"outcome": outcome, "took_ms": took, "code": tried.note.code, "text": text})))
}

/// Whether somebody would get it.
fn check(app: &App, plan: &Plan, name: &str, user: Option<&str>) -> Result<(), Refusal> {
    let unprocessable = |detail: String| Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    let people = app.notifier().people();
    match user {
        Some(user) if people.users().get(user).is_none() => {
            let hint = config::hint(user, people.users().ids().collect::<Vec<_>>());
            unprocessable(format!("there is no user `{user}`: {hint}"))
        }
        None if plan.channels.get(name).is_some_and(needs_user) => {
            unprocessable("say who is to get it: `user`, one of the users".to_owned())
        }
        _ => Ok(()),
    }
}

/// Whether nobody gets a message that is for nobody.
fn needs_user(channel: &ChannelPlan) -> bool {
    matches!(channel.type_name.as_str(), "push" | "inbox" | "email" | "sms") && channel.to.is_none()
}

/// What a receiver answered, without secrets, personal data and addresses.
pub(super) fn clean(text: &str) -> String {
    let options = Options { personal: true, contact: true };
    Redactor::new(options).redact_text(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_tried_once_in_a_while() {
        let pause = Pause::default();
        let check = |name: &str, second: i64, expected: bool| {
            assert_eq!(pause.take(name, Timestamp::from_secs(second)).is_ok(), expected, "{name} {second}");
        };
        check("a", 100, true);
        check("a", 109, false);
        check("b", 109, true);
        check("a", 110, true);
        // A clock that was set back keeps nobody out.
        check("a", 50, true);
    }
}
