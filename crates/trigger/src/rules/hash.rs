//! A hash for short keys that takes a few cycles, for maps that only rules fill. Maps that events can fill keep the standard one:
//! this one is no defence against chosen keys.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// A map whose keys come from rules; events only look things up.
pub(super) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

/// Odd, with its bits well spread: 2^64 divided by the golden ratio.
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Takes eight bytes with one multiplication.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct QuickHasher(u64);

impl QuickHasher {
    const fn mix(&mut self, word: u64) {
        let product = (self.0 ^ word) as u128 * MULTIPLIER as u128;
        // The upper half carries what the lower one lost.
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let last = rest.iter().fold(rest.len() as u64 + 1, |word, byte| word << 8 | u64::from(*byte));
        self.mix(last);
    }

    fn write_u8(&mut self, value: u8) {
        // Ends every text; the length is mixed in already.
        self.0 ^= u64::from(value);
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value) + 1);
    }

    fn write_i16(&mut self, value: i16) {
        self.mix(u64::from(value.cast_unsigned()) + 1);
    }

    fn write_i64(&mut self, value: i64) {
        self.mix(value.cast_unsigned());
    }

    fn finish(&self) -> u64 {
        // A table uses the lowest and the highest bits: both must depend on all.
        let spread = (self.0 ^ self.0 >> 32).wrapping_mul(MULTIPLIER);
        spread ^ spread >> 32
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashSet,
        hash::{BuildHasher, Hash},
    };

    use super::*;

    fn hash(key: impl Hash) -> u64 {
        BuildHasherDefault::<QuickHasher>::default().hash_one(key)
    }

    #[test]
    fn like_keys_spread_over_a_table() {
        let spread = |hashes: Vec<u64>| {
            let low: HashSet<u64> = hashes.iter().map(|hash| hash % 4096).collect();
            let tags: HashSet<u64> = hashes.iter().map(|hash| hash >> 57).collect();
            // A random function reaches about 63 of a hundred places.
            assert!(low.len() > 2_300 && tags.len() > 120, "{} {}", low.len(), tags.len());
        };
        spread((0..4096).map(|n| hash(format!("metric_{n}"))).collect());
        spread((0..4096).map(|n| hash(format!("agent-{n:08}-of-the-fleet"))).collect());
        spread((0..4096_u32).map(hash).collect());
        spread((0..4096_u32).map(|n| hash(i64::from(n) << 40)).collect());
    }

    #[test]
    fn a_text_is_not_its_beginning() {
        let texts = ["", "a", "aa", "aaaaaaaa", "aaaaaaaaa", "aaaaaaaa\0", "\0", "\0\0"];
        let hashes: HashSet<u64> = texts.into_iter().map(hash).collect();
        assert_eq!(hashes.len(), texts.len());
    }
}
