//! Remembers which of the last events surely stay as they are: an event that goes to several sinks is read once. How it is read is
//! `redactor`'s business.

use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use tidings_core::Event;

use crate::Options;

/// How many events are remembered at most. Of each, no more than its place in memory is kept once nobody else has it.
const SLOTS: usize = 8192;
/// A place in memory is a multiple of this, so that lower bits say nothing.
const ALIGNMENT: usize = align_of::<usize>() * 2;

/// The event of a verdict, by its place in memory. An event behind an `Arc` changes only where nothing else points to it, and this
/// does: the same place is the same event as it was.
#[derive(Debug)]
struct Verdict {
    event: Weak<Event>,
    options: Options,
    keeps: bool,
}

static SEEN: LazyLock<Box<[Mutex<Option<Verdict>>]>> =
    LazyLock::new(|| std::iter::repeat_with(Mutex::default).take(SLOTS).collect());

/// What was found when this event was read with these options, if that is known.
pub(crate) fn recall(event: &Arc<Event>, options: Options) -> Option<bool> {
    let slot = slot(event)?.lock().unwrap_or_else(PoisonError::into_inner);
    let known = slot.as_ref().filter(|known| known.options == options)?;
    std::ptr::eq(known.event.as_ptr(), Arc::as_ptr(event)).then_some(known.keeps)
}

/// Notes what was found; what another event has left there goes.
pub(crate) fn note(event: &Arc<Event>, options: Options, keeps: bool) {
    let verdict = Verdict { event: Arc::downgrade(event), options, keeps };
    if let Some(slot) = slot(event) {
        let before = slot.lock().unwrap_or_else(PoisonError::into_inner).replace(verdict);
        // Another event goes, if its turn has come, where nobody waits for the slot.
        drop(before);
    }
}

fn slot(event: &Arc<Event>) -> Option<&'static Mutex<Option<Verdict>>> {
    // Events lie at even distances, and a product spreads them over all slots.
    let place = (Arc::as_ptr(event).addr() / ALIGNMENT).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    SEEN.get(place >> (usize::BITS - SLOTS.ilog2()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_known_by_its_place_and_options() {
        let (event, options) = (Arc::new(Event::new("a")), Options::default());
        assert_eq!(recall(&event, options), None);
        note(&event, options, true);
        assert_eq!(recall(&event, options), Some(true));
        assert_eq!(recall(&event, Options { contact: true, ..options }), None);
        assert_eq!(recall(&Arc::new(Event::new("a")), options), None, "an equal one is another");
    }

    #[test]
    fn what_is_changed_is_not_known() {
        let (mut event, options) = (Arc::new(Event::new("a")), Options::default());
        note(&event, options, true);
        assert!(Arc::get_mut(&mut event).is_none(), "nobody changes it where it is");
        Arc::make_mut(&mut event).event_type = "b".to_owned();
        assert_eq!(recall(&event, options), None);
    }
}
