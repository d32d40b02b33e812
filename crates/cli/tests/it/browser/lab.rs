//! The rules lab: a condition is judged while one types, what is wrong is marked under its place, and a rule is held against the hours behind.

use serde_json::json;

use super::{get, open, send};
use crate::daemon::eventually;

const RULES: &str = "
triggers:
  - {name: failing, condition: 'event_type == \"tool.error\"', channels: [inbox], cooldown_seconds: 0, user_ids: [ann], title: '{{ data.error }}', dedup_key: '{{ data.error }}'}
users: {ann: {}, ben: {}}
";

#[tokio::test]
async fn a_condition_is_judged_while_one_types() {
    let Some((daemon, mut tab)) = open(RULES, "rules").await else { return };
    tab.says("lab-rule", &["failing", "event_type == \"tool.error\""]).await;
    tab.says("lab-verdict", &["fires", "would fire on this event"]).await;
    let event = json!({"event_type": "tool.slow", "agent_id": "batch", "data": {"latency_ms": 900}});
    tab.write("[data-test=\"lab-event\"]", &event.to_string()).await;
    tab.says("lab-verdict", &["does not fire"]).await;
    tab.write("[data-test=\"lab-condition\"]", "latency_ms > 500 && agent_id == \"batch\"").await;
    tab.says("lab-verdict", &["fires"]).await;
    tab.says("lab-parts", &["latency_ms > 500", "900", "\"batch\""]).await;
    tab.write("[data-test=\"lab-condition\"]", "error_rate > 0.05").await;
    tab.says("lab-verdict", &["missing", "error_rate"]).await;
    tab.write("[data-test=\"lab-event\"]", "{\"event_type\": }").await;
    tab.says("lab-event-problems", &["column 16"]).await;
    tab.says("lab-verdict", &["missing"]).await;
    assert_eq!(get(&daemon, "/v1/now")["account"]["events"]["offered"], 0, "nothing is sent by trying");
    assert!(tab.is_marked().await, "the page was loaded anew");
    tab.assert_calm(&[]).await;
}

/// Bytes, UTF-16 units and columns differ before the place: the mark must still stand under it.
#[tokio::test]
async fn what_is_wrong_is_marked_under_its_place() {
    let Some((_daemon, mut tab)) = open(RULES, "rules").await else { return };
    let before = "agent_id == \"zürich 🎈\" && severity >= ";
    tab.write("[data-test=\"lab-condition\"]", &format!("{before}\"eror\"")).await;
    tab.says("lab-verdict", &["cannot be read"]).await;
    let column = format!("column {}", before.chars().count() + 1);
    tab.says("lab-condition-problems", &[&column, "is no severity", "did you mean \"error\"?"]).await;
    let marked = "document.querySelector('[data-test=\"lab-condition\"]').closest('.editor').querySelector('mark')";
    assert_eq!(tab.eval(&format!("{marked}.textContent")).await, "\"eror\"");
    let under = format!(
        "(() => {{ const mark = {marked}; const field = mark.closest('.editor').querySelector('textarea'); \
         return getComputedStyle(mark).textDecorationStyle === 'wavy' && field.getAttribute('aria-invalid') === 'true'; }})()"
    );
    assert_eq!(tab.eval(&under).await, true);
    tab.click("[data-test=\"lab-condition-problems\"] button").await;
    let chosen = "(() => { const field = document.querySelector('[data-test=\"lab-condition\"]'); \
                  return field.value.slice(field.selectionStart, field.selectionEnd); })()";
    assert_eq!(tab.eval(chosen).await, "\"eror\"", "the note leads to its place");
    tab.write("[data-test=\"lab-condition\"]", "severity >= \"error\"").await;
    tab.wait("document.querySelectorAll('[data-test=\"lab-condition-problems\"] li').length === 0").await;
    tab.assert_calm(&[]).await;
}

#[tokio::test]
async fn a_rule_is_held_against_the_hours_behind() {
    let Some((daemon, mut tab)) = open(RULES, "rules").await else { return };
    for number in 1..=3 {
        let id = send(
            &daemon,
            &json!({"event_type": "tool.error", "agent_id": "batch", "data": {"error": format!("error {number}")}}),
        );
        send(&daemon, &json!({"event_type": "tool.slow", "agent_id": "batch", "data": {"latency_ms": 900 * number}}));
        eventually(|| {
            let log = get(&daemon, &format!("/v1/deliveries?event={id}&step=delivered"));
            (log["entries"].as_array()?.len() == 1).then_some(())
        });
    }
    tab.click("[data-test=\"lab-new\"]").await;
    tab.write("[data-test=\"lab-condition\"]", "latency_ms > 1000").await;
    tab.write("[data-test=\"lab-name\"]", "slow: \"very\" #1").await;
    tab.write("[data-test=\"lab-cooldown\"]", "0").await;
    tab.write("[data-test=\"lab-users\"]", "ben").await;
    tab.click("[data-test=\"lab-backtest\"]").await;
    tab.says("lab-results", &["6 events", "Nothing was sent"]).await;
    tab.says("lab-total-fired", &["fired", "0", "2", "+2"]).await;
    tab.says("lab-total-messages", &["0", "1", "+1"]).await;
    tab.says("lab-total-duplicate", &["repeats", "1"]).await;
    tab.says("lab-total-all", &["3", "4", "+1"]).await;
    tab.says("lab-users", &["ann", "ben"]).await;
    tab.says("lab-only-then", &["Newly told: 1", "ben"]).await;
    tab.says("lab-yaml", &["name: 'slow: \"very\" #1'", "latency_ms > 1000"]).await;
    // An example leads to its event's story.
    tab.click("[data-test=\"lab-explain\"]").await;
    tab.says("explain-short", &["tool.slow"]).await;
    assert_eq!(
        get(&daemon, "/v1/deliveries?rule=slow%3A%20%22very%22%20%231")["entries"],
        json!([]),
        "nothing was sent"
    );
    assert!(tab.is_marked().await, "the page was loaded anew");
    tab.assert_calm(&[]).await;
}
