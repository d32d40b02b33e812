//! How explanations read.

use serde_json::json;
use tidings_core::{ErrorKind, Verdict};
use tidings_engine::{Fallbacks, Rule, Sink};

use super::{AGAIN, Kind, Scene, Scripted, event, once, policy, seconds};

/// Ids are hashes, and attempts take as long as they take: neither is for people to compare.
pub(super) fn tidy(text: &str) -> String {
    let hex = |c: char| c.is_ascii_hexdigit();
    let words = text.split_inclusive(|c| !hex(c)).map(|word| {
        let bare = word.trim_end_matches(|c| !hex(c));
        if bare.len() == 32 { word.replace(bare, "ID") } else { word.to_owned() }
    });
    let text: String = words.collect();
    let mut tidied = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once(" after ") {
        let (took, after) = after.split_once(" ms").unwrap_or(("", after));
        assert!(took.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
        tidied.push_str(before);
        rest = after;
    }
    tidied + rest
}

#[tokio::test]
async fn a_whole_story() {
    let (flaky, wrong) = (
        Scripted::new([(AGAIN, ErrorKind::Status(503), "busy")]),
        Scripted::new([(Verdict::Permanent, ErrorKind::NotConnected, "ann is not connected")]),
    );
    let by_channel = [("push".to_owned(), vec!["email".to_owned()])].into();
    let scene = Scene::open(Kind::Memory, |builder| {
        builder
            .sink(Sink::channel("audit", flaky, policy([0]), 1))
            .sink(Sink::log("errors", tidings_engine::LogSink::new("x")).min_severity(tidings_core::Severity::Error))
            .rule(
                Rule::new("high", "load > 5 resolve when load < 2")
                    .unwrap()
                    .channels(["push", "sms"])
                    .title("{{ agent_id }} is busy")
                    .unwrap(),
            )
            .rule(Rule::new("long", "load > 5 for 2m").unwrap())
            .rule(Rule::new("rare", "errors > 2").unwrap())
            .rule(Rule::new("low", "load < 2").unwrap().cooldown(seconds(0)))
            .rule(Rule::new("others", "true").unwrap().agent("b*").unwrap())
            .channel("push", wrong, once())
            .channel("email", Scripted::new([]), once())
            .channel("sms", Scripted::new([]), once())
            .fallbacks(Fallbacks { by_channel, ..Fallbacks::default() })
    })
    .await;
    let begin = scene.send(0, event(json!({"load": 9}))).await;
    scene.drain().await;
    let end = scene.send(90, event(json!({"load": 1}))).await;
    scene.drain().await;
    insta::assert_snapshot!("beginning", tidy(&scene.explain(begin).await.to_string()));
    let end = scene.explain(end).await;
    insta::assert_snapshot!("end", tidy(&end.to_string()));
    insta::assert_snapshot!("notification", tidy(&scene.explain(end.notifications[0].id).await.to_string()));
}
