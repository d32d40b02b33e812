//! Events come in once, whole and in order, and stay.

use serde_json::json;
use tidings_core::{Event, Severity, Timestamp};

use super::{
    account::all_events,
    rig::{Rig, get},
    samples::{at, event_id, offer, offer_of, plan_of},
};
use crate::{Acceptance, EventRange, Offer};

pub(super) async fn the_same_event_is_accepted_once(rig: &mut Rig) {
    let duplicate = |name| Acceptance::Duplicate { of: event_id(name) };
    let accepted = Acceptance::Accepted;
    let verdicts = rig.accept(&[offer("a"), offer("b"), offer("a")], 0).await;
    assert_eq!(verdicts, [accepted, accepted, duplicate("a")], "within a batch");
    let verdicts = rig.accept(&[offer("b"), offer("c")], 1).await;
    assert_eq!(verdicts, [duplicate("b"), accepted], "across batches");
    rig.plan(plan_of("a"), 1).await;
    assert_eq!(rig.accept(&[offer("a")], 2).await, [duplicate("a")], "after its plan");
    assert_eq!(rig.accept(&[], 2).await, []);
    rig.reopen(3).await;
    let verdicts = rig.accept(&[offer("a"), offer("c"), offer("d")], 3).await;
    assert_eq!(verdicts, [duplicate("a"), duplicate("c"), accepted], "in the next life");
    let numbers: Vec<_> = all_events(rig.store(), &EventRange::default()).await.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4], "a duplicate uses up no number");
}

/// Events as a stranger might make them.
fn strange() -> Vec<Event> {
    let data = json!({
        "z": 1, "a": {"y": [1, 2.5, 0.1, 1e300, -0.0, null, true, "\u{0}\u{1f600}\n\""], "b": {}},
        "": 18_446_744_073_709_551_615_u64, "negative": i64::MIN, "third": 1.0 / 3.0,
    });
    let mut whole = Event::new("custom.event").at(Timestamp::from_nanos(1_700_000_000_123_456_789)).agent("agent");
    whole.severity = Severity::Critical;
    whole.data = data.as_object().cloned().unwrap_or_default();
    whole.metadata = json!({"m": [[], [[]]]}).as_object().cloned().unwrap_or_default();
    whole.user_id = Some("ann".to_owned());
    whole.session_id = Some("s\u{0}1".to_owned());
    whole.id = Some("its own".to_owned());
    whole.source = Some("agents/7".to_owned());
    let mut empty = Event::new("").at(Timestamp::from_nanos(i64::MIN)).agent("");
    empty.user_id = Some(String::new());
    vec![whole, empty, Event::new("x".repeat(70_000)).at(Timestamp::MAX)]
}

pub(super) async fn an_event_comes_back_as_it_went_in(rig: &mut Rig) {
    let events = strange();
    let offers: Vec<_> =
        events.iter().enumerate().map(|(place, event)| offer_of(&place.to_string(), event.clone())).collect();
    rig.accept(&offers, 7).await;
    for life in 0..2 {
        for (offer, event) in offers.iter().zip(&events) {
            let kept = get(rig.store().event(offer.id)).await.unwrap_or_else(|| panic!("{} is gone", offer.id));
            assert_eq!((&*kept.event, kept.received, kept.waiting), (event, at(7), true), "life {life}");
            let (before, after) = (event.data.keys(), kept.event.data.keys());
            assert!(before.eq(after), "keys keep their order");
        }
        rig.reopen(8).await;
    }
    assert_eq!(get(rig.store().event(event_id("another"))).await, None);
}

