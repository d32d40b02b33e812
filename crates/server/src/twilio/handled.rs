//! Which calls have been dealt with, so that a repeated one changes nothing. What a call does is `calls`'s.

use std::collections::{HashSet, VecDeque};

/// How many are remembered; the oldest goes first.
const ROOM: usize = 10_000;

/// The last calls, by the SIDs of their messages.
#[derive(Default)]
pub(super) struct Handled {
    known: HashSet<String>,
    order: VecDeque<String>,
}

impl Handled {
    pub(super) fn contains(&self, sid: &str) -> bool {
        self.known.contains(sid)
    }

    /// Remembers one that was dealt with to the end.
    pub(super) fn insert(&mut self, sid: String) {
        if !self.known.insert(sid.clone()) {
            return;
        }
        self.order.push_back(sid);
        if self.order.len() > ROOM
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_are_remembered_and_no_more() {
        let mut handled = Handled::default();
        for number in 0..ROOM + 5 {
            handled.insert(number.to_string());
            handled.insert(number.to_string());
        }
        assert_eq!((handled.len(), handled.known.len()), (ROOM, ROOM));
        assert!(!handled.contains("4") && handled.contains("5") && handled.contains(&(ROOM + 4).to_string()));
    }
}
