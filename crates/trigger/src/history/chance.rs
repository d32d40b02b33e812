//! Numbers that look random and are the same in every run: for sampling, not for secrets.

/// A source of numbers that only depend on how many were drawn before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chance {
    drawn: u64,
}

impl Chance {
    pub(super) fn draw(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.drawn)
    }
}

/// Spreads every bit over all others; no two numbers become one (SplitMix64's last step).
pub(super) const fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
