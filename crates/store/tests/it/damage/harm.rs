//! Kinds of harm to a store's files.

use fastrand::Rng;

use super::life::Life;

/// One harm to one part of the file: 0 the file, 1 its log, 2 the log's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Harm {
    /// The part ends there.
    Cut(usize, usize),
    /// A bit of the byte there is another.
    Flip(usize, usize),
    /// So many bytes from there are garbage.
    Garbage(usize, usize, usize),
    /// So many bytes from there are zero.
    Zero(usize, usize, usize),
    /// Two pages have changed places.
    Swap(usize, usize),
    /// The part is not there.
    Missing(usize),
}

impl Harm {
    /// Its kind, for a table.
    pub(crate) const fn kind(self) -> (&'static str, usize) {
        match self {
            Self::Cut(part, _) => ("cut", part),
            Self::Flip(part, _) => ("a flipped bit", part),
            Self::Garbage(part, ..) => ("garbage", part),
            Self::Zero(part, ..) => ("zeros", part),
            Self::Swap(..) => ("swapped pages", 0),
            Self::Missing(part) => ("missing", part),
        }
    }

    pub(crate) fn on(self, life: &mut Life) {
        let (_, part) = self.kind();
        let Some(bytes) = life.files[part].as_mut() else { return };
        let within = |at: usize| at.min(bytes.len());
        let mut random = Rng::with_seed(7);
        match self {
            Self::Cut(_, length) => bytes.truncate(length),
            Self::Flip(_, place) => {
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= 1 << (place % 8);
                }
            }
            Self::Garbage(_, place, count) => {
                let (first, last) = (within(place), within(place + count));
                bytes[first..last].iter_mut().for_each(|byte| *byte = random.u8(..));
            }
            Self::Zero(_, place, count) => {
                let (first, last) = (within(place), within(place + count));
                bytes[first..last].fill(0);
            }
            Self::Swap(one, other) => {
                if bytes.len() >= 4096 * (one.max(other) + 1) {
                    (0..4096).for_each(|place| bytes.swap(one * 4096 + place, other * 4096 + place));
                }
            }
            Self::Missing(part) => life.files[part] = None,
        }
    }
}

/// Every kind of harm to a life, about `count` of each kind that has a place.
pub(crate) fn kinds(life: &Life, count: usize) -> Vec<Harm> {
    let mut harms = vec![Harm::Missing(0), Harm::Missing(1), Harm::Missing(2)];
    for part in 0..2 {
        let length = life.files[part].as_ref().map_or(0, Vec::len);
        if length == 0 {
            continue;
        }
        harms.extend([0, 10, 32, 100, 512, 4096, length - 1].map(|length| Harm::Cut(part, length)));
        harms.extend([Harm::Garbage(part, 0, 100), Harm::Garbage(part, 0, 4096), Harm::Garbage(part, 0, length)]);
        for turn in 0..count {
            // A step that is no multiple of anything, so that every part of a page has its turn.
            let place = (turn * (length / count.max(1)) + turn * 131) % length;
            harms.extend([
                Harm::Flip(part, place),
                Harm::Cut(part, place),
                Harm::Garbage(part, place, 50),
                Harm::Garbage(part, place, 6_000),
                Harm::Zero(part, place / 4096 * 4096, 4096),
            ]);
        }
    }
    let pages = life.files[0].as_ref().map_or(0, Vec::len) / 4096;
    harms.extend((1..pages.min(count)).map(|page| Harm::Swap(page, (page * 7 + 3) % pages)));
    harms
}
