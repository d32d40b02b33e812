//! What can be asked about: our ids, and those that events bring themselves.

use serde_json::json;
use tidings_engine::{Rule, explain::Subject};

use super::{KINDS, Scene, event};

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
async fn what_nobody_knows_is_not_explained() {
    for kind in KINDS {
        let scene = Scene::open(kind, |builder| builder).await;
        scene.send(0, event(json!({}))).await;
        for asked in ["", "#", "###", "0", "ffffffffffffffffffffffffffffffff", "é\u{0}", &"#".repeat(100_000)] {
            assert_eq!(scene.notifier.explain(asked).await.unwrap(), None, "{asked:.40}");
        }
    }
}
