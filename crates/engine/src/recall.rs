//! Lets the rules see again, after a restart, the events that they look back on. Which those are the rules say; how far each rule was
//! is `recover`'s business.

use std::{sync::Arc, time::Duration};

use tidings_core::{Event, Timestamp};
use tidings_store::{EventRange, Recovered, StoredEvent};

use crate::{settle::insist, shared::Shared, worker::advanced};

/// Events that are read at once.
const PAGE: usize = 1_000;
/// Where rules count an agent's last events however old they are: how many events of all agents are looked through for them.
const RUNS: u64 = 100_000;
/// A clock that is back by less than this was only set right.
const TOLERANCE: Duration = Duration::from_secs(1);

/// Lets the rules see again what they look back on; gives their time by then.
pub(crate) async fn recall(shared: &Shared, found: &Recovered, first_waiting: u64) -> Option<Timestamp> {
    let first = first_after(shared, found, first_waiting).await?;
    let pages = Pages { shared, after: first, until: found.last_event };
    let mut back = SetBacks::default();
    // Beside a file's own times it does not matter when its events were received.
    if !shared.event_time {
        let mut reading = pages;
        while let Some(page) = reading.next().await? {
            page.iter().for_each(|kept| back.see(kept));
        }
        back.end(found.shift);
    }
    let (mut now, mut reading) = (Timestamp::from_nanos(i64::MIN), pages);
    while let Some(page) = reading.next().await? {
        recall_page(shared, &page, &back, &mut now);
    }
    Some(now)
}

fn recall_page(shared: &Shared, page: &[StoredEvent], back: &SetBacks, now: &mut Timestamp) {
    let mut rules = shared.pipeline.rule_set();
    for kept in page.iter().filter(|kept| !kept.waiting) {
        let by = back.after(kept.number);
        *now = if shared.event_time { advanced(*now, kept.event.timestamp) } else { kept.received - by };
        rules.recall(&moved(&kept.event, by), *now);
    }
}

/// The event as it would be by the clock of today.
fn moved(event: &Arc<Event>, by: Duration) -> Arc<Event> {
    if by.is_zero() {
        return Arc::clone(event);
    }
    Arc::new(Event { timestamp: event.timestamp - by, ..Event::clone(event) })
}

/// The number before the first event that is to be seen again.
async fn first_after(shared: &Shared, found: &Recovered, first_waiting: u64) -> Option<u64> {
    let look_back = shared.pipeline.rule_set().look_back();
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

/// The events of a range, page by page.
#[derive(Clone, Copy)]
struct Pages<'a> {
    shared: &'a Shared,
    after: u64,
    until: u64,
}

impl Pages<'_> {
    /// The next page; within, `None` after the last. `None` if the notifier ends first.
    async fn next(&mut self) -> Option<Option<Vec<StoredEvent>>> {
        let range = EventRange { after: self.after, until: Some(self.until), ..EventRange::default() };
        let page = insist(self.shared, || self.shared.store.events(&range, PAGE)).await?;
        tokio::task::yield_now().await;
        let Some(last) = page.last() else { return Some(None) };
        self.after = last.number;
        Some(Some(page))
    }
}

/// Where between two events the clock was set back, and by how much. Within one life of a process it never is, so that the times of
/// receipt tell.
#[derive(Debug, Default)]
struct SetBacks {
    /// The number of the last event before, and how much earlier the next one was received.
    steps: Vec<(u64, Duration)>,
    last: Option<(u64, Timestamp)>,
}

impl SetBacks {
    fn see(&mut self, kept: &StoredEvent) {
        if let Some((number, received)) = self.last.replace((kept.number, kept.received)) {
            self.note(number, received.since(kept.received));
        }
    }

    fn note(&mut self, number: u64, by: Duration) {
        if by > TOLERANCE {
            self.steps.push((number, by));
        }
    }

    /// After the last event, while nothing ran: by so many nanoseconds.
    fn end(&mut self, shift: i64) {
        if let Some((number, _)) = self.last {
            self.note(number, Duration::from_nanos(u64::try_from(shift).unwrap_or_default()));
        }
    }

    /// By how much the clock was set back after this event.
    fn after(&self, number: u64) -> Duration {
        let first = self.steps.partition_point(|(last, _)| *last < number);
        self.steps.iter().skip(first).fold(Duration::ZERO, |sum, (_, by)| sum.saturating_add(*by))
    }
}

#[cfg(test)]
mod tests {
    use tidings_core::EventId;

    use super::*;

    fn kept(number: u64, received: i64) -> StoredEvent {
        let event = Arc::new(Event::new("sample"));
        let received = Timestamp::from_secs(received);
        StoredEvent { number, id: EventId::named("test", "x"), event, received, waiting: false }
    }

    #[test]
    fn what_came_before_a_clock_was_set_back_is_moved_along() {
        let mut back = SetBacks::default();
        for (number, received) in (1..).zip([10_000, 10_000, 10_060, 6_500, 6_600, 6_600, 3_000]) {
            back.see(&kept(number, received));
        }
        back.end(1_000_000_000_000);
        let check = |number, seconds| assert_eq!(back.after(number), Duration::from_secs(seconds), "event {number}");
        check(1, 3_560 + 3_600 + 1_000);
        check(3, 3_560 + 3_600 + 1_000);
        check(4, 3_600 + 1_000);
        check(6, 3_600 + 1_000);
        check(7, 1_000);
    }

    #[test]
    fn a_clock_that_goes_on_moves_nothing() {
        let mut back = SetBacks::default();
        for (number, received) in (1..).zip([10, 10, 500, 499, 86_400]) {
            back.see(&kept(number, received));
        }
        back.end(0);
        assert_eq!(back.after(1), Duration::ZERO);
    }
}
