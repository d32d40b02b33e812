//! The last events in memory, by number and by id: which of them wait for their plan. What was made of them is kept elsewhere.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use tidings_core::{EventId, Timestamp};

use crate::model::{EventRange, Offer, StoredEvent};

/// How many events are kept; the oldest go first. What waits for its plan stays: who accepts bounds it.
const KEPT: usize = 10_000;

/// What is known of an event that is to be planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It waited for its plan until now.
    Waiting,
    /// It was planned before.
    Planned,
    /// It was never accepted: time alone gave it. Or it was planned long ago.
    Never,
}

/// Accepted events.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The last ones, one for each number.
    recent: VecDeque<StoredEvent>,
    /// Those before that waited when they left the recent ones.
    early: BTreeMap<u64, StoredEvent>,
    /// Those of the early ones that are planned by now, in the order of their plans; the oldest go first.
    late: VecDeque<u64>,
    /// The number of the last one.
    last: u64,
    last_received: Option<Timestamp>,
    waiting: u64,
    /// The one that is likely to be planned next: batches are planned as they were accepted.
    next: u64,
    /// Where ids are found that are not asked for in turn. It is filled only when it is asked, so that emitting costs no hash.
    index: HashMap<EventId, u64>,
    /// Events up to this number are in the index.
    indexed: u64,
    /// How many are kept where nobody asks for them later.
    few: Option<usize>,
}

impl Events {
    /// Keeps no more than so many: nobody asks for them later.
    pub(super) fn keep_few(&mut self, few: usize) {
        self.few = Some(few);
    }

    pub(super) fn add(&mut self, offer: &Offer, received: Timestamp) {
        self.last += 1;
        self.waiting += 1;
        self.last_received = Some(received);
        let event = Arc::clone(&offer.event);
        self.recent.push_back(StoredEvent {
            number: self.last,
            id: offer.id,
            event,
            received,
            judged: None,
            waiting: true,
        });
        if self.recent.len() > self.few.unwrap_or(KEPT) {
            self.drop_oldest();
        }
    }

    /// Takes the oldest out of the recent ones; says whether it is gone, or goes on waiting.
    fn drop_oldest(&mut self) -> bool {
        let Some(event) = self.recent.pop_front() else { return false };
        if event.waiting {
            self.early.insert(event.number, event);
            return false;
        }
        self.forget(&event);
        true
    }

    fn forget(&mut self, event: &StoredEvent) {
        if event.number <= self.indexed && self.index.get(&event.id) == Some(&event.number) {
            self.index.remove(&event.id);
        }
    }

    /// The event is planned now; rules saw it at that time.
    pub(super) fn plan(&mut self, id: EventId, judged: Option<Timestamp>) -> Known {
        let next = self.next;
        let in_turn = self.numbered(next).is_some_and(|event| event.id == id);
        let found = if in_turn { Some(next) } else { self.find(id) };
        let Some(event) = found.and_then(|number| self.numbered_mut(number)) else { return Known::Never };
        if !event.waiting {
            return Known::Planned;
        }
        (event.waiting, event.judged) = (false, judged);
        let number = event.number;
        self.next = number + 1;
        self.waiting -= 1;
        if number < self.first() {
            self.late.push_back(number);
            if self.late.len() > KEPT {
                self.drop_late();
            }
        }
        Known::Waiting
    }

    fn drop_late(&mut self) {
        let oldest = self.late.pop_front().and_then(|number| self.early.remove(&number));
        if let Some(event) = oldest {
            self.forget(&event);
        }
    }

    /// The number of the first of the recent ones.
    fn first(&self) -> u64 {
        self.recent.front().map_or(self.last + 1, |event| event.number)
    }

    fn numbered(&self, number: u64) -> Option<&StoredEvent> {
        match number.checked_sub(self.first()) {
            Some(place) => self.recent.get(usize::try_from(place).ok()?),
            None => self.early.get(&number),
        }
    }

    fn numbered_mut(&mut self, number: u64) -> Option<&mut StoredEvent> {
        match number.checked_sub(self.first()) {
            Some(place) => self.recent.get_mut(usize::try_from(place).ok()?),
            None => self.early.get_mut(&number),
        }
    }

    fn find(&mut self, id: EventId) -> Option<u64> {
        let new = self.recent_above(self.indexed);
        let early = self.early.range(self.indexed + 1..).map(|(number, event)| (event.id, *number));
        self.index.extend(early.chain(self.recent.range(new..).map(|event| (event.id, event.number))));
        self.indexed = self.last;
        self.index.get(&id).copied()
    }

    /// The place of the first recent one above this number.
    fn recent_above(&self, number: u64) -> usize {
        let place = number.saturating_add(1).saturating_sub(self.first());
        usize::try_from(place).unwrap_or(usize::MAX).min(self.recent.len())
    }

    /// The number of the event of this id.
    pub(super) fn number(&mut self, id: EventId) -> Option<u64> {
        self.find(id)
    }

    pub(super) fn get(&mut self, id: EventId) -> Option<StoredEvent> {
        let number = self.find(id)?;
        self.numbered(number).cloned()
    }

    pub(super) fn range(&self, range: &EventRange, limit: usize) -> Vec<StoredEvent> {
        let early = self.early.range(range.after.saturating_add(1)..).map(|(_, event)| event);
        let all = early.chain(self.recent.range(self.recent_above(range.after)..));
        let until = range.until.unwrap_or(u64::MAX);
        let in_range = all.take_while(|event| event.number <= until && event.number > range.after);
        in_range.filter(|event| fits(range, event)).take(limit).cloned().collect()
    }

    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    pub(super) const fn last_received(&self) -> Option<Timestamp> {
        self.last_received
    }

