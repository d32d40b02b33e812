//! Why somebody was told, and why not: what happened is read from the log, what did not is worked out again from what was kept.
//! Writing the log is left to the stages and to the store.

mod clocks;
mod deliveries;
mod found;
mod judge;
mod later;
mod moment;
mod notifications;
mod past;
mod read;
mod rules;
mod sinks;
#[cfg(test)]
mod steps;
mod text;
mod told;
pub(crate) mod version;

use tidings_store::{Entry, LogFilter, Page, Pending, Store, StoreError};

pub use moment::utc;
pub use told::{
    AttemptTold, Counterpart, Decision, DeliveryState, DeliveryTold, DigestTold, EventTold, Explanation, ItemTold,
    LaterStep, LaterTold, MutedTold, NotificationTold, Repeated, ResentTold, RuleTold, RuleVerdict, SilenceTold,
    SinkTold, SinkWish, Standing, StormTold, Subject, WaitTold,
};

use crate::emit::Notifier;
use found::{Found, Log};
use later::Present;
use version::Version;

/// Explains what an id stands for: an event, a notification, a delivery, what time alone gave; or an event by the id that it brought
/// itself, alone or as `source#id`. `None` where the store knows nothing of it.
///
/// For an event it tells all sinks and rules of then and all that came of it; for a notification and a delivery what belongs to
/// them. What a rule did not do is judged again, from at most 20,000 events of its agent before.
///
/// # Errors
/// If the store cannot be read.
pub async fn explain(store: &dyn Store, id: &str) -> Result<Option<Explanation>, StoreError> {
    let Some(found) = found::find(store, id).await? else { return Ok(None) };
    let log = Log::read(store, &found).await?;
    let mut unknown = Vec::new();
    let version = version_of(store, &found, &mut unknown).await?;
    let (notifications, cut) = notifications::tell_all(&mut Present::new(store, version.storm), &found, &log).await?;
    if log.cut || cut {
        unknown.push("it gave more than is told here: see the log".to_owned());
    }
    if let Some(event) = &found.event
        && found::is_older_than_the_log(store, event).await?
    {
        unknown.push("the log does not reach back to it any more: some of what came of it may be missing".to_owned());
    }
    let sinks = sinks::tell_all(store, &found, &log, &version).await?;
    let rules = rules::tell_all(store, &found, &log, &version).await?;
    let event = match &found.event {
        Some(kept) => Some(told_event(kept, found::resent(store, kept.id).await?)),
        None => None,
    };
    if event.is_none() && found.cause.is_some() && !rules.iter().any(|rule| rule.by_time) {
        unknown.push("the event itself is not kept any more".to_owned());
    }
    Ok(Some(Explanation { id: id.to_owned(), subject: found.subject, event, sinks, rules, notifications, unknown }))
}

/// What the event was judged by, as far as it is known.
async fn version_of(store: &dyn Store, found: &Found, unknown: &mut Vec<String>) -> Result<Version, StoreError> {
    let Some(event) = &found.event else { return Ok(Version::default()) };
    let kept = store.rule_set(event.number).await?;
    if kept.is_none() {
        unknown.push("the rules and sinks of then are not known: what is told comes from the log alone".to_owned());
    }
    Ok(kept.map(|kept| Version::read(&kept.content)).unwrap_or_default())
}

fn told_event(kept: &tidings_store::StoredEvent, resent: Option<ResentTold>) -> EventTold {
    EventTold {
        id: kept.id,
        number: kept.number,
        event_type: kept.event.event_type.clone(),
        severity: kept.event.severity,
        agent: kept.event.agent_id.clone(),
        happened: kept.event.timestamp,
        accepted: kept.received,
        waiting: kept.waiting,
        resent,
    }
}

impl Notifier {
    /// Explains an event, a notification or a delivery: see [`explain`].
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn explain(&self, id: &str) -> Result<Option<Explanation>, StoreError> {
        explain(&*self.shared.store, id).await
    }

    /// A page of the log of all that was decided and done.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn log(&self, filter: &LogFilter, page: Page) -> Result<Vec<Entry>, StoreError> {
        self.shared.store.log_query(filter, page).await
    }

    /// How many notifications wait for their moment, and until when; after a stop, too.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn pending(&self) -> Result<Pending, StoreError> {
        self.shared.store.pending().await
    }
}
