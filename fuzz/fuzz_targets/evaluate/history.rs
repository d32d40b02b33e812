//! Histories: events in and out of order, late, ahead, at the ends of time, of few agents and of many.

use std::sync::Arc;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};
use tidings_core::{Event, Severity, Timestamp};

const SECOND: i64 = 1_000_000_000;
const STEPS: [i64; 10] =
    [0, 1, SECOND, 10 * SECOND, 59 * SECOND, 60 * SECOND, 300 * SECOND, 3_600 * SECOND, 90_000 * SECOND, 0];

pub(crate) enum Step {
    Tick,
    Event(Arc<Event>),
}

/// The receiver's clock.
pub(crate) struct Clock {
    pub(crate) now: Timestamp,
}

impl Default for Clock {
    fn default() -> Self {
        Self { now: Timestamp::from_secs(1_700_000_000) }
    }
}

impl Clock {
    /// Time passes, mostly; then there is an event, mostly.
    pub(crate) fn step(&mut self, input: &mut Unstructured<'_>) -> Result<Step> {
        let now = self.now.as_nanos();
        let step = *input.choose(&STEPS)?;
        self.now = Timestamp::from_nanos(match input.int_in_range(0..=31)? {
            0 => input.arbitrary()?,
            1 => now.saturating_sub(step),
            _ => now.saturating_add(step),
        });
        if input.ratio(1, 4)? { Ok(Step::Tick) } else { Ok(Step::Event(Arc::new(self.event(input)?))) }
    }

    fn event(&self, input: &mut Unstructured<'_>) -> Result<Event> {
        let now = self.now.as_nanos();
        let offset = *input.choose(&STEPS)?;
        let at = match input.int_in_range(0..=15)? {
            0 => *input.choose(&[i64::MIN, i64::MAX, 0])?,
            1 => input.arbitrary()?,
            2..=4 => now.saturating_sub(offset),
            5 => now.saturating_add(offset),
            _ => now,
        };
        let mut event = Event::new(format!("e{}", input.int_in_range(0..=3)?)).at(Timestamp::from_nanos(at));
        event.severity = *input.choose(&Severity::ALL)?;
        event.agent_id = match input.int_in_range(0..=9)? {
            0 => None,
            1 => Some(format!("b{}", input.arbitrary::<u16>()?)),
            _ => Some(format!("a{}", input.int_in_range(0..=2)?)),
        };
        let mut data = Map::new();
        for key in ["x", "y", "s", "flag", "items"] {
            if input.ratio(2, 3)? {
                data.insert(key.to_owned(), value(input)?);
            }
        }
        event.data = data;
        event.metadata.insert("x".to_owned(), value(input)?);
        Ok(event)
    }
}

fn value(input: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match input.int_in_range(0..=11)? {
        0 => Value::Null,
        1 => json!(input.arbitrary::<bool>()?),
        2 => json!(*input.choose(&["a", "b", "", "1", "e0"])?),
        3 => json!({"y": input.int_in_range(-2..=5)?}),
        4 => json!([1, "a", null, 2.5, true]),
        5 => json!(*input.choose(&[1e308, -1e308, 5e-324, -0.0, 1e300, 0.1])?),
        6 => json!(*input.choose(&[i64::MIN, i64::MAX, 1 << 53, (1 << 53) + 1])?),
        7 => json!(u64::MAX),
        8 => json!(input.arbitrary::<i64>()?),
        _ => json!(input.int_in_range(-2..=5)?),
    })
}