    /// How many wait for their plan.
    pub(super) const fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Forgets those that were accepted before this and are planned, up to this number, at most so many; says how many.
    pub(super) fn purge(&mut self, before: Timestamp, until: u64, limit: usize) -> u64 {
        let goes = |event: &StoredEvent| event.received < before && event.number <= until;
        let mut purged = 0;
        while purged < limit && self.late.front().and_then(|number| self.early.get(number)).is_some_and(goes) {
            self.drop_late();
            purged += 1;
        }
        while purged < limit && self.recent.front().is_some_and(goes) {
            purged += usize::from(self.drop_oldest());
        }
        purged as u64
    }
}

fn fits(range: &EventRange, event: &StoredEvent) -> bool {
    (!range.waiting || event.waiting)
        && range.since.is_none_or(|since| event.received >= since)
        && range.agent.as_ref().is_none_or(|agent| event.event.agent_id.as_ref() == Some(agent))
}

#[cfg(test)]
mod tests {
    use tidings_core::Event;

    use super::*;

    fn filled(count: u64) -> Events {
        let mut events = Events::default();
        for number in 1..=count {
            let offer = Offer { id: id(number), event: Arc::new(Event::new("e")), repeatable: false };
            events.add(&offer, Timestamp::from_secs(number.cast_signed()));
        }
        events
    }

    fn id(number: u64) -> EventId {
        EventId::named("test", &number.to_string())
    }

    #[test]
    fn what_waits_stays_however_many_come_after_it() {
        let kept = KEPT as u64;
        let mut events = filled(3 * kept);
        assert_eq!((events.waiting(), events.recent.len(), events.early.len()), (3 * kept, KEPT, 2 * KEPT));
        for number in [7, 2 * kept + 1, 1, 3 * kept, 8] {
            assert_eq!(events.get(id(number)).map(|event| event.number), Some(number));
            assert_eq!(events.plan(id(number), None), Known::Waiting);
        }
        assert_eq!((events.waiting(), events.early.len()), (3 * kept - 5, 2 * KEPT));
        assert_eq!([7, 3 * kept].map(|number| events.plan(id(number), None)), [Known::Planned; 2]);
        let range = EventRange { after: 5, until: Some(10), ..EventRange::default() };
        let numbers: Vec<_> = events.range(&range, 9).iter().map(|event| event.number).collect();
        assert_eq!(numbers, [6, 7, 8, 9, 10]);
    }

    #[test]
    fn what_was_planned_late_goes_as_well() {
        let kept = KEPT as u64;
        let mut events = filled(3 * kept);
        (1..=kept + 5).for_each(|number| assert_eq!(events.plan(id(number), None), Known::Waiting));
        assert_eq!((events.early.len(), events.late.len()), (2 * KEPT - 5, KEPT));
        assert_eq!(events.plan(id(5), None), Known::Never, "it is forgotten by now");
        assert_eq!(events.plan(id(6), None), Known::Planned);
        assert_eq!(events.purge(Timestamp::MAX, u64::MAX, 2), 2);
        assert_eq!(events.plan(id(7), None), Known::Never);
        assert_eq!(events.purge(Timestamp::MAX, u64::MAX, usize::MAX), kept - 2);
        assert_eq!((events.early.len() as u64, events.waiting()), (2 * kept - 5, 2 * kept - 5), "what is left waits");
    }

    #[test]
    fn the_oldest_that_are_planned_go_and_leave_nothing() {
        let mut events = filled(10);
        assert!(events.get(id(10)).is_some(), "now there is an index");
        (1..=10).for_each(|number| assert_eq!(events.plan(id(number), None), Known::Waiting));
        for number in 0..3 * KEPT as u64 {
            let offer = Offer { id: id(100 + number), event: Arc::new(Event::new("e")), repeatable: false };
            events.add(&offer, Timestamp::EPOCH);
            assert_eq!(events.plan(offer.id, None), Known::Waiting);
            if number % 1_000 == 0 {
                assert!(events.get(id(100 + number)).is_some());
            }
        }
        assert_eq!((events.recent.len(), events.early.len()), (KEPT, 0));
        assert!(events.index.len() <= KEPT, "{}", events.index.len());
        assert!(events.index.capacity() <= 4 * KEPT);
    }

    #[test]
    fn a_purge_leaves_what_waits_and_what_is_not_read() {
        let mut events = filled(10);
        [1, 2, 4, 5, 6, 7].into_iter().for_each(|number| assert_eq!(events.plan(id(number), None), Known::Waiting));
        let purge =
            |events: &mut Events, before, until, limit| events.purge(Timestamp::from_secs(before), until, limit);
        assert_eq!(purge(&mut events, 1, 10, 10), 0);
        assert_eq!(purge(&mut events, 9, 10, 1), 1);
        assert_eq!(purge(&mut events, 9, 5, 10), 3);
        assert_eq!(purge(&mut events, 9, 10, 10), 2);
        let left: Vec<_> = events.range(&EventRange::default(), 99).iter().map(|event| event.number).collect();
        assert_eq!(left, [3, 8, 9, 10]);
        assert_eq!(events.plan(id(8), None), Known::Waiting);
    }
}
