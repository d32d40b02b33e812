//! What a queue holds: four lanes by severity, each item with its place in the order of arrival. Bounds are the queue's business.

use std::collections::VecDeque;

/// Items in four lanes, each with its place in the order of arrival.
#[derive(Debug)]
pub(super) struct Lanes<T>(pub(super) [VecDeque<(u64, T)>; 4]);

impl<T> Default for Lanes<T> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| VecDeque::new()))
    }
}

impl<T> Lanes<T> {
    /// Takes the item that arrived first.
    pub(super) fn pop(&mut self) -> Option<T> {
        let fronts = self.0.iter_mut().filter(|lane| !lane.is_empty());
        let oldest = fronts.min_by_key(|lane| lane.front().map_or(u64::MAX, |(arrival, _)| *arrival))?;
        oldest.pop_front().map(|(_, item)| item)
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(VecDeque::len).sum()
    }
}

/// A batch that a consumer took out in one step; yields items in the order of arrival.
#[derive(Debug)]
pub(crate) struct Batch<T>(pub(super) Lanes<T>);

impl<T> Default for Batch<T> {
    fn default() -> Self {
        Self(Lanes::default())
    }
}

impl<T> Iterator for Batch<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.pop()
    }
}
