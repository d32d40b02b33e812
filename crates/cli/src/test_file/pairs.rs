//! Which of what was expected is which of what came: as many as can be are matched, whatever the order. What fits is the caller's to say.

/// What is left over on both sides, by index.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Left {
    /// Expected, and nothing came for it.
    pub(super) missing: Vec<usize>,
    /// Came, and was not expected.
    pub(super) extra: Vec<usize>,
}

/// Matches as many as possible: an expectation that leaves something open gives way to one that does not.
pub(super) fn left<E, C>(expected: &[E], came: &[C], fits: impl Fn(&E, &C) -> bool) -> Left {
    let fitting: Vec<Vec<usize>> =
        expected.iter().map(|one| (0..came.len()).filter(|index| fits(one, &came[*index])).collect()).collect();
    let mut pairs = Pairs { fitting, taken: vec![None; came.len()] };
    let missing = (0..expected.len()).filter(|index| !pairs.place(*index)).collect();
    let extra = (0..came.len()).filter(|index| pairs.taken[*index].is_none()).collect();
    Left { missing, extra }
}

struct Pairs {
    /// For each expectation, what would do for it.
    fitting: Vec<Vec<usize>>,
    /// For each that came, whose it is.
    taken: Vec<Option<usize>>,
}

impl Pairs {
    /// Finds something for an expectation; others move to what does for them as well. Breadth first, so that nothing is deep.
    fn place(&mut self, wanting: usize) -> bool {
        let mut reached: Vec<Option<usize>> = vec![None; self.taken.len()];
        let mut queue = std::collections::VecDeque::from([wanting]);
        while let Some(one) = queue.pop_front() {
            for came in &self.fitting[one] {
                if reached[*came].is_some() {
                    continue;
                }
                reached[*came] = Some(one);
                match self.taken[*came] {
                    Some(owner) => queue.push_back(owner),
                    None => {
                        self.move_on(wanting, *came, &reached);
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Gives the free one to whoever reached it, and what that one had to whoever reached that, up to the one that wants something.
    fn move_on(&mut self, wanting: usize, free: usize, reached: &[Option<usize>]) {
        let mut came = free;
        while let Some(one) = reached[came] {
            let had = self.taken.iter().position(|owner| *owner == Some(one));
            self.taken[came] = Some(one);
            match had {
                Some(had) if one != wanting => came = had,
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &[&[u8]], came: &[u8], missing: &[usize], extra: &[usize]) {
        let found = left(expected, came, |wanted, one| wanted.contains(one));
        assert_eq!((found.missing.as_slice(), found.extra.as_slice()), (missing, extra), "{expected:?} {came:?}");
    }

    #[test]
    fn as_many_as_can_be_are_matched() {
        check(&[], &[], &[], &[]);
        check(&[b"a"], b"b", &[0], &[0]);
        check(&[b"ab", b"a"], b"ab", &[], &[]);
        check(&[b"ab", b"a", b"a"], b"ab", &[2], &[]);
        check(&[b"abc", b"ab", b"a"], b"abc", &[], &[]);
        check(&[b"abc", b"ab", b"a"], b"cabd", &[], &[3]);
        check(&[b"a", b"a"], b"a", &[1], &[]);
        check(&[b"ab", b"bc", b"a", b"b"], b"abc", &[3], &[]);
    }
}
