//! Requests that are too large, never complete, or are cut so that a proxy could read them another way.

use std::time::Duration;

use tidings_server::ConnectionConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use super::{
    house::{House, QUIET},
    raw, read_until,
};

const HEAD: &str = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const EVENT: &str = "{\"event_type\":\"a\"}";

async fn impatient() -> House {
    House::open_with(QUIET, ConnectionConfig { patience: Duration::from_millis(200), ..ConnectionConfig::default() })
        .await
}

#[tokio::test]
async fn a_large_body_is_refused_before_it_is_read() {
    let house = House::open(QUIET).await;
    let announced = format!("{HEAD}Content-Length: 67108864\r\n\r\n");
    let answer = raw(house.address, &announced, "}").await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("at most 4 MiB"), "{answer}");
    let waiting = format!("{HEAD}Expect: 100-continue\r\nContent-Length: 67108864\r\n\r\n");
    assert!(raw(house.address, &waiting, "}").await.starts_with("HTTP/1.1 413"));
    house.close().await;
}

#[tokio::test]
async fn who_sends_64_mib_all_the_same_hears_why_it_is_refused() {
    let house = House::open(QUIET).await;
    for chunked in [false, true] {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        let length = if chunked { "Transfer-Encoding: chunked" } else { "Content-Length: 67108864" };
        stream.write_all(format!("{HEAD}{length}\r\n\r\n").as_bytes()).await.unwrap();
        let chunk = vec![b' '; 65_536];
        for _ in 0..1_024 {
            if chunked {
                stream.write_all(b"10000\r\n").await.unwrap();
            }
            stream.write_all(&chunk).await.unwrap();
            if chunked {
                stream.write_all(b"\r\n").await.unwrap();
            }
        }
        let answer = read_until(&mut stream, "}").await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    }
    house.close().await;
}

#[tokio::test]
async fn half_of_a_request_is_not_waited_for() {
    let house = impatient().await;
    for half in ["POST /v1/ev", &format!("{HEAD}Content-Le"), &format!("{HEAD}Content-Length: 20\r\n\r\n{{\"ev")] {
        let answer = raw(house.address, half, "}").await;
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("application/problem+json"), "{half}: {answer}");
    }
    let chunked = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n{{\"ev");
    assert!(raw(house.address, &chunked, "}").await.starts_with("HTTP/1.1 408"));
    // Who says nothing is left without a word, at first and after an answer.
    assert_eq!(raw(house.address, "", "}").await, "");
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let answer = read_until(&mut stream, "\u{0}").await;
    assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("408"), "{answer}");
    house.close().await;
}

#[tokio::test]
async fn five_hundred_halves_hold_nobody_up() {
    let house = impatient().await;
    let mut halves = JoinSet::new();
    for number in 0..500 {
        let head = if number % 2 == 0 { HEAD.to_owned() } else { format!("{HEAD}Content-Length: 9\r\n\r\n{{") };
        let address = house.address;
        halves.spawn(async move { raw(address, &head, "}").await });
    }
    let answer = house.ask("POST /v1/events", &["Content-Type: application/json"], EVENT).await;
    assert_eq!(answer.status, 200);
    while let Some(answer) = halves.join_next().await {
        let answer = answer.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408") || answer.is_empty(), "{answer}");
    }
    house.close().await;
}

#[tokio::test]
async fn who_does_not_read_the_answers_is_left() {
    let house = impatient().await;
    let lines = "{}\n".repeat(9_000);
    let head = HEAD.replace("application/json", "application/x-ndjson");
    let request = format!("{head}Content-Length: {}\r\n\r\n{lines}", lines.len());
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    while stream.write_all(request.as_bytes()).await.is_ok() {}
    assert_eq!(house.get("/healthz").await.status, 200);
    house.close().await;
}

#[tokio::test]
async fn more_connections_than_may_be_wait() {
    let config = ConnectionConfig { most: 2, patience: Duration::from_millis(200) };
    let house = House::open_with(QUIET, config).await;
    let held = [TcpStream::connect(house.address).await.unwrap(), TcpStream::connect(house.address).await.unwrap()];
    assert_eq!(house.get("/healthz").await.status, 200);
    drop(held);
    house.close().await;
}

#[tokio::test]
async fn requests_behind_one_another_are_answered_in_order() {
    let house = House::open(QUIET).await;
    let one = format!("{HEAD}Content-Length: {}\r\n\r\n{EVENT}", EVENT.len());
    let last = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = raw(house.address, &[one.as_str(), &one, last].concat(), "\u{0}").await;
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 3, "{answer}");
    assert!(answer.trim_end().ends_with("{\"status\":\"ok\"}"), "{answer}");
    house.close().await;
}

#[tokio::test]
async fn nothing_is_smuggled_behind_a_body() {
    let house = House::open(QUIET).await;
    let hidden = format!(
        "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{EVENT}",
        EVENT.len()
    );
    let chunk = format!("{:x}\r\n{EVENT}\r\n0\r\n\r\n", EVENT.len());
    for lengths in
        ["Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4"]
    {
        let answer = raw(house.address, &format!("{HEAD}{lengths}\r\n\r\n{chunk}{hidden}"), "\u{0}").await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lengths}: {answer}");
    }
    let refused = [
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked, identity",
        "Content-Length: 4\r\nContent-Length: 5",
        "Content-Length: -1",
        "Content-Length: +4",
        "Content-Length : 4",
    ];
    for lengths in refused {
        let answer = raw(house.address, &format!("{HEAD}{lengths}\r\n\r\n{chunk}"), "\u{0}").await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{lengths}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lengths}: {answer}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_head_has_bounds() {
    let house = House::open(QUIET).await;
    let many: String = (0..200).map(|number| format!("X-{number}: 1\r\n")).collect();
    let long = format!("X: {}\r\n", "x".repeat(100_000));
    for more in [many, long] {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        stream.write_all(format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{more}\r\n").as_bytes()).await.ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok();
        assert!(answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
    }
    house.close().await;
}
