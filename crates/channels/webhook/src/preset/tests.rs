//! Which address gets which body, and that no title breaks a service's limits or rings at everybody.

use std::sync::Arc;

use serde_json::json;
use tidings_testkit::samples;

use super::*;

fn rendered(preset: Preset, title: &str) -> Value {
    let mut notification = samples::notification(title);
    notification.body = format!("{title} & <b>{title}</b>");
    serde_json::from_slice(&preset.render(&Payload::Notification(Arc::new(notification)))).unwrap()
}

#[test]
fn addresses_choose_their_preset() {
    let check = |url: &str, expected| assert_eq!(Preset::for_url(&Url::parse(url).unwrap()), expected, "{url}");
    check("https://hooks.slack.com/services/T0/B0/x", Some(Preset::Slack));
    check("https://discord.com/api/webhooks/1/x", Some(Preset::Discord));
    check("https://corp.webhook.office.com/webhookb2/x", Some(Preset::Teams));
    check("https://a.example/services/", None);
}

#[test]
fn each_service_gets_its_form() {
    let slack = rendered(Preset::Slack, "high & <low>");
    assert_eq!(slack["blocks"][0]["text"]["text"], "[HIGH] high & <low>");
    assert_eq!(
        slack["blocks"][1]["text"]["text"],
        "high &amp; &lt;low&gt; &amp; &lt;b&gt;high &amp; &lt;low&gt;&lt;/b&gt;"
    );
    assert!(slack["text"].as_str().unwrap().starts_with("[HIGH] high &amp; &lt;low&gt;"));
    let discord = rendered(Preset::Discord, "t");
    assert_eq!(discord["content"], "**[HIGH] t**\nt & <b>t</b>\nagent: billing · rule: high_error_rate");
    assert_eq!(discord["allowed_mentions"], json!({"parse": []}));
    let teams = rendered(Preset::Teams, "t");
    let card = &teams["attachments"][0];
    assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(card["content"]["body"][0]["text"], "[HIGH] t");
}

#[test]
fn a_resolve_says_so_in_place_of_its_priority() {
    let resolved = tidings_core::Notification {
        kind: tidings_core::NotificationKind::Resolved,
        ..samples::notification("Resolved: too many errors")
    };
    let payload = Payload::Notification(Arc::new(resolved));
    for preset in [Preset::Slack, Preset::Discord, Preset::Teams] {
        let body = String::from_utf8(preset.render(&payload)).unwrap();
        assert!(body.contains("[RESOLVED] too many errors") && !body.contains("[HIGH]"), "{preset:?}: {body}");
    }
}

#[test]
fn events_are_told_by_type_and_data() {
    let body = Preset::Discord.render(&Payload::Event(Arc::new(samples::event())));
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["content"], "**[ERROR] tool.error**\nerror_rate: 0.2\nagent: billing");
}

#[test]
fn hostile_titles_stay_within_limits_and_ring_at_nobody() {
    let titles =
        samples::hostile_titles().into_iter().chain(["😀".repeat(5000), "&".repeat(5000), "\"\\".repeat(9000)]);
    for title in titles {
        let name: String = title.chars().take(20).collect();
        for preset in [Preset::Slack, Preset::Discord, Preset::Teams] {
            let body = rendered(preset, &title);
            let text = body.to_string();
            for call in ["@everyone", "@here", "<!channel>", "\u{202e}", "\\u0000"] {
                assert!(!text.contains(call), "{preset:?} {name:?} {call}");
            }
            assert!(preset != Preset::Teams || text.len() <= 28 * 1024, "{name:?}: {} bytes", text.len());
        }
        let slack = rendered(Preset::Slack, &title);
        let length = |text: &Value| text.as_str().unwrap().chars().count();
        assert!((1..=150).contains(&length(&slack["blocks"][0]["text"]["text"])));
        assert!(length(&slack["blocks"][1]["text"]["text"]) <= 3000);
        let content = rendered(Preset::Discord, &title)["content"].as_str().unwrap().encode_utf16().count();
        assert!((1..=2000).contains(&content), "{name:?}: {content}");
    }
}
