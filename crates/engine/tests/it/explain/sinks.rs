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
