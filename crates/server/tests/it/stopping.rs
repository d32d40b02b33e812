//! The end of a daemon: nothing comes in any more, what was asked is answered, sockets learn where to resume, and nobody holds it up.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{house::House, read_until};

const EVENT: &str = "{\"event_type\":\"a\"}";
const HEAD: &str = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
/// Long enough for any machine; a test that waits so long hangs.
const PATIENCE: Duration = Duration::from_secs(60);

fn yaml(limit: &str) -> String {
    format!(
        "users: {{me: {{}}}}
events: {{shutdown_timeout: {limit}}}
triggers: [{{name: a, condition: 'event_type == \"a\"', channels: [inbox]}}]
"
    )
}

#[tokio::test]
async fn nothing_comes_in_any_more() {
    let house = House::open(&yaml("10s")).await;
    // It holds the door open: half a request is there.
    let mut half = TcpStream::connect(house.address).await.unwrap();
    half.write_all(format!("{HEAD}Content-Length: {}\r\n\r\n{{", EVENT.len()).as_bytes()).await.unwrap();
    let mut idle = TcpStream::connect(house.address).await.unwrap();
    idle.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert!(read_until(&mut idle, "}").await.starts_with("HTTP/1.1 200"));
    house.app.begin_stop();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "an idle connection closes");
    for path in ["/v1/events", "/v1/notifications"] {
        let answer = house.ask(&format!("POST {path}"), &["Content-Type: application/json"], EVENT).await;
        let head = answer.head.to_lowercase();
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(head.contains("retry-after: ") && head.contains("application/problem+json"), "{answer:?}");
    }
    assert_eq!(house.get("/readyz").await.status, 503);
    assert_eq!(house.get("/healthz").await.status, 200);
    // Who had begun to ask is answered.
    half.write_all(&EVENT.as_bytes()[1..]).await.unwrap();
    let answer = read_until(&mut half, "}").await;
    assert!(answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 503"), "{answer}");
    timeout(PATIENCE, house.close()).await.unwrap();
}

#[tokio::test]
async fn a_client_that_hangs_holds_nobody_up() {
    let house = House::open(&yaml("100ms")).await;
    let mut half = TcpStream::connect(house.address).await.unwrap();
    half.write_all(format!("{HEAD}Content-Length: 20\r\n\r\n{{").as_bytes()).await.unwrap();
    let begun = TcpStream::connect(house.address).await.unwrap();
    timeout(Duration::from_secs(8), house.close()).await.unwrap();
    drop((half, begun));
}

#[tokio::test]
async fn a_socket_learns_where_to_resume() {
    let house = House::open(&yaml("10s")).await;
    assert_eq!(house.ask("POST /v1/events", &["Content-Type: application/json"], EVENT).await.status, 200);
    house.settle().await;
    let request = format!("ws://{}/v1/push?since=0&user=me", house.address).into_client_request().unwrap();
    let stream = TcpStream::connect(house.address).await.unwrap();
    let (mut client, _) = client_async(request, stream).await.unwrap();
    assert_eq!(super::read(&mut client).await["seq"], 1);
    // It closes its side too, once it has heard.
    let follow = async move {
        loop {
            match client.next().await {
                Some(Ok(Message::Close(Some(close)))) => return close,
                Some(Ok(_)) => {}
                last => panic!("no goodbye but {last:?}"),
            }
        }
    };
    let (close, ()) = timeout(PATIENCE, async { tokio::join!(follow, house.close()) }).await.unwrap();
    assert_eq!(u16::from(close.code), 4001);
    assert!(close.reason.as_str().contains("resume with since="), "{close:?}");
}

#[tokio::test]
async fn what_was_answered_is_there_and_nothing_else() {
    let house = House::open(&yaml("10s")).await;
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..4 {
        let address = house.address;
        senders.spawn(async move {
            let mut taken = 0_u64;
            for number in 0..10_000 {
                let event = format!("{{\"event_type\":\"a\",\"id\":\"{sender}-{number}\"}}");
                let Ok(mut stream) = TcpStream::connect(address).await else { return taken };
                let head = format!("{HEAD}Content-Length: {}\r\nConnection: close\r\n\r\n{event}", event.len());
                if stream.write_all(head.as_bytes()).await.is_err() {
                    return taken;
                }
                let answer = read_until(&mut stream, "\u{0}").await;
                match answer.split(' ').nth(1) {
                    Some("200") => taken += 1,
                    Some("503") | None => return taken,
                    _ => panic!("{answer}"),
                }
            }
            taken
        });
    }
    while house.notifier.account().await.events.planned < 200 {
        tokio::task::yield_now().await;
    }
    let notifier = house.notifier.clone();
    timeout(PATIENCE, house.close()).await.unwrap();
    let mut taken = 0;
    while let Some(count) = senders.join_next().await {
        taken += count.unwrap();
    }
    let events = notifier.account().await.events;
    assert!(taken > 0 && events.planned + events.waiting >= taken, "{taken} {events:?}");
    assert_eq!(events.offered, events.planned + events.waiting, "{events:?}");
}
