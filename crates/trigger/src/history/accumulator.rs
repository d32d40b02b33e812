//! The exact sum of any finite doubles, in a fixed-point number as wide as their whole range; needs no heap, is no
//! running state.

/// Limbs of 32 bits: the 2,099 bits of all doubles, and room for carries.
const LIMBS: usize = 68;

/// The exponent of the lowest bit of a double.
const LOWEST: i32 = -1_074;

/// A fixed-point number that no sum of fewer than 2³¹ doubles can round or overflow.
#[derive(Clone, Debug)]
pub(super) struct Accumulator {
    limbs: [i64; LIMBS],
}

impl Accumulator {
    pub(super) const fn new() -> Self {
        Self { limbs: [0; LIMBS] }
    }

    /// Adds a finite double.
    pub(super) fn add(&mut self, value: f64) {
        let bits = value.to_bits();
        let (exponent, fraction) = ((bits >> 52) & 0x7ff, bits & ((1 << 52) - 1));
        // Subnormal numbers have no hidden bit and the exponent of the smallest normal ones.
        let (mantissa, position) = if exponent == 0 { (fraction, 0) } else { (fraction | 1 << 52, exponent - 1) };
        let mut rest = u128::from(mantissa) << (position % 32);
        for limb in self.limbs.iter_mut().skip((position / 32) as usize).take(3) {
            let piece = (rest & 0xffff_ffff) as i64;
            *limb += if value.is_sign_negative() { -piece } else { piece };
            rest >>= 32;
        }
    }

    /// The nearest double; infinite where the sum is beyond the largest.
    pub(super) fn rounded(&self) -> f64 {
        let mut positive = self.clone();
        positive.carry();
        let negative = positive.limbs.last().is_some_and(|limb| *limb < 0);
        if negative {
            positive.limbs.iter_mut().for_each(|limb| *limb = -*limb);
            positive.carry();
        }
        let size = positive.magnitude();
        if negative { -size } else { size }
    }

    /// Brings all limbs but the last, which has the sign, into 32 bits.
    fn carry(&mut self) {
        let mut carry = 0;
        let [limbs @ .., last] = &mut self.limbs;
        for limb in limbs {
            let total = *limb + carry;
            carry = total >> 32;
            *limb = total & 0xffff_ffff;
        }
        *last += carry;
    }

    /// The nearest double to a carried number that is not negative.
    fn magnitude(&self) -> f64 {
        let Some(top) = self.limbs.iter().rposition(|limb| *limb != 0) else { return 0.0 };
        let base = top.saturating_sub(2);
        let (below, leading) = self.limbs.split_at(base);
        let leading = leading.iter().take(3).rev().fold(0_u128, |high, limb| high << 32 | *limb as u128);
        // One bit stands for all that is below: it can only decide a tie.
        let sticky = u128::from(below.iter().any(|limb| *limb != 0));
        let exponent = 32 * i32::try_from(base).unwrap_or_default() + LOWEST;
        // In two steps, since the whole power may be no double.
        (leading | sticky) as f64 * power_of_two(exponent / 2) * power_of_two(exponent - exponent / 2)
    }
}

/// 2 to a power from -1022 to 1023.
pub(super) fn power_of_two(exponent: i32) -> f64 {
    let biased = exponent.clamp(-1_022, 1_023) + 1_023;
    f64::from_bits(u64::from(biased.unsigned_abs()) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(values: &[f64]) -> f64 {
        let mut accumulator = Accumulator::new();
        values.iter().for_each(|value| accumulator.add(*value));
        accumulator.rounded()
    }

    #[test]
    fn it_rounds_once() {
        let check = |values: &[f64], expected: f64| assert_eq!(sum(values), expected, "{values:?}");
        let tiny = f64::from_bits(1);
        check(&[], 0.0);
        check(&[1e300, 1.0, 1e-300, -1e300], 1.0);
        check(&[1e300, 1.0, 1e-300, -1e300, -1.0], 1e-300);
        check(&[tiny, tiny, -1.0, 1.0], 2.0 * tiny);
        check(&[-tiny, f64::MIN_POSITIVE], f64::MIN_POSITIVE - tiny);
        check(&[f64::MAX, f64::MAX, -f64::MAX], f64::MAX);
        check(&[f64::MAX, f64::MAX], f64::INFINITY);
        check(&[-f64::MAX, -f64::MAX], f64::NEG_INFINITY);
        check(&[1.0, f64::EPSILON / 2.0], 1.0);
        check(&[1.0, f64::EPSILON / 2.0, tiny], 1.0 + f64::EPSILON);
        check(&[-1.0, -f64::EPSILON / 2.0, -tiny], -1.0 - f64::EPSILON);
    }

    proptest! {
        #[test]
        fn one_and_two_doubles_sum_as_the_processor_does(bits in any::<(u64, u64)>()) {
            let (a, b) = (f64::from_bits(bits.0), f64::from_bits(bits.1));
            prop_assume!(a.is_finite() && b.is_finite());
            prop_assert_eq!(sum(&[a]), a);
            prop_assert_eq!(sum(&[a, b]), a + b);
        }

        #[test]
        fn what_is_taken_out_leaves_no_trace(bits in prop::collection::vec(any::<u64>(), 0..40), value in -1e9..1e9) {
            let noise: Vec<f64> = bits.into_iter().map(f64::from_bits).filter(|value| value.is_finite()).collect();
            let all: Vec<f64> = noise.iter().copied().chain([value]).chain(noise.iter().map(|value| -value)).collect();
            prop_assert_eq!(sum(&all), value);
        }
    }
}
