//! The stream of what happens, and what there is to see at a glance.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{house::House, read::with_keys};

const RULES: &str = "
triggers:
  - {name: tool error, condition: 'event_type == \"tool.error\"', channels: [inbox], cooldown_seconds: 0s, user_ids: [ann]}
users: {ann: {}}
";

/// A stream that is read frame by frame.
struct Stream {
    socket: TcpStream,
    read: String,
}

/// One frame: what it is, its id, its data.
#[derive(Debug)]
struct Frame {
    kind: String,
    id: String,
    data: Value,
}

impl Stream {
    async fn open(house: &House, query: &str, headers: &str) -> Self {
        let mut socket = TcpStream::connect(house.address).await.unwrap();
        let request = format!("GET /v1/live{query} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        Self { socket, read: String::new() }
    }

    /// The next frame; `None` when the stream ends.
    async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, rest)) = self.read.split_once("\n\n") {
                let frame = frame.to_owned();
                self.read = rest.to_owned();
                let field = |name: &str| {
                    let line = frame.lines().find_map(|line| line.split_once(&format!("{name}: ")))?;
                    Some(line.1.to_owned())
                };
                let Some(kind) = field("event") else { continue };
                let data = serde_json::from_str(&field("data")?).unwrap();
                return Some(Frame { kind, id: field("id")?, data });
            }
            let mut chunk = [0; 4096];
            let count = tokio::time::timeout(Duration::from_secs(30), self.socket.read(&mut chunk)).await.unwrap();
            match count.unwrap_or(0) {
                0 => return None,
                count => self.read.push_str(&String::from_utf8_lossy(&chunk[..count])),
            }
        }
    }

    /// The next frame of this kind.
    async fn wait(&mut self, kind: &str) -> Frame {
        loop {
            let frame = self.next().await.unwrap();
            if frame.kind == kind {
                return frame;
            }
        }
    }
}

async fn emit(house: &House, agent: &str) {
    let event = json!({"event_type": "tool.error", "agent_id": agent, "data": {"token": "hunter2"}});
    assert_eq!(house.post("/v1/events", &event).await.status, 200);
}

#[tokio::test]
async fn what_happens_is_told_as_it_happens_and_once() {
    let house = House::open(RULES).await;
    let mut stream = Stream::open(&house, "", "").await;
    stream.wait("hello").await;
    emit(&house, "billing").await;
    let event = stream.wait("event").await;
    assert_eq!((&event.data["agent"], event.data.get("data")), (&json!("billing"), None));
    let mut steps = Vec::new();
    let mut last = String::new();
    while steps.last().is_none_or(|step| step != "complete") {
        let entry = stream.wait("entry").await;
        steps.push(entry.data["step"].as_str().unwrap().to_owned());
        last = entry.id;
    }
    assert_eq!(steps, ["fired", "planned", "delivered", "complete"]);
    drop(stream);
    emit(&house, "shipping").await;
    house.settle().await;
    let mut again = Stream::open(&house, "", &format!("Last-Event-ID: {last}\r\n")).await;
    assert_eq!(again.wait("event").await.data["agent"], "shipping");
    assert_eq!(again.wait("entry").await.data["agent"], "shipping");
    assert_eq!(house.ask("GET /v1/live", &["Last-Event-ID: x"], "").await.status, 400);
    house.app.begin_stop();
    while again.next().await.is_some() {}
    house.close().await;
}

#[tokio::test]
async fn a_ticket_listens_once() {
    let house = House::open(RULES).await;
    let ticket = house.post("/v1/push/ticket", &json!({"live": true})).await.json();
    let ticket = ticket["ticket"].as_str().unwrap().to_owned();
    Stream::open(&house, &format!("?ticket={ticket}"), "").await.wait("hello").await;
    assert_eq!(house.get(&format!("/v1/live?ticket={ticket}")).await.status, 401);
    house.close().await;
}

#[tokio::test]
async fn whoever_comes_back_is_told_where_it_begins_before_what_was_missed() {
    let house = House::open(RULES).await;
    emit(&house, "billing").await;
    house.settle().await;
    let mut stream = Stream::open(&house, "", "Last-Event-ID: 0.0\r\n").await;
    let hello = stream.next().await.unwrap();
    assert_eq!((hello.kind.as_str(), hello.id.as_str()), ("hello", "0.0"), "cut off here, nothing is lost");
    assert_eq!(stream.next().await.unwrap().id, "0.1");
    assert_eq!(stream.wait("entry").await.data["step"], "fired");
    house.app.begin_stop();
    house.close().await;
}

