//! What lies in a person's inbox, and what of it was read. How it came there is the push channel's knowledge.

use std::ops::RangeInclusive;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tidings_push::{Hub, Memory, MemoryError, Message, Page};

use crate::{app::App, caller::Caller, problem::Refusal, sent::Sent};

/// How many messages are told where nothing is said, and the most that are.
const MESSAGES: usize = 50;
const MOST: usize = 500;
/// So many unread ones are counted: no inbox keeps more.
const COUNTED: usize = 10_000;
/// So many may be marked at once.
const MARKED: usize = 1_000;

/// Which page of the inbox.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    before: Option<u64>,
    limit: Option<usize>,
}

/// Which messages were read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Read {
    seqs: Vec<u64>,
}

/// A person's messages, newest first.
#[utoipa::path(get, path = "/v1/users/{id}/inbox", tag = "people",
    params(("id" = String, Path, description = "The person."), ("before" = Option<u64>, Query, description = "Only those before this number."),
        ("limit" = Option<usize>, Query, description = "At most so many: 1 to 500, default 50.")),
    responses((status = 200, description = "`{\"messages\": […], \"unread\": n, \"next\": number | null}`"),
        (status = 409, description = "No channel keeps an inbox.")))]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    caller.looks_after(&user)?;
    let bad = |_| Refusal::new(StatusCode::BAD_REQUEST, "`before` and `limit` are numbers, and there is nothing else");
    let Query(asked) = asked.map_err(bad)?;
    let memory = hub(&app)?.memory();
    let limit = asked.limit.unwrap_or(MESSAGES).clamp(1, MOST);
    let page = Page { read: None, before: asked.before, limit };
    let messages = memory.list(&user, page).await.map_err(|error| unavailable(&error))?;
    let next = messages.last().filter(|_| messages.len() == limit).map(|message| message.seq).filter(|seq| *seq > 1);
    let told: Vec<_> = messages.iter().filter_map(told).collect();
    Ok(Json(json!({"messages": told, "unread": unread(memory.as_ref(), &user).await?, "next": next})))
}

/// Marks messages as read.
#[utoipa::path(post, path = "/v1/users/{id}/inbox/read", tag = "people", params(("id" = String, Path, description = "The person.")),
    request_body(content = Value, description = "`{\"seqs\": [1, 2]}`, at most 1,000."),
    responses((status = 200, description = "`{\"marked\": n, \"unread\": n}`")))]
pub(super) async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
    Sent(read): Sent<Read>,
) -> Result<Json<Value>, Refusal> {
    caller.looks_after(&user)?;
    if read.seqs.len() > MARKED {
        let detail = format!("mark at most {MARKED} messages at once");
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    let memory = hub(&app)?.memory();
    let mut marked = 0;
    for run in runs(read.seqs) {
        marked += memory.mark_read(&user, run).await.map_err(|error| unavailable(&error))?;
    }
    Ok(Json(json!({"marked": marked, "unread": unread(memory.as_ref(), &user).await?})))
}

fn hub(app: &App) -> Result<&Hub, Refusal> {
    let detail = "no channel keeps an inbox: add one of type `inbox` or `push`";
    app.notifier().hub().ok_or_else(|| Refusal::new(StatusCode::CONFLICT, detail))
}

async fn unread(memory: &dyn Memory, user: &str) -> Result<usize, Refusal> {
    let page = Page { read: Some(false), before: None, limit: COUNTED };
    Ok(memory.list(user, page).await.map_err(|error| unavailable(&error))?.len())
}

/// The message in the shape that sockets have.
fn told(message: &Message) -> Option<Value> {
    let mut told: Value = serde_json::from_str(&message.to_json()).ok()?;
    told["at"] = json!(message.at);
    Some(told)
}

fn unavailable(error: &MemoryError) -> Refusal {
    tracing::error!(%error, "an inbox cannot be read");
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the inbox cannot be read now: try again")
}

/// Numbers as ranges, each as long as it can be.
fn runs(mut seqs: Vec<u64>) -> Vec<RangeInclusive<u64>> {
    seqs.sort_unstable();
    seqs.dedup();
    let mut runs: Vec<RangeInclusive<u64>> = Vec::new();
    for seq in seqs {
        match runs.last_mut() {
            Some(run) if run.end().checked_add(1) == Some(seq) => *run = *run.start()..=seq,
            _ => runs.push(seq..=seq),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_ranges() {
        let check =
            |seqs: &[u64], expected: &[RangeInclusive<u64>]| assert_eq!(runs(seqs.to_vec()), expected, "{seqs:?}");
        check(&[], &[]);
        check(&[3, 1, 2, 2], &[1..=3]);
        check(&[u64::MAX, 1, u64::MAX - 1, 0], &[0..=1, u64::MAX - 1..=u64::MAX]);
        check(&[5, 7], &[5..=5, 7..=7]);
    }
}
