//! Every view of a house in which much has happened: shown without an error, and without anything secret or any markup of others.

use serde_json::json;

use super::{Tab, answering, get, open, send};
use crate::{daemon::eventually, process::Process};

/// A token of a known shape, in no real use.
const SECRET: &str = "ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8";
/// Markup that would leave a trace if it ever were markup.
const MARKUP: &str = "<img src=x onerror=\"window.isCaught=1\"><script>window.isCaught=1</script>\u{202e}";

const RULES: &str = "
channels:
  pager: {type: webhook, url: 'http://REFUSES/hook/ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8', allow_private_networks: true, retry: []}
triggers:
  - {name: tool error, condition: 'event_type == \"tool.error\"', channels: [inbox, pager], priority: high, cooldown_seconds: 0, title: '{{ agent_id }}: {{ data.error }}', body: '{{ data | tojson }}'}
  - {name: a rule with a name that is much longer than any phone is wide, condition: 'event_type == \"mission.failed\" && attempts_of_everything_together > 3', channels: [inbox], priority: critical, title: gave up}
users: {me: {}, ann: {email: ann@example.com, timezone: Europe/Zurich}}
preferences: {users: {ann: {agents: {batch: {inbox: false}}}}}
";

/// Views with what is there once all of them is shown.
pub(super) type Views = Vec<(String, &'static str)>;

/// A daemon with messages, suppressed ones, failures, secrets and hostile texts, and all views of it.
pub(super) async fn house() -> Option<(Process, Tab, Views)> {
    let (daemon, tab) = open(&RULES.replace("REFUSES", &answering("400 Bad Request").to_string()), "now").await?;
    let long = "a-name-without-any-gap-".repeat(8);
    let mut last = String::new();
    for (agent, error) in [
        ("billing", format!("the key {SECRET} was refused, asked by ann@example.com")),
        (long.as_str(), "w".repeat(300)),
        ("batch", MARKUP.to_owned()),
        ("<b>bold</b>", format!("https://me:{SECRET}@example.com/?token={SECRET}")),
    ] {
        let data = json!({"error": error, "password": SECRET, "error_rate": 0.25});
        last =
            send(&daemon, &json!({"event_type": "tool.error", "severity": "error", "agent_id": agent, "data": data}));
    }
    send(&daemon, &json!({"event_type": "mission.complete", "agent_id": "billing"}));
    eventually(|| {
        let log = get(&daemon, &format!("/v1/deliveries?event={last}&step=dead"));
        log["entries"].as_array().is_some_and(|entries| entries.len() == 2).then_some(())
    });
    let views = vec![
        ("now".to_owned(), ".now[data-ready=\"true\"] [data-test=\"needs-item\"]"),
        ("inbox/me".to_owned(), "[data-test=\"inbox-message\"]"),
        ("explain".to_owned(), "[data-test=\"explain-pick\"]"),
        (format!("explain/{last}"), "[data-test=\"explain-timeline\"]"),
        ("deliveries".to_owned(), "[data-test=\"deliveries-row\"]"),
        ("rules".to_owned(), "[data-test=\"lab-verdict\"]:not([data-verdict=\"\"])"),
        ("preferences/ann".to_owned(), "[data-test=\"preferences-matrix\"]"),
        ("channels".to_owned(), "[data-test=\"channel\"][data-channel=\"pager\"]"),
    ];
    Some((daemon, tab, views))
}

#[tokio::test]
async fn every_view_is_loaded_without_an_error() {
    let Some((daemon, mut tab, views)) = house().await else { return };
    for (view, ready) in &views {
        // By its address, as a bookmark does, which loads all of the page anew.
        tab.go("about:blank").await;
        tab.go(&format!("http://{}/#/{view}", daemon.address)).await;
        tab.wait(&format!("document.querySelector('.view {ready}')")).await;
        assert_eq!(tab.count("failure", "").await, 0, "{view}");
    }
    tab.mark().await;
    for name in ["now", "inbox", "explain", "deliveries", "rules", "preferences", "channels"] {
        tab.click(&format!("[data-test=\"nav-{name}\"]")).await;
        tab.wait(&format!("document.querySelector('[data-test=\"view-{name}\"] h1')")).await;
        tab.wait(&format!(
            "document.querySelector('[data-test=\"nav-{name}\"]').getAttribute('aria-current') === 'page'"
        ))
        .await;
        assert_eq!(tab.count("failure", "").await, 0, "{name}");
    }
    assert!(tab.is_marked().await, "links load nothing anew");
    tab.assert_calm(&[]).await;
}

/// All that a view has: what is seen, what is in fields, what is behind titles and links.
const ALL: &str = "[document.documentElement.outerHTML, ...[...document.querySelectorAll('input, textarea')].map((field) => field.value)].join('\\n')";

#[tokio::test]
async fn nothing_secret_and_no_markup_of_others_is_on_any_view() {
    let Some((daemon, mut tab, views)) = house().await else { return };
    for (view, ready) in &views {
        tab.turn(view, ready).await;
        if view.starts_with("explain/") {
            tab.click("[data-test=\"explain-json\"]").await;
            tab.says("explain-raw", &["REDACTED"]).await;
        }
        let all = tab.eval(ALL).await;
        let all = all.as_str().unwrap();
        assert!(!all.contains(SECRET), "{view}");
        assert!(!all.contains("ann@example.com"), "{view}");
        assert_eq!(tab.eval("document.body.innerText.includes('\\u202e')").await, false, "{view}");
    }
    tab.turn("inbox/me", "[data-test=\"inbox-message\"]").await;
    tab.says("inbox-message", &["billing: the key [REDACTED", "was refused"]).await;
    // What looks like markup is text, and turns nothing around.
    tab.says("inbox-message", &["<img src=x onerror="]).await;
    assert_eq!(tab.eval("window.isCaught ?? 'not caught'").await, "not caught");
    assert_eq!(tab.eval("document.querySelectorAll('main b, main img, main script').length").await, 0);
    let log = std::fs::read_to_string(daemon.folder.path().join("log")).unwrap();
    assert!(log.contains("is up") && !log.contains(SECRET), "{log}");
    tab.assert_calm(&[]).await;
}
