//! Links in mails: a page, a press, what it changed; and all that changes nothing.

use serde_json::{Value, json};

use super::house::{Answer, House};

/// A daemon whose mails lie in a folder, and the path of the link in the first of them.
async fn with_link(folder: &std::path::Path) -> (House, String) {
    with_link_of(folder, "topic: '<b>tools', ").await
}

/// The same with these keys of the rule.
async fn with_link_of(folder: &std::path::Path, keys: &str) -> (House, String) {
    let yaml = format!(
        "
server: {{public_url: 'https://alerts.example.com/'}}
channels: {{post: {{type: email, folder: '{}', from: 'a@example.com'}}}}
triggers:
  - {{name: tool error, {keys}condition: 'event_type == \"tool.error\"', channels: [post], cooldown_seconds: 0}}
users: {{ann: {{email: ann@example.com}}, bob: {{}}}}
",
        folder.display()
    );
    let house = House::open(&yaml).await;
    // Once it answers, mails have links.
    assert_eq!(house.get("/healthz").await.status, 200);
    house.post("/v1/events", &json!({"event_type": "tool.error", "agent_id": "a"})).await;
    house.settle().await;
    let mail =
        std::fs::read_dir(folder).unwrap().find_map(|file| std::fs::read_to_string(file.ok()?.path()).ok()).unwrap();
    let (_, link) =
        mail.split_once("List-Unsubscribe: <https://alerts.example.com").unwrap_or_else(|| panic!("{mail}"));
    assert!(mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{mail}");
    let path = link.split('>').next().unwrap().to_owned();
    (house, path)
}

async fn wishes(house: &House) -> Value {
    house.get("/v1/users/ann/preferences").await.json()["preferences"].clone()
}

async fn press(house: &House, path: &str) -> Answer {
    let form = "Content-Type: application/x-www-form-urlencoded";
    // A mail program has any origin, or none; the name that it calls is checked all the same.
    let headers = [form, "Host: alerts.example.com", "Origin: https://mail.example.org"];
    house.ask(&format!("POST {path}"), &headers, "List-Unsubscribe=One-Click").await
}

#[tokio::test]
async fn only_a_press_acts_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let (house, path) = with_link(folder.path()).await;
    let page = house.get(&path).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(
        page.head.contains("content-security-policy: default-src 'none'") && page.head.contains("no-store"),
        "{page:?}"
    );
    assert!(
        page.body.contains("&lt;b&gt;tools") && !page.body.contains("<b>tools") && !page.body.contains("<script"),
        "{page:?}"
    );
    assert_eq!(wishes(&house).await, Value::Null, "to look changes nothing");

    let snooze = page.body.split("<a href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let snoozed = press(&house, &format!("/u/{snooze}")).await;
    assert_eq!(snoozed.status, 200, "{snoozed:?}");
    assert!(wishes(&house).await["default"]["snooze_until"].is_number());

    let done = press(&house, &path).await;
    assert!(done.status == 200 && done.body.contains("switch the topic"), "{done:?}");
    assert_eq!(wishes(&house).await["default"]["topics"]["<b>tools"], false);
    // Whoever subscribes again is not undone by the same link.
    house.put("/v1/users/ann/preferences", &[], &json!({})).await;
    let again = press(&house, &path).await;
    assert!(again.status == 410 && again.body.contains("Nothing was changed"), "{again:?}");
    assert_eq!(house.get(&path).await.status, 410);
    assert_eq!(wishes(&house).await, Value::Null);
    house.close().await;
}

#[tokio::test]
async fn what_is_forged_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (house, path) = with_link(folder.path()).await;
    let end = &path[path.len() - 4..];
    let other = if end == "AAAA" { "BBBB" } else { "AAAA" };
    for wrong in
        [format!("{}{other}", &path[..path.len() - 4]), "/u/x".to_owned(), format!("{path}x"), "/u/%00".to_owned()]
    {
        let answer = press(&house, &wrong).await;
        assert!(answer.status == 404 && answer.body.contains("Nothing was changed"), "{wrong}: {answer:?}");
    }
    // Under a name that is not ours nothing is answered.
    assert_eq!(house.ask(&format!("POST {path}"), &["Host: evil.example"], "").await.status, 421);
    assert_eq!(wishes(&house).await, Value::Null);
    house.close().await;
}

