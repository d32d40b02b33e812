//! Server-sent events over a plain connection: the form, resuming, acknowledging.

use std::time::Duration;

use tidings_core::Channel;
use tidings_push::{Push, PushConfig};
use tidings_server::SocketConfig;
use tidings_testkit::samples;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{KEY, append, hub, raw, read_until, serve_push, until};

fn get(rest: &str) -> String {
    format!("GET /v1/push{rest}\r\nAuthorization: Bearer {KEY}\r\nAccept: text/event-stream\r\n\r\n")
}

#[tokio::test]
async fn the_last_event_id_resumes() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    append(&hub, 1..=4, 1).await;
    let all = raw(address, &get("?since=0 HTTP/1.1\r\nHost: localhost"), "-4\n\n").await;
    assert!(all.contains("event: notification\ndata: {\"type\":\"notification\",\"seq\":1,"), "{all}");
    let second = all.lines().filter_map(|line| line.strip_prefix("id: ")).nth(1).unwrap();
    let last = format!("?since=0 HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: {second}");
    let rest = raw(address, &get(&last), "-4\n\n").await;
    assert_eq!(seqs(&rest), ["3", "4"], "{rest}");
    for wrong in ["x", "-1", "2 3", "18446744073709551616", "1-1"] {
        for place in ["\r\nLast-Event-ID: ", "&since="] {
            let refused = match place {
                "&since=" => format!("?a=1&since={} HTTP/1.1\r\nHost: localhost", wrong.replace(' ', "+")),
                _ => format!(" HTTP/1.1\r\nHost: localhost{place}{wrong}"),
            };
            let answer = raw(address, &get(&refused), "}").await;
            assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("seq"), "{refused}: {answer}");
        }
    }
}

/// The numbers of the notifications in a stream.
fn seqs(stream: &str) -> Vec<&str> {
    let told = stream.lines().filter_map(|line| line.strip_prefix("data: {\"type\":\"notification\",\"seq\":"));
    told.filter_map(|rest| rest.split(',').next()).collect()
}

#[tokio::test]
async fn who_did_not_say_where_is_told_where_that_is() {
    let hub = hub();
    let address = serve_push(&hub, SocketConfig::default()).await;
    append(&hub, 1..=2, 1).await;
    let answer = raw(address, &get(" HTTP/1.1\r\nHost: localhost"), "-2\n\n").await;
    assert!(answer.contains("event: hello\ndata: {\"type\":\"hello\",\"position\":\""), "{answer}");
}

#[tokio::test]
async fn who_stops_reading_is_cut_off_and_finds_the_rest() {
    let hub = hub();
    let sockets = SocketConfig { write_timeout: Duration::from_millis(100), ..SocketConfig::default() };
    let address = serve_push(&hub, sockets).await;
    let mut stalled = TcpStream::connect(address).await.unwrap();
    stalled.write_all(get("?since=0 HTTP/1.1\r\nHost: localhost").as_bytes()).await.unwrap();
    until(|| hub.sessions() == 1).await;
    let mut number = 0;
    // Its connection stays, and yet its session ends.
    while hub.sessions() == 1 {
        number += 1;
        append(&hub, number..=number, 100_000).await;
        tokio::task::yield_now().await;
    }
    let first = read_until(&mut stalled, "\r\n0\r\n\r\n").await;
    let seen: Vec<u64> = seqs(&first).into_iter().map(|seq| seq.parse().unwrap()).collect();
    assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>());
    assert!((seen.len() as u64) < number);
    let rest = get(&format!("?since={} HTTP/1.1\r\nHost: localhost", seen.len()));
    let rest = raw(address, &rest, &format!("-{number}\n\n")).await;
    let seen: Vec<u64> = seqs(&rest).into_iter().map(|seq| seq.parse().unwrap()).collect();
    assert_eq!(seen.last(), Some(&number));
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
        read_until(&mut stream, "-1\n\n").await;
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
