//! What reached a receiver: which message, in which life of the process, under which delivery.

use std::collections::BTreeMap;

use serde_json::Value;
use tidings_testkit::http::Recorded;

/// One message that was taken.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    /// The life of the process that sent it.
    pub(super) life: usize,
    /// The delivery's id, as the receiver was told.
    pub(super) delivery: String,
    /// The message.
    pub(super) body: Value,
}

/// All that was taken, in order.
pub(super) fn arrivals(taken: &[Recorded]) -> Vec<Arrival> {
    let arrival = |request: &Recorded| Arrival {
        life: request.header("x-life").and_then(|life| life.parse().ok()).unwrap_or(usize::MAX),
        delivery: request.header("x-promptise-delivery").unwrap_or("none").to_owned(),
        body: body(request),
    };
    taken.iter().map(arrival).collect()
}

/// The message of a request.
pub(super) fn body(request: &Recorded) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_default()
}

/// In which lives each delivery arrived.
pub(super) fn lives(arrivals: &[Arrival]) -> BTreeMap<&str, Vec<usize>> {
    let mut lives = BTreeMap::<_, Vec<_>>::new();
    for arrival in arrivals {
        lives.entry(&*arrival.delivery).or_default().push(arrival.life);
    }
    lives
}
