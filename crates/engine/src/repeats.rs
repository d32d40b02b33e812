//! Tells equal events of one source apart by counting them. Which of them were accepted before is the store's knowledge.

use std::collections::HashMap;

use tidings_core::{Event, EventId};

/// How many different events are remembered at least; equal ones come close together, since their times are equal too.
const MEMORY: usize = 100_000;

/// Counts equal events of one source, so that a repeat within it is an event of its own, and the whole source sent again is not.
///
/// Bounded: a source without end is counted within its last hundred thousand different events.
#[derive(Clone, Debug, Default)]
pub struct Repeats {
    recent: HashMap<EventId, u64>,
    older: HashMap<EventId, u64>,
}

impl Repeats {
    /// The event's id, which says how often its like came before; `first` is that of the first of its like.
    pub(crate) fn identify(&mut self, event: &Event, first: EventId) -> EventId {
        if event.id.is_some() {
            return first;
        }
        match self.count(first) {
            0 => first,
            before => event.identity(before),
        }
    }

    /// How often an id was counted before.
    fn count(&mut self, id: EventId) -> u64 {
        if self.recent.len() >= MEMORY {
            self.older = std::mem::take(&mut self.recent);
        }
        let older = self.older.get(&id).copied().unwrap_or_default();
        let count = self.recent.entry(id).or_insert(older);
        *count += 1;
        *count - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> EventId {
        EventId::from_bytes(u128::from(number).to_le_bytes())
    }

    #[test]
    fn repeats_are_counted_within_bounds() {
        let mut repeats = Repeats::default();
        assert_eq!([0, 1, 0, 0].map(|number| repeats.count(id(number))), [0, 0, 1, 2]);
        (2..MEMORY as u64).for_each(|number| assert_eq!(repeats.count(id(number)), 0));
        assert_eq!(repeats.count(id(0)), 3, "it is remembered while others come");
        for number in 0..5 * MEMORY as u64 {
            repeats.count(id(number));
        }
        assert!(repeats.recent.len() + repeats.older.len() <= 2 * MEMORY);
    }
}
