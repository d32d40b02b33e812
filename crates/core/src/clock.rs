//! Points in time, and the only place that reads the machine's clock. Calendars and time zones are left to `policy`.

use std::{
    fmt,
    ops::{Add, Sub},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const NANOS: i64 = 1_000_000_000;

/// A point in time: nanoseconds since the Unix epoch, 1677 to 2262; beyond that it saturates.
///
/// On the wire it is a float of Unix seconds, as in Promptise events; a value read from there is written back as the same float.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The Unix epoch.
    pub const EPOCH: Self = Self(0);
    /// The latest point that can be told.
    pub const MAX: Self = Self(i64::MAX);

    /// From nanoseconds since the epoch.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From whole seconds since the epoch.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(NANOS))
    }

    /// From float seconds since the epoch; `None` for NaN and infinities, saturating beyond the range.
    #[must_use]
    pub fn from_secs_f64(seconds: f64) -> Option<Self> {
        if !seconds.is_finite() {
            return None;
        }
        let whole = seconds.trunc();
        let fraction = ((seconds - whole) * 1e9).round();
        Some(Self((whole as i64).saturating_mul(NANOS).saturating_add(fraction as i64)))
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(NANOS)
    }

    /// Float seconds since the epoch.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        (self.0 / NANOS) as f64 + (self.0 % NANOS) as f64 / 1e9
    }

    /// How long after `earlier` this is; zero if it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}", self.as_secs(), self.0.rem_euclid(NANOS))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_secs_f64())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Self::from_secs_f64(seconds).ok_or_else(|| serde::de::Error::custom("not a finite number of seconds"))
    }
}

/// Tells the time. Everything that decides takes `now` as an argument; a clock is only read at the edges.
pub trait Clock: Send + Sync + 'static {
    /// The time now. Never earlier than an answer given before.
    fn now(&self) -> Timestamp;

    /// The time as other machines tell it, for what they check, such as a signature's. May step back. Default: as `now`.
    fn wall(&self) -> Timestamp {
        self.now()
    }
}

/// The machine's clock, made steady: it follows the system clock forwards, but a system clock that is set back does not
/// take it along. A cooldown of five minutes then lasts five minutes, whatever somebody does to the clock.
#[derive(Debug)]
pub struct SystemClock {
    anchor: Mutex<(Timestamp, Instant)>,
}

impl SystemClock {
    /// A clock that starts at the system's time.
    #[must_use]
    pub fn new() -> Self {
        Self { anchor: Mutex::new((system_now(), instant_now())) }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        let instant = instant_now();
        let elapsed = instant.duration_since(anchor.1);
        *anchor = (steady(anchor.0, elapsed, system_now()), instant);
        anchor.0
    }

    fn wall(&self) -> Timestamp {
        system_now()
    }
}

/// The rule of [`SystemClock`]: the time after `elapsed` is the system's where it is ahead, else our own reckoning.
#[must_use]
pub fn steady(last: Timestamp, elapsed: Duration, system: Timestamp) -> Timestamp {
    (last + elapsed).max(system)
}

/// The system clock as it is, which may step in both directions: for stamping what is made outside of an engine.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this module is the one that reads the clock")]
pub fn system_now() -> Timestamp {
    match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => Timestamp::EPOCH + since,
        Err(before) => Timestamp::EPOCH - before.duration(),
    }
}

/// The monotonic clock: for measuring how long something took.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this module is the one that reads the clock")]
pub fn instant_now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_wire_timestamp_comes_back_as_the_same_float(seconds in 0.0f64..4e9) {
            let back = Timestamp::from_secs_f64(seconds).map(Timestamp::as_secs_f64);
            // Above a year past the epoch a float's own step is coarser than a nanosecond.
            if seconds > 4e7 {
                prop_assert_eq!(back, Some(seconds));
            }
        }
    }

    #[test]
    fn hostile_timestamps_saturate_or_are_refused() {
        assert_eq!(Timestamp::from_secs_f64(1e300), Some(Timestamp::MAX));
        assert_eq!(Timestamp::from_secs_f64(f64::NAN), None);
        assert_eq!(Timestamp::MAX + Duration::from_secs(1), Timestamp::MAX);
        assert_eq!(Timestamp::EPOCH.since(Timestamp::MAX), Duration::ZERO);
    }

    #[test]
    fn a_clock_set_back_does_not_take_us_along_and_one_set_forward_does() {
        let second = Duration::from_secs(1);
        let check = |system: i64, expected: i64| {
            let now = steady(Timestamp::from_secs(10_000), second, Timestamp::from_secs(system));
            assert_eq!(now, Timestamp::from_secs(expected));
        };
        check(10_001, 10_001);
        check(6_401, 10_001);
        check(13_601, 13_601);
    }

    #[test]
    fn the_system_clock_never_runs_back() {
        let clock = SystemClock::new();
        let mut last = clock.now();
        for _ in 0..1000 {
            let now = clock.now();
            assert!(now >= last);
            last = now;
        }
    }
}
