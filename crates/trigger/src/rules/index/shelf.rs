//! Postings: which rules an event touches, found by what it holds under the paths that they ask. How rules come onto shelves is
//! left to `layout`.

use tidings_core::Event;

use super::{
    Touched,
    access::{Class, SlotName},
    catalog::{Catalog, FIRST_KEYED, Key, Reading},
    number::Place,
    readings::Readings,
};
use crate::rules::hash::QuickMap;

/// Rules that an event gets to, and slots that choose among further ones.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Touched by every event that gets here.
    pub(super) always: Box<[Touched]>,
    /// In the order of their names; those whose path leads into data or metadata come last.
    pub(super) slots: Box<[Slot]>,
    /// Where its counters begin: events that got here, then [`SLOT_COUNTERS`] for each slot.
    pub(super) counters: usize,
}

/// For each slot: events with a value that fits, and events with one that does not. In the others it was missing.
pub(super) const SLOT_COUNTERS: usize = 2;

/// The rules that ask one path in one way.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) name: SlotName,
    pub(super) postings: Postings,
}

#[derive(Debug)]
pub(super) enum Postings {
    /// By constant, at most one of which a value equals.
    Keys(QuickMap<Key, Shelf>),
    Bounds(Bounds),
}

/// Thresholds, each kind in the order of their places.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    /// Held by every number above the place.
    pub(super) above: Box<[(Place, Touched)]>,
    /// Held by every number below the place.
    pub(super) below: Box<[(Place, Touched)]>,
}

/// What a reading is to a slot.
enum Fit {
    Missing,
    Error,
    /// A value that fits, and its number if any rule asks for it.
    Key(Option<Key>),
    Number(Place),
}

fn fit(class: Class, reading: Reading, catalog: &Catalog) -> Fit {
    match (class, reading) {
        (_, Reading::Absent) | (Class::Order, Reading::Null) => Fit::Missing,
        (_, Reading::Broken) => Fit::Error,
        (Class::Order, Reading::Number(number)) => Fit::Number(number),
        (Class::Truth, Reading::Truth(flag)) => Fit::Key(Some(Key::from(flag))),
        (Class::Order | Class::Truth, _) => Fit::Error,
        (Class::Equal, Reading::Truth(flag)) => Fit::Key(catalog.number(Place::truth(flag))),
        (Class::Equal | Class::Member, Reading::Number(number)) => Fit::Key(catalog.number(number)),
        (Class::Equal | Class::Member, Reading::Text(key)) => Fit::Key(key),
        (Class::Rank, Reading::Rank(rank)) => Fit::Key(Some(rank)),
        _ => Fit::Key(None),
    }
}

/// One event's way over the shelves.
pub(super) struct Visit<'v> {
    pub(super) event: &'v Event,
    pub(super) catalog: &'v Catalog,
    pub(super) readings: &'v mut Readings,
    pub(super) counters: &'v mut [u64],
    pub(super) touched: &'v mut Vec<Touched>,
}

impl Visit<'_> {
    /// Gathers the touched rules of a shelf, each once: no rule stands in two places that one event reaches.
    pub(super) fn shelf(&mut self, shelf: &Shelf) {
        self.touched.extend_from_slice(&shelf.always);
        self.count(shelf.counters);
        let plain = shelf.slots.partition_point(|slot| slot.name.path < FIRST_KEYED);
        let (plain, keyed) = shelf.slots.split_at_checked(plain).unwrap_or_default();
        let counters = shelf.counters + 1;
        self.slots(plain, counters);
        if !keyed.is_empty() {
            self.keyed(keyed, counters + plain.len() * SLOT_COUNTERS);
        }
    }

    /// Goes over the smaller side: what the slots ask, or what the event has.
    fn keyed(&mut self, slots: &[Slot], counters: usize) {
        let keys = self.event.data.len() + self.event.metadata.len();
        if !self.readings.walked() && slots.len() * 2 <= keys {
            return self.slots(slots, counters);
        }
        self.readings.walk(self.event, self.catalog);
        if slots.len() <= self.readings.present().len() * 4 {
            return self.slots(slots, counters);
        }
        let mut position = 0;
        while let Some(path) = self.readings.present().get(position).copied() {
            let first = slots.partition_point(|slot| slot.name.path < path);
            let same = slots.iter().skip(first).take_while(|slot| slot.name.path == path);
            for (slot, place) in same.zip(first..) {
                self.slot(slot, counters + place * SLOT_COUNTERS);
            }
            position += 1;
        }
    }

    fn slots(&mut self, slots: &[Slot], counters: usize) {
        for (slot, place) in slots.iter().zip(0..) {
            self.slot(slot, counters + place * SLOT_COUNTERS);
        }
    }

    fn slot(&mut self, slot: &Slot, counters: usize) {
        let reading = self.readings.get(slot.name.path, self.event, self.catalog);
        match fit(slot.name.class, reading, self.catalog) {
            Fit::Missing => {}
            Fit::Error => self.count(counters + 1),
            Fit::Key(key) => {
                self.count(counters);
                if let (Some(key), Postings::Keys(shelves)) = (key, &slot.postings)
                    && let Some(shelf) = shelves.get(&key)
                {
                    self.shelf(shelf);
                }
            }
            Fit::Number(number) => {
                self.count(counters);
                if let Postings::Bounds(bounds) = &slot.postings {
                    self.bounds(bounds, number);
                }
            }
        }
    }

    fn bounds(&mut self, bounds: &Bounds, number: Place) {
        let above = bounds.above.iter().take_while(|(place, _)| *place < number);
        self.touched.extend(above.map(|(_, touched)| *touched));
        let below = bounds.below.iter().rev().take_while(|(place, _)| *place > number);
        self.touched.extend(below.map(|(_, touched)| *touched));
    }

    fn count(&mut self, counter: usize) {
        if let Some(count) = self.counters.get_mut(counter) {
            *count += 1;
        }
    }
}
