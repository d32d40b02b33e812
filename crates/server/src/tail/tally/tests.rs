use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use serde_json::json;
use tidings::{Event, EventId};

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

fn event(agent: &str, severity: Severity, seconds: i64) -> StoredEvent {
    StoredEvent {
        number: 1,
        id: EventId::from_bytes([0; 16]),
        event: Arc::new(Event::new("x").agent(agent).severity(severity)),
        received: at(seconds),
        judged: None,
        waiting: false,
    }
}

fn entry(step: Step, delivery: u8, seconds: i64) -> Entry {
    let id = format!("{delivery:032x}");
    serde_json::from_value(json!({
        "number": 1, "at": seconds as f64, "step": step, "event": null, "notification": null, "delivery": id,
        "rule": null, "agent": null, "user": "ann", "endpoint": "email", "attempt": 1, "detail": {"text": "550 no"},
    }))
    .unwrap()
}

#[test]
fn an_hour_is_counted_and_then_forgotten() {
    let mut tally = Tally::default();
    for minute in 0..120 {
        tally.see_event(&event("a", Severity::Info, minute * 60));
    }
    tally.see_events(5, at(119 * 60));
    assert_eq!(tally.last_hour(at(119 * 60)).events, 65);
    assert_eq!(tally.last_hour(at(149 * 60)).events, 35);
    assert_eq!(tally.last_hour(at(500 * 60)).events, 0);
    tally.see_event(&event("a", Severity::Info, 0));
    assert_eq!(tally.last_hour(at(119 * 60)).events, 65, "one that is long over");
}

#[test]
fn the_busiest_agents_come_first_with_their_worst() {
    let mut tally = Tally::default();
    tally.see_event(&event("calm", Severity::Critical, 60));
    (0..3).for_each(|_| tally.see_event(&event("busy", Severity::Warning, 0)));
    let told = tally.agents(at(60), 50);
    assert_eq!(told.iter().map(|told| (&*told.agent, told.events)).collect::<Vec<_>>(), [("busy", 3), ("calm", 1)]);
    assert_eq!((told[0].per_minute[58], told[0].worst, told[1].per_minute[59]), (3, Severity::Warning, 1));
    assert_eq!(tally.agents(at(60), 1).len(), 1);
    assert_eq!(tally.agents(at(7_200), 50), []);
}

#[test]
fn agents_without_end_cost_bounded_memory() {
    let mut tally = Tally::default();
    (0..3_000).for_each(|count| tally.see_event(&event(&count.to_string(), Severity::Info, count)));
    assert_eq!(tally.agents.len(), AGENTS);
    assert!(tally.agents.contains_key("2999"));
}

#[test]
fn what_was_given_up_needs_somebody_until_it_is_sent_again_or_a_day_old() {
    let mut tally = Tally::default();
    tally.see_entry(&entry(Step::Dead, 1, 0));
    tally.see_entry(&entry(Step::Dead, 2, 10));
    assert_eq!(tally.needs(at(20)).len(), 2);
    assert_eq!(tally.last_error("email"), Some("550 no"));
    let mut again = entry(Step::Retry, 1, 30);
    again.attempt = 0;
    again.detail.insert("again".to_owned(), json!("2"));
    tally.see_entry(&again);
    let left = tally.needs(at(40));
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].text, "a delivery on email for ann was given up: 550 no");
    tally.see_entry(&entry(Step::Delivered, 3, 50));
    assert_eq!(tally.last_error("email"), None);
    assert_eq!(tally.needs(at(10) + Duration::from_secs(86_400)), []);
}

proptest! {
    #[test]
    fn whatever_the_clock_does_no_more_is_counted_than_came(times in proptest::collection::vec(any::<i64>(), 0..50), now: i64) {
        let mut tally = Tally::default();
        times.iter().for_each(|time| tally.see_event(&event("a", Severity::Info, time / 4)));
        prop_assert!(tally.last_hour(at(now / 4)).events <= times.len() as u64);
    }
}
