//! Events over HTTP in their forms: an answer for each, in their order, and none lost beside a bad one.

use serde_json::{Value, json};

use super::house::{Answer, House, QUIET};

fn event(number: u64) -> Value {
    json!({"event_type": "a", "agent_id": "x", "timestamp": 1, "data": {"number": number}})
}

async fn send(house: &House, kind: &str, body: &str) -> Answer {
    house.ask("POST /v1/events", &[&format!("Content-Type: {kind}")], body).await
}

fn counts(answer: &Answer) -> [u64; 3] {
    let told = answer.json();
    ["accepted", "duplicates", "refused"].map(|name| told[name].as_u64().unwrap_or(99))
}

/// What each item was answered: `new`, `again`, or a status.
fn outcomes(answer: &Answer) -> Vec<String> {
    let told = answer.json();
    let outcome = |result: &Value| match (result["duplicate"].as_bool(), &result["status"]) {
        (Some(true), _) => "again".to_owned(),
        (Some(false), _) => "new".to_owned(),
        (None, status) => status.to_string(),
    };
    told["results"].as_array().unwrap().iter().map(outcome).collect()
}

#[tokio::test]
async fn bad_items_lose_none_of_the_good() {
    let house = House::open(QUIET).await;
    let large = format!("{{\"event_type\":\"a\",\"data\":{{\"x\":\"{}\"}}}}", "x".repeat(256 * 1024));
    let deep = format!("{{\"event_type\":\"a\",\"data\":{{\"x\":{}{}}}}}", "[".repeat(5_000), "]".repeat(5_000));
    let items = [
        &event(1).to_string(),
        "7",
        r#"{"event_type": "a", "sevrity": "info"}"#,
        &large,
        &deep,
        r#"{"event_type": "a", "data": {"k": 1, "k": 2}}"#,
        r#"{"event_type": "a", "data": {"k": "\u0000"}}"#,
        r#"{"event_type": "a", "data": {"k": 1e999}}"#,
        r#"{"event_type": "a", "data": {"k": "cut within an emoji \ud83d"}}"#,
        &event(2).to_string(),
        &event(1).to_string(),
    ];
    let expected = ["new", "400", "400", "413", "400", "400", "400", "400", "400", "new", "new"];
    let answer = send(&house, "application/json", &format!("[{}]", items.join(",\n"))).await;
    assert_eq!((answer.status, outcomes(&answer).as_slice()), (200, expected.map(str::to_owned).as_slice()));
    assert_eq!(counts(&answer), [3, 0, 8]);
    let told = answer.json();
    assert_eq!(told["results"][2]["error"], "unknown key `sevrity`: did you mean `severity`?");
    assert_eq!(told["results"][5]["error"], "the key `k` is given twice at line 6 column 40");
    // The whole batch again is the whole batch again, repeats within it too.
    let again = send(&house, "application/json", &format!("[{}]", items.join(","))).await;
    assert_eq!(counts(&again), [0, 3, 8]);
    // Lines stand for themselves, even one that is no JSON.
    let lines = format!("{}\r\n\n{{\"event_type\"\n{}\n", event(3), event(1));
    let answer = send(&house, "application/x-ndjson", &lines).await;
    assert_eq!(outcomes(&answer), ["new", "400", "again"]);
    assert!(answer.json()["results"][1]["error"].as_str().unwrap().ends_with("at line 3 column 13"), "{answer:?}");
    house.settle().await;
    let account = house.notifier.account().await;
    assert_eq!((account.events.offered, account.events.refused), (25, 17), "{account:?}");
    house.close().await;
}

#[tokio::test]
async fn what_is_taken_can_be_read_again_however_deep_it_is() {
    let house = House::open(QUIET).await;
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let cloud = r#"{"specversion": "1.0", "type": "a", "source": "/a", "id": "1", "data": "#;
    let binary = ["Content-Type: application/json", "ce-specversion: 1.0", "ce-type: b", "ce-source: /b", "ce-id: 1"];
    let of_data = |more: usize| format!("{{\"event_type\": \"c\", \"data\": {{\"k\": {}}}}}", nested(118 + more));
    for (more, expected) in [(0, 200), (1, 400)] {
        let structured = format!("{cloud}{}}}", nested(119 + more));
        assert_eq!(send(&house, "application/cloudevents+json", &structured).await.status, expected);
        assert_eq!(house.ask("POST /v1/events", &binary, &nested(120 + more)).await.status, expected);
        assert_eq!(send(&house, "application/json", &of_data(more)).await.status, expected);
    }
    house.settle().await;
    let told = house.get("/v1/events").await.json();
    let kinds: Vec<_> = told["events"].as_array().unwrap().iter().map(|event| &event["event_type"]).collect();
    assert_eq!(kinds, ["c", "b", "a"]);
    house.close().await;
}

