//! What is measured, and how it is told.

use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tidings_core::{EventId, NotificationId, clock::instant_now};
use tidings_store::{LogFilter, Page, Step, Store, sqlite::SqliteStore};
use tokio::{runtime::Runtime, task::JoinSet};

use crate::{
    FILL,
    bare::Bare,
    load::{self, HOOK, live, now, offer},
};

const PRODUCERS: u64 = 64;
const BATCH: u64 = 100;
/// So many batches are under way at once.
const FLIGHT: u64 = 8;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// How many of something were done in a second.
fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

fn tell_ratio(what: &str, ours: f64, measure: f64) {
    println!("  {what:<46} {ours:>9.0}/s   bare {measure:>9.0}/s   ratio {:>5.2}", ours / measure);
}

/// Runs tasks that share `count` pieces of work, and says how long that took.
async fn share<F: Future<Output = ()> + Send + 'static>(
    tasks: u64,
    count: u64,
    work: impl Fn(u64) -> F + Clone + Send + 'static,
) -> Duration {
    let begin = instant_now();
    let next = Arc::new(AtomicU64::new(0));
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let (next, work) = (Arc::clone(&next), work.clone());
        running.spawn(async move {
            while let Some(piece) = Some(next.fetch_add(1, Relaxed)).filter(|piece| *piece < count) {
                work(piece).await;
            }
        });
    }
    running.join_all().await;
    begin.elapsed()
}

/// Accepts and whole lives, beside the bare file.
pub(crate) fn writing(quick: bool) {
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        accepts(folder.path(), if quick { 640 } else { 64_000 }).await;
        lives(folder.path(), if quick { 10 } else { 1_000 }).await;
    });
}

async fn accepts(folder: &Path, count: u64) {
    let bare = Arc::new(Bare::open(&folder.join("accept.jsonl")));
    let store = Arc::new(load::open(&folder.join("accept.db")));
    let (mut measure, mut ours) = (Duration::ZERO, Duration::ZERO);
    let rounds = 4;
    for round in 0..rounds {
        let (first, part) = (round * count / rounds, count / rounds);
        let to = Arc::clone(&bare);
        measure += share(PRODUCERS, part, move |number| {
            let bare = Arc::clone(&to);
            async move { assert_eq!(bare.append(vec![offer(first + number).event.to_wire()]).await, 1) }
        })
        .await;
        let to = Arc::clone(&store);
        ours += share(PRODUCERS, part, move |number| {
            let store = Arc::clone(&to);
            async move { drop(store.accept(&[offer(first + number)], now()).await.unwrap()) }
        })
        .await;
    }
    tell_ratio("single accepts of 64 producers", rate(count, ours), rate(count, measure));
    println!("  {:<46} {:>9.1}", "accepts a transaction", count as f64 / store.commits() as f64);
}

async fn lives(folder: &Path, batches: u64) {
    let bare = Arc::new(Bare::open(&folder.join("life.jsonl")));
    let store = Arc::new(load::open(&folder.join("life.db")));
    let mut appended = Vec::new();
    for flight in [1, FLIGHT] {
        let to = Arc::clone(&bare);
        appended.push(
            share(flight, batches, move |batch| {
                let bare = Arc::clone(&to);
                let lines = (batch * BATCH..(batch + 1) * BATCH).map(|number| offer(number).event.to_wire());
                let lines = lines.collect();
                async move { assert_eq!(bare.append(lines).await, 100) }
            })
            .await,
        );
    }
    let to = Arc::clone(&store);
    let ours = share(FLIGHT, batches, move |batch| {
        let store = Arc::clone(&to);
        async move { live(&store, batch * BATCH, BATCH).await }
    })
    .await;
    let count = batches * BATCH;
    tell_ratio("lives in batches of 100, beside one at a time", rate(count, ours), rate(count, appended[0]));
    tell_ratio("the same, beside as many in flight", rate(count, ours), rate(count, appended[1]));
    let left = store.outstanding(HOOK).await.unwrap().total();
    println!("  {:<46} {:>9}", "deliveries that are left", left);
    store.close();
    let size = std::fs::metadata(folder.join("life.db")).unwrap().len();
    println!("  {:<46} {:>9.1} MB", format!("file after {count} deliveries"), size as f64 / 1e6);
}

/// Reopening and the log.
pub(crate) fn reading(quick: bool) {
    let folder = tempfile::tempdir().unwrap();
    reopening(folder.path(), if quick { 1_000 } else { 100_000 });
    runtime().block_on(questions(folder.path(), if quick { 2_000 } else { 1_000_000 }));
}

