//! Time as rules see it: that of a file's events, and that of what came before a clock was set back. Which clock tells it is left to
//! the worker.

use std::{sync::Arc, time::Duration};

use tidings_core::{Event, Timestamp};
use tidings_store::SetBack;

/// The time of a file's events after one more of them: it never goes back, and a time beyond what can be told, such as
/// milliseconds taken for seconds, does not move it; else nothing would come after it.
pub(crate) fn advanced(now: Timestamp, event: Timestamp) -> Timestamp {
    if event == Timestamp::MAX { now.max(Timestamp::EPOCH) } else { now.max(event) }
}

/// The event as it would be by the clock of today.
pub(crate) fn moved(event: &Arc<Event>, by: Duration) -> Arc<Event> {
    if by.is_zero() {
        return Arc::clone(event);
    }
    Arc::new(Event { timestamp: event.timestamp - by, ..Event::clone(event) })
}

/// By how much the clock was set back after this event.
pub(crate) fn set_back_after(set_backs: &[SetBack], number: u64) -> Duration {
    let later = set_backs.iter().filter(|back| back.event >= number);
    later.fold(Duration::ZERO, |sum, back| sum.saturating_add(back.by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_before_a_clock_was_set_back_is_moved_along() {
        let back = |event, seconds| SetBack { event, entry: 0, by: Duration::from_secs(seconds) };
        let backs = [back(3, 3_600), back(3, 60), back(6, 1_000)];
        let check = |number, seconds| assert_eq!(set_back_after(&backs, number), Duration::from_secs(seconds));
        check(1, 4_660);
        check(3, 4_660);
        check(4, 1_000);
        check(6, 1_000);
        check(7, 0);
        assert_eq!(set_back_after(&[SetBack { event: 9, entry: 0, by: Duration::MAX }; 2], 1), Duration::MAX);
    }
}
