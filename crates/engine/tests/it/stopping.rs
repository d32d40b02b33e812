//! The end of a notifier's life: stopped twice, before its start, without a runtime, after its runtime, under a channel that
//! blocks. It always comes to an end, and the accounts close.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use futures_util::{FutureExt, future::join_all};
use tidings_core::{Channel, Envelope, Event, Receipt, SendError, Timestamp, clock::instant_now};
use tidings_engine::{AcceptError, Emitted, Notifier, RetryPolicy, Rule, Sink, StartError, User};
use tidings_testkit::FakeClock;

use crate::{Seen, info, letters::Letters, start, stop};

#[tokio::test]
async fn what_was_stopped_before_its_start_never_starts() {
    let seen = Seen::default();
    let notifier = Notifier::builder().sink(seen.sink("all")).build().unwrap();
    notifier.emit(info("early"));
    stop(&notifier).await;
    assert!(matches!(notifier.clone().start().await, Err(StartError::Again)));
    assert!(matches!(notifier.clone().start_on_thread(), Err(StartError::Again)));
    assert_eq!(notifier.accept(vec![info("late")]).await, Err(AcceptError::NotRunning));
    assert_eq!(Arc::strong_count(&seen.0), 1, "the closure is let go although a handle is left");
}

#[tokio::test]
async fn a_thread_of_its_own_is_refused_twice_without_a_panic() {
    let notifier = Notifier::builder().build().unwrap().start_on_thread().unwrap();
    assert!(matches!(notifier.clone().start_on_thread(), Err(StartError::Again)));
    stop(&notifier).await;
}

/// Runs a future on the calling thread, without a runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = Box::pin(future);
    loop {
        if let Some(output) = future.as_mut().now_or_never() {
            return output;
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_program_without_a_runtime_can_accept_and_stop() {
    let seen = Seen::default();
    let notifier = block_on(Notifier::builder().sink(seen.sink("all")).build().unwrap().start()).unwrap();
    let answers = block_on(notifier.accept(vec![info("one"), info("two")])).unwrap();
    assert_eq!(answers.len(), 2);
    notifier.emit(info("three"));
    let account = block_on(stop(&notifier));
    assert_eq!((account.events.planned, seen.types().len()), (3, 3));
}

#[test]
fn a_runtime_that_is_dropped_first_leaves_an_account() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let notifier = runtime.block_on(start(Notifier::builder().queue_size(2).sink(Seen::default().sink("all"))));
    drop(runtime);
    for _ in 0..3 {
        notifier.emit(info("nobody is there"));
    }
    let started = instant_now();
    let account = block_on(stop(&notifier));
    assert_eq!((account.events.offered, account.events.shed), (3, 3));
    assert!(started.elapsed() < Duration::from_secs(3), "there is nothing to wait for");
}

/// Blocks its thread until it is let go.
struct Blocking(Arc<AtomicBool>);

impl Channel for Blocking {
    async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
        while !self.0.load(SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(Receipt::default())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_channel_that_blocks_its_thread_does_not_hold_the_stop() {
    let let_go = Arc::new(AtomicBool::new(false));
    let seen = Seen::default();
    let blocking =
        Sink::channel("blocking", Arc::new(Blocking(let_go.clone())), RetryPolicy::doubling(0, Duration::ZERO), 1);
    let notifier = start(Notifier::builder().sink(blocking).sink(seen.sink("calm"))).await;
    notifier.accept(vec![info("one"), info("two")]).await.unwrap();
    while seen.types().len() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let account = notifier.stop_within(Duration::from_millis(20)).await;
    account.closes().unwrap();
    assert_eq!(account.sinks["blocking"].dead, 2);
    let_go.store(true, SeqCst);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(notifier.account().await.sinks["blocking"].delivered, 0, "a late answer is not booked");
}

#[tokio::test]
async fn a_callback_may_emit_and_stop() {
    let handle = Arc::new(std::sync::OnceLock::<Notifier>::new());
    let inner = handle.clone();
    let eager = Sink::callback_async("eager", move |event| {
        let notifier = inner.get().cloned();
        async move {
            let Some(notifier) = notifier else { return };
            match event.event_type.as_str() {
                "again" => assert_eq!(notifier.emit(info("stop")), Emitted::Queued),
                "stop" => drop(notifier.stop_within(Duration::from_millis(50)).await),
                _ => {}
            }
        }
    });
    let notifier = start(Notifier::builder().sink(eager)).await;
    handle.set(notifier.clone()).unwrap();
    notifier.emit(info("again"));
    while notifier.emit(info("more")) == Emitted::Queued {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let account = stop(&notifier).await;
    assert_eq!(account.events.waiting, 0);
}

#[tokio::test]
async fn a_stop_waits_for_those_who_are_inside() {
    let notifier = start(Notifier::builder().sink_queue_size(100_000)).await;
    let callers = join_all((0..200).map(|_| notifier.accept(vec![info("one"), info("two")])));
    // All of them are inside, and most wait for room, before the stop begins.
    let (answers, account) = tokio::join!(callers, stop(&notifier));
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((account.events.offered, account.events.planned), (400, 2));
}

#[tokio::test]
async fn a_stop_in_the_middle_of_what_comes_due_accounts_for_all_of_it() {
    for patience in [0, 1, 2, 5] {
        let (letters, clock) = (Letters::default(), FakeClock::at(Timestamp::from_secs(1_000)));
        let quiet = Rule::new("quiet", "silent(1m)").unwrap().channels(["letters"]);
        let once = RetryPolicy { delays: vec![], jitter: 0.0 };
        let builder = Notifier::builder().storm_limit(None).channel("letters", Arc::new(letters.clone()), once);
        let builder = builder.user("ann", User::default()).rule(quiet).clock(Arc::new(clock.clone()));
        let notifier = start(builder).await;
        let of_agent = |agent: u32| Event::new("sample").agent(format!("a{agent}")).at(Timestamp::from_secs(1_000));
        notifier.accept((0..3_000).map(of_agent).collect()).await.unwrap();
        assert!(notifier.drain(Duration::from_secs(20)).await);
        clock.advance(Duration::from_secs(60));
        letters.wait_for(patience).await;
        let account = notifier.stop_within(Duration::ZERO).await;
        account.closes().unwrap();
        let sent = account.deliveries;
        assert_eq!(account.notifications.made, account.rules["quiet"].fired);
        assert_eq!((sent.made, sent.waiting), (sent.delivered + sent.dead, 0));
        assert!(
            sent.delivered <= letters.all().len() as u64,
            "a send in flight may not be booked, never the other way"
        );
    }
}
