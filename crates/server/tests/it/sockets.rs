//! A real WebSocket client: catching up, acknowledging, dropping, stalling, vanishing.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tidings_core::Channel;
use tidings_push::{Push, PushConfig};
use tidings_server::SocketConfig;
use tidings_testkit::samples;
use tokio_tungstenite::tungstenite::Message;

use super::{ack, append, client, hub, read, serve_push, until};

#[tokio::test]
async fn it_resumes_where_it_dropped() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    append(&hub, 1..=3, 1).await;
    let mut first = client(address, "?since=0").await;
    assert_eq!([read(&mut first).await["seq"].as_u64(), read(&mut first).await["seq"].as_u64()], [Some(1), Some(2)]);
    drop(first);
    append(&hub, 4..=5, 1).await;
    let mut second = client(address, "?since=2").await;
    append(&hub, 6..=6, 1).await;
    for seq in 3..=6_u64 {
        assert_eq!(read(&mut second).await["seq"], seq);
    }
    let mut third = client(address, "?since=99").await;
    assert_eq!(read(&mut third).await, serde_json::json!({"type": "reset", "oldest": 1}));
}

#[tokio::test]
async fn an_acknowledgement_over_the_wire_delivers() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    let push = Push::new(hub.clone(), PushConfig::default()).unwrap();
    let mut client = client(address, "").await;
    let envelope = samples::titled("High error rate");
    let reader = async {
        // What it does not know is ignored.
        client.send(Message::text("{\"type\":\"hello\"}")).await.unwrap();
        let told = read(&mut client).await;
        ack(&mut client, told["seq"].as_u64().unwrap()).await;
        told
    };
    let (receipt, told) = tokio::join!(push.send(&envelope), reader);
    assert_eq!(receipt.unwrap().detail.as_deref(), Some("acknowledged as 1"));
    assert_eq!(
        (&told["title"], &told["delivery_id"]),
        (&"High error rate".into(), &envelope.delivery.to_string().into())
    );
}

#[tokio::test]
async fn bad_frames_end_it_with_a_code() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    let large = Message::text("x".repeat(5_000));
    for (frame, code) in [(large, 1009), (Message::text("nonsense"), 1007), (Message::binary(vec![1]), 1003)] {
        let mut client = client(address, "").await;
        client.send(frame).await.unwrap();
        let Some(Ok(Message::Close(Some(close)))) = client.next().await else { panic!("expected {code}") };
        assert_eq!(u16::from(close.code), code);
    }
    until(|| hub.sessions() == 0).await;
}

#[tokio::test]
async fn who_stops_reading_is_cut_off_and_holds_nobody_up() {
    let hub = hub();
    let sockets = SocketConfig { write_timeout: Duration::from_millis(100), ..SocketConfig::default() };
    let address = serve_push(&hub, sockets).await;
    let mut stalled = client(address, "").await;
    let mut quick = client(address, "").await;
    until(|| hub.sessions() == 2).await;
    let mut number = 0;
    while hub.sessions() == 2 {
        number += 1;
        append(&hub, number..=number, 100_000).await;
        assert_eq!(read(&mut quick).await["seq"], number);
    }
    // What lies in the socket's buffers is whole and in order; the rest is there when it comes back.
    let mut seen = 0;
    while let Some(Ok(Message::Text(text))) = stalled.next().await {
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        seen += 1;
        assert_eq!(told["seq"], seen);
    }
    assert!(seen < number);
    let mut again = client(address, &format!("?since={seen}")).await;
    for seq in seen + 1..=number {
        assert_eq!(read(&mut again).await["seq"], seq);
    }
}

#[tokio::test]
async fn who_vanishes_without_a_word_is_found_out() {
    let hub = hub();
    let sockets = SocketConfig { keepalive: Duration::from_millis(20), ..SocketConfig::default() };
    let address = serve_push(&hub, sockets).await;
    // It is connected and never polled: it answers no ping, as if its machine were gone.
    let _vanished = client(address, "").await;
    until(|| hub.sessions() == 1).await;
    until(|| hub.sessions() == 0).await;
}

#[tokio::test]
async fn a_closed_hub_says_how_to_resume() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    let mut client = client(address, "").await;
    append(&hub, 1..=1, 1).await;
    read(&mut client).await;
    hub.close();
    let Some(Ok(Message::Close(Some(close)))) = client.next().await else { panic!("no close") };
    assert_eq!((u16::from(close.code), close.reason.as_str()), (4001, "shutting_down: resume with since=1"));
}
