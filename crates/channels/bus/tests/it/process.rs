//! The bus in the process: many subscribers and emitters at once, and every event accounted for.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Wake, Waker},
    thread,
};

use futures_util::{Stream, StreamExt, future::join_all};
use tidings_bus::{Bus, EventBus, Received, Subscription};
use tidings_core::{Event, Severity};

fn event(event_type: &str, severity: Severity) -> Arc<Event> {
    Arc::new(Event::new(event_type).severity(severity))
}

fn drain(subscription: &mut Subscription) -> (u64, u64) {
    let (mut events, mut missed) = (0, 0);
    while let Some(received) = subscription.try_received() {
        match received {
            Received::Event(_) => events += 1,
            Received::Missed(count) => missed += count,
        }
    }
    (events, missed)
}

#[test]
fn a_subscriber_gets_what_its_pattern_matches() {
    let bus = Bus::new();
    let mut tools = bus.subscribe("tool.*").unwrap();
    let mut all = bus.subscribe("*").unwrap();
    assert!(bus.subscribe("tool.[a]").is_err());
    for event_type in ["tool.error", "mission.failed", "tool.slow"] {
        bus.emit(event_type, &event(event_type, Severity::Info));
    }
    assert_eq!((drain(&mut tools), drain(&mut all)), ((2, 0), (3, 0)));
}

#[test]
fn every_event_is_received_or_counted_with_many_at_once() {
    const EMITTERS: u64 = 4;
    const EACH: u64 = 5_000;
    let bus = Bus::new();
    let slow = bus.subscribe_with("*".parse().unwrap(), 16);
    let readers: Vec<_> = (0..8)
        .map(|_| bus.subscribe_with("*".parse().unwrap(), 64))
        .map(|mut subscription| {
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(async {
                    let (mut events, mut missed) = (0, 0);
                    while let Some(received) = subscription.next_received().await {
                        match received {
                            Received::Event(_) => events += 1,
                            Received::Missed(count) => missed += count,
                        }
                    }
                    assert_eq!(missed, subscription.missed());
                    events + missed
                })
            })
        })
        .collect();
    let emitters = (0..EMITTERS).map(|_| {
        let bus = bus.clone();
        thread::spawn(move || {
            for number in 0..EACH {
                let severity = if number % 3 == 0 { Severity::Error } else { Severity::Info };
                bus.emit("load.event", &event("load.event", severity));
                if number % 100 == 0 {
                    drop(bus.subscribe("*").unwrap());
                }
            }
        })
    });
    emitters.collect::<Vec<_>>().into_iter().for_each(|emitter| emitter.join().unwrap());
    assert_eq!(bus.subscribers(), 9);
    drop(bus);
    for reader in readers {
        assert_eq!(reader.join().unwrap(), EMITTERS * EACH);
    }
    let mut slow = slow;
    assert_eq!(drain(&mut slow), (16, EMITTERS * EACH - 16));
}

#[test]
fn a_slow_subscriber_keeps_what_is_worst() {
    let bus = Bus::new();
    let mut slow = bus.subscribe_with("*".parse().unwrap(), 2);
    for (name, severity) in [
        ("a", Severity::Info),
        ("b", Severity::Critical),
        ("c", Severity::Warning),
        ("d", Severity::Error),
        ("e", Severity::Info),
    ] {
        bus.emit(name, &event(name, severity));
    }
    assert_eq!(slow.try_received(), Some(Received::Missed(3)));
    let left = std::iter::from_fn(|| match slow.try_received() {
        Some(Received::Event(event)) => Some(event.event_type.clone()),
        _ => None,
    });
    assert_eq!(left.collect::<Vec<_>>(), ["b", "d"]);
    assert_eq!(slow.missed(), 3);
}

#[tokio::test]
async fn as_a_stream_it_ends_with_the_bus() {
    let bus = Bus::new();
    let streams: Vec<Subscription> = (0..50).map(|_| bus.subscribe("*").unwrap()).collect();
    let readers = streams.into_iter().map(|stream| tokio::spawn(stream.count()));
    let readers: Vec<_> = readers.collect();
    for _ in 0..100 {
        bus.emit("a", &event("a", Severity::Info));
    }
    drop(bus);
    for count in join_all(readers).await {
        assert_eq!(count.unwrap(), 100);
    }
}

