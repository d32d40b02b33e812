//! Answers that come at the worst moment: while a lease is renewed, before a flight has ended, while a drain looks. A delivery is
//! never sent twice beside itself, none is stuck, and none is overlooked.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use tidings_core::{Channel, Envelope, ErrorKind, Receipt, SendError, Timestamp};
use tidings_engine::{Builder, Notifier, RetryPolicy, Rule, Sink, User};
use tidings_policy::Fallbacks;
use tidings_testkit::FakeClock;

use crate::{
    info,
    moody::{Gate, Moody},
    start, stop,
};

const HOUR: Duration = Duration::from_secs(3_600);
const LIMIT: Duration = Duration::from_secs(20);

/// A receiver that fails so often, and answers when it is let.
#[derive(Default)]
struct Receiver {
    gate: Gate,
    fails: usize,
    is_final: bool,
    sends: AtomicUsize,
    taken: AtomicUsize,
}

impl Receiver {
    fn failing(fails: usize) -> Arc<Self> {
        Arc::new(Self { fails, ..Self::default() })
    }

    fn count(&self) -> (usize, usize) {
        (self.sends.load(SeqCst), self.taken.load(SeqCst))
    }
}

struct Wire(Arc<Receiver>);

impl Channel for Wire {
    async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
        let number = self.0.sends.fetch_add(1, SeqCst);
        self.0.gate.pass().await;
        if number < self.0.fails {
            let error = if self.0.is_final { SendError::permanent } else { SendError::transient };
            return Err(error(ErrorKind::Timeout, "nothing came"));
        }
        self.0.taken.fetch_add(1, SeqCst);
        Ok(Receipt::default())
    }
}

fn retries(delays: &[u64]) -> RetryPolicy {
    RetryPolicy { delays: delays.iter().map(|seconds| Duration::from_secs(*seconds)).collect(), jitter: 0.0 }
}

/// A notifier with one sink.
async fn one_sink(receiver: &Arc<Receiver>, retry: RetryPolicy, store: &Arc<Moody>, clock: &FakeClock) -> Notifier {
    let sink = Sink::channel("hook", Arc::new(Wire(Arc::clone(receiver))), retry, 4);
    start(Notifier::builder().sink(sink).store(store.clone()).clock(Arc::new(clock.clone()))).await
}

fn clock() -> FakeClock {
    FakeClock::at(Timestamp::from_secs(1_000_000))
}

#[tokio::test]
async fn an_answer_while_its_lease_is_renewed_is_written_down_once() {
    let (store, clock, receiver) = (Moody::new(), clock(), Receiver::failing(0));
    let notifier = one_sink(&receiver, retries(&[]), &store, &clock).await;
    receiver.gate.shut();
    notifier.emit(info("one"));
    receiver.gate.reached(1).await;
    store.claims.shut();
    clock.advance(HOUR);
    store.claims.reached(1).await;
    let asked = store.finishes.passed();
    receiver.gate.open();
    store.finishes.passes(asked + 1).await;
    store.claims.open();
    assert!(notifier.drain(LIMIT).await);
    assert_eq!(receiver.count(), (1, 1), "the claim was told of a delivery that was in flight when it was made");
    assert_eq!(stop(&notifier).await.sinks["hook"].delivered, 1);
}

#[tokio::test]
async fn a_retry_that_is_due_at_once_does_not_wait_for_its_lease() {
    let (store, clock, receiver) = (Moody::new(), clock(), Receiver::failing(1));
    let notifier = one_sink(&receiver, retries(&[0]), &store, &clock).await;
    store.finishes.shut();
    notifier.emit(info("one"));
    store.finishes.reached(1).await;
    store.claims.passes(2).await;
    store.finishes.open();
    assert!(notifier.drain(LIMIT).await, "it was claimed before its first flight had ended");
    assert_eq!(receiver.count(), (2, 1));
    stop(&notifier).await;
}

#[tokio::test]
async fn a_lease_that_is_renewed_uses_up_no_try() {
    let (store, clock, receiver) = (Moody::new(), clock(), Receiver::failing(9));
    let notifier = one_sink(&receiver, retries(&[0, 0]), &store, &clock).await;
    receiver.gate.shut();
    notifier.emit(info("one"));
    receiver.gate.reached(1).await;
    let claims = store.claims.passed();
    clock.advance(HOUR);
    store.claims.passes(claims + 1).await;
    receiver.gate.open();
    assert!(notifier.drain(LIMIT).await);
    assert_eq!(receiver.count(), (3, 0));
    let account = stop(&notifier).await;
    assert_eq!(account.sinks["hook"].dead, 1);
}

/// Ann is told by push, or else by email.
fn two_channels(push: &Arc<Receiver>, email: &Arc<Receiver>) -> Builder {
    let wire = |receiver: &Arc<Receiver>| Arc::new(Wire(Arc::clone(receiver)));
    let by_channel = BTreeMap::from([("push".to_owned(), vec!["email".to_owned()])]);
    Notifier::builder()
        .channel("email", wire(email), retries(&[30]))
        .channel("push", wire(push), retries(&[30]))
        .user("ann", User::default())
        .rule(Rule::new("any", "true").unwrap().channels(["push"]))
        .fallbacks(Fallbacks { by_channel, ..Fallbacks::default() })
}

#[tokio::test]
async fn what_is_too_old_takes_its_fallback() {
    let (clock, push, email) = (clock(), Receiver::failing(1), Receiver::failing(0));
    let notifier = start(two_channels(&push, &email).clock(Arc::new(clock.clone()))).await;
    push.gate.shut();
    notifier.emit(info("one"));
    push.gate.reached(1).await;
    push.gate.open();
    push.gate.passes(1).await;
    clock.advance(25 * HOUR);
    assert!(notifier.drain(LIMIT).await);
    assert_eq!((push.count(), email.count()), ((1, 0), (1, 1)));
    let account = stop(&notifier).await;
    assert_eq!((account.deliveries.made, account.deliveries.expired, account.deliveries.delivered), (2, 1, 1));
}

#[tokio::test]
async fn a_drain_does_not_overlook_a_fallback_that_is_made_while_it_looks() {
    let push = Arc::new(Receiver { fails: 1, is_final: true, ..Receiver::default() });
    let (store, email) = (Moody::new(), Receiver::failing(0));
    let notifier = start(two_channels(&push, &email).store(store.clone())).await;
    [&push, &email].into_iter().for_each(|receiver| receiver.gate.shut());
    notifier.emit(info("one"));
    push.gate.reached(1).await;
    store.looks.shut();
    let draining = async {
        let idle = notifier.drain(LIMIT).await;
        (idle, email.count())
    };
    let meanwhile = async {
        settle_down().await;
        push.gate.open();
        email.gate.reached(1).await;
        store.looks.open();
        settle_down().await;
        email.gate.open();
    };
    let (found, ()) = tokio::join!(draining, meanwhile);
    assert_eq!(found, (true, (1, 1)));
    stop(&notifier).await;
}

/// Lets everybody else go as far as they can.
async fn settle_down() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}
