//! `up --demo`: whoever opens the page finds it living.

use super::Tab;
use crate::daemon::Running;

/// How many events came in the last hour, as the page has it.
const EVENTS: &str = "Number(document.querySelector('[data-test=\"now-events\"]').textContent.replaceAll(',', ''))";

#[tokio::test]
async fn the_demo_shows_a_living_page() {
    let Some(mut tab) = Tab::open(&[]).await else { return };
    let mut running = Running::start(&[], &["--demo"]);
    tab.go(&format!("http://{}/", running.address)).await;
    tab.mark().await;
    tab.wait("document.querySelector('.now').dataset.ready === 'true'").await;
    tab.says("feed-event", &[" of "]).await;
    tab.says("feed-entry", &["delivered"]).await;
    tab.wait(&format!("{EVENTS} > 0")).await;
    tab.wait("document.querySelectorAll('[data-test=\"agent\"] svg').length > 1").await;
    // It goes on by itself.
    let before = tab.eval(EVENTS).await;
    tab.wait(&format!("{EVENTS} > {before}")).await;
    tab.turn("channels", "[data-test=\"channel\"][data-channel=\"pager\"]").await;
    tab.turn("inbox/ann", "[data-test=\"inbox-message\"]").await;
    tab.turn("rules", "[data-test=\"lab-rule\"]").await;
    tab.turn("explain", "[data-test=\"explain-pick\"]").await;
    tab.click("[data-test=\"explain-pick\"]").await;
    tab.says("explain-timeline", &["Accepted"]).await;
    assert!(tab.is_marked().await, "the page was loaded anew");
    tab.assert_calm(&[]).await;
    assert_eq!(running.stop().code, 0);
}
