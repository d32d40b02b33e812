//! Lets rules see again, after a restart or where new ones come, the events that they look back on. Which those are the rules say; how far each rule was
//! is `recover`'s business.

use std::sync::{Mutex, PoisonError};

use tidings_core::Timestamp;
use tidings_store::{EventRange, Recovered, SetBack, StoredEvent};
use tidings_trigger::{LookBack, RuleSet};

use crate::{
    rule_time::{advanced, moved, set_back_after},
    settle::insist,
    shared::Shared,
};

/// Events that are read at once.
const PAGE: usize = 1_000;
/// Where rules count an agent's last events however old they are: how many events of all agents are looked through for them.
const RUNS: u64 = 100_000;

/// Lets the rules see again what they look back on; gives their time by then.
pub(crate) async fn recall(
    shared: &Shared,
    set: &Mutex<RuleSet>,
    look_back: LookBack,
    (found, first_waiting): (&Recovered, u64),
) -> Option<Timestamp> {
    let mut after = first_after(shared, look_back, (found, first_waiting)).await?;
    let mut now = Timestamp::from_nanos(i64::MIN);
    loop {
        let range = EventRange { after, until: Some(found.last_event), ..EventRange::default() };
        let page = insist(shared, || shared.store.events(&range, PAGE)).await?;
        let Some(last) = page.last() else { return Some(now) };
        after = last.number;
        recall_page((set, shared.event_time), &page, &found.set_backs, &mut now);
        tokio::task::yield_now().await;
    }
}

fn recall_page(
    (set, event_time): (&Mutex<RuleSet>, bool),
    page: &[StoredEvent],
    set_backs: &[SetBack],
    now: &mut Timestamp,
) {
    let mut rules = set.lock().unwrap_or_else(PoisonError::into_inner);
    let judged = page.iter().filter(|kept| !kept.waiting);
    if event_time {
        for kept in judged {
            *now = advanced(*now, kept.event.timestamp);
            rules.recall(&kept.event, *now);
        }
        return;
    }
    let seen = |kept: &StoredEvent| {
        let by = set_back_after(set_backs, kept.number);
        (kept.judged.unwrap_or(kept.received) - by, moved(&kept.event, by))
    };
    let mut judged: Vec<_> = judged.map(seen).collect();
    // What came by two ways at once may have been judged in another order than it was accepted in.
    judged.sort_by_key(|(at, _)| *at);
    for (at, event) in judged {
        *now = at;
        rules.recall(&event, at);
    }
}

/// The number before the first event that is to be seen again.
async fn first_after(shared: &Shared, look_back: LookBack, (found, first_waiting): (&Recovered, u64)) -> Option<u64> {
    // The time of a file goes on from its last event, whether or not a rule looks back.
    let least = u64::from(shared.event_time);
    let most = if look_back.events > 0 { RUNS } else { least };
    let by_number = first_waiting.saturating_sub(most + 1);
    if look_back.span.is_zero() {
        return Some(by_number);
    }
    let Some(judged) = last_judged(shared, found, first_waiting).await? else { return Some(by_number) };
    let range = EventRange { since: Some(judged - look_back.span), ..EventRange::default() };
    let first = insist(shared, || shared.store.events(&range, 1)).await?;
    Some(first.first().map_or(by_number, |event| by_number.min(event.number - 1)))
}

/// When the last event was received that was judged: it may be long before those that wait.
async fn last_judged(shared: &Shared, found: &Recovered, first_waiting: u64) -> Option<Option<Timestamp>> {
    let number = first_waiting.saturating_sub(1);
    let range = EventRange { after: number.saturating_sub(1), until: Some(number), ..EventRange::default() };
    let judged = insist(shared, || shared.store.events(&range, 1)).await?;
    Some(judged.first().map(|event| event.received).or(found.last_received))
}
