//! How many different values a window has seen, `distinct(path, d)`; hashing them is the caller's part.

#[cfg(test)]
mod tests;

use super::{
    account::Account,
    chance::mixed,
    timeline::{EXACT, Timeline, inside},
};

/// With fewer hashes than this, more of those to come can be kept.
const FEW: usize = 192;

/// How many hashes a share that is raised is expected to lead to at most.
const EXPECTED: usize = 384;

/// A window whose read is a count of different values.
///
/// Exact up to 512 of them, however many samples there are. Beyond, only hashes with some leading zero bits are kept,
/// and counted as many times as there are hashes for one of them: the count then has a standard error of 7 % at most
/// (one through the root of the hashes kept, which are 192 or more). It is exact again one span after the values have
/// become fewer.
#[derive(Debug)]
pub(crate) struct Distinct {
    span: i64,
    /// Each kept hash at the latest time of its value.
    hashes: Timeline<u64>,
    /// Leading zero bits of the hashes that stand for all of the window.
    zeros: u32,
    /// Fewer zero bits, which do for all that came after a time.
    next: Option<(i64, u32)>,
    latest: i64,
    account: Account,
}

impl Distinct {
    /// An empty window over the last `span` nanoseconds.
    pub(crate) fn new(span: i64) -> Self {
        let (hashes, account) = (Timeline::new(), Account::default());
        Self { span: span.max(1), hashes, zeros: 0, next: None, latest: i64::MIN, account }
    }

    /// Takes a value in by its hash, unless it is late and outside of the window; says whether it did.
    pub(crate) fn add(&mut self, at: i64, newest: i64, hash: u64) -> bool {
        let newest = newest.max(at);
        self.advance(newest);
        let taken = inside(at, newest, self.span);
        if taken {
            self.take(at, newest, mixed(hash));
        }
        self.account.took(taken)
    }

    fn take(&mut self, at: i64, newest: i64, hash: u64) {
        self.latest = self.latest.max(at);
        self.keep_more(newest);
        if hash.leading_zeros() < self.needed() || !self.forget_older(at, hash) {
            return;
        }
        while self.hashes.len() >= EXACT && hash.leading_zeros() >= self.needed() {
            self.keep_fewer();
        }
        if hash.leading_zeros() >= self.needed() {
            self.hashes.insert(at, hash);
        }
    }

    /// Leading zero bits of the hashes that are kept now.
    fn needed(&self) -> u32 {
        self.next.map_or(self.zeros, |(_, zeros)| zeros)
    }

    /// Takes a hash out that was seen before this time; false where it was seen later and stays.
    fn forget_older(&mut self, at: i64, hash: u64) -> bool {
        // What comes often has come of late.
        let place = self.hashes.values().rev().position(|kept| kept == hash);
        let Some(place) = place.map(|back| self.hashes.len() - 1 - back) else { return true };
        if self.hashes.get(place).is_some_and(|(seen, _)| seen > at) {
            return false;
        }
        self.hashes.remove(place);
        true
    }

    fn keep_fewer(&mut self) {
        let needed = self.needed() + 1;
        self.hashes.retain(|_, _, hash| hash.leading_zeros() >= needed);
        self.next = self.next.map(|(since, _)| (since, needed)).filter(|_| needed < self.zeros);
        self.zeros = self.zeros.max(needed);
    }

    /// Begins to keep more hashes where few are left. They stand for all as soon as what came before has left.
    fn keep_more(&mut self, newest: i64) {
        if self.zeros == 0 || self.next.is_some() || self.hashes.len() >= FEW {
            return;
        }
        let fewer = (0..self.zeros).find(|zeros| self.hashes.len() << (self.zeros - zeros).min(32) <= EXPECTED);
        self.next = fewer.map(|zeros| (newest, zeros));
    }

    /// Moves to a newer time. Needed before any read.
    pub(crate) fn advance(&mut self, newest: i64) {
        while self.hashes.first().is_some_and(|(at, _)| !inside(at, newest, self.span)) {
            self.hashes.pop_first();
        }
        if !inside(self.latest, newest, self.span) {
            (self.zeros, self.next) = (0, None);
        }
        if let Some((_, zeros)) = self.next.filter(|(since, _)| !inside(*since, newest, self.span)) {
            (self.zeros, self.next) = (zeros, None);
        }
    }

    pub(crate) const fn account(&self) -> Account {
        self.account
    }

    /// The bytes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        self.hashes.bytes()
    }

    /// Whether every value of the window is counted.
    #[cfg(test)]
    pub(crate) const fn is_exact(&self) -> bool {
        self.zeros == 0
    }

    /// How many different values the window has.
    pub(crate) fn count(&self) -> u64 {
        let kept = match self.next {
            None => self.hashes.len(),
            Some(_) => self.hashes.values().filter(|hash| hash.leading_zeros() >= self.zeros).count(),
        };
        (kept as u64).saturating_mul(1 << self.zeros.min(63))
    }
}
