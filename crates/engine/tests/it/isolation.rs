//! A sink that misbehaves harms nobody else, and the counts say what was lost.

use std::{
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use tidings_core::{Event, Severity};
use tidings_engine::{Notifier, Sink};

use crate::{Seen, event, info, start, stop};

/// Blocks whoever waits at it until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn wait(&self) {
        let mut open = self.0.0.lock().unwrap();
        while !*open {
            open = self.0.1.wait(open).unwrap();
        }
    }

    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

#[tokio::test]
async fn a_panicking_callback_loses_only_its_own_event() {
    let (before, after) = (Seen::default(), Seen::default());
    let seen = before.clone();
    let picky = Sink::callback("picky", move |event| {
        assert_ne!(event.event_type, "bad", "this panic is part of the test");
        seen.0.lock().unwrap().push(event.event_type.clone());
    });
    let notifier = start(Notifier::builder().sink(picky).sink(after.sink("calm"))).await;
    for name in ["one", "bad", "two"] {
        notifier.emit(info(name));
    }
    let account = stop(&notifier).await;
    assert_eq!(before.types(), ["one", "two"]);
    assert_eq!(after.types(), ["one", "bad", "two"]);
    assert_eq!((account.sinks["picky"].delivered, account.sinks["picky"].dead), (2, 1));
}

#[tokio::test]
async fn an_async_callback_may_panic_at_once_or_later_or_hang() {
    let calm = Seen::default();
    let wild = Sink::callback_async("wild", |event: Arc<Event>| {
        assert_ne!(event.event_type, "at once", "this panic is part of the test");
        async move {
            assert_ne!(event.event_type, "later", "this panic is part of the test");
            if event.event_type == "hang" {
                std::future::pending::<()>().await;
            }
        }
    });
    let wild = wild.deadline(Duration::from_millis(50));
    let notifier = start(Notifier::builder().sink(wild).sink(calm.sink("calm"))).await;
    for name in ["at once", "later", "hang", "good"] {
        notifier.emit(info(name));
    }
    let account = stop(&notifier).await;
    assert_eq!((account.sinks["wild"].delivered, account.sinks["wild"].dead), (1, 3));
    assert_eq!(calm.types().len(), 4);
}

#[tokio::test]
async fn a_blocking_callback_keeps_only_itself() {
    let (gate, calm) = (Gate::default(), Seen::default());
    let waiting = gate.clone();
    let stuck = Sink::callback("stuck", move |_| waiting.wait());
    let notifier = start(Notifier::builder().sink_queue_size(50).sink(stuck).sink(calm.sink("calm"))).await;
    for _ in 0..20 {
        notifier.emit(info("before"));
    }
    assert!(!notifier.drain(Duration::from_millis(50)).await, "the stuck one still owes its events");
    for number in 0..100 {
        let severity = if number % 10 == 0 { Severity::Critical } else { Severity::Info };
        notifier.emit(event("after", severity));
        // The calm one has room for fifty: it gets its time.
        while calm.types().len() < 20 + number {
            tokio::task::yield_now().await;
        }
    }
    let account = notifier.stop_within(Duration::from_millis(300)).await;
    account.closes().unwrap();
    assert_eq!(calm.types().len(), 120, "the other sink got everything");
    let stuck = account.sinks["stuck"];
    assert_eq!(stuck.delivered, 0);
    assert!(stuck.shed > 0 && stuck.dead > 0, "{stuck:?}");
    assert!(notifier.undelivered().iter().any(|left| left.endpoint == "stuck" && left.reason == "stopped"));
    gate.open();
    // The call that comes back late must not be booked a second time.
    tokio::time::timeout(Duration::from_secs(5), async {
        while notifier.account().await.closes().is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert_eq!(notifier.account().await.sinks["stuck"].delivered, 0);
}

#[tokio::test]
async fn a_full_sink_sheds_the_lowest_severity_first() {
    let (gate, seen) = (Gate::default(), Seen::default());
    let (waiting, list) = (gate.clone(), seen.clone());
    let slow = Sink::callback("slow", move |event| {
        waiting.wait();
        list.0.lock().unwrap().push(event.event_type.clone());
    });
    let notifier = start(Notifier::builder().queue_size(1_000).sink_queue_size(10).sink(slow)).await;
    for number in 0..200 {
        notifier.emit(info("info"));
        if number % 40 == 0 {
            notifier.emit(event("critical", Severity::Critical));
        }
    }
    while notifier.account().await.events.planned < 205 {
        tokio::task::yield_now().await;
    }
    gate.open();
    let account = stop(&notifier).await;
    assert_eq!(seen.types().iter().filter(|name| *name == "critical").count(), 5, "no critical one gave way");
    let slow = account.sinks["slow"];
    assert_eq!(slow.matched, 205);
    assert_eq!(slow.shed, 205 - slow.delivered);
}

#[test]
fn a_full_queue_sheds_the_lowest_severity_first_and_counts_it() {
    let notifier = Notifier::builder().queue_size(10).build().unwrap();
    for _ in 0..10 {
        notifier.emit(info("info"));
    }
    assert_eq!(notifier.emit(info("info")), tidings_engine::Emitted::Shed);
    assert_eq!(notifier.emit(event("critical", Severity::Critical)), tidings_engine::Emitted::Queued);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let account = runtime.block_on(async {
        let notifier = notifier.start().await.unwrap();
        stop(&notifier).await
    });
    assert_eq!((account.events.offered, account.events.shed, account.events.planned), (12, 2, 10));
}
