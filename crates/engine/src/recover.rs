//! Goes on where the process before stopped: its leases, how far rules were, events that it had accepted and not planned. Only for
//! a store that outlives a process.

use std::{sync::Arc, time::Duration};

use tidings_core::Timestamp;
use tidings_store::{
    Cooldown, Disabled, EventRange, KeptState, Pending, Recovered, RuleSetVersion, StateRow, StoreError, StoredEvent,
    Waiting,
};
use tidings_trigger::{RuleSet, RuleState};

use crate::{
    beginnings,
    deliver::{Link, Owner},
    explain, lately,
    pipeline::Pipeline,
    planned::{Accepted, Past},
    recall::recall,
    rule_time::{moved, set_back_after},
    settle::insist,
    shared::Shared,
    worker::plan_all,
};

/// Events that are read at once.
const PAGE: usize = 1_000;

/// A store that was taken over.
#[derive(Debug)]
pub(crate) struct TakenOver {
    /// What the process before left.
    pub(crate) found: Recovered,
    /// When: what rules await from the start on is counted from here.
    pub(crate) at: Timestamp,
}

/// What must be known before anybody delivers: who is not sent to any more, and what was owed at that moment.
pub(crate) async fn prepare(shared: &Shared, found: &Recovered) -> Result<(), StoreError> {
    tell(found);
    shared.find_people().await?;
    disable(found.disabled.clone(), &shared.pipeline().links.iter().collect::<Vec<_>>());
    if shared.store.durable() {
        book_waiting(shared, shared.store.waiting().await?);
        book_pending(shared, shared.store.pending().await?);
    }
    Ok(())
}

/// Goes on from what the store held when it was taken over; gives the time of the rules, where that comes from the events. `None` if
/// the notifier ends first.
pub(crate) async fn recover(shared: &Shared, taken: &TakenOver) -> Option<Timestamp> {
    let TakenOver { found, at } = taken;
    let first_waiting = first_waiting(shared, found).await?;
    let content = explain::version::content(&shared.pipeline(), shared.event_time);
    let version = RuleSetVersion { from: first_waiting, since: shared.clock.now(), content };
    insist(shared, || shared.store.put_rule_set(&version)).await?;
    if !shared.store.durable() {
        if !shared.event_time {
            shared.pipeline().rule_set().tick(*at);
        }
        return Some(Timestamp::from_nanos(i64::MIN));
    }
    shared.first_new.send_replace(Some(first_waiting));
    beginnings::recall(shared).await?;
    lately::recall(shared, Duration::from_nanos(found.shift.unsigned_abs())).await?;
    let pipeline = shared.pipeline();
    let look_back = pipeline.rule_set().look_back();
    let mut rules_now = recall(shared, &pipeline.set, look_back, (found, first_waiting)).await?;
    restore(shared, found, if shared.event_time { rules_now } else { *at }).await?;
    plan_waiting(shared, found, &mut rules_now).await?;
    Some(rules_now)
}

fn tell(found: &Recovered) {
    if found.waiting + found.leases > 0 {
        tracing::info!(events = found.waiting, deliveries = found.leases, "taking over what the process before left");
    }
    for (table, lost) in &found.damage {
        tracing::error!(table, "the store was damaged: {lost}");
    }
    if found.shift > 0 {
        let seconds = found.shift / 1_000_000_000;
        tracing::warn!(seconds, "the clock was set back while nothing ran: what is due is moved along");
    }
}

/// Deliveries that the process before made are on this one's account from now on.
fn book_waiting(shared: &Shared, owed: Vec<Waiting>) {
    let pipeline = shared.pipeline();
    let links: Vec<_> = pipeline.links.iter().collect();
    for waiting in owed {
        if !book_owed(shared, &waiting, &links) {
            tracing::warn!(
                endpoint = waiting.endpoint,
                count = waiting.count,
                "deliveries wait for a sink or channel that is not configured any more"
            );
        }
    }
}

/// Books what one of these links owes of the process before; `false` if it is none of them.
pub(crate) fn book_owed(shared: &Shared, waiting: &Waiting, links: &[&Arc<Link>]) -> bool {
    match links.iter().find(|link| *link.name == *waiting.endpoint).map(|link| &link.owner) {
        Some(Owner::Sink(ledger)) => ledger.matched.add(waiting.count),
        Some(Owner::Channel(_)) => shared.ledger.deliveries.add(waiting.count),
        None => return false,
    }
    true
}

/// Tells these links whom they do not reach any more.
pub(crate) fn disable(gone: Vec<Disabled>, links: &[&Arc<Link>]) {
    for gone in gone {
        if let Some(link) = links.iter().find(|link| *link.name == *gone.endpoint) {
            link.disable(gone.address.map(tidings_core::Address::new));
        }
    }
}

