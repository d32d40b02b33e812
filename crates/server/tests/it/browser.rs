//! A real browser on a page with the guide's own JavaScript: what it shows across drops and restarts, and that it acknowledges.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, header},
    middleware::map_response,
    response::{Html, Response},
    routing::{get, post},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tidings_core::Channel;
use tidings_push::{Hub, HubConfig, Push, PushConfig};
use tidings_server::{Guard, PushAccess, SocketConfig, push};
use tidings_testkit::samples;
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    sync::mpsc,
    task::JoinSet,
    time::timeout,
};

use super::{KEY, USER, append, hub, serve};

const PROGRAMS: [&str; 2] = ["chromium", "chromium-browser"];
/// Long enough for any machine; a test that waits so long hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub(crate) fn program() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let places = folders.unwrap_or_default().into_iter().flat_map(|folder| PROGRAMS.map(|name| folder.join(name)));
    let found = places.into_iter().find(|place| place.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "there is no chromium, and CI must have it");
        eprintln!("SKIPPED: there is no chromium; `apt-get install chromium` gives one");
    }
    found
}

/// The n-th piece of JavaScript of the guide's page.
fn documented(index: usize) -> String {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/push.md");
    let text = std::fs::read_to_string(page).unwrap();
    let piece = text.split("```js\n").nth(index + 1).unwrap();
    piece.split("```").next().unwrap().to_owned()
}

/// A page that listens as the guide says, tells the test what it shows, and does not wait long before it connects again.
fn page(index: usize) -> String {
    format!(
        "<!doctype html><script>{{
const key = '{KEY}';
const setTimeout = (action) => window.setTimeout(action, 20);
let told = Promise.resolve();                         // one after the other, so that none overtakes another
const report = (body) => fetch('/seen', {{method: 'POST', headers: {{'Content-Type': 'application/json'}}, body}});
let number = 0;                                       // a report whose answer was lost is sent again
const tell = (what) => {{
  const body = JSON.stringify({{number: ++number, what}});
  told = told.then(() => report(body).catch(() => report(body)));
}};
const show = ({{seq, title}}) => tell({{seq, title}});
const lost = () => tell('lost');
{}
}}</script>",
        documented(index)
    )
}

/// One address, behind which servers come and go.
struct Front {
    address: SocketAddr,
    behind: Arc<Mutex<SocketAddr>>,
    open: Arc<Mutex<JoinSet<()>>>,
}

impl Front {
    async fn new(behind: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let front = Self { address, behind: Arc::new(Mutex::new(behind)), open: Arc::default() };
        let (behind, open) = (Arc::clone(&front.behind), Arc::clone(&front.open));
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let behind = Arc::clone(&behind);
                open.lock().unwrap().spawn(async move {
                    // A browser opens connections long before it uses them.
                    near.readable().await.unwrap();
                    let target = *behind.lock().unwrap();
                    let mut far = TcpStream::connect(target).await.unwrap();
                    tokio::io::copy_bidirectional(&mut near, &mut far).await.ok();
                });
            }
        });
        front
    }

    fn turn_to(&self, address: SocketAddr) {
        *self.behind.lock().unwrap() = address;
    }

    /// Breaks every connection without a word.
    fn break_all(&self) {
        self.open.lock().unwrap().abort_all();
    }
}

/// What every server of the test has: the page, whom it knows, and where the page tells what it sees.
struct Stage {
    page: String,
    access: PushAccess,
    seen: mpsc::Sender<Value>,
}

impl Stage {
    async fn serve(&self, hub: &Hub) -> SocketAddr {
        let page = Html(self.page.clone());
        let take = |State(seen): State<mpsc::Sender<Value>>, Json(what): Json<Value>| async move {
            seen.send(what).await.ok();
        };
        let own = Router::new().route("/", get(move || async move { page })).route("/seen", post(take));
        let push = push::router(hub.clone(), self.access.clone(), Guard::default(), SocketConfig::default());
        serve(own.with_state(self.seen.clone()).merge(push).layer(map_response(once))).await
    }
}

/// One answer a connection: a browser that kept one would go on with the server of before.
async fn once(mut answer: Response) -> Response {
    answer.headers_mut().entry(header::CONNECTION).or_insert(HeaderValue::from_static("close"));
    answer
}

pub(crate) fn browse(program: &Path, folder: &Path, address: SocketAddr) -> Child {
    let mut command = Command::new(program);
    command.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"]);
    command.arg(format!("--user-data-dir={}", folder.display())).arg(format!("http://{address}/"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap()
}

/// What the page told, each report once.
struct Told {
    reports: mpsc::Receiver<Value>,
    last: u64,
}

impl Told {
    async fn next(&mut self) -> Value {
        loop {
            let mut report = timeout(PATIENCE, self.reports.recv()).await.expect("the page told nothing more").unwrap();
            let number = report["number"].as_u64().unwrap();
            if std::mem::replace(&mut self.last, number) < number {
                return report["what"].take();
            }
        }
    }

    async fn sees(&mut self, seqs: std::ops::RangeInclusive<u64>) {
        for seq in seqs {
            assert_eq!(self.next().await["seq"], seq);
        }
    }
}

async fn follows(index: usize) {
    let Some(program) = program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (seen, told) = mpsc::channel(256);
    let access = PushAccess::new(vec![(Sha256::digest(KEY).into(), USER.to_owned())]);
    let (mut told, stage) = (Told { reports: told, last: 0 }, Stage { page: page(index), access, seen });
    let first = hub();
    append(&first, 1..=3, 1).await;
    let front = Front::new(stage.serve(&first).await).await;
    let mut browser = browse(&program, folder.path(), front.address);
    told.sees(1..=3).await;

    acknowledges(&first, &mut told).await;

    // The server cuts it off, and another begins over the same memory, which went on meanwhile.
    let second = Hub::new(Arc::clone(first.memory()), &HubConfig::default()).unwrap();
    append(&second, 5..=6, 1).await;
    front.turn_to(stage.serve(&second).await);
    first.close();
    told.sees(5..=6).await;

    // The network breaks, and another process without that memory is soon as far as the page was.
    let third = hub();
    append(&third, 11..=18, 1).await;
    front.turn_to(stage.serve(&third).await);
    front.break_all();
    assert_eq!(told.next().await, "lost");
    told.sees(1..=8).await;
    append(&third, 19..=19, 1).await;
    told.sees(9..=9).await;
    browser.kill().await.unwrap();
}

async fn acknowledges(hub: &Hub, told: &mut Told) {
    let push = Push::new(hub.clone(), PushConfig::default().ack_timeout(PATIENCE)).unwrap();
    let receipt = push.send(&samples::titled("<b>four</b>")).await.unwrap();
    assert_eq!(receipt.detail.as_deref(), Some("acknowledged as 4"));
    assert_eq!(told.next().await, serde_json::json!({"seq": 4, "title": "<b>four</b>"}));
}

#[tokio::test]
async fn a_page_follows_by_socket() {
    follows(0).await;
}

#[tokio::test]
async fn a_page_follows_by_event_stream() {
    follows(1).await;
}
