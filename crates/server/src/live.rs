//! `/v1/live`: what happens, as it happens, for whoever looks on: entries of the log, events, and that there is something new at a glance.
//! Reading it is `tail`'s.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    extract::{Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    caller::Caller,
    problem::Refusal,
    tail::{Line, Listening, Place, Tail, entries_after, entry_line, event_line, events_after, last_place},
};

/// How many may listen at once; of those who are no operators half as many.
const LISTENERS: usize = 64;
/// How often a silent stream says that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How many pages are told to whoever comes back; after more than that everything is to be asked for anew.
const PAGES: usize = 4;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listen))
}

#[derive(Deserialize)]
struct Asked {
    ticket: Option<String>,
}

/// What happens from now on, as server-sent events: `entry` with an entry of the log, `event` with an event without its data, `now` when
/// /v1/now has changed, at most once a second. `Last-Event-ID` goes on where one was; `reset` says that too much was missed.
#[utoipa::path(get, path = "/v1/live", tag = "log",
    params(("ticket" = Option<String>, Query, description = "From `POST /v1/push/ticket` with `{\"live\": true}`, in place of a key in the header.")),
    responses(
        (status = 200, description = "An event stream that ends when the daemon stops, or when its reader is too slow."),
        (status = 429, description = "So many listen as may.")))]
async fn listen(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let (parts, _) = request.into_parts();
    let once = |_| Refusal::new(StatusCode::BAD_REQUEST, "`ticket` may be given once");
    let Query(asked) = Query::<Asked>::try_from_uri(&parts.uri).map_err(once)?;
    let caller = app.push_access().watcher(&parts.headers, asked.ticket.as_deref())?;
    let place = last_event_id(&parts.headers)?;
    // Whatever agents do, an operator's page finds a place.
    let most = if caller.operator().is_ok() { LISTENERS } else { LISTENERS / 2 };
    let full = || Refusal::new(StatusCode::TOO_MANY_REQUESTS, format!("{most} listen already: close one"));
    let listening = Tail::listen(&app, most).ok_or_else(full)?;
    let stream = Stream::begin(app, caller, listening, place).await?;
    let body = futures_util::stream::unfold(stream, |mut stream| async move {
        let line = stream.next().await?;
        Some((Ok::<_, Infallible>(frame(&line)), stream))
    });
    let sse = Sse::new(body).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    Ok(([(header::CACHE_CONTROL, "no-store")], sse).into_response())
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<Place>, Refusal> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let place = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    let refuse = || Refusal::new(StatusCode::BAD_REQUEST, "`Last-Event-ID` must be an id of this stream");
    place.map(Some).ok_or_else(refuse)
}

fn frame(line: &Line) -> Event {
    Event::default().event(line.kind).id(line.place.to_string()).data(&*line.data)
}

/// A line for everybody.
fn plain(kind: &'static str, place: Place, data: impl Into<std::sync::Arc<str>>) -> Line {
    Line { kind, agent: None, user: None, place, data: data.into() }
}

/// One reader's stream.
struct Stream {
    app: App,
    caller: Caller,
    listening: Listening,
    /// What goes out first.
    first: VecDeque<Line>,
    /// How far it has read: what is behind this was told.
    place: Place,
}

impl Stream {
    /// Begins with what was missed since that place, or with where it begins.
    async fn begin(app: App, caller: Caller, listening: Listening, since: Option<Place>) -> Result<Self, Refusal> {
        let store = app.notifier().store();
        let last = last_place(&**store).await.map_err(|error| Refusal::store(&error))?;
        let mut stream = Self { app, caller, listening, first: VecDeque::new(), place: since.unwrap_or(last) };
        // It says where it begins, and not how far what follows goes: whoever is cut off before that comes back to here.
        stream.first.push_back(plain("hello", stream.place, "{}"));
        if since.is_some() {
            stream.recall(last).await?;
        }
        Ok(stream)
    }

    async fn recall(&mut self, last: Place) -> Result<(), Refusal> {
        if self.place.entry > last.entry || self.place.event > last.event {
            self.begin_anew(last, "the place is of another store: ask for everything anew");
            return Ok(());
        }
        let store = std::sync::Arc::clone(self.app.notifier().store());
        for _ in 0..PAGES {
            let entries = entries_after(&*store, self.place.entry).await.map_err(|error| Refusal::store(&error))?;
            let events = events_after(&*store, self.place.event).await.map_err(|error| Refusal::store(&error))?;
            if entries.is_empty() && events.is_empty() {
                return Ok(());
            }
            for kept in &events {
                self.place.event = kept.number;
                self.first.push_back(event_line(kept, self.place));
            }
            for entry in &entries {
                self.place.entry = entry.number;
                self.first.push_back(entry_line(entry, self.place));
            }
        }
        if self.place.entry < last.entry || self.place.event < last.event {
            self.begin_anew(last, "more than can be told: ask for everything anew");
        }
        Ok(())
    }

    fn begin_anew(&mut self, last: Place, why: &str) {
        self.place = last;
        // What begins the stream stays.
        self.first.truncate(1);
        self.first.push_back(plain("reset", last, json!({"missed": why}).to_string()));
    }

    /// The next line that the caller may see; `None` at the end: when the daemon stops, his key has gone, or he is too slow.
    async fn next(&mut self) -> Option<Line> {
        loop {
            let line = match self.first.pop_front() {
                Some(line) => line,
                None => self.fresh().await?,
            };
            self.caller = self.app.keys().named(self.caller.name())?;
            let is_plain = matches!(line.kind, "hello" | "reset");
            let is_seen = match line.kind {
                "now" => self.caller.operator().is_ok(),
                _ => is_plain || self.caller.sees(line.agent.as_deref(), line.user.as_deref()),
            };
            if is_seen {
                return Some(line);
            }
        }
    }

    /// The next line that was not told before.
    async fn fresh(&mut self) -> Option<Line> {
        loop {
            let line = tokio::select! {
                line = self.listening.lines.recv() => line,
                () = self.app.stopping() => return None,
            };
            let mut line = match line {
                Ok(line) => line,
                Err(RecvError::Lagged(_) | RecvError::Closed) => return None,
            };
            let (place, told) = (line.place, self.place);
            self.place = Place { entry: place.entry.max(told.entry), event: place.event.max(told.event) };
            line.place = self.place;
            let is_new = match line.kind {
                "entry" => place.entry > told.entry,
                "event" => place.event > told.event,
                _ => true,
            };
            if is_new {
                return Some(line);
            }
        }
    }
}
