//! A real Chromium, driven over its DevTools protocol: one tab, what it says on its console, and pictures of it.

use std::{path::PathBuf, process::Stdio, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, tungstenite::Message};

const PROGRAMS: [&str; 2] = ["chromium", "chromium-browser"];
/// Long enough for any machine; a test that waits so long hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one tab, until it is dropped.
pub(crate) struct Tab {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: u64,
    /// What went wrong on the page: errors on the console, exceptions, files that could not be had.
    pub(crate) errors: Vec<String>,
    _browser: Child,
    _folder: TempDir,
}

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn program() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let places = folders.unwrap_or_default().into_iter().flat_map(|folder| PROGRAMS.map(|name| folder.join(name)));
    let found = places.into_iter().find(|place| place.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "there is no chromium, and CI must have it");
        eprintln!("SKIPPED: there is no chromium; `apt-get install chromium` gives one");
    }
    found
}

impl Tab {
    /// A browser with an empty tab; `None`, said aloud, where there is no browser. `more` are flags of its own.
    pub(crate) async fn open(more: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(program()?);
        command.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"]);
        command.args(["--remote-debugging-port=0", "--remote-allow-origins=*", "--hide-scrollbars"]).args(more);
        command.arg(format!("--user-data-dir={}", folder.path().display())).arg("about:blank");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut browser = command.spawn().unwrap();
        let mut lines = BufReader::new(browser.stderr.take().unwrap()).lines();
        let address = timeout(PATIENCE, async {
            loop {
                let line = lines.next_line().await.unwrap().expect("the browser ended");
                if let Some((_, address)) = line.split_once("DevTools listening on ") {
                    return address.trim().to_owned();
                }
            }
        });
        let address = address.await.expect("the browser does not start");
        // It writes on; nobody may hold it up.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let mut browser_socket = connect(&address).await;
        let target = call(&mut browser_socket, 1, "Target.createTarget", &json!({"url": "about:blank"})).await;
        let page = format!("ws://{}/devtools/page/{}", authority(&address), target["targetId"].as_str().unwrap());
        let socket = connect(&page).await;
        let mut tab = Self { socket, next: 0, errors: Vec::new(), _browser: browser, _folder: folder };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.call(&format!("{domain}.enable"), &json!({})).await;
        }
        Some(tab)
    }

    /// Calls a method of the protocol.
    pub(crate) async fn call(&mut self, method: &str, params: &Value) -> Value {
        self.try_call(method, params).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    async fn try_call(&mut self, method: &str, params: &Value) -> Result<Value, String> {
        self.next += 1;
        let request = json!({"id": self.next, "method": method, "params": params});
        self.socket.send(Message::text(request.to_string())).await.unwrap();
        loop {
            let told = self.read().await;
            if told["id"] == self.next {
                let error = told["error"]["message"].as_str();
                return error.map_or_else(|| Ok(told["result"].clone()), |error| Err(error.to_owned()));
            }
            self.note(&told);
        }
    }

    async fn read(&mut self) -> Value {
        let message = timeout(PATIENCE, self.socket.next()).await.expect("the browser says nothing");
        match message.expect("the browser is gone").unwrap() {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            _ => Value::Null,
        }
    }

    fn note(&mut self, told: &Value) {
        let params = &told["params"];
        let error = match told["method"].as_str().unwrap_or_default() {
            "Runtime.consoleAPICalled" if params["type"] == "error" => Some(params["args"].to_string()),
            "Runtime.exceptionThrown" => Some(params["exceptionDetails"].to_string()),
            "Log.entryAdded" if params["entry"]["level"] == "error" => Some(params["entry"].to_string()),
            _ => None,
        };
        self.errors.extend(error);
    }

    /// Goes to an address, and waits until it is loaded.
    pub(crate) async fn go(&mut self, url: &str) {
        self.call("Page.navigate", &json!({"url": url})).await;
        self.wait("document.readyState === 'complete'").await;
    }

    /// What an expression gives on the page; a promise is waited for.
    pub(crate) async fn eval(&mut self, script: &str) -> Value {
        let params = json!({"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let told = loop {
            match self.try_call("Runtime.evaluate", &params).await {
                Ok(told) => break told,
                // The page before has gone meanwhile: the next one is asked.
                Err(error) if error.contains("navigated") || error.contains("context") => {}
                Err(error) => panic!("{script}: {error}"),
            }
        };
        assert!(told["exceptionDetails"].is_null(), "{script}: {told}");
        told["result"]["value"].clone()
    }

    /// Waits until an expression is true on the page.
    pub(crate) async fn wait(&mut self, condition: &str) {
        let script = format!(
            "new Promise((resolve) => {{ const end = Date.now() + {}; const look = () => {{ let holds = false; \
             try {{ holds = {condition}; }} catch {{}} if (holds || Date.now() > end) resolve(Boolean(holds)); \
             else setTimeout(look, 20); }}; look(); }})",
            PATIENCE.as_millis() / 2
        );
        let holds = self.eval(&script).await;
        if holds != true {
            let page = self.eval("document.body.innerText").await;
            panic!("it never holds that {condition}\nerrors: {:#?}\nthe page: {page}", self.errors);
        }
    }

    /// Clicks what a selector finds, once it is there.
    pub(crate) async fn click(&mut self, selector: &str) {
        self.wait(&format!("document.querySelector({})", json!(selector))).await;
        self.eval(&format!("document.querySelector({}).click()", json!(selector))).await;
    }

    /// Writes into a field, as a person would who pastes it.
    pub(crate) async fn write(&mut self, selector: &str, text: &str) {
        self.wait(&format!("document.querySelector({})", json!(selector))).await;
        let script = format!(
            "(() => {{ const field = document.querySelector({}); field.focus(); field.value = {}; \
             field.dispatchEvent(new Event('input', {{bubbles: true}})); field.dispatchEvent(new Event('change', {{bubbles: true}})); }})()",
            json!(selector),
            json!(text)
        );
        self.eval(&script).await;
    }

    /// Makes it as wide as a phone or a desk's screen, in light or dark.
    pub(crate) async fn look(&mut self, (width, height): (u32, u32), scheme: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", &size).await;
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", &media).await;
    }

    /// A picture of what is seen, as a PNG in base64.
    pub(crate) async fn picture(&mut self) -> String {
        let told = self.call("Page.captureScreenshot", &json!({"format": "png"})).await;
        told["data"].as_str().unwrap().to_owned()
    }
}

fn authority(address: &str) -> &str {
    address.trim_start_matches("ws://").split('/').next().unwrap()
}

async fn connect(address: &str) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
    let stream = TcpStream::connect(authority(address)).await.unwrap();
    client_async(address, MaybeTlsStream::Plain(stream)).await.unwrap().0
}

async fn call(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>, id: u64, method: &str, params: &Value) -> Value {
    socket.send(Message::text(json!({"id": id, "method": method, "params": params}).to_string())).await.unwrap();
    loop {
        let Message::Text(text) = socket.next().await.unwrap().unwrap() else { continue };
        let told: Value = serde_json::from_str(&text).unwrap();
        if told["id"] == id {
            return told["result"].clone();
        }
    }
}
