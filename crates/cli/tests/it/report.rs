//! `replay --html`: one page, whole and harmless, whatever the events say.

use crate::{Folder, call, repository};

#[test]
fn the_example_becomes_a_page() {
    let folder = Folder::new(&[]);
    let (page, root) = (folder.path("report.html"), repository().join("examples/airline"));
    let [events, config] = ["events.jsonl", "tidings.yaml"].map(|name| root.join(name).display().to_string());
    let ran = call(&["replay", &events, "-c", &config, "--against", &config, "--html", &page]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let html = std::fs::read_to_string(&page).unwrap();
    for text in
        ["<h1>events.jsonl</h1>", "Critical lost", "mission failed", "Both tell the same.", "default-src 'none'"]
    {
        assert!(html.contains(text), "{text}");
    }
    assert!(!html.contains("://") && !html.contains("<script"), "it fetches and runs nothing");
}

#[test]
fn hostile_names_stay_text() {
    let config =
        r#"triggers: [{name: "</style><script>x</script>", condition: x > 0, channels: [log], user_ids: ["<b>"]}]"#;
    let events = r#"{"event_type": "a", "timestamp": 1767603600, "agent_id": "<img src=x>", "data": {"x": 1}}"#;
    let folder = Folder::new(&[("c.yaml", config), ("e.jsonl", events)]);
    let [config, events, page] = ["c.yaml", "e.jsonl", "p.html"].map(|name| folder.path(name));
    let ran = call(&["replay", &events, "-c", &config, "--html", &page]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.contains("&lt;/style&gt;&lt;script&gt;x") && html.contains("&lt;b&gt;"));
    assert!(!html.contains("<script") && !html.contains("<b>"));
}

#[test]
fn a_page_that_cannot_be_written_is_told() {
    let folder = Folder::new(&[
        ("c.yaml", "triggers: [{name: r, condition: x > 0, channels: [log], user_ids: [u]}]"),
        ("e", ""),
    ]);
    let ran = call(&["replay", &folder.path("e"), "-c", &folder.path("c.yaml"), "--html", &folder.path("no/p.html")]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("cannot be written"), "{}", ran.err);
}