fn reopening(folder: &Path, count: u64) {
    let path = folder.join("waiting.db");
    let program = std::env::current_exe().unwrap();
    let child = Command::new(program).arg(FILL).arg(&path).arg(count.to_string()).status().unwrap();
    assert!(!child.success(), "it ends as by a kill");
    let begin = instant_now();
    let store = load::open(&path);
    let opened = begin.elapsed();
    let found = runtime().block_on(store.take_over(false, now())).unwrap();
    let took = begin.elapsed();
    let what = format!("reopened with {count} waiting, {} leased", found.leases);
    println!("  {what:<46} {:>9.1} ms   taken over {:>6.1} ms", millis(opened), millis(took));
    let begin = instant_now();
    runtime().block_on(store.claim(load::claim(100), now())).unwrap();
    println!("  {:<46} {:>9.2} ms", "a claim of 100 among them", millis(begin.elapsed()));
    println!("  {:<46} {:>9.1} MB", "memory of the process by then", resident());
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The memory that the process holds, in MB, where the system tells.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1e3
}

async fn questions(folder: &Path, entries: u64) {
    let store = Arc::new(load::open(&folder.join("log.db")));
    let lives = entries / 10 / BATCH;
    let to = Arc::clone(&store);
    share(FLIGHT, lives, move |batch| {
        let store = Arc::clone(&to);
        async move { live(&store, batch * BATCH, BATCH).await }
    })
    .await;
    load::fill_log(&store, entries).await;
    println!("  {:<46} {:>9}", "entries of the log", store.census().await.unwrap().entries);
    // What has just been written is still on its way to the disk.
    ask(&store, &LogFilter::default(), entries).await;
    let mut worst = Duration::ZERO;
    for (what, filter) in filters() {
        let (middle, took) = ask(&store, &filter, entries).await;
        worst = worst.max(took);
        println!("    {what:<44} {:>9.3} ms p50 {:>9.3} ms p99", millis(middle), millis(took));
    }
    println!("  {:<46} {:>9.3} ms p99", "the slowest question for 100 entries", millis(worst));
}

/// The median and the p99 of pages at random places.
async fn ask(store: &SqliteStore, filter: &LogFilter, entries: u64) -> (Duration, Duration) {
    let mut times = Vec::new();
    for round in 0..400_u64 {
        let number = round.wrapping_mul(0x9E37_79B9_7F4A_7C15) % entries.max(1) + 1;
        let page = match round % 4 {
            0 => Page::Before { number: None, limit: 100 },
            1 => Page::After { number, limit: 100 },
            _ => Page::Before { number: Some(number), limit: 100 },
        };
        let begin = instant_now();
        store.log_query(filter, page).await.unwrap();
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

fn filters() -> Vec<(&'static str, LogFilter)> {
    let all = LogFilter::default;
    let since = Some(now() + Duration::from_secs(100));
    let until = Some(now() + Duration::from_secs(140));
    let event = EventId::named("bench", "1000100");
    let name = |name: &str| Some(name.to_owned());
    vec![
        ("nothing", all()),
        ("step", LogFilter { steps: vec![Step::Denied], ..all() }),
        ("a rare step", LogFilter { steps: vec![Step::Late], ..all() }),
        ("steps", LogFilter { steps: vec![Step::Delivered, Step::Fired], ..all() }),
        ("event", LogFilter { event: Some(event), ..all() }),
        ("notification", LogFilter { notification: Some(NotificationId::derived(event, "rule", "1")), ..all() }),
        ("delivery", LogFilter { delivery: Some(load::delivery(&offer(100), 0).id), ..all() }),
        ("rule", LogFilter { rule: name("rule-7"), ..all() }),
        ("agent", LogFilter { agent: name("agent-7"), ..all() }),
        ("user", LogFilter { user: name("user-7"), ..all() }),
        ("endpoint", LogFilter { endpoint: name(HOOK), ..all() }),
        ("endpoint and step", LogFilter { endpoint: name(HOOK), steps: vec![Step::Delivered], ..all() }),
        ("endpoint and a rare step", LogFilter { endpoint: name(HOOK), steps: vec![Step::Dead], ..all() }),
        ("user and step", LogFilter { user: name("user-7"), steps: vec![Step::Denied], ..all() }),
        ("agent and step", LogFilter { agent: name("agent-7"), steps: vec![Step::Denied], ..all() }),
        ("agent and a rare step", LogFilter { agent: name("agent-7"), steps: vec![Step::Late], ..all() }),
        ("rule and step", LogFilter { rule: name("rule-7"), steps: vec![Step::Fired], ..all() }),
        ("rule and a rare step", LogFilter { rule: name("rule-7"), steps: vec![Step::Late], ..all() }),
        ("agent and rule", LogFilter { agent: name("agent-7"), rule: name("rule-7"), ..all() }),
        ("user and rule", LogFilter { user: name("user-7"), rule: name("rule-7"), ..all() }),
        ("user and agent", LogFilter { user: name("user-7"), agent: name("agent-7"), ..all() }),
        ("since", LogFilter { since, ..all() }),
        ("until", LogFilter { until, ..all() }),
        ("user, since and until", LogFilter { user: name("user-7"), since, until, ..all() }),
        ("endpoint, since", LogFilter { endpoint: name(HOOK), since, ..all() }),
        ("rule, until", LogFilter { rule: name("rule-7"), until, ..all() }),
        ("step, since and until", LogFilter { steps: vec![Step::Fired], since, until, ..all() }),
    ]
}