#[tokio::test]
async fn a_subscriber_that_panics_harms_itself_alone() {
    let bus = Bus::new();
    let mut bad = bus.subscribe("*").unwrap();
    let mut good = bus.subscribe("*").unwrap();
    let panics = tokio::spawn(async move {
        bad.next().await;
        panic!("a subscriber's own fault");
    });
    bus.emit("a", &event("a", Severity::Info));
    assert!(panics.await.is_err());
    assert_eq!(bus.subscribers(), 1);
    bus.emit("a", &event("a", Severity::Info));
    assert_eq!(drain(&mut good), (2, 0));
}

/// A waker that panics: code of a subscriber, called by the emitter.
struct Bomb;

impl Wake for Bomb {
    fn wake(self: Arc<Self>) {
        panic!("a waker's own fault");
    }
}

#[test]
fn a_waker_that_panics_does_not_reach_the_emitter() {
    let bus = Bus::new();
    let mut bad = bus.subscribe("*").unwrap();
    let mut good = bus.subscribe("*").unwrap();
    let waker = Waker::from(Arc::new(Bomb));
    assert!(Stream::poll_next(std::pin::Pin::new(&mut bad), &mut Context::from_waker(&waker)).is_pending());
    bus.emit("a", &event("a", Severity::Info));
    assert_eq!((drain(&mut bad), drain(&mut good)), ((1, 0), (1, 0)));
}

/// A waker that counts.
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_look_without_waiting_takes_no_wake_up_away() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe("*").unwrap();
    let bell = Arc::new(Bell(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&bell));
    let waits = Stream::poll_next(std::pin::Pin::new(&mut subscription), &mut Context::from_waker(&waker));
    assert!(waits.is_pending());
    assert_eq!(subscription.try_received(), None);
    bus.emit("a", &event("a", Severity::Info));
    assert_eq!(bell.0.load(Ordering::SeqCst), 1);
}

#[test]
fn a_flood_of_subscribers_comes_and_goes_and_each_is_told_what_it_missed() {
    const MANY: usize = 5_000;
    let bus = Bus::new();
    let mut flood: Vec<_> = (0..MANY).map(|_| bus.subscribe_with("*".parse().unwrap(), 1)).collect();
    bus.emit("a", &event("a", Severity::Info));
    let mut number = 0;
    flood.retain(|_| {
        number += 1;
        number % 2 == 0
    });
    assert_eq!(bus.subscribers(), MANY / 2);
    (0..2).for_each(|_| bus.emit("b", &event("b", Severity::Info)));
    for mut subscription in flood {
        assert_eq!(drain(&mut subscription), (1, 2));
        assert_eq!(subscription.missed(), 2);
    }
    assert_eq!(bus.subscribers(), 0);
}

#[test]
fn a_subscriber_that_goes_is_gone_at_once() {
    let bus = Bus::new();
    let (one, other) = (bus.subscribe("*").unwrap(), bus.subscribe("a").unwrap());
    assert_eq!(bus.subscribers(), 2);
    drop(one);
    assert_eq!(bus.subscribers(), 1);
    drop(bus);
    drop(other);
}

#[test]
fn a_closure_is_a_bus_and_a_bus_is_a_callback() {
    let (seen, names) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let own = {
        let (seen, names) = (Arc::clone(&seen), Arc::clone(&names));
        move |event_type: &str, _: &Arc<Event>| {
            seen.fetch_add(1, Ordering::SeqCst);
            names.lock().unwrap().push(event_type.to_owned());
        }
    };
    let callback = own.into_callback();
    callback(&Event::new("tool.error"));
    assert_eq!(
        (seen.load(Ordering::SeqCst), names.lock().unwrap().as_slice()),
        (1, ["tool.error".to_owned()].as_slice())
    );

    let bus = Bus::new();
    let mut subscription = bus.subscribe("tool.*").unwrap();
    let callback = bus.clone().into_callback();
    callback(&Event::new("tool.slow"));
    assert_eq!(drain(&mut subscription), (1, 0));
}
