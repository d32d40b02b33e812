//! What in-process sinks failed to do, on its way into the log: calls that failed, and events for which there was no room. It is
//! written by `notes`.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tidings_store::NewEntry;

/// Entries that wait to be written: as many as the log of a store in memory keeps. The oldest go first, as they do there. In front of
/// a durable store a page is the bound.
const KEPT: usize = 10_000;

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<NewEntry>,
    /// How many are with the store.
    under_way: usize,
}

/// Entries of one sink that are not in the log yet.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<State>);

impl Failures {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds one that is to be written.
    pub(crate) fn add(&self, entry: NewEntry) {
        let mut state = self.state();
        if state.waiting.len() == KEPT {
            state.waiting.pop_front();
        }
        state.waiting.push_back(entry);
    }

    /// Takes all, to write them. Until [`Failures::written`] or [`Failures::put_back`] they are not settled.
    pub(crate) fn take(&self) -> Vec<NewEntry> {
        let mut state = self.state();
        state.under_way = state.waiting.len();
        state.waiting.drain(..).collect()
    }

    /// What was taken is in the log.
    pub(crate) fn written(&self) {
        self.state().under_way = 0;
    }

    /// What was taken could not be written: it waits again, before all that came since.
    pub(crate) fn put_back(&self, entries: Vec<NewEntry>) {
        let mut state = self.state();
        state.under_way = 0;
        let room = KEPT.saturating_sub(state.waiting.len());
        let gone = entries.len().saturating_sub(room);
        entries.into_iter().skip(gone).rev().for_each(|entry| state.waiting.push_front(entry));
    }

    /// Whether all of them are in the log.
    pub(crate) fn are_settled(&self) -> bool {
        let state = self.state();
        state.waiting.is_empty() && state.under_way == 0
    }
}

#[cfg(test)]
mod tests {
    use tidings_store::Step;

    use super::*;

    fn entry(number: usize) -> NewEntry {
        NewEntry { user: Some(number.to_string()), ..NewEntry::new(Step::Dead) }
    }

    fn users(entries: &[NewEntry]) -> Vec<usize> {
        entries.iter().map(|entry| entry.user.as_deref().unwrap().parse().unwrap()).collect()
    }

    #[test]
    fn what_could_not_be_written_comes_first() {
        let failures = Failures::default();
        [1, 2].into_iter().for_each(|number| failures.add(entry(number)));
        let taken = failures.take();
        assert!(!failures.are_settled(), "they are with the store");
        failures.add(entry(3));
        failures.put_back(taken);
        assert_eq!(users(&failures.take()), [1, 2, 3]);
        failures.written();
        assert!(failures.are_settled());
    }

    #[test]
    fn the_oldest_give_way() {
        let failures = Failures::default();
        (0..KEPT + 2).for_each(|number| failures.add(entry(number)));
        let taken = failures.take();
        assert_eq!((taken.len(), users(&taken)[0]), (KEPT, 2));
        failures.add(entry(KEPT + 2));
        failures.put_back(taken);
        let left = users(&failures.take());
        assert_eq!((left.len(), left[0], left[KEPT - 1]), (KEPT, 3, KEPT + 2));
    }
}