/// So are notifications that wait for their moment.
fn book_pending(shared: &Shared, pending: Pending) {
    shared.ledger.deliveries.add(pending.held + pending.digested);
    pending.next.into_iter().for_each(|next| shared.later.await_until(next));
    // Wishes may have changed while nobody ran. In a file nothing is due before the first event's time is known.
    if pending.next.is_some() && !shared.event_time {
        shared.later.look_again_at_all();
    }
}

/// The number of the first event that waits for its plan, or of the next one to come.
async fn first_waiting(shared: &Shared, found: &Recovered) -> Option<u64> {
    let waiting = EventRange { waiting: true, ..EventRange::default() };
    let first = insist(shared, || shared.store.events(&waiting, 1)).await?;
    Some(first.first().map_or(found.last_event + 1, |event| event.number))
}

/// Puts rules back to where they were.
async fn restore(shared: &Shared, found: &Recovered, now: Timestamp) -> Option<()> {
    let pipeline = shared.pipeline();
    let since = cooling_since(shared, &pipeline, now);
    let cooldowns = insist(shared, || shared.store.cooldowns(since)).await?;
    let kept = insist(shared, || shared.store.states()).await?;
    let states = readable(shared, kept);
    tracing::debug!(events = found.last_event, states = states.len(), "rules go on where they were");
    let mut rules = pipeline.rule_set();
    rules.restore_cooldowns(named(&cooldowns));
    rules.restore(states, now);
    Some(())
}

/// Since when a cooldown may have begun that is not over.
pub(crate) fn cooling_since(shared: &Shared, pipeline: &Pipeline, now: Timestamp) -> Timestamp {
    let longest = pipeline.rules.iter().map(|rule| rule.spec.cooldown).max().unwrap_or_default();
    if shared.event_time { Timestamp::from_nanos(i64::MIN) } else { now - longest }
}

/// Cooldowns as rules take them.
pub(crate) fn named(cooldowns: &[Cooldown]) -> impl Iterator<Item = (&str, Option<&str>, Timestamp)> {
    cooldowns.iter().map(|cooldown| {
        let agent = Some(cooldown.agent.as_str()).filter(|agent| !agent.is_empty());
        (&*cooldown.rule, agent, cooldown.at)
    })
}

/// How far rules were, by the clock of today.
pub(crate) fn readable(shared: &Shared, kept: Vec<KeptState>) -> Vec<RuleState> {
    let read = |kept: KeptState| {
        let shift = if shared.event_time { 0 } else { kept.shift };
        let by = Duration::from_nanos(shift.unsigned_abs());
        match RuleState::from_bytes(&kept.row.state) {
            Ok(state) => Some(if shift > 0 { state.shifted(by) } else { state }),
            Err(error) => {
                tracing::error!(rule = kept.row.rule, "how far a rule was cannot be read: {error}");
                None
            }
        }
    };
    kept.into_iter().filter_map(read).collect()
}

/// Plans what was accepted before and not planned. What is accepted meanwhile comes by the door.
async fn plan_waiting(shared: &Shared, found: &Recovered, now: &mut Timestamp) -> Option<()> {
    let mut after = 0;
    loop {
        let range = EventRange { after, until: Some(found.last_event), waiting: true, ..EventRange::default() };
        let page = insist(shared, || shared.store.events(&range, PAGE)).await?;
        let Some(last) = page.last() else { return Some(()) };
        after = last.number;
        let events: Vec<_> = page.into_iter().map(|kept| accepted(shared, found, kept)).collect();
        shared.ledger.accepted.add(events.len() as u64);
        shared.inbound.add(events.len() as u64);
        plan_all(shared, &events, now).await;
        if shared.is_ending() {
            return None;
        }
    }
}

/// An event that waits, by the clock of today. Rules see it as of the last that is known of the process before: later than all
/// that it planned, and before all that came due while nobody ran.
fn accepted(shared: &Shared, found: &Recovered, kept: StoredEvent) -> Accepted {
    if shared.event_time {
        return Accepted::now(kept.id, kept.event);
    }
    let by = set_back_after(&found.set_backs, kept.number);
    let at = found.last_told.unwrap_or(kept.received - by);
    Accepted { id: kept.id, past: Some(Past { at, event: moved(&kept.event, by), behind: by }), event: kept.event }
}

/// What has changed in the rules since it was told last, for the store; nothing for one that forgets it anyway.
pub(crate) fn changes(shared: &Shared, rules: &mut RuleSet) -> Vec<StateRow> {
    if !shared.store.durable() {
        return Vec::new();
    }
    let row = |state: RuleState| StateRow {
        rule: state.rule().to_owned(),
        key: state.key(),
        state: if state.is_empty() { Vec::new() } else { state.to_bytes() },
    };
    rules.changed().into_iter().map(row).collect()
}