#[tokio::test]
async fn what_cannot_be_read_says_where() {
    let house = House::open(QUIET).await;
    let check = async |body: &str, expected: &str| {
        let answer = send(&house, "application/json", body).await;
        assert_eq!(answer.status, 400, "{body} {answer:?}");
        let told = answer.json();
        assert!(told["detail"].as_str().unwrap().contains(expected), "{body}: {told}");
        assert!(answer.head.contains("application/problem+json"), "{answer:?}");
    };
    check("", "at line 1 column 0").await;
    check("nonsense", "at line 1 column").await;
    check("{\"event_type\": \"a\"", "EOF while parsing an object at line 1 column 18").await;
    check("{\"event_type\": \"a\", \"data\": {\"x\": NaN}}", "column 35").await;
    check("{\"event_type\": \"a\0\"}", "at line 1 column").await;
    check("{\"event_type\": \"a\\u0000\"}", "a text holds NUL").await;
    check("{\"event_type\": \"a\"} {}", "trailing characters").await;
    check("[{\"event_type\": \"a\"},\n{\"event_type\": }]", "at line 2 column 16").await;
    check("[{\"event_type\": \"a\"}", "the array is not closed").await;
    check("[{\"event_type\": \"a\"},]", "a comma without an item").await;
    check(&"[".repeat(100_000), "the array is not closed").await;
    check(&["{\"a\":".repeat(20_000), "1".to_owned(), "}".repeat(20_000)].concat(), "nested deeper").await;
    check("{}", "`event_type` is missing").await;
    // Nothing of a document that is none was taken.
    let events = house.notifier.account().await.events;
    assert_eq!((events.planned, events.waiting), (0, 0), "{events:?}");
    house.close().await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    use tokio::io::AsyncWriteExt;
    let house = House::open(QUIET).await;
    let body = b"{\"event_type\": \"a\xff\"}";
    let head = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close";
    let mut stream = tokio::net::TcpStream::connect(house.address).await.unwrap();
    stream.write_all(format!("{head}\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let answer = super::read_until(&mut stream, "}").await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("not UTF-8 at line 1 column 18"), "{answer}");
    house.close().await;
}

#[tokio::test]
async fn a_page_of_another_site_cannot_choose_the_type() {
    let house = House::open(QUIET).await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let answer = send(&house, kind, &event(1).to_string()).await;
        assert_eq!(answer.status, 415, "{kind}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("application/json"), "{answer:?}");
    }
    assert_eq!(house.ask("POST /v1/events", &[], "{}").await.status, 415);
    let foreign = ["Content-Type: application/json", "Origin: http://evil.example"];
    assert_eq!(house.ask("POST /v1/events", &foreign, "{}").await.status, 403);
    let named = ["Content-Type: application/json", "Host: evil.example"];
    assert_eq!(house.ask("POST /v1/events", &named, "{}").await.status, 421);
    house.close().await;
}

#[tokio::test]
async fn a_key_makes_a_repeat_the_same() {
    let house = House::open(QUIET).await;
    let keyed = async |key: &str, body: Value| {
        let key = format!("Idempotency-Key: {key}");
        house.ask("POST /v1/events", &["Content-Type: application/json", &key], &body.to_string()).await
    };
    let plain = json!({"event_type": "a"});
    assert_eq!(outcomes(&keyed("k1", plain.clone()).await), ["new"]);
    assert_eq!(outcomes(&keyed("\"k1\"", plain.clone()).await), ["again"]);
    assert_eq!(outcomes(&keyed("k2", plain.clone()).await), ["new"]);
    let batch = json!([plain, {}, plain, {"event_type": "a", "id": "own"}]);
    assert_eq!(outcomes(&keyed("k3", batch.clone()).await), ["new", "400", "new", "new"]);
    assert_eq!(outcomes(&keyed("k3", batch.clone()).await), ["again", "400", "again", "again"]);
    assert_eq!(outcomes(&keyed("k4", batch).await), ["new", "400", "new", "again"]);
    for wrong in ["", &"x".repeat(241)] {
        assert_eq!(keyed(wrong, json!({"event_type": "a"})).await.status, 400, "{wrong}");
    }
    house.close().await;
}

#[tokio::test]
async fn an_empty_batch_is_answered() {
    let house = House::open(QUIET).await;
    for (kind, body) in [("application/json", " [ ]"), ("application/x-ndjson", "\n"), ("application/x-ndjson", "")] {
        let answer = send(&house, kind, body).await;
        assert_eq!((answer.status, counts(&answer)), (200, [0, 0, 0]), "{body:?}");
    }
    house.close().await;
}

#[tokio::test]
async fn as_many_as_may_be_are_each_told_what_is_wrong() {
    let house = House::open(QUIET).await;
    let bad = format!("{{\"a\": 1, \"a\": \"{}\"}}", "x".repeat(380));
    let all = vec![bad.as_str(); 10_000];
    for (kind, body, last) in [
        ("application/json", format!("[{}]", all.join(",")), "the key `a` is given twice at line 1 column "),
        ("application/x-ndjson", all.join("\n"), "the key `a` is given twice at line 10000 column 12"),
    ] {
        let answer = send(&house, kind, &body).await;
        assert_eq!((answer.status, counts(&answer)), (200, [0, 0, 10_000]), "{kind}");
        assert!(answer.json()["results"][9_999]["error"].as_str().unwrap().starts_with(last), "{kind}");
    }
    // One more, or as many as a body holds.
    for more in [1, 2_000_000] {
        assert_eq!(send(&house, "application/json", &format!("[0{}]", ",0".repeat(9_999 + more))).await.status, 413);
        assert_eq!(send(&house, "application/x-ndjson", &"0\n".repeat(10_000 + more)).await.status, 413);
    }
    house.close().await;
}
