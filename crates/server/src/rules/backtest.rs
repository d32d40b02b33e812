//! A rule tried on what was stored: who would have been told what with it, against what they would have been told without. Nothing is
//! sent. How it is counted is the engine's.

use std::{
    collections::BTreeSet,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tidings::{
    Builder, Happening, People, Priority, Timestamp, What,
    clock::instant_now,
    config::{Plan, RulePlan},
    policy::Silence,
    redact::Redactor,
    replay::{Only, Side, Tally, difference_of},
    store::{EventRange, Store, StoredEvent},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{candidate::Candidate, past::newest, sample::unreadable};
use crate::{app::App, caller::Caller, problem::Refusal, sent::Sent};

/// So many of the newest events are gone through.
const EVENTS: u64 = 200_000;
/// So long at most: within what a request may take.
const LONGEST: Duration = Duration::from_secs(8);
/// Events read at once, and how many of such pieces lie ready: an event may have 256 KiB.
const PIECE: usize = 100;
const READY: usize = 1;
/// So many messages of the rule are named.
const EXAMPLES: usize = 20;
/// The furthest back, and how far where nothing is said.
const HOURS: f64 = 24.0 * 366.0;
const DAY: f64 = 24.0;

/// One backtest at a time: each takes a whole processor.
#[derive(Debug)]
pub(crate) struct Turn(Arc<Semaphore>);

impl Default for Turn {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// How long it goes on: while whoever asked is there, and for so long. It ends with the counting, not with the request.
struct Bounds {
    began: Instant,
    asker: Weak<()>,
    _turn: OwnedSemaphorePermit,
}

impl Bounds {
    fn is_late(&self) -> bool {
        self.began.elapsed() > LONGEST || self.asker.strong_count() == 0
    }
}

/// Which rule, in place of which, over how long.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    rule: Candidate,
    replaces: Option<String>,
    hours: Option<f64>,
}

/// What would have been told with this rule.
#[utoipa::path(post, path = "/v1/rules/backtest", tag = "rules",
    request_body(content = Value, description = "`{\"rule\": {name, condition, channels, agent?, priority?, cooldown?, users?, …}, \"replaces\"?: name, \"hours\"?: 24}`"),
    responses((status = 200, description = "`{events, from, until, now, then, difference, examples, people, cut?}`: the newest 200,000 events at most, for 8 s at most."),
        (status = 422, description = "The rule is wrong: `problems` tells where."), (status = 429, description = "Another one runs.")))]
pub(super) async fn run(
    State(app): State<App>,
    caller: Caller,
    Sent(asked): Sent<Asked>,
) -> Result<Json<Value>, Refusal> {
    caller.operator()?;
    let began = instant_now();
    let busy = |_| Refusal::new(StatusCode::TOO_MANY_REQUESTS, "another backtest runs: try again in a few seconds");
    let turn = Arc::clone(&app.backtests().0).try_acquire_owned().map_err(busy)?;
    // Gone with the request, whatever ends it.
    let asker = Arc::new(());
    let bounds = Bounds { began, asker: Arc::downgrade(&asker), _turn: turn };
    let hours = asked.hours.unwrap_or(DAY);
    if !(hours > 0.0 && hours <= HOURS) {
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "`hours` is above 0 and at most 8784"));
    }
    let (plan, people) = (app.plan(), app.notifier().people());
    let rule = asked.rule.read(&plan, &people)?;
    let silences = app.notifier().silences().await.unwrap_or_default().into_iter().map(|kept| kept.value).collect();
    let world = World { plan: Plan::clone(&plan), people, silences };
    let since = app.now() - Duration::try_from_secs_f64(hours * 3_600.0).unwrap_or_default();
    let (sender, pieces) = mpsc::channel(READY);
    let counting =
        tokio::task::spawn_blocking(move || count(&world, rule, asked.replaces.as_deref(), (pieces, bounds)));
    let read = feed(app.notifier().store().as_ref(), since, &sender).await;
    drop(sender);
    let counted = counting.await;
    let is_cut_short = read.map_err(|error| unreadable(&error))?;
    let counted =
        counted.map_err(|_| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the rule could not be tried"))??;
    Ok(Json(counted.told(is_cut_short)))
}

/// Hands on the events since then, at most the newest. Says whether there were more.
async fn feed(
    store: &dyn Store,
    since: Timestamp,
    pieces: &mpsc::Sender<Vec<StoredEvent>>,
) -> Result<bool, tidings::store::StoreError> {
    let newest = newest(store).await?;
    let oldest = newest.saturating_sub(EVENTS);
    let mut range = EventRange { after: 0, until: Some(newest), since: Some(since), ..EventRange::default() };
    let first = store.events(&range, 1).await?;
    let is_more = first.first().is_some_and(|first| first.number <= oldest);
    range.after = oldest;
    loop {
        let piece = store.events(&range, PIECE).await?;
        let Some(last) = piece.last() else { return Ok(is_more) };
        range.after = last.number;
        // Whoever counts may have had enough.
        if pieces.send(piece).await.is_err() {
            return Ok(is_more);
        }
    }
}

/// What both sides share: the configuration, and who there is now.
struct World {
    plan: Plan,
    people: Arc<People>,
    silences: Vec<Silence>,
}

