use std::sync::Arc;

use tidings_core::{Channel, DeliveryId, Envelope, Event, EventId, Payload, Severity};
use tidings_store::NewDelivery;

use super::*;
use crate::{deliver::Owner, ledger::SinkLedger, terms::Terms};

struct Nobody;

impl Channel for Nobody {
    async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
        Ok(Receipt::default())
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const NOW: Timestamp = Timestamp::from_secs(1_000_000);

/// A sink with the retries of 1, 2 and 4 s, in front of a store that outlives the process or not.
fn link(patient: bool) -> Link {
    let retry = RetryPolicy { jitter: 0.0, ..RetryPolicy::doubling(3, Duration::from_secs(1)) };
    Link {
        name: "hook".into(),
        channel: Arc::new(Nobody),
        terms: Terms::new(&retry, DAY, patient),
        retry,
        concurrency: 1,
        owner: Owner::Sink(Arc::new(SinkLedger::default())),
        breaker: Arc::default(),
        suspects: Arc::default(),
        settling: Arc::default(),
        gone: Arc::default(),
        service: crate::service::Service::default(),
    }
}

fn lease(attempt: u32) -> Lease {
    let delivery = NewDelivery {
        id: DeliveryId::of_event(EventId::named("test", "1"), "hook"),
        event: None,
        endpoint: "hook".into(),
        lane: 0,
        severity: Severity::Info,
        payload: Payload::Event(Arc::new(Event::new("test"))),
        leg: None,
        to: None,
        due: NOW,
        expires: NOW + DAY,
        yields: false,
    };
    Lease { delivery: Arc::new(delivery), attempt, fence: 1, made: NOW }
}

fn busy(wish: Option<u64>) -> SendError {
    let retry_after = wish.map(Duration::from_secs);
    SendError::new(Verdict::Transient { retry_after }, ErrorKind::Status(503), "later")
}

/// What follows an attempt of this number that failed.
fn after(link: &Link, (attempt, alone): (u32, u32), error: SendError) -> Outcome {
    let (lease, answer) = (lease(attempt), Err(error));
    judge(link, &Answered { lease: &lease, answer: &answer, now: NOW, has_fallback: false, alone })
}

/// In how many seconds, 20 % of jitter off either way, it is tried again after its plan.
fn check(link: &Link, attempt: u32, wish: Option<u64>, expected: std::ops::RangeInclusive<f64>) {
    let outcome = after(link, (attempt, 0), busy(wish));
    let Outcome::YieldOr { due, .. } = outcome else { panic!("{outcome:?}") };
    let seconds = due.since(NOW).as_secs_f64();
    assert!(expected.contains(&seconds), "attempt {attempt}, wish {wish:?}: {seconds} s");
}

#[test]
fn a_wish_for_later_is_kept_after_the_last_retry_too() {
    let link = link(true);
    check(&link, 4, None, 3.2..=4.8);
    check(&link, 4, Some(1), 3.2..=4.8);
    check(&link, 4, Some(120), 120.0..=120.0);
    check(&link, 4, Some(904), 904.0..=904.0);
    check(&link, 4, Some(1_000_000), 904.0..=904.0);
}

#[test]
fn the_pause_doubles_until_the_endpoint_is_known_to_be_down() {
    let link = link(true);
    check(&link, 5, None, 6.4..=9.6);
    check(&link, 6, None, 12.8..=19.2);
    check(&link, 40, None, 480.0..=720.0);
    check(&link, u32::MAX, None, 480.0..=720.0);
    (0..5).for_each(|_| _ = link.breaker().record(Err(&busy(None)), NOW));
    check(&link, 40, None, 3.2..=4.8);
}

#[test]
fn what_fails_while_others_get_through_is_dead_after_its_plan() {
    let patient = link(true);
    assert_eq!(after(&patient, (4, 3), busy(None)), Outcome::Dead);
    assert_eq!(after(&patient, (9, 3), busy(Some(60))), Outcome::Dead);
    assert!(matches!(after(&patient, (4, 2), busy(None)), Outcome::YieldOr { .. }), "the endpoint may come and go");
    assert!(matches!(after(&patient, (3, 3), busy(None)), Outcome::Retry { .. }), "its plan is not over");
    assert_eq!(after(&link(false), (4, 0), busy(None)), Outcome::Dead, "nothing would keep it");
}
