//! Numbers as places on one line, in the exact order of their mathematical values, and the places directly beside them where
//! thresholds stand. Comparing any two values of the language is left to `compare`.

use crate::value::Value;

/// The whole numbers that a double holds without a gap.
const EXACT: u64 = 1 << 53;
/// Room between two numbers of one double for the places beside each.
const SPREAD: i16 = 4;

/// A place on the number line: a number, or directly below or above one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    /// The nearest double, its bits turned so that they order as the doubles do.
    rounded: i64,
    /// What rounding took away: whole, at most 1,024; and the side.
    rest: i16,
}

impl Place {
    /// The place of a number; NaN has none, nor has what is no number.
    pub(super) fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Int(value) => Some(Self::whole(i128::from(*value), value.unsigned_abs())),
            Value::Unsigned(value) => Some(Self::whole(i128::from(*value), *value)),
            Value::Double(value) if !value.is_nan() => Some(Self::double(*value, 0)),
            _ => None,
        }
    }

    /// The number that a bool equals.
    pub(super) const fn truth(flag: bool) -> Self {
        Self::double(if flag { 1.0 } else { 0.0 }, 0)
    }

    /// Below the number, and above all smaller ones.
    pub(super) const fn just_below(self) -> Self {
        Self { rest: self.rest - 1, ..self }
    }

    /// Above the number, and below all greater ones.
    pub(super) const fn just_above(self) -> Self {
        Self { rest: self.rest + 1, ..self }
    }

    const fn whole(value: i128, magnitude: u64) -> Self {
        let rounded = value as f64;
        let rest = if magnitude <= EXACT { 0 } else { value - rounded as i128 };
        Self::double(rounded, rest as i16)
    }

    const fn double(value: f64, rest: i16) -> Self {
        // The two zeros are one number.
        let bits = (value + 0.0).to_bits() as i64;
        let ordered = bits ^ ((bits >> 63) as u64 >> 1) as i64;
        Self { rounded: ordered, rest: rest * SPREAD }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::compare;

    fn number() -> impl Strategy<Value = Value<'static>> {
        let edges = prop::sample::select(vec![
            Value::Int(i64::MIN),
            Value::Int(i64::MAX),
            Value::Int(0),
            Value::Unsigned(u64::MAX),
            Value::Unsigned(1 << 63),
            Value::Double(-0.0),
            Value::Double(f64::INFINITY),
            Value::Double(f64::NEG_INFINITY),
            Value::Double(f64::MIN_POSITIVE),
            Value::Double(18_446_744_073_709_551_616.0),
            Value::Double(-9_223_372_036_854_775_808.0),
        ]);
        let near = (53_u32..64, -3_i64..3, any::<bool>()).prop_map(|(power, beside, minus)| {
            let value = (1_i64 << power.min(62)).wrapping_add(beside);
            Value::Int(if minus { value.wrapping_neg() } else { value })
        });
        let round = (50_u32..66, any::<bool>()).prop_map(|(power, minus)| {
            let value = 2_f64.powi(i32::try_from(power).unwrap_or(0));
            Value::Double(if minus { -value } else { value })
        });
        prop_oneof![
            edges,
            near,
            round,
            any::<i64>().prop_map(Value::Int),
            ((1_u64 << 63)..).prop_map(Value::Unsigned),
            any::<f64>().prop_filter("NaN has no place", |value| !value.is_nan()).prop_map(Value::Double),
            (-5_i64..5).prop_map(Value::Int),
            (-50_i32..50).prop_map(|value| Value::Double(f64::from(value) / 10.0)),
        ]
    }

    proptest! {
        #[test]
        fn places_order_as_numbers_do(a in number(), b in number()) {
            let (left, right) = (Place::of(&a).unwrap(), Place::of(&b).unwrap());
            prop_assert_eq!(Some(left.cmp(&right)), compare::numbers(&a, &b));
            prop_assert_eq!(left > right.just_above(), left > right);
            prop_assert_eq!(left > right.just_below(), left >= right);
        }
    }

    #[test]
    fn what_is_no_number_has_no_place() {
        assert_eq!(Place::of(&Value::Double(f64::NAN)), None);
        assert_eq!(Place::of(&Value::Bool(true)), None);
        assert_eq!(Place::of(&Value::text("1")), None);
        assert_eq!(Some(Place::truth(true)), Place::of(&Value::Int(1)));
        assert_eq!(Some(Place::truth(false)), Place::of(&Value::Double(-0.0)));
    }
}