impl World {
    /// A side of these rules, told to the people as they stand now, under their silences.
    fn side(&self, name: &str, rules: Vec<RulePlan>) -> Result<Side, Refusal> {
        let critical = rules.iter().filter(|rule| rule.priority == Priority::Critical);
        let critical: BTreeSet<_> = critical.map(|rule| rule.name.clone()).collect();
        let mut plan = Plan { rules, ..self.plan.clone() };
        plan.users.clear();
        let builder = Builder::for_replay(plan).preferences(self.people.operator().clone());
        let users = self.people.users().iter();
        let builder = users.fold(builder, |builder, (id, user)| builder.user(id, user.clone()));
        let wrong = |error: tidings::Error| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string());
        let mut replay = builder.replay().map_err(wrong)?;
        self.silences.iter().for_each(|silence| replay.silence(silence.clone()));
        Ok(Side::new(replay, Tally::of(name.to_owned(), critical)))
    }

    /// The rules with this one in its place.
    fn with(&self, rule: RulePlan, replaces: Option<&str>) -> Result<Vec<RulePlan>, Refusal> {
        let mut rules = self.plan.rules.clone();
        let name = replaces.unwrap_or(&rule.name);
        let place = rules.iter().position(|other| other.name == name);
        if replaces.is_some() && place.is_none() {
            let known = self.plan.rules.iter().map(|rule| rule.name.as_str());
            let hint = tidings::config::hint(name, known);
            return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, format!("there is no rule `{name}`: {hint}")));
        }
        let is_taken = |(at, other): (usize, &RulePlan)| other.name == rule.name && Some(at) != place;
        if rules.iter().enumerate().any(is_taken) {
            return Err(Refusal::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "another rule has that name: give it one of its own",
            ));
        }
        match place.and_then(|place| rules.get_mut(place)) {
            Some(other) => *other = rule,
            None => rules.push(rule),
        }
        Ok(rules)
    }
}

/// Both sides, counted.
struct Counted {
    now: Tally,
    then: Tally,
    only: Only,
    examples: Vec<Value>,
    span: Option<(Timestamp, Timestamp)>,
    /// Whether time ran out before the events did.
    is_late: bool,
}

/// Goes through the events as they come, until there are none or time is up.
fn count(
    world: &World,
    rule: RulePlan,
    replaces: Option<&str>,
    (mut pieces, bounds): (mpsc::Receiver<Vec<StoredEvent>>, Bounds),
) -> Result<Counted, Refusal> {
    let name = rule.name.clone();
    let mut now = world.side("now", world.plan.rules.clone())?;
    let mut then = world.side("then", world.with(rule, replaces)?)?;
    let (mut only, mut examples) = (Only::default(), Examples { rule: name, told: Vec::new() });
    let (mut span, mut is_late) = (None, false);
    'pieces: while let Some(piece) = pieces.blocking_recv() {
        for StoredEvent { event, .. } in piece {
            let (from, until) = span.unwrap_or((event.timestamp, event.timestamp));
            span = Some((from.min(event.timestamp), until.max(event.timestamp)));
            now.feed((*event).clone().into(), &mut |seen| only.note(0, seen));
            then.feed((*event).clone().into(), &mut |seen| {
                only.note(1, seen);
                examples.note(seen);
            });
            if bounds.is_late() {
                is_late = true;
                break 'pieces;
            }
        }
    }
    drop(pieces);
    now.finish(Duration::ZERO, &mut |seen| only.note(0, seen));
    then.finish(Duration::ZERO, &mut |seen| {
        only.note(1, seen);
        examples.note(seen);
    });
    let (now, then) = (now.into_tally(), then.into_tally());
    Ok(Counted { now, then, only, examples: examples.told, span, is_late })
}

/// The first messages of the rule, without their secrets.
struct Examples {
    rule: String,
    told: Vec<Value>,
}

impl Examples {
    fn note(&mut self, seen: &Happening<'_>) {
        let is_sent = matches!(seen.what, What::Sent { .. });
        let Some(told) = seen.notification.filter(|_| is_sent && seen.rule == Some(&*self.rule)) else { return };
        if self.told.len() < EXAMPLES {
            let title = Redactor::default().redact_text(&told.title).into_owned();
            self.told.push(json!({"at": seen.at, "user": told.user_id, "title": title, "event": told.event}));
        }
    }
}

impl Counted {
    /// What only one side tells, without its secrets.
    fn only_of(&self, side: usize) -> Value {
        let mut only = self.only.told(side);
        Redactor::default().redact_value(&mut only);
        only
    }

    fn told(&self, is_cut_short: bool) -> Value {
        let cut = match (is_cut_short, self.is_late) {
            (_, true) => Some(format!("only what {} s were enough for, from the oldest on", LONGEST.as_secs())),
            (true, _) => Some(format!("only the newest {EVENTS} events")),
            _ => None,
        };
        json!({
            "events": self.now.events.read,
            "from": self.span.map(|(from, _)| from),
            "until": self.span.map(|(_, until)| until),
            "now": self.now,
            "then": self.then,
            "difference": difference_of(&self.now, &self.then),
            "only_now": self.only_of(0),
            "only_then": self.only_of(1),
            "examples": self.examples,
            "people": "as they stand now, with the silences that are kept",
            "cut": cut,
        })
    }
}

#[cfg(test)]
mod tests;
