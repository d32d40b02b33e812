//! A map that forgets its oldest key when it is full. What is worth remembering is decided by the store.

use std::{
    borrow::Borrow,
    collections::{HashMap, VecDeque},
    hash::Hash,
};

/// How many keys are remembered; the oldest go first.
const MEMORY: usize = 100_000;

/// A bounded map. Every key has its number, so that one which was removed and comes again is not taken for its older self.
#[derive(Debug)]
pub(super) struct Remembered<K, V> {
    values: HashMap<K, (u64, V)>,
    order: VecDeque<(u64, K)>,
    last: u64,
    limit: usize,
}

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self { values: HashMap::new(), order: VecDeque::new(), last: 0, limit: MEMORY }
    }
}

impl<K: Clone + Eq + Hash, V> Remembered<K, V> {
    /// A map that remembers at most so many keys.
    pub(super) fn of(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(super) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.values.get(key).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.values.get_mut(key).map(|(_, value)| value)
    }

    /// All that is remembered, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.values.iter().map(|(key, (_, value))| (key, value))
    }

    pub(super) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.values.remove(key);
    }

    /// Puts a value in. A key that is there keeps its place.
    pub(super) fn put(&mut self, key: K, value: V) {
        if let Some(held) = self.get_mut(&key) {
            *held = value;
            return;
        }
        self.last += 1;
        self.values.insert(key.clone(), (self.last, value));
        self.order.push_back((self.last, key));
        while self.values.len() > self.limit {
            self.forget_oldest();
        }
        if self.order.len() > 2 * self.limit {
            let Self { values, order, .. } = self;
            order.retain(|(number, key)| values.get(key).is_some_and(|(held, _)| held == number));
        }
    }

    /// Forgets what is to go, at most so many keys; says how many.
    pub(super) fn purge(&mut self, limit: usize, goes: impl Fn(&V) -> bool) -> u64 {
        let before = self.values.len();
        let mut left = limit;
        self.values.retain(|_, (_, value)| {
            let stays = left == 0 || !goes(value);
            left -= usize::from(!stays);
            stays
        });
        (before - self.values.len()) as u64
    }

    fn forget_oldest(&mut self) {
        let Some((number, key)) = self.order.pop_front() else { return };
        if self.values.get(&key).is_some_and(|(held, _)| *held == number) {
            self.values.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_and_what_came_again_is_young() {
        let mut map = Remembered { limit: 2, ..Remembered::default() };
        map.put("a", 1);
        map.put("b", 2);
        map.remove(&"a");
        map.put("a", 3);
        map.put("c", 4);
        assert_eq!([map.get(&"a"), map.get(&"b"), map.get(&"c")], [Some(&3), None, Some(&4)]);
    }

    #[test]
    fn a_key_that_comes_and_goes_takes_no_room() {
        let mut map = Remembered { limit: 4, ..Remembered::default() };
        map.put(0, 0);
        for round in 1..1_000 {
            map.put(1, round);
            assert_eq!(map.get(&1), Some(&round));
            map.remove(&1);
            assert!(map.order.len() <= 8);
        }
        assert_eq!(map.get(&0), Some(&0));
    }
}