#[tokio::test]
async fn a_place_of_another_store_begins_anew_and_one_that_is_none_is_refused() {
    let house = House::open(RULES).await;
    emit(&house, "billing").await;
    house.settle().await;
    for place in ["99999.1", "1.99999", "18446744073709551615.18446744073709551615"] {
        let mut stream = Stream::open(&house, "", &format!("Last-Event-ID: {place}\r\n")).await;
        let reset = stream.wait("reset").await;
        assert_eq!(reset.id, "4.1", "{place}");
        assert!(reset.data["missed"].as_str().unwrap().contains("another store"), "{reset:?}");
    }
    for junk in ["", "1", "1.", ".1", "-1.1", "1.1.1", "99999999999999999999.1", "\u{e9}.1"] {
        let answer = house.ask("GET /v1/live", &[&format!("Last-Event-ID: {junk}")], "").await;
        assert_eq!(answer.status, 400, "{junk}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_key_hears_of_its_own_until_it_is_gone() {
    let house = House::open(&with_keys(RULES)).await;
    let send = async |agent: &str| {
        let event = json!({"event_type": "tool.error", "agent_id": agent, "user_id": "bob"}).to_string();
        let headers = ["Authorization: Bearer ops-key", "Content-Type: application/json"];
        assert_eq!(house.ask("POST /v1/events", &headers, &event).await.status, 200);
        house.settle().await;
    };
    let ask = |key: &str| format!("Authorization: Bearer {key}\r\nLast-Event-ID: 0.0\r\n");
    send("bill-1").await;
    send("other").await;
    let mut biller = Stream::open(&house, "", &ask("agents-key")).await;
    let mut bob = Stream::open(&house, "", &ask("bobs-key")).await;
    for stream in [&mut biller, &mut bob] {
        assert_eq!(stream.wait("event").await.data["agent"], "bill-1");
    }
    assert_eq!(bob.wait("event").await.data["agent"], "other", "it is about him; what Ann was told is not");
    for _ in 0..4 {
        let entry = biller.next().await.unwrap();
        assert_eq!((entry.kind.as_str(), &entry.data["agent"]), ("entry", &json!("bill-1")));
    }
    assert_eq!(house.get("/v1/live").await.status, 401);
    let without = house.yaml.lock().unwrap().replace("name: biller", "name: other");
    *house.yaml.lock().unwrap() = without;
    assert_eq!(house.ask("POST /v1/reload", &["Authorization: Bearer ops-key"], "").await.status, 200);
    send("bill-2").await;
    assert!(biller.next().await.is_none(), "its key has gone");
    assert_eq!(bob.wait("event").await.data["agent"], "bill-2");
    house.app.begin_stop();
    assert!(bob.next().await.is_none());
    house.close().await;
}

#[tokio::test]
async fn so_many_may_listen_and_no_more() {
    let house = House::open(RULES).await;
    let mut streams = Vec::new();
    for _ in 0..64 {
        let mut stream = Stream::open(&house, "", "").await;
        stream.wait("hello").await;
        streams.push(stream);
    }
    assert_eq!(house.get("/v1/live").await.status, 429);
    house.app.begin_stop();
    for stream in &mut streams {
        while stream.next().await.is_some() {}
    }
    house.close().await;
}

#[tokio::test]
async fn agents_leave_places_for_operators() {
    let house = House::open(&with_keys(RULES)).await;
    let mut streams = Vec::new();
    for _ in 0..32 {
        let mut stream = Stream::open(&house, "", "Authorization: Bearer agents-key\r\n").await;
        stream.wait("hello").await;
        streams.push(stream);
    }
    assert_eq!(house.ask("GET /v1/live", &["Authorization: Bearer agents-key"], "").await.status, 429);
    Stream::open(&house, "", "Authorization: Bearer ops-key\r\n").await.wait("hello").await;
    house.app.begin_stop();
    house.close().await;
}

#[tokio::test]
async fn a_glance_tells_the_hour_the_channels_and_the_agents() {
    let house = House::open(RULES).await;
    for agent in ["billing", "billing", "shipping"] {
        emit(&house, agent).await;
        house.settle().await;
    }
    let now = loop {
        let now = house.get("/v1/now").await.json();
        if now["last_hour"]["delivered"] == 2 {
            break now;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((&now["last_hour"]["events"], &now["last_hour"]["suppressed"]), (&json!(3), &json!(1)));
    assert_eq!(now["account"]["events"]["planned"], 3);
    assert_eq!((&now["durable"], &now["stopping"], &now["needs"]), (&json!(true), &json!(false), &json!([])));
    let channel = &now["channels"][0];
    assert_eq!(
        (&channel["name"], &channel["type"], &channel["health"]),
        (&json!("inbox"), &json!("inbox"), &json!("good"))
    );
    let agents: Vec<_> =
        now["agents"].as_array().unwrap().iter().map(|agent| (&agent["agent"], &agent["events"])).collect();
    assert_eq!(agents, [(&json!("billing"), &json!(2)), (&json!("shipping"), &json!(1))]);
    assert_eq!(now["agents"][0]["per_minute"].as_array().unwrap().len(), 60);
    house.close().await;
}
