//! The same events through a notifier in memory that nobody disturbs: what people must have been told.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::Value;
use tidings::{Builder, Event, Notifier, Timestamp};
use tidings_testkit::{FakeClock, HttpPeer, Script, http::Recorded};

use super::{
    arrivals::{Arrival, arrivals, body},
    incident::{BEGIN, Beat},
    world::World,
};

/// How many events at once.
const BATCH: usize = 200;
/// Long beyond anything that could be needed.
const LIMIT: Duration = Duration::from_secs(120);

/// All notifications that these events give: by its id what each says, and to whom.
///
/// # Panics
/// If that run does not end as it should.
pub(super) async fn notifications(world: &World, events: &[Value]) -> BTreeMap<String, String> {
    let peer = HttpPeer::start(Script::statuses([200])).await.expect("loopback has a free port");
    let builder = Builder::from_yaml(&world.config_beside(&peer)).expect("the configuration is right");
    let builder = if world.timed { builder.event_time() } else { builder };
    let notifier = builder.build().expect("it is complete").start().await.expect("it starts");
    for chunk in events.chunks(BATCH) {
        let event = |value: &Value| Event::from_json(value.clone(), Timestamp::EPOCH).expect("a source makes events");
        notifier.accept(chunk.iter().map(event).collect()).await.expect("it runs");
    }
    let account = notifier.stop_within(LIMIT).await;
    account.closes().expect("every account closes");
    assert!(account.is_clean(), "a run that nobody disturbs delivers everything: {account:?}");
    let told = |request: &Recorded| {
        let told = body(request);
        let what = format!("{} {} {}", told["metadata"], told["agent_id"], told["user_id"]);
        Some((told["notification_id"].as_str()?.to_owned(), what))
    };
    peer.requests().iter().filter_map(told).collect()
}

/// What is told in a story by a notifier that runs all the time.
///
/// # Panics
/// If that run does not end as it should.
pub(super) async fn story(world: &World, beats: &[Beat]) -> Vec<Arrival> {
    let peer = HttpPeer::start(Script::statuses([200])).await.expect("loopback has a free port");
    let clock = FakeClock::at(Timestamp::from_secs(BEGIN));
    let builder = Builder::from_yaml(&world.config_beside(&peer)).expect("the configuration is right");
    let builder = builder.clock(Arc::new(clock.clone()));
    let notifier = builder.build().expect("it is complete").start().await.expect("it starts");
    for beat in beats {
        take(&notifier, clock.advance(Duration::from_secs(beat.after.unsigned_abs())), &beat.events).await;
        take(&notifier, clock.advance(Duration::from_secs(beat.pause.unsigned_abs())), beat.look.as_slice()).await;
    }
    let account = notifier.stop_within(LIMIT).await;
    account.closes().expect("every account closes");
    arrivals(&peer.requests())
}

/// Takes events in, and settles what they give.
async fn take(notifier: &Notifier, now: Timestamp, events: &[Value]) {
    let event = |value: &Value| Event::from_json(value.clone(), now).expect("a source makes events");
    notifier.accept(events.iter().map(event).collect()).await.expect("it runs");
    assert!(notifier.drain(LIMIT).await, "a run that nobody disturbs settles everything");
}
