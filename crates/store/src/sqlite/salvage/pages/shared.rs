//! The index of the write-ahead log that SQLite's processes share (`-shm`): it tells how long the log was, when the log itself no
//! longer does. It is left over by a process that was killed, and rewritten by the next that opens the file with SQLite.

use std::path::Path;

use super::file::{beside, open_if_there, read_fully};

/// Two copies of a header, and how far the log was carried over into the file.
const LENGTH: usize = 100;
const COPY: usize = 48;

/// How long the log was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// What tells this generation of the log from those before.
    pub generation: (u32, u32),
    /// Its committed frames.
    pub frames: u64,
    /// Those that are in the file itself too.
    pub carried_over: u64,
}

/// Reads how long the log was; `None` if nobody says.
pub(super) fn extent(path: &Path) -> Option<Extent> {
    let mut file = open_if_there(&beside(path, "-shm")).ok()??;
    let mut bytes = [0; LENGTH];
    read_fully(&mut file, 0, &mut bytes)?;
    decode(&bytes)
}

/// It is written in the machine's own order, but for the salts, which are copied from the log. A process that was killed between
/// writing the two copies leaves two that differ: either is right, since the log was written before both.
fn decode(bytes: &[u8; LENGTH]) -> Option<Extent> {
    let (one, other) = (bytes.get(..COPY)?, bytes.get(COPY..2 * COPY)?);
    let is_written = |copy: &&[u8]| copy.get(12) == Some(&1) && holds(copy);
    let copy = [one, other].into_iter().find(is_written)?;
    let word = |bytes: &[u8], at: usize| <[u8; 4]>::try_from(bytes.get(at..at + 4)?).ok();
    Some(Extent {
        generation: (u32::from_be_bytes(word(copy, 32)?), u32::from_be_bytes(word(copy, 36)?)),
        frames: u64::from(u32::from_ne_bytes(word(copy, 16)?)),
        carried_over: u64::from(u32::from_ne_bytes(word(bytes, 96)?)),
    })
}

fn holds(copy: &[u8]) -> bool {
    let words = copy.chunks_exact(4).map(|word| u32::from_ne_bytes(word.try_into().unwrap_or_default()));
    let words: Vec<u32> = words.collect();
    let Some((words, [first_sum, second_sum])) = words.split_last_chunk::<2>() else { return false };
    let found = words.chunks_exact(2).fold((0u32, 0u32), |(first, second), pair| {
        let first = first.wrapping_add(pair.first().copied().unwrap_or_default()).wrapping_add(second);
        (first, second.wrapping_add(pair.last().copied().unwrap_or_default()).wrapping_add(first))
    });
    found == (*first_sum, *second_sum)
}