pub(super) async fn what_was_accepted_waits_for_its_plan_through_a_restart(rig: &mut Rig) {
    rig.accept(&[offer("a"), offer("b"), offer("c")], 5).await;
    rig.plan(plan_of("b"), 6).await;
    let found = rig.reopen(7).await;
    assert_eq!((found.last_event, found.last_received, found.waiting), (3, Some(at(5)), 2));
    assert_eq!((found.shift, found.leases, found.disabled.len(), found.damage.len()), (0, 0, 0, 0));
    let waiting = EventRange { waiting: true, ..EventRange::default() };
    let ids: Vec<_> = all_events(rig.store(), &waiting).await.iter().map(|event| event.id).collect();
    assert_eq!(ids, [event_id("a"), event_id("c")]);
    rig.plan_all(vec![plan_of("a"), plan_of("c")], vec![], 8).await;
    let found = rig.reopen(9).await;
    assert_eq!((found.last_event, found.waiting), (3, 0));
    assert_eq!(all_events(rig.store(), &waiting).await, []);
}

pub(super) async fn an_empty_store_says_so(rig: &mut Rig) {
    let found = rig.reopen(3).await;
    let last_told = found.last_told;
    assert!(last_told.is_none_or(|told| told == at(0)), "{found:?}");
    assert_eq!(found, crate::Recovered { last_told, ..crate::Recovered::default() });
    assert_eq!(get(rig.store().census()).await, crate::Census::default());
    assert_eq!(get(rig.store().waiting()).await, []);
    assert_eq!(get(rig.store().states()).await, []);
    assert_eq!(rig.claim("nobody", 3).await.len(), 0);
    assert_eq!(rig.owed("nobody").await, (0, 0));
    assert_eq!(get(rig.store().release("nobody", at(3))).await, 0);
    assert_eq!(get(rig.store().purge(at(3), 100)).await.total(), 0);
    assert_eq!(get(rig.store().finish(vec![], at(3))).await, []);
    assert_eq!(get(rig.store().plan_user(&crate::UserBatch::default(), at(3))).await, []);
}

pub(super) async fn a_range_of_events_is_what_it_says(rig: &mut Rig) {
    let of = |name: &str, agent: &str| offer_of(name, Event::new(name).at(at(0)).agent(agent));
    let ungoverned: Offer = offer("d");
    rig.accept(&[of("a", "one"), of("b", "two")], 10).await;
    rig.accept(&[of("c", "one"), ungoverned, of("e", "one")], 20).await;
    rig.plan_all(vec![plan_of("a"), plan_of("e")], vec![], 21).await;
    let all = EventRange::default;
    let one = Some("one".to_owned());
    let cases = [
        (all(), 10, "abcde"),
        (all(), 2, "ab"),
        (all(), 0, ""),
        (EventRange { after: 2, ..all() }, 10, "cde"),
        (EventRange { after: 2, ..all() }, 2, "cd"),
        (EventRange { after: 5, ..all() }, 10, ""),
        (EventRange { after: u64::MAX, ..all() }, 10, ""),
        (EventRange { until: Some(2), ..all() }, 10, "ab"),
        (EventRange { until: Some(0), ..all() }, 10, ""),
        (EventRange { until: Some(u64::MAX), ..all() }, usize::MAX, "abcde"),
        (EventRange { since: Some(at(10)), ..all() }, 10, "abcde"),
        (EventRange { since: Some(at(11)), ..all() }, 10, "cde"),
        (EventRange { since: Some(at(21)), ..all() }, 10, ""),
        (EventRange { agent: one.clone(), ..all() }, 10, "ace"),
        (EventRange { agent: Some(String::new()), ..all() }, 10, ""),
        (EventRange { waiting: true, ..all() }, 10, "bcd"),
        (EventRange { waiting: true, agent: one.clone(), ..all() }, 10, "c"),
        (EventRange { after: 1, until: Some(4), since: Some(at(20)), agent: one, waiting: true }, 10, "c"),
    ];
    for (range, limit, expected) in cases {
        let events = get(rig.store().events(&range, limit)).await;
        let found: String = events.iter().map(|event| event.event.event_type.as_str()).collect();
        assert_eq!(found, expected, "{range:?} at most {limit}");
    }
}
