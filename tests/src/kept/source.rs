//! Events as a source makes them: the same seed makes the same events, so that a case that fails can be looked at again.

use fastrand::Rng;
use serde_json::{Value, json};

/// The time of the first event where events bring their own times: long ago, so that none is from the future.
const BEGIN: u32 = 1_700_000_000;
/// Agents of each door.
const AGENTS: u32 = 12;
/// Events of a batch: small, as many sources send.
pub(super) const BATCH: usize = 16;

/// What a source sends.
#[derive(Clone, Debug)]
pub struct Source {
    /// Which events.
    pub seed: u64,
    /// How many.
    pub count: usize,
    /// How many doors they come by: an agent's events always come by the same one.
    pub doors: usize,
    /// Whether they bring their own times, half a second apart.
    pub timed: bool,
}

impl Source {
    /// All events in batches, each with its door.
    #[must_use]
    pub fn batches(&self) -> Vec<(usize, Vec<Value>)> {
        let mut random = Rng::with_seed(self.seed);
        let mut number = 0;
        let mut batches = Vec::new();
        while number < self.count {
            let door = batches.len() % self.doors;
            let size = random.usize(1..=BATCH).min(self.count - number);
            batches.push((door, (number..number + size).map(|seq| self.event(seq, door, &mut random)).collect()));
            number += size;
        }
        batches
    }

    fn event(&self, seq: usize, door: usize, random: &mut Rng) -> Value {
        let failed = random.u8(..) < 8;
        let mut event = json!({
            "event_type": if failed { "tool.error" } else { "sample" },
            "id": format!("e{seq}"),
            "source": "kill",
            "agent_id": format!("agent-{door}-{}", random.u32(..AGENTS)),
            "data": {"seq": seq, "load": random.u32(..100), "kind": format!("{door}-{}", random.u32(..40))},
        });
        if self.timed {
            event["timestamp"] = json!(f64::from(BEGIN) + seq as f64 / 2.0);
        }
        event
    }
}
