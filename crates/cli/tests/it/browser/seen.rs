//! What a person sees and does on the page, by the names that its parts have for tests. How the browser is driven is chromium.rs's.

use serde_json::{Value, json};

use super::Tab;

/// What the browser says on its own while no daemon answers; the page cannot keep it from that.
pub(crate) const OUT_OF_REACH: [&str; 7] = [
    "net::ERR_CONNECTION_REFUSED",
    "net::ERR_CONNECTION_RESET",
    "net::ERR_CONNECTION_CLOSED",
    "net::ERR_EMPTY_RESPONSE",
    "net::ERR_INCOMPLETE_CHUNKED_ENCODING",
    "net::ERR_INTERNET_DISCONNECTED",
    "net::ERR_SOCKET_NOT_CONNECTED",
];

/// The selector of a part of the page.
pub(crate) fn part(name: &str) -> String {
    format!("[data-test={}]", json!(name))
}

impl Tab {
    /// Goes to a view as its links do, without loading the page anew, and waits until `ready` is there.
    pub(crate) async fn turn(&mut self, view: &str, ready: &str) {
        // What is shown before may have such a part as well.
        let turns = format!(
            "(() => {{ const to = {}; if (location.hash === to) return; \
             for (const view of document.querySelectorAll('.view')) view.dataset.isOld = 'true'; location.hash = to; }})()",
            json!(format!("#/{view}"))
        );
        self.eval(&turns).await;
        let name = view.split(['/', '?']).next().unwrap();
        let selector = format!("[data-view={}].view:not([data-is-old]) {ready}", json!(name));
        self.wait(&format!("document.querySelector({})", json!(selector))).await;
    }

    /// Waits until one of the parts of this name says all of this.
    pub(crate) async fn says(&mut self, name: &str, texts: &[&str]) {
        let parts = json!(part(name));
        self.wait(&format!(
            "[...document.querySelectorAll({parts})].some((node) => node.checkVisibility() && {}.every((text) => node.textContent.includes(text)))",
            json!(texts)
        ))
        .await;
    }

    /// How many parts of this name say this.
    pub(crate) async fn count(&mut self, name: &str, text: &str) -> u64 {
        let script = format!(
            "[...document.querySelectorAll({})].filter((node) => node.textContent.includes({})).length",
            json!(part(name)),
            json!(text)
        );
        self.eval(&script).await.as_u64().unwrap()
    }

    /// Leaves a mark that a reload takes away.
    pub(crate) async fn mark(&mut self) {
        self.eval("window.isMarked = true").await;
    }

    /// Whether the page is still the one that was marked.
    pub(crate) async fn is_marked(&mut self) -> bool {
        self.eval("window.isMarked === true").await == true
    }

    /// Cuts the browser off from every daemon, or lets it back.
    pub(crate) async fn cut_off(&mut self, is_off: bool) {
        let params = json!({"offline": is_off, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.call("Network.emulateNetworkConditions", &params).await;
    }

    /// Nothing may have gone wrong on the page, but for what is named.
    pub(crate) async fn assert_calm(&mut self, but: &[&str]) {
        // What the page said before is told before this is answered.
        self.eval("0").await;
        let is_other = |error: &&String| !but.iter().any(|name| error.contains(name));
        let errors: Vec<_> = self.errors.iter().filter(is_other).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    /// What a script of ours finds wrong, a list of texts: none is wanted.
    pub(crate) async fn assert_none(&mut self, place: &str, script: &str) {
        let found = self.eval(script).await;
        assert_eq!(found, Value::Array(Vec::new()), "{place}");
    }
}
