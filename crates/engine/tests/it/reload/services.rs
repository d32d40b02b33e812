//! What becomes of sinks and channels that come and go: what waits for them, whom they do not reach, what is left of them.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tidings_core::{Channel, DynChannel, Envelope, ErrorKind, Event, Payload, Receipt, SendError, Timestamp};
use tidings_engine::{Builder, Notifier, RetryPolicy, Sink, User};
use tidings_store::sqlite::SqliteStore;
use tidings_testkit::FakeClock;

use super::{House, MINUTE, ONCE, kept, rule};
use crate::{Seen, letters::Letters, start, stop};

#[tokio::test]
async fn a_sink_that_is_new_begins_with_what_comes_next() {
    for durable in [false, true] {
        let (house, seen) = (House::open(durable, []).await, Seen::default());
        house.accept("before", json!({})).await;
        house.notifier.reload(kept([]).sink(seen.sink("seen"))).await.unwrap();
        house.accept("after", json!({})).await;
        assert_eq!(seen.types().len(), 1, "durable: {durable}");
        let account = stop(&house.notifier).await;
        assert_eq!(account.sinks["seen"].matched, 1);
    }
}

#[tokio::test]
async fn a_channel_that_comes_by_a_reload_goes_on_with_what_a_life_before_left() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), FakeClock::at(Timestamp::from_secs(1_000_000)));
    let path = folder.path().join("tidings.db");
    let open = || Arc::new(SqliteStore::open(&path, &Default::default(), Timestamp::from_secs(1_000_000)).unwrap().0);
    let begin = |builder: Builder| builder.store(open()).clock(Arc::new(clock.clone())).storm_limit(None);
    let down = Refusing(SendError::transient, ErrorKind::Connect);
    let hook = || Sink::channel("hook", Arc::new(Refusing(SendError::permanent, ErrorKind::Gone)), ONCE, 1);
    let later = RetryPolicy { delays: vec![MINUTE; 3], jitter: 0.0 };
    let both = rule("each", "true").channels(["later"]);
    let first = begin(Notifier::builder()).user("ann", User::default()).sink(hook()).rule(both);
    let first = start(first.channel("later", Arc::new(down), later)).await;
    first.accept(vec![Event::new("x").agent("a")]).await.unwrap();
    while first.store().disabled().await.unwrap().is_empty() || first.account().await.deliveries.waiting == 0 {
        tokio::task::yield_now().await;
    }
    first.stop_within(Duration::ZERO).await;
    drop(first);

    let (second, letters, hooked) = (start(begin(Notifier::builder())).await, Letters::default(), Seen::default());
    let next = Notifier::builder()
        .sink(Sink::channel("hook", Arc::new(Hook(hooked.clone())), ONCE, 1))
        .channel("later", Arc::new(letters.clone()), ONCE)
        .user("ann", User::default());
    second.reload(next).await.unwrap();
    second.accept(vec![Event::new("y").agent("a")]).await.unwrap();
    clock.advance(2 * MINUTE);
    assert!(second.drain(Duration::from_secs(20)).await);
    assert_eq!((letters.all().len(), hooked.types()), (1, Vec::<String>::new()), "who is gone stays so");
    let account = stop(&second).await;
    assert_eq!((account.deliveries.made, account.deliveries.delivered, account.sinks["hook"].dead), (1, 1, 1));
}

/// A channel that keeps the types of events.
struct Hook(Seen);

impl Channel for Hook {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        if let Payload::Event(event) = &envelope.payload {
            self.0.0.lock().unwrap().push(event.event_type.clone());
        }
        Ok(Receipt::default())
    }
}

/// A channel that gives one answer.
struct Refusing(fn(ErrorKind, &'static str) -> SendError, ErrorKind);

impl Channel for Refusing {
    async fn send(&self, _: &Envelope) -> Result<Receipt, SendError> {
        Err(self.0(self.1, "refused"))
    }
}

#[tokio::test]
async fn who_is_enabled_while_his_channel_is_gone_is_reached_when_it_is_back() {
    let (house, hooked) = (House::open(true, []).await, Seen::default());
    let gone = Refusing(SendError::permanent, ErrorKind::Gone);
    let with = |channel: Arc<dyn DynChannel>| kept([]).sink(Sink::channel("hook", channel, ONCE, 1));
    house.notifier.reload(with(Arc::new(gone))).await.unwrap();
    house.accept("1", json!({})).await;
    house.reload([]).await;
    assert!(house.notifier.enable("hook", None).await.unwrap());
    house.notifier.reload(with(Arc::new(Hook(hooked.clone())))).await.unwrap();
    house.accept("2", json!({})).await;
    assert_eq!(hooked.types(), ["sample"]);
    stop(&house.notifier).await;
}

#[tokio::test]
async fn a_thousand_reloads_leave_nothing_behind() {
    for (durable, times) in [(false, 1_000), (true, 50)] {
        let house = House::open(durable, [rule("r", "load > 5")]).await;
        let (seen, letters) = (Seen::default(), Arc::new(Letters::default()));
        let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
        let change = async || {
            let next = kept([rule("r", "load > 5")]).sink(seen.sink("seen"));
            house.notifier.reload(next.channel("fresh", letters.clone(), ONCE)).await.unwrap();
        };
        let settled = async |most: usize| {
            // The test, and what runs.
            let stays = || tasks() <= most && Arc::strong_count(&seen.0) == 2 && Arc::strong_count(&letters) == 2;
            let settling = async {
                while !stays() {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(Duration::from_secs(60), settling).await.expect("what is gone ends");
        };
        change().await;
        settled(usize::MAX).await;
        let before = tasks();
        for _ in 0..times {
            change().await;
        }
        settled(before).await;
        house.accept("1", json!({"load": 9})).await;
        assert_eq!((house.letters.titles().len(), seen.types().len()), (1, 1));
        stop(&house.notifier).await;
    }
}