#[tokio::test]
async fn what_only_looks_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (house, path) = with_link(folder.path()).await;
    let prefetch = ["Sec-Purpose: prefetch", "Purpose: prefetch"];
    for (line, headers, expected) in [
        (format!("HEAD {path}"), &[][..], 200),
        (format!("GET {path}"), &prefetch[..], 200),
        (format!("GET {path}?next=https://evil.example/"), &[][..], 200),
        (format!("OPTIONS {path}"), &[][..], 405),
        (format!("PUT {path}"), &[][..], 405),
        (format!("DELETE {path}"), &[][..], 405),
    ] {
        let answer = house.ask(&line, headers, "").await;
        assert_eq!(answer.status, expected, "{line}: {answer:?}");
        assert!(!answer.head.contains("location:") && !answer.body.contains("evil.example"), "{line}: {answer:?}");
    }
    assert_eq!(wishes(&house).await, Value::Null);
    for length in 0..path.len() - 3 {
        let cut = house.ask(&format!("POST /u/{}", &path[3..3 + length]), &[], "").await;
        assert_eq!(cut.status, 404, "{length}: {cut:?}");
    }
    assert_eq!(wishes(&house).await, Value::Null);
    house.close().await;
}

#[tokio::test]
async fn a_press_holds_from_the_next_message_on() {
    let folder = tempfile::tempdir().unwrap();
    // A rule without a topic is known by its name.
    let (house, path) = with_link_of(folder.path(), "").await;
    let presses = futures_util::future::join_all((0..20).map(|_| press(&house, &path))).await;
    assert!(presses.iter().any(|press| press.status == 200), "{presses:?}");
    assert!(presses.iter().all(|press| [200, 410].contains(&press.status)), "{presses:?}");
    assert_eq!(wishes(&house).await["default"]["topics"], json!({"tool error": false}));
    house.post("/v1/events", &json!({"event_type": "tool.error", "agent_id": "b"})).await;
    house.settle().await;
    assert_eq!(house.notifier.account().await.notifications.denied, 1);
    house.close().await;
}

#[tokio::test]
async fn what_became_mandatory_is_not_said_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let (house, path) = with_link_of(folder.path(), "").await;
    let now_mandatory = house.yaml.lock().unwrap().replace("name: tool error,", "name: tool error, mandatory: true,");
    *house.yaml.lock().unwrap() = now_mandatory;
    assert_eq!(house.post("/v1/reload", &json!({})).await.status, 200);
    let done = press(&house, &path).await;
    assert!(done.status == 200 && done.body.contains("mandatory comes all the same"), "{done:?}");
    std::fs::read_dir(folder.path()).unwrap().for_each(|file| std::fs::remove_file(file.unwrap().path()).unwrap());
    house.post("/v1/events", &json!({"event_type": "tool.error", "agent_id": "b"})).await;
    house.settle().await;
    let mail = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap();
    let mail = std::fs::read_to_string(mail.path()).unwrap();
    assert!(!mail.contains("List-Unsubscribe"), "what is mandatory has no link: {mail}");
    house.close().await;
}

#[tokio::test]
async fn a_link_for_somebody_who_was_removed_brings_nobody_back() {
    let folder = tempfile::tempdir().unwrap();
    let (house, path) = with_link(folder.path()).await;
    assert_eq!(house.ask("DELETE /v1/users/ann", &[], "").await.status, 204);
    for answer in [house.get(&path).await, press(&house, &path).await] {
        assert!(answer.status == 410 && answer.body.contains("Nothing was changed"), "{answer:?}");
        assert!(!answer.body.contains("ann"), "{answer:?}");
    }
    assert_eq!(house.get("/v1/users/ann").await.status, 404);
    house.close().await;
}
