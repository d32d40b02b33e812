//! Who may not connect: strangers, used tickets, pages of other origins, names that are not ours.

use tidings_server::SocketConfig;
use tokio_tungstenite::tungstenite::Error;

use super::{KEY, connect, hub, raw, serve_push};

fn status<T>(outcome: Result<T, Error>) -> u16 {
    match outcome {
        Ok(_) => 101,
        Err(Error::Http(answer)) => answer.status().as_u16(),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn an_upgrade_is_guarded_like_every_request() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    let key = format!("Bearer {KEY}");
    let own = format!("http://{address}");
    let check = async |headers: &[(&'static str, &str)], expected| {
        assert_eq!(status(connect(address, "", headers).await), expected, "{headers:?}");
    };
    check(&[("authorization", &key)], 101).await;
    check(&[("authorization", &key), ("origin", &own)], 101).await;
    check(&[("authorization", &key), ("origin", "http://evil.example")], 403).await;
    check(&[("authorization", &key), ("host", "evil.example")], 421).await;
    check(&[], 401).await;
    check(&[("authorization", "Bearer wrong")], 401).await;
    assert_eq!(status(connect(address, "?since=x", &[("authorization", &key)]).await), 400);
}

#[tokio::test]
async fn a_ticket_is_good_once() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    let head = "POST /v1/push/ticket HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0";
    let answer = raw(address, &format!("{head}\r\nAuthorization: Bearer {KEY}\r\n\r\n"), "}").await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let told: serde_json::Value = serde_json::from_str(body).unwrap();
    let query = format!("?ticket={}", told["ticket"].as_str().unwrap());
    assert_eq!(status(connect(address, &query, &[]).await), 101);
    assert_eq!(status(connect(address, &query, &[]).await), 401);
    let refused = raw(address, &format!("{head}\r\n\r\n"), "}").await;
    assert!(refused.starts_with("HTTP/1.1 401") && refused.contains("application/problem+json"), "{refused}");
}

#[tokio::test]
async fn half_a_request_is_not_waited_for() {
    let hub = hub();
    let sockets = SocketConfig { request_timeout: std::time::Duration::from_millis(100), ..SocketConfig::default() };
    let address = serve_push(&hub, sockets).await;
    let head = "POST /v1/push/ack HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9";
    let answer = raw(address, &format!("{head}\r\nAuthorization: Bearer {KEY}\r\n\r\n{{\"s"), "}").await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("application/problem+json"), "{answer}");
}
