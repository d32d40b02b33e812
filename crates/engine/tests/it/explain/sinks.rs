//! What each sink made of an event.

use serde_json::json;
use tidings_core::{DeliveryId, Event, Severity};
use tidings_engine::{
    EventFilter, Sink,
    explain::{DeliveryState, SinkWish},
};

use super::{KINDS, Kind, Scene, Scripted, assert_says, event, once};

#[tokio::test]
async fn a_sink_that_does_not_want_an_event_says_why() {
    for kind in KINDS {
        let only = EventFilter { events: vec!["tool.*".parse().unwrap()], min_severity: None };
        let scene = Scene::open(kind, |builder| {
            builder
                .sink(Sink::callback("tools", |_: &Event| ()).filter(only))
                .sink(Sink::callback("bad", |_: &Event| ()).min_severity(Severity::Error))
                .sink(Sink::callback("all", |_: &Event| ()))
        })
        .await;
        let id = scene.send(0, event(json!({}))).await;
        scene.drain().await;
        let told = scene.explain(id).await;
        let wishes: Vec<_> = told.sinks.iter().map(|sink| sink.wish.clone()).collect();
        let events = vec!["tool.*".to_owned()];
        let least = Severity::Error;
        assert_eq!(wishes, [SinkWish::Type { events }, SinkWish::Severity { least }, SinkWish::Wanted]);
        let tools = "tools: not wanted: custom.load is none of tool.*";
        assert_says(&told, &[tools, "bad: not wanted: info is below error", "all: wanted"]);
    }
}

#[tokio::test]
async fn an_in_process_sink_in_front_of_a_file_says_whether_it_was_called() {
    let scene = Scene::open(Kind::File, |builder| builder.sink(Sink::callback("all", |_: &Event| ()))).await;
    let id = scene.send(0, event(json!({}))).await;
    super::until(async || scene.explain(id).await.sinks[0].called == Some(true)).await;
    assert_says(&scene.explain(id).await, &["all: wanted, and called"]);
}

#[tokio::test]
async fn the_delivery_of_a_sink_is_told_from_there_too() {
    for kind in KINDS {
        let sink = Sink::channel("hook", Scripted::new([]), once(), 1);
        let other = Sink::channel("other", Scripted::new([]), once(), 1);
        let scene = Scene::open(kind, |builder| builder.sink(sink).sink(other)).await;
        let id = scene.send(0, event(json!({}))).await;
        scene.drain().await;
        let told = scene.explain(id).await;
        assert_eq!(told.sinks.len(), 2);
        assert_says(&told, &["hook: wanted", "attempt 1 of 1: delivered (200)", "other: wanted", "delivered"]);
        let own = scene.explain(DeliveryId::of_event(id, "hook")).await;
        assert_eq!(own.sinks.iter().map(|sink| &*sink.sink).collect::<Vec<_>>(), ["hook"]);
        assert_eq!(own.sinks[0].delivery.as_ref().map(|told| told.state), Some(DeliveryState::Delivered));
    }
}

#[tokio::test]
async fn a_call_that_failed_is_told() {
    for kind in KINDS {
        let scene = Scene::open(kind, |builder| {
            let panics = Sink::callback("panics", |_: &Event| panic!("this panic is part of the test"));
            let hangs = Sink::callback_async("hangs", |_| std::future::pending());
            builder.sink(panics).sink(hangs.deadline(std::time::Duration::from_millis(1)))
        })
        .await;
        let id = scene.send(0, event(json!({}))).await;
        scene.drain().await;
        let told = scene.explain(id).await;
        let panicked = "panic: the callback panicked; given up";
        assert_says(
            &told,
            &["panics: wanted", panicked, "hangs: wanted", "timeout: the callback was cut off after 1ms"],
        );
        let entries = scene.logged(tidings_store::Step::Dead, 2).await;
        for (entry, sink) in entries.iter().map(|entry| (entry, entry.endpoint.as_deref().unwrap())) {
            assert_eq!((entry.event, entry.delivery), (Some(id), Some(DeliveryId::of_event(id, sink))));
            assert_eq!(entry.agent.as_deref(), Some("a"));
            let own = scene.explain(DeliveryId::of_event(id, sink)).await;
            assert_eq!(own.sinks.iter().map(|told| &*told.sink).collect::<Vec<_>>(), [sink]);
            assert_eq!(own.sinks[0].delivery.as_ref().map(|told| told.state), Some(DeliveryState::Dead));
        }
        assert_eq!(entries.len(), 2);
    }
}

#[tokio::test]
async fn an_event_for_which_a_sink_in_memory_had_no_room_is_told() {
    let (let_go, gate) = std::sync::mpsc::sync_channel::<()>(1);
    let gate = std::sync::Mutex::new(gate);
    let slow = Sink::callback("slow", move |_: &Event| {
        // An error says that it was let go.
        gate.lock().unwrap().recv().unwrap_or_default();
    });
    let scene = Scene::open(Kind::Memory, |builder| builder.sink(slow).sink_queue_size(1)).await;
    for number in 0..3 {
        scene.send(0, event(json!({ "n": number }))).await;
    }
    let shed = scene.logged(tidings_store::Step::Shed, 1).await;
    drop(let_go);
    scene.drain().await;
    let told = scene.explain(shed[0].event.unwrap()).await;
    assert_says(&told, &["slow: wanted", "shed: there was no room"]);
}

#[tokio::test]
async fn a_delivery_for_which_memory_had_no_room_is_told() {
    let store = || std::sync::Arc::new(tidings_store::MemoryStore::new(2));
    let silent = Sink::channel("hook", std::sync::Arc::new(super::deliveries::Silent), once(), 1);
    let scene = Scene::open(Kind::Memory, |builder| builder.sink(silent).store(store())).await;
    let mut ids = Vec::new();
    for (number, severity) in [Severity::Info, Severity::Info, Severity::Error, Severity::Info].into_iter().enumerate()
    {
        ids.push(scene.send(0, event(json!({ "n": number })).severity(severity)).await);
        let state = async || scene.explain(ids[0]).await.sinks[0].delivery.as_ref().map(|told| told.state);
        super::until(async || state().await == Some(DeliveryState::Leased { attempt: 1 })).await;
    }
    let mut states = Vec::new();
    for id in &ids {
        states.push(scene.explain(id).await.sinks[0].delivery.as_ref().unwrap().state);
    }
    let (shed, waiting) = (DeliveryState::Shed, DeliveryState::Waiting { due: super::at(0) });
    assert_eq!(states, [DeliveryState::Leased { attempt: 1 }, shed, waiting, shed], "the least severe give way");
    assert_says(&scene.explain(ids[1]).await, &["hook: wanted", "22:13:20 shed: there was no room"]);
    assert_says(&scene.explain(DeliveryId::of_event(ids[3], "hook")).await, &["delivery", "shed: there was no room"]);
    assert_eq!(scene.notifier.stop_within(std::time::Duration::ZERO).await.sinks["hook"].shed, 2);
}
