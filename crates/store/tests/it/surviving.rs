//! A kill loses nothing that was answered, and a full disk heals.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use tempfile::tempdir;
use tidings_core::{Event, EventId, Timestamp};
use tidings_store::{
    Acceptance, EventRange, Offer, Store, StoreError,
    sqlite::{Options, SqliteStore},
};

/// Where a child of this program has its store.
const CHILD: &str = "TIDINGS_TEST_STORE";

fn now() -> Timestamp {
    Timestamp::from_secs(1_000)
}

fn offer(name: &str, text: &str) -> Offer {
    let event = Event::new("t").at(now()).data(serde_json::json!({"text": text}));
    Offer { id: EventId::named("test", name), event: event.into(), repeatable: true }
}

/// Not a test of its own: what the child of the next one does until it is killed. It tells each event that was accepted.
#[tokio::test]
async fn child_that_accepts_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let (store, _) = SqliteStore::open(Path::new(&path), &Options::default(), now()).unwrap();
    for number in 0_u64.. {
        let offers = [offer(&number.to_string(), "x")];
        store.accept(&offers, now()).await.unwrap();
        println!("accepted {number}");
    }
}

#[tokio::test]
async fn what_was_answered_outlives_a_kill() {
    let folder = tempdir().unwrap();
    kill_and_reopen(&folder.path().join("tidings.db")).await;
}

#[cfg(unix)]
#[tokio::test]
async fn what_was_answered_outlives_a_kill_behind_a_link() {
    let (folder, elsewhere) = (tempdir().unwrap(), tempdir().unwrap());
    let path = folder.path().join("tidings.db");
    std::os::unix::fs::symlink(elsewhere.path().join("real.db"), &path).unwrap();
    kill_and_reopen(&path).await;
}

async fn kill_and_reopen(path: &Path) {
    let program = std::env::current_exe().unwrap();
    for life in 1..=3_u64 {
        let mut child = Command::new(&program)
            .args(["--exact", "--nocapture", "surviving::child_that_accepts_until_it_is_killed"])
            .env(CHILD, path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = lines.map_while(Result::ok).filter(|line| line.starts_with("accepted"));
        let heard = told.take(usize::try_from(life * 40).unwrap()).count() as u64;
        child.kill().unwrap();
        child.wait().unwrap();
        let (store, opened) = SqliteStore::open(path, &Options::default(), now()).unwrap();
        assert!(opened.damage.is_empty(), "{:?}", opened.damage);
        let found = store.take_over(false, now()).await.unwrap();
        assert!(found.last_event >= heard, "{} of {heard}", found.last_event);
        let events = store.events(&EventRange { waiting: true, ..EventRange::default() }, 100_000).await.unwrap();
        assert_eq!(events.len() as u64, found.waiting);
        assert_eq!(store.census().await.unwrap().events, found.waiting);
        for number in 0..heard {
            let again = store.accept(&[offer(&number.to_string(), "x")], now()).await.unwrap();
            assert!(matches!(again[..], [Acceptance::Duplicate { .. }]), "event {number} of life {life}");
        }
    }
}

/// What a process that is killed in a commit, or has no room for one, leaves behind the last commit: SQLite writes the header of a
/// frame and its page one after the other.
fn tails(log: &[u8]) -> Vec<Vec<u8>> {
    let frame = |page: u32, commits: u32| {
        let head = [&page.to_be_bytes()[..], &commits.to_be_bytes(), &log[16..24], &[7; 8]].concat();
        [head, vec![0x0d; 4096]].concat()
    };
    let (first, last) = (frame(2, 0), frame(3, 40));
    let cut = |length: usize| first[..length].to_vec();
    vec![
        cut(1),
        cut(24),
        cut(24 + 2_000),
        cut(24 + 4096),
        [&first[..], &last[..24]].concat(),
        [&first[..], &first[..], &last[..24 + 100]].concat(),
        // What another one left that failed, and that this one was about to write over.
        [&first[..24], &vec![0; 4096][..], &last[..]].concat(),
    ]
}

#[tokio::test]
async fn a_kill_in_a_commit_is_no_damage() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let (store, _) = SqliteStore::open(&path, &Options::default(), now()).unwrap();
    for number in 0..20 {
        store.accept(&[offer(&number.to_string(), "x")], now()).await.unwrap();
    }
    let files =
        ["", "-wal", "-shm", ".lock"].map(|end| (end, std::fs::read(format!("{}{end}", path.display())).unwrap()));
    let log = files[1].1.clone();
    for (number, tail) in tails(&log).into_iter().enumerate() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("tidings.db");
        for (end, bytes) in &files {
            std::fs::write(format!("{}{end}", path.display()), bytes).unwrap();
        }
        std::fs::write(format!("{}-wal", path.display()), [&log[..], &tail].concat()).unwrap();
        let (store, opened) = SqliteStore::open(&path, &Options::default(), now()).unwrap();
        assert!(opened.damage.is_empty(), "tail {number}: {:?}", opened.damage);
        assert_eq!(store.census().await.unwrap().waiting, 20, "tail {number}");
        assert_eq!(store.events(&EventRange::default(), 100).await.unwrap().len(), 20, "tail {number}");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_heals() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let options = Options { max_size: Some(400_000), ..Options::default() };
    let (store, _) = SqliteStore::open(&path, &options, now()).unwrap();
    let large = "x".repeat(20_000);
    let mut accepted = 0;
    let refused = loop {
        match store.accept(&[offer(&accepted.to_string(), &large)], now()).await {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
        assert!(accepted < 1_000, "it never was full");
    };
    let StoreError::Unavailable(text) = &refused else { panic!("{refused:?}") };
    assert!(text.contains("make room on its disk"), "{text}");
    assert!(accepted > 3);
    let census = store.census().await.unwrap();
    assert_eq!((census.events, census.waiting), (accepted, accepted), "nothing half done");
    let first = store.event(EventId::named("test", "0")).await.unwrap();
    assert!(first.is_some_and(|event| event.waiting), "reading goes on");
    // Room again: what is planned and old goes.
    let plan = |number: u64| tidings_store::RulePlan::nothing(EventId::named("test", &number.to_string()));
    let batch = tidings_store::RuleBatch { plans: (0..accepted).map(plan).collect(), states: vec![] };
    store.plan_rule(&batch, now()).await.unwrap();
    let later = Timestamp::from_secs(5_000);
    assert_eq!(store.purge(later, 1_000).await.unwrap().events, accepted);
    assert_eq!(store.accept(&[offer("again", &large)], later).await, Ok(vec![Acceptance::Accepted]));
    drop(store);
    let (store, opened) = SqliteStore::open(&path, &Options::default(), later).unwrap();
    assert!(opened.damage.is_empty(), "{:?}", opened.damage);
    let found = store.events(&EventRange::default(), 10).await.unwrap();
    assert_eq!(found.iter().map(|event| event.number).collect::<Vec<_>>(), [accepted + 1]);
}
