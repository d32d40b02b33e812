use tidings::{
    Builder,
    config::{self, Environment, Options},
    store::sqlite::{self, SqliteStore},
};
use tidings_testkit::{HttpPeer, Reply, Script};

use super::*;

/// A daemon with a heartbeat to this peer, and its store.
struct House {
    app: App,
    store: Arc<SqliteStore>,
    _folder: tempfile::TempDir,
}

impl House {
    async fn open(peer: &HttpPeer, allowed: bool) -> Self {
        let port = peer.address().port();
        let rule = if allowed {
            format!("allow_destinations: [{{cidr: 127.0.0.1/32, ports: [{port}]}}]")
        } else {
            String::new()
        };
        let yaml = format!(
            "events: {{sinks: [{{type: log}}]}}\nserver: {{heartbeat: {{url: \"{}\", every: 10s}}}}\n{rule}\n",
            peer.url("/ping/t0ken")
        );
        let options = Options { environment: Environment::Untouched, ..Options::default() };
        let (mut plan, _) = config::load(&yaml, &options).unwrap_or_else(|problems| panic!("{problems:#?}"));
        // Faster than anybody may configure it.
        plan.server.heartbeat.as_mut().unwrap().every = Duration::from_millis(1);
        let folder = tempfile::tempdir().unwrap();
        let now = tidings_core::clock::system_now();
        let (store, _) =
            SqliteStore::open(&folder.path().join("tidings.db"), &sqlite::Options::default(), now).unwrap();
        let store = Arc::new(store);
        let builder = Builder::from_plan(plan.clone()).unwrap().store(Arc::clone(&store) as _);
        let notifier = builder.build().unwrap().start().await.unwrap();
        Self { app: App::new(notifier, plan), store, _folder: folder }
    }

    async fn beat(&self) -> Result<(), Missed> {
        let plan = self.app.plan();
        Heart::default().beat(&self.app, &plan, plan.server.heartbeat.as_ref().unwrap()).await
    }
}

async fn peer(reply: Reply) -> HttpPeer {
    HttpPeer::start(Script::always(reply)).await.unwrap()
}

#[tokio::test]
async fn it_beats_until_the_daemon_stops() {
    let peer = peer(Reply::status(200)).await;
    let house = House::open(&peer, true).await;
    let beating = tokio::spawn(heartbeat(house.app.clone()));
    let beats = peer.wait_for(3).await;
    assert!(beats.iter().all(|beat| beat.method == "POST" && beat.path == "/ping/t0ken"), "{beats:?}");
    house.app.begin_stop();
    beating.await.unwrap();
    let silences = house.app.notifier().silences().await.unwrap();
    assert!(silences.is_empty(), "the store's probe is nobody's silence");
}

#[tokio::test]
async fn a_store_that_takes_nothing_ends_the_beats() {
    let peer = peer(Reply::status(200)).await;
    let house = House::open(&peer, true).await;
    assert_eq!(house.beat().await, Ok(()));
    house.store.close();
    assert_eq!(house.beat().await, Err(Missed::Store));
    assert_eq!(peer.requests().len(), 1);
}

#[tokio::test]
async fn a_failure_tells_nothing_of_the_address() {
    let peer = peer(Reply::status(404).body("no such check: /ping/t0ken")).await;
    let missed = House::open(&peer, true).await.beat().await.unwrap_err();
    assert!(matches!(missed, Missed::Sent(_)) && !format!("{missed:?} {missed}").contains("t0ken"), "{missed:?}");
    let refused = House::open(&peer, false).await.beat().await.unwrap_err();
    assert_eq!(refused, Missed::Refused);
    assert_eq!(peer.requests().len(), 1, "a refused address was asked");
}

#[test]
fn a_failure_that_goes_on_is_logged_once_an_hour() {
    let mut heart = Heart::default();
    let mut logged = |seconds: i64, beaten: Result<(), Missed>| {
        heart.tell(beaten, Timestamp::from_secs(seconds));
        heart.failing
    };
    let at = |seconds| Some(Timestamp::from_secs(seconds));
    assert_eq!(logged(0, Ok(())), None);
    assert_eq!(logged(10, Err(Missed::Store)), at(10));
    assert_eq!(logged(3_600, Err(Missed::Refused)), at(10));
    assert_eq!(logged(3_610, Err(Missed::Store)), at(3_610));
    assert_eq!(logged(3_620, Ok(())), None);
    assert_eq!(logged(3_630, Err(Missed::Client)), at(3_630));
}
