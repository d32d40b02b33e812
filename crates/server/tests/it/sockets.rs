//! A real WebSocket client: catching up, acknowledging, dropping, stalling, vanishing.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tidings_core::Channel;
use tidings_push::{Push, PushConfig};
use tidings_server::SocketConfig;
use tidings_testkit::samples;
use tokio_tungstenite::tungstenite::Message;

use super::{Client, ack, append, client, hub, read, serve_push, until};

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
    let told = read(&mut third).await;
    assert_eq!((&told["type"], &told["oldest"]), (&"reset".into(), &1.into()));
}

#[tokio::test]
async fn an_acknowledgement_over_the_wire_delivers() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    let push = Push::new(hub.clone(), PushConfig::default()).unwrap();
    let mut client = client(address, "?since=0").await;
    let envelope = samples::titled("High error rate");
    let reader = async {
        // What it does not know is ignored.
        for unknown in ["{\"type\":\"later\",\"seq\":\"x\"}", "{\"a\":1}", "[]", "7", "null"] {
            client.send(Message::text(unknown)).await.unwrap();
        }
        // A number that was never given acknowledges nothing.
        ack(&mut client, u64::MAX).await;
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
    let text = |text: &str| (Message::text(text), 1007);
    let acks = ["-1", "1.5", "\"1\"", "18446744073709551616", "null"];
    let acks = acks.map(|seq| text(&format!("{{\"type\":\"ack\",\"seq\":{seq}}}")));
    let deep = text(&"[".repeat(4_000));
    let others = [(large, 1009), (Message::binary(vec![1]), 1003), text("nonsense"), text(""), deep];
    for (frame, code) in others.into_iter().chain(acks) {
        let mut client = client(address, "?since=0").await;
        client.send(frame).await.unwrap();
        assert_eq!(farewell(&mut client).await.0, code);
    }
    until(|| hub.sessions() == 0).await;
}

#[tokio::test]
async fn who_stops_reading_is_cut_off_and_holds_nobody_up() {
    let hub = hub();
    let sockets = SocketConfig { write_timeout: Duration::from_millis(100), ..SocketConfig::default() };
    let address = serve_push(&hub, sockets).await;
    let mut stalled = client(address, "?since=0").await;
    let mut quick = client(address, "?since=0").await;
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
    let _vanished = client(address, "?since=0").await;
    until(|| hub.sessions() == 1).await;
    until(|| hub.sessions() == 0).await;
}

#[tokio::test]
async fn a_closed_hub_says_how_to_resume() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    let mut client = client(address, "?since=0").await;
    append(&hub, 1..=1, 1).await;
    let position = read(&mut client).await["position"].as_str().unwrap().to_owned();
    hub.close();
    assert_eq!(farewell(&mut client).await, (4001, format!("shutting_down: resume with since={position}")));
}

/// The code and the reason of the close frame; what comes before it is passed over.
async fn farewell(client: &mut Client) -> (u16, String) {
    loop {
        match client.next().await {
            Some(Ok(Message::Close(Some(close)))) => return (close.code.into(), close.reason.as_str().to_owned()),
            Some(Ok(_)) => {}
            last => panic!("no goodbye but {last:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_while_a_message_is_sent_still_says_goodbye() {
    for _ in 0..20 {
        let hub = hub();
        let address = serve_push(&hub, SocketConfig::default()).await;
        let mut client = client(address, "?since=0").await;
        append(&hub, 1..=60, 1_000).await;
        hub.close();
        assert_eq!(farewell(&mut client).await.0, 4001);
    }
}

#[tokio::test]
async fn who_did_not_say_where_is_told_where_that_is() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    append(&hub, 1..=2, 1).await;
    let mut first = client(address, "").await;
    let hello = read(&mut first).await;
    assert_eq!(hello["type"], "hello");
    drop(first);
    append(&hub, 3..=3, 1).await;
    let mut second = client(address, &format!("?since={}", hello["position"].as_str().unwrap())).await;
    assert_eq!(read(&mut second).await["seq"], 3);
}

#[tokio::test]
async fn numbers_of_before_a_restart_are_not_taken_for_those_of_now() {
    let before = hub();
    let address = serve_push(&before, SocketConfig::default()).await;
    append(&before, 1..=2, 1).await;
    let mut first = client(address, "?since=1").await;
    let position = read(&mut first).await["position"].as_str().unwrap().to_owned();
    // The process begins anew, its memory too, and is soon further than the client was.
    let now = hub();
    let address = serve_push(&now, SocketConfig::default()).await;
    append(&now, 11..=13, 1).await;
    let mut second = client(address, &format!("?since={position}")).await;
    let told = read(&mut second).await;
    assert_eq!((&told["type"], &told["oldest"]), (&"reset".into(), &1.into()));
    for seq in 1..=3_u64 {
        assert_eq!(read(&mut second).await["seq"], seq);
    }
    // Who was told of the gap goes on from there.
    let mut third = client(address, &format!("?since={}", told["position"].as_str().unwrap())).await;
    assert_eq!(read(&mut third).await["seq"], 1);
}
