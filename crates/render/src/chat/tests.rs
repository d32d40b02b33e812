//! Which address gets which body, and that no title breaks a service's limits or rings at everybody.

use std::sync::Arc;

use serde_json::json;
use tidings_core::Payload;
use tidings_testkit::samples;

use super::*;

const SERVICES: [Service; 4] = [Service::Slack, Service::Discord, Service::Teams, Service::GoogleChat];

fn rendered(service: Service, title: &str) -> Value {
    let mut notification = samples::notification(title);
    notification.body = format!("{title} & <b>{title}</b>");
    service.body(Message::of(&Payload::Notification(Arc::new(notification))))
}

#[test]
fn each_service_gets_its_form() {
    let slack = rendered(Service::Slack, "high & <low>");
    assert_eq!(slack["blocks"][0]["text"]["text"], "[HIGH] high & <low>");
    assert_eq!(
        slack["blocks"][1]["text"]["text"],
        "high &amp; &lt;low&gt; &amp; &lt;b&gt;high &amp; &lt;low&gt;&lt;/b&gt;"
    );
    assert!(slack["text"].as_str().unwrap().starts_with("[HIGH] high &amp; &lt;low&gt;"));
    let discord = rendered(Service::Discord, "t");
    assert_eq!(discord["content"], "**[HIGH] t**\nt & <b>t</b>\nagent: billing · rule: high_error_rate");
    assert_eq!(discord["allowed_mentions"], json!({"parse": []}));
    let teams = rendered(Service::Teams, "t");
    let card = &teams["attachments"][0];
    assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(card["content"]["body"][0]["text"], "[HIGH] t");
    let google = rendered(Service::GoogleChat, "t");
    let text = "*[HIGH] t*\nt & <\u{200b}b>t<\u{200b}/b>\nagent: billing · rule: high_error_rate";
    assert_eq!(google, json!({"text": text}));
}

#[test]
fn a_resolve_says_so_in_place_of_its_priority() {
    let resolved = tidings_core::Notification {
        kind: tidings_core::NotificationKind::Resolved,
        ..samples::notification("Resolved: too many errors")
    };
    let payload = Payload::Notification(Arc::new(resolved));
    for service in SERVICES {
        let body = service.body(Message::of(&payload)).to_string();
        assert!(body.contains("[RESOLVED] too many errors") && !body.contains("[HIGH]"), "{service:?}: {body}");
    }
}

#[test]
fn events_are_told_by_type_and_data() {
    let body = Service::Discord.body(Message::of(&Payload::Event(Arc::new(samples::event()))));
    assert_eq!(body["content"], "**[ERROR] tool.error**\nerror_rate: 0.2\nagent: billing");
}

#[test]
fn what_just_fits_is_not_cut() {
    let sent =
        |service: Service, text: String| service.body(Message { title: "t".to_owned(), text, facts: Vec::new() });
    for (fits, more) in [("x".repeat(3000), "x".repeat(3001)), ("&".repeat(600), "&".repeat(601))] {
        let section = |text| sent(Service::Slack, text)["blocks"][1]["text"]["text"].as_str().unwrap().to_owned();
        assert_eq!(section(fits.clone()), fits.replace('&', "&amp;"));
        assert!(section(more).ends_with('…'));
    }
    // The title takes six of Discord's 2,000.
    for (fits, more) in [("x".repeat(1994), "x".repeat(1995)), ("😀".repeat(997), "😀".repeat(998))] {
        let content = |text| sent(Service::Discord, text)["content"].as_str().unwrap().to_owned();
        assert_eq!(content(fits.clone()), format!("**t**\n{fits}"));
        assert!(content(more).ends_with('…'));
    }
}

#[test]
fn hostile_titles_stay_within_limits_and_ring_at_nobody() {
    let titles =
        samples::hostile_titles().into_iter().chain(["😀".repeat(5000), "&".repeat(5000), "\"\\".repeat(9000)]);
    for title in titles {
        let name: String = title.chars().take(20).collect();
        for service in SERVICES {
            let body = rendered(service, &title);
            let text = body.to_string();
            for call in ["@everyone", "@here", "<!channel>", "\u{202e}", "\\u0000"] {
                assert!(!text.contains(call), "{service:?} {name:?} {call}");
            }
            assert!(service != Service::Teams || text.len() <= 28 * 1024, "{name:?}: {} bytes", text.len());
        }
        let slack = rendered(Service::Slack, &title);
        let length = |text: &Value| text.as_str().unwrap().chars().count();
        assert!((1..=150).contains(&length(&slack["blocks"][0]["text"]["text"])));
        assert!(length(&slack["blocks"][1]["text"]["text"]) <= 3000);
        let content = rendered(Service::Discord, &title)["content"].as_str().unwrap().encode_utf16().count();
        assert!((1..=2000).contains(&content), "{name:?}: {content}");
        let google = rendered(Service::GoogleChat, &title)["text"].as_str().unwrap().encode_utf16().count();
        assert!((1..=4096).contains(&google), "{name:?}: {google}");
    }
}
