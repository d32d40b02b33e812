//! Server-sent events over a plain connection: the form, resuming, acknowledging.

use tidings_core::Channel;
use tidings_push::{Push, PushConfig};
use tidings_server::SocketConfig;
use tidings_testkit::samples;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{KEY, append, hub, raw, read_until, serve_push};

fn get(rest: &str) -> String {
    format!("GET /v1/push{rest}\r\nAuthorization: Bearer {KEY}\r\nAccept: text/event-stream\r\n\r\n")
}

#[tokio::test]
async fn the_last_event_id_resumes() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    append(&hub, 1..=4, 1).await;
    let all = raw(address, &get("?since=0 HTTP/1.1\r\nHost: localhost"), "id: 4").await;
    assert!(all.contains("id: 1\nevent: notification\ndata: {\"type\":\"notification\",\"seq\":1,"), "{all}");
    let rest = raw(address, &get("?since=0 HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 2"), "id: 4").await;
    assert!(!rest.contains("id: 2") && rest.contains("id: 3") && rest.contains("id: 4"), "{rest}");
    let wrong = raw(address, &get(" HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: x"), "}").await;
    assert!(wrong.starts_with("HTTP/1.1 400"), "{wrong}");
}

#[tokio::test]
async fn an_acknowledgement_has_a_route_of_its_own() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(get(" HTTP/1.1\r\nHost: localhost").as_bytes()).await.unwrap();
    read_until(&mut stream, "\r\n\r\n").await;
    let push = Push::new(hub.clone(), PushConfig::default()).unwrap();
    let envelope = samples::titled("a");
    let reader = async {
        read_until(&mut stream, "id: 1\n").await;
        let body = "{\"seq\":1}";
        let head = format!(
            "POST /v1/push/ack HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\nConnection: close"
        );
        let kind = format!("Content-Type: application/json\r\nContent-Length: {}", body.len());
        raw(address, &format!("{head}\r\n{kind}\r\n\r\n{body}"), "\r\n\r\n").await
    };
    let (receipt, answer) = tokio::join!(push.send(&envelope), reader);
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    assert!(receipt.is_ok());
}
