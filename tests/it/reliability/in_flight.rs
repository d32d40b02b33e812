//! Attempts under way while the world changes: a clock is set, a store takes nothing, a channel never comes to an end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use tidings::{Channel, Clock, Envelope, Receipt, SendError, Sink};
use tidings_engine::Notifier;
use tidings_testkit::FakeClock;
use tidings_tests::reliability::{
    event, events,
    lab::{BEGIN, Backend, Lab},
    plan,
    receiver::Receiver,
};
use tokio::sync::watch;

const DAY: Duration = Duration::from_secs(86_400);

/// Takes what it is sent once it is let.
#[derive(Clone)]
struct Slow {
    begun: watch::Sender<usize>,
    let_go: watch::Sender<bool>,
}

impl Slow {
    fn new() -> Self {
        Self { begun: watch::Sender::new(0), let_go: watch::Sender::new(false) }
    }

    async fn begun(&self, count: usize) {
        self.begun.subscribe().wait_for(|begun| *begun >= count).await.unwrap();
    }
}

impl Channel for Slow {
    async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
        self.begun.send_modify(|begun| *begun += 1);
        self.let_go.subscribe().wait_for(|let_go| *let_go).await.unwrap();
        Ok(Receipt::default())
    }
}

async fn looks(lab: &Lab, more: u64) {
    let enough = lab.store.claims()["hook"].count + more;
    while lab.store.claims()["hook"].count < enough {
        lab.store.wake();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_clock_that_is_set_forward_sends_nothing_a_second_time() {
    for backend in Backend::ALL {
        let slow = Slow::new();
        let builder = Notifier::builder().sink(Sink::channel("hook", Arc::new(slow.clone()), plan([1]), 16));
        let lab = Lab::start(backend, builder.expire_after(3 * DAY)).await;
        lab.notifier.accept(events(3, 3)).await.unwrap();
        slow.begun(3).await;
        for span in [Duration::from_secs(3_600), DAY] {
            lab.clock.advance(span);
            looks(&lab, 5).await;
        }
        slow.let_go.send_replace(true);
        lab.settle().await;
        assert_eq!(*slow.begun.borrow(), 3, "{backend:?}: each was sent once");
        let account = lab.stop().await;
        assert!(account.is_clean() && account.sinks["hook"].delivered == 3, "{account:?}");
    }
}

#[tokio::test]
async fn a_store_that_takes_nothing_for_a_while_sends_nothing_a_second_time() {
    for backend in Backend::DURABLE {
        let clock = FakeClock::at(BEGIN);
        let slow = Slow::new();
        let builder = Notifier::builder().sink(Sink::channel("hook", Arc::new(slow.clone()), plan([1]), 16));
        let lab = Lab::start_with(backend.store(), clock.clone(), builder).await;
        lab.notifier.accept(events(5, 5)).await.unwrap();
        slow.begun(5).await;
        lab.store.full.store(true, SeqCst);
        slow.let_go.send_replace(true);
        // Longer than a lease.
        clock.advance(Duration::from_secs(600));
        tokio::time::sleep(Duration::from_millis(20)).await;
        lab.store.full.store(false, SeqCst);
        lab.settle().await;
        assert_eq!(*slow.begun.borrow(), 5, "{backend:?}: each was sent once");
        assert!(lab.stop().await.is_clean());
    }
}

#[tokio::test]
async fn a_callback_is_not_called_again_because_its_place_could_not_be_noted() {
    for backend in Backend::DURABLE {
        let calls = Arc::new(AtomicUsize::new(0));
        let (counter, full) = (Arc::clone(&calls), watch::Sender::new(false));
        let store = backend.store();
        let (disk, filled) = (Arc::clone(&store), full.clone());
        let sink = Sink::callback("calls", move |event| {
            // The disk is full from the first call on.
            disk.full.store(event.data["n"] == 0, SeqCst);
            counter.fetch_add(1, SeqCst);
            filled.send_replace(true);
        });
        let lab = Lab::start_with(store, FakeClock::at(BEGIN), Notifier::builder().sink(sink)).await;
        lab.notifier.accept(vec![event(1, 0)]).await.unwrap();
        full.subscribe().wait_for(|full| *full).await.unwrap();
        // The reader has tried to note its place, and tries again after a second.
        tokio::time::sleep(Duration::from_millis(50)).await;
        lab.store.full.store(false, SeqCst);
        lab.notifier.accept(vec![event(1, 1)]).await.unwrap();
        let account = lab.stop().await;
        assert_eq!((calls.load(SeqCst), account.sinks["calls"].delivered), (2, 2), "{backend:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_without_an_end_keeps_its_place_for_two_minutes_at_most() {
    let slow = Slow::new();
    let builder = Notifier::builder().sink(Sink::channel("hook", Arc::new(slow.clone()), plan([]), 1));
    let lab = Lab::start(Backend::Memory, builder).await;
    lab.notifier.accept(events(3, 3)).await.unwrap();
    slow.begun(3).await;
    lab.settle().await;
    let account = lab.stop().await;
    assert_eq!((account.sinks["hook"].dead, account.sinks["hook"].waiting), (3, 0));
}

#[tokio::test]
async fn what_the_process_before_left_is_counted_before_it_is_delivered() {
    for backend in Backend::DURABLE {
        for _ in 0..20 {
            let (store, clock) = (backend.store(), FakeClock::at(BEGIN));
            let slow = Slow::new();
            let parts = || Notifier::builder().sink(Sink::channel("hook", Arc::new(slow.clone()), plan([1]), 16));
            let lab = Lab::start_with(Arc::clone(&store), clock.clone(), parts()).await;
            lab.notifier.accept(events(20, 20)).await.unwrap();
            slow.begun(16).await;
            let account = lab.notifier.stop_within(Duration::ZERO).await;
            assert_eq!((account.closes(), account.sinks["hook"].waiting), (Ok(()), 20));
            let receiver = Receiver::good(clock.clone());
            let sink = Sink::channel("hook", Arc::new(receiver.clone()), plan([1]), 16);
            let lab = Lab::start_with(store, clock.clone(), Notifier::builder().sink(sink)).await;
            lab.settle().await;
            let account = lab.notifier.stop().await;
            assert_eq!((account.closes(), account.sinks["hook"].delivered), (Ok(()), 20));
            assert_eq!((receiver.taken().len(), lab.store.check_census().await.delivered), (20, 20));
            assert!(clock.now() == BEGIN);
        }
    }
}
