//! The events of a round, and the bodies that they become on their way: the bare client sends the same ones.

use serde_json::json;
use tidings::{Event, Severity};
use tidings_testkit::{HttpPeer, Script};

use super::whole::{Kept, Whole};

/// Agents that take turns: an agent's events go out one after the other.
const AGENTS: u64 = 64;
/// Every so many-th event fires a rule whose notification goes to a user's webhook, and one that says the same again and again: its
/// first notification goes there as well, all others are repetitions.
const ALARM_EVERY: u64 = 10;

/// So many webhooks, as events of which each gives one and every tenth two.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// The number of the first event: an event is sent once.
    pub first: u64,
    /// How many events.
    pub events: u64,
}

impl Load {
    /// How many webhooks they become.
    #[must_use]
    pub const fn webhooks(&self) -> u64 {
        self.events + self.notifications()
    }

    /// How many notifications go out.
    #[must_use]
    pub const fn notifications(&self) -> u64 {
        let is_first = self.first == 0 && self.events > 0;
        (self.first + self.events).div_ceil(ALARM_EVERY) - self.first.div_ceil(ALARM_EVERY)
            + if is_first { 1 } else { 0 }
    }

    /// The events.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        (self.first..self.first + self.events).map(event).collect()
    }

    /// The bodies that a notifier sends for them.
    ///
    /// # Panics
    /// If they do not arrive.
    pub async fn bodies(&self) -> Vec<Vec<u8>> {
        let peer = HttpPeer::start(Script::statuses([200])).await.expect("there is a port");
        let whole = Whole::start([&peer.url("/sink"), &peer.url("/user")], Kept::InMemory).await;
        whole.accept(self.events()).await;
        let count = usize::try_from(self.webhooks()).unwrap_or(usize::MAX);
        let arrived = tokio::time::timeout(std::time::Duration::from_secs(60), peer.wait_for(count)).await;
        let requests = arrived.expect("all of them arrive");
        whole.stop().await;
        requests.into_iter().map(|request| request.body).collect()
    }
}

/// A tool call as an agent tells it.
fn event(number: u64) -> Event {
    let (agent, alarm) = (number % AGENTS, number.is_multiple_of(ALARM_EVERY));
    let data = json!({
        "n": number, "alarm": alarm, "tool": "search_direct_flight", "attempt": 1, "error_rate": 0.12,
        "latency_ms": 120 + number % 700, "threshold_ms": 800, "tool_calls": 7, "tool_errors": 1,
        "error": "the airline's system answered 503 after 3 tries; the customer was told to wait",
        "arguments": {"origin": "JFK", "destination": "SEA", "date": "2024-05-20", "cabin": "economy"},
    });
    let event = Event::new("tool.error").severity(Severity::Error).id(number.to_string()).data(data);
    event
        .agent(format!("agent-{agent}"))
        .user(format!("user_{agent}"))
        .session(format!("session-{agent}-{}", number / 640))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check((first, events): (u64, u64), notifications: u64) {
        let load = Load { first, events };
        assert_eq!(load.notifications(), notifications, "{load:?}");
        let alarms = load.events().iter().filter(|event| event.data["alarm"] == true).count();
        assert_eq!(alarms as u64 + u64::from(first == 0 && events > 0), notifications, "{load:?}");
    }

    #[test]
    fn every_tenth_event_is_told_to_a_user() {
        check((0, 0), 0);
        check((0, 1), 2);
        check((0, 10), 2);
        check((0, 11), 3);
        check((1, 9), 0);
        check((5, 100), 10);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_bodies_are_those_that_arrive() {
        let load = Load { first: 0, events: 40 };
        let bodies = load.bodies().await;
        assert_eq!(bodies.len(), 45);
        assert!(bodies.iter().all(|body| serde_json::from_slice::<serde_json::Value>(body).is_ok()));
    }
}
