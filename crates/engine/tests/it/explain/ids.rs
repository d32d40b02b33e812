//! What can be asked about: our ids, and those that events bring themselves.

use serde_json::json;
use tidings_engine::{Rule, explain::Subject};

use super::{KINDS, Scene, assert_says, at, event};

#[tokio::test]
async fn an_event_is_found_by_its_own_id_with_or_without_its_source() {
    for kind in KINDS {
        let scene = Scene::open(kind, |builder| builder.rule(Rule::new("r", "true").unwrap())).await;
        let plain = scene.send(0, event(json!({})).id("job 7")).await;
        let mut sourced = event(json!({})).id("a#8");
        sourced.source = Some("ci#main".to_owned());
        let sourced = scene.send(1, sourced).await;
        let hex = scene.send(2, event(json!({})).id("0123456789abcdef0123456789abcdef")).await;
        for (asked, id) in [
            ("job 7".to_owned(), plain),
            (plain.to_string(), plain),
            ("ci#main#a#8".to_owned(), sourced),
            ("0123456789abcdef0123456789abcdef".to_owned(), hex),
        ] {
            let told = scene.explain(&asked).await;
            assert_eq!((told.subject, told.event.map(|event| event.id)), (Subject::Event, Some(id)), "{asked}");
            assert_eq!(told.id, asked);
        }
    }
}

#[tokio::test]
async fn an_event_that_was_sent_again_says_how_often_and_when_last() {
    for kind in KINDS {
        let scene = Scene::open(kind, |builder| builder.rule(Rule::new("r", "true").unwrap())).await;
        let sent = || event(json!({})).id("job 7").at(at(0));
        let id = scene.send(0, sent()).await;
        scene.drain().await;
        assert_eq!(scene.explain(id).await.event.unwrap().resent, None);
        let before = scene.explain(id).await;
        scene.send(30, event(json!({})).id("job 8")).await;
        for (second, says) in [
            (60, "sent again once, at 22:14:20; nothing new came of that"),
            (90, "sent again 2 times, last at 22:14:50; nothing new came of that"),
        ] {
            scene.clock.set(at(second));
            scene.notifier.accept(vec![sent()]).await.unwrap();
            let told = scene.explain(id).await;
            assert_says(&told, &["accepted at", says, "r: fired"]);
            assert_eq!((&told.rules, &told.notifications), (&before.rules, &before.notifications));
            let json = told.to_json()["event"]["resent"].clone();
            assert_eq!((&json["last"], &json["more"]), (&json!(at(second)), &json!(false)));
        }
    }
}

#[tokio::test]
async fn what_nobody_knows_is_not_explained() {
    for kind in KINDS {
        let scene = Scene::open(kind, |builder| builder).await;
        scene.send(0, event(json!({}))).await;
        for asked in ["", "#", "###", "0", "ffffffffffffffffffffffffffffffff", "é\u{0}", &"#".repeat(100_000)] {
            assert_eq!(scene.notifier.explain(asked).await.unwrap(), None, "{asked:.40}");
        }
    }
}
