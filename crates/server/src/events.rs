//! `GET /v1/events`: the events that are kept, newest first. Taking them in is `ingest`'s.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tidings::{
    Severity,
    store::{EventRange, Store, StoreError, StoredEvent},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, caller::Caller, problem::Refusal, shown};

/// How many events a page has where nothing is asked, and at most.
const PAGE: usize = 100;
const LARGEST: usize = 1_000;
/// How often the store is asked for one page, and how many events it may be asked for at once.
const LOOKS: usize = 48;
const LOOK: u64 = 1_024;
/// How many numbers one look spans at most, where few of them may be wanted.
const WIDEST: u64 = 1 << 20;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    agent: Option<String>,
    #[serde(rename = "type")]
    event_type: Option<String>,
    severity: Option<Severity>,
    before: Option<u64>,
    limit: Option<usize>,
}

impl Asked {
    fn wants(&self, kept: &StoredEvent, caller: &Caller) -> bool {
        let event = &kept.event;
        caller.sees(event.agent_id.as_deref(), event.user_id.as_deref())
            && self.event_type.as_ref().is_none_or(|wanted| *wanted == event.event_type)
            && self.severity.is_none_or(|wanted| wanted == event.severity)
    }
}

/// The events that are kept, newest first, without secrets. A page may hold less than was asked, and still have a next one.
#[utoipa::path(get, path = "/v1/events", tag = "events",
    params(
        ("agent" = Option<String>, Query, description = "Only of this agent."),
        ("type" = Option<String>, Query, description = "Only of this type."),
        ("severity" = Option<String>, Query, description = "Only of this severity: info, warning, error, critical."),
        ("before" = Option<u64>, Query, description = "Only events below this number: `next` of the page before."),
        ("limit" = Option<usize>, Query, description = "1 to 1,000; 100 by default.")),
    responses((status = 200, description = "`events`, and `next` where there are more.")))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let detail =
        "known are `agent`, `type`, `severity` (info, warning, error, critical), `before` and `limit`, each once";
    let Query(asked) = asked.map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, detail))?;
    let limit = asked.limit.unwrap_or(PAGE);
    if !(1..=LARGEST).contains(&limit) {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, format!("`limit` must be 1 to {LARGEST}")));
    }
    let store = app.notifier().store();
    let refuse = |error: StoreError| Refusal::store(&error);
    let until = match asked.before {
        Some(before) => before.saturating_sub(1),
        None => last_number(&**store, 0).await.map_err(refuse)?,
    };
    let mut way = Way { until, span: LOOK };
    let mut found: Vec<StoredEvent> = Vec::new();
    for _ in 0..LOOKS {
        let Some(look) = way.look(&**store, asked.agent.as_deref()).await.map_err(refuse)? else { break };
        found.extend(look.into_iter().rev().filter(|kept| asked.wants(kept, &caller)));
        if found.len() >= limit {
            break;
        }
    }
    let mut next = way.until + 1;
    if found.len() >= limit {
        found.truncate(limit);
        next = found.last().map_or(next, |kept| kept.number);
    }
    let events: Vec<Value> = found.iter().map(shown::event).collect();
    Ok(Json(json!({"events": events, "next": Some(next).filter(|next| *next > 1)})))
}

/// A way through the events from the newest to the oldest: the store gives ranges, oldest first.
struct Way {
    /// The newest number that was not looked at.
    until: u64,
    /// How many numbers the next look spans.
    span: u64,
}

impl Way {
    /// The events of the next span, oldest first; `None` at the end.
    async fn look(&mut self, store: &dyn Store, agent: Option<&str>) -> Result<Option<Vec<StoredEvent>>, StoreError> {
        if self.until == 0 {
            return Ok(None);
        }
        loop {
            let after = self.until.saturating_sub(self.span);
            let agent = agent.map(str::to_owned);
            let range = EventRange { after, until: Some(self.until), agent, ..EventRange::default() };
            let limit = usize::try_from(LOOK).unwrap_or(usize::MAX);
            let found = store.events(&range, limit).await?;
            if found.len() == limit && self.span > LOOK {
                // The newest of so many would be missing.
                self.span = (self.span / 8).max(LOOK);
                continue;
            }
            self.until = if found.is_empty() && is_begin(store, after).await? { 0 } else { after };
            self.span = if found.len() < limit / 8 { (self.span * 8).min(WIDEST) } else { self.span };
            return Ok(Some(found));
        }
    }
}

/// Whether nothing older is kept.
async fn is_begin(store: &dyn Store, number: u64) -> Result<bool, StoreError> {
    let range = EventRange { until: Some(number), ..EventRange::default() };
    Ok(number == 0 || store.events(&range, 1).await?.is_empty())
}

/// The number of the newest event, at least `known`; 0 where there is none. The store has no such question: it is asked for one event
/// at ever longer strides, then at ever shorter ones.
///
/// # Errors
/// If the store cannot be read.
pub(crate) async fn last_number(store: &dyn Store, known: u64) -> Result<u64, StoreError> {
    let mut last = known;
    let mut stride = 1_u64;
    loop {
        let after = last.saturating_add(stride - 1);
        let range = EventRange { after, ..EventRange::default() };
        match store.events(&range, 1).await?.first() {
            Some(kept) => {
                last = kept.number;
                stride = stride.saturating_mul(2).min(1 << 40);
            }
            None if stride == 1 => return Ok(last),
            None => stride /= 2,
        }
    }
}
