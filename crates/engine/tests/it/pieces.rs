//! A process that ends between two transactions: what the first one holds is told and stays told, the rest is told by the next life.

use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};

use serde_json::json;
use tidings_core::{Event, NotificationKind, Timestamp};
use tidings_engine::{Account, Notifier, RetryPolicy, Rule, User};
use tidings_store::sqlite::{Options, SqliteStore};
use tidings_testkit::FakeClock;

use crate::{
    letters::Letters,
    moody::{Moody, rest},
    start, stop,
};

/// More agents than one transaction takes, several times over.
const AGENTS: usize = 1_000;
/// How many come due in one transaction.
const PIECE: usize = 256;

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + second)
}

fn load(agent: usize, second: i64, load: u32) -> Event {
    Event::new("sample").agent(agent.to_string()).at(at(second)).data(json!({"load": load}))
}

/// One life of a process on a store that outlives it.
struct Life {
    notifier: Notifier,
    store: Arc<Moody>,
    clock: FakeClock,
}

impl Life {
    async fn begin(folder: &Path, second: i64, rules: &[Rule], letters: &Letters) -> Self {
        let clock = FakeClock::at(at(second));
        let (store, _) = SqliteStore::open(&folder.join("store.db"), &Options::default(), at(second)).unwrap();
        let store = Moody::before(Arc::new(store));
        let once = RetryPolicy { delays: vec![], jitter: 0.0 };
        let builder = Notifier::builder().storm_limit(None).channel("letters", Arc::new(letters.clone()), once);
        let builder = builder.user("ann", User::default()).store(store.clone()).clock(Arc::new(clock.clone()));
        let notifier = start(rules.iter().cloned().fold(builder, tidings_engine::Builder::rule)).await;
        Self { notifier, store, clock }
    }

    async fn send(&self, second: i64, events: impl IntoIterator<Item = Event>) {
        self.clock.set(at(second));
        self.notifier.accept(events.into_iter().collect()).await.unwrap();
        assert!(self.notifier.drain(Duration::from_secs(60)).await);
    }

    /// The store takes no more plans, and the process ends with what it has in hand.
    async fn kill(self) {
        self.store.leave(0);
        self.notifier.stop_within(Duration::ZERO).await;
    }

    async fn end(self) -> Account {
        stop(&self.notifier).await
    }
}

fn rule(name: &str, condition: &str, cooldown: u64) -> Rule {
    Rule::new(name, condition).unwrap().channels(["letters"]).cooldown(Duration::from_secs(cooldown))
}

/// For each agent what was told of it, in order.
fn told(letters: &Letters) -> HashMap<String, Vec<NotificationKind>> {
    let mut told: HashMap<_, Vec<_>> = HashMap::new();
    for letter in letters.all() {
        told.entry(letter.agent_id.unwrap_or_default()).or_default().push(letter.kind);
    }
    told
}

/// All agents come due at 10 s; the process ends with the first piece of them told, after an event of the last agent. Gives the
/// account of the next life.
async fn cut_between_pieces(condition: &str, expected: &[NotificationKind]) -> Account {
    let (folder, letters) = (tempfile::tempdir().unwrap(), Letters::default());
    let rules = [rule("r", condition, 5)];
    let first = Life::begin(folder.path(), 0, &rules, &letters).await;
    first.send(0, (0..AGENTS).map(|agent| load(agent, 0, 9))).await;
    first.store.leave(1);
    first.clock.set(at(10));
    letters.wait_for(PIECE).await;
    first.clock.set(at(12));
    first.notifier.accept(vec![load(AGENTS - 1, 12, 1)]).await.unwrap();
    first.kill().await;
    assert_eq!(letters.all().len(), PIECE, "{condition}");
    let second = Life::begin(folder.path(), 30, &rules, &letters).await;
    letters.wait_for(AGENTS).await;
    second.send(40, (0..AGENTS).map(|agent| load(agent, 40, 1))).await;
    let account = second.end().await;
    let told = told(&letters);
    assert_eq!(told.len(), AGENTS, "{condition}");
    for (agent, kinds) in told {
        assert_eq!(kinds, expected, "{condition} of {agent}");
    }
    account
}

const FIRE: NotificationKind = NotificationKind::Firing;
const RESOLVE: NotificationKind = NotificationKind::Resolved;
/// What the first life has not told.
const REST: u64 = (AGENTS - PIECE) as u64;

#[tokio::test]
async fn an_end_is_told_of_what_was_told_before_a_cut() {
    let account = cut_between_pieces("load > 5 for 10s resolve when load < 2", &[FIRE, RESOLVE]).await;
    assert_eq!((account.rules["r"].fired, account.rules["r"].resolved), (REST, AGENTS as u64));
}

#[tokio::test]
async fn a_hold_fires_once_though_its_cooldown_is_over_by_the_next_life() {
    let account = cut_between_pieces("load > 5 for 10s", &[FIRE]).await;
    assert_eq!(account.rules["r"].fired, REST);
}

#[tokio::test]
async fn a_silence_is_told_once_over_a_cut() {
    let account = cut_between_pieces("silent(10s)", &[FIRE]).await;
    // The last agent was silent once more, which is a repeat within the window.
    assert_eq!((account.rules["r"].fired, account.notifications.duplicate), (REST + 1, 1));
}

#[tokio::test]
async fn in_a_file_an_event_before_which_thousands_came_due_is_judged_after_all_of_them() {
    let (folder, letters) = (tempfile::tempdir().unwrap(), Letters::default());
    let store = SqliteStore::open(&folder.path().join("store.db"), &Options::default(), at(0)).unwrap().0;
    let once = RetryPolicy { delays: vec![], jitter: 0.0 };
    let builder = Notifier::builder().channel("letters", Arc::new(letters.clone()), once).user("ann", User::default());
    let builder = builder.storm_limit(None);
    let held = rule("r", "load > 5 for 10s resolve when load < 2", 5);
    let notifier = start(builder.rule(held).store(Arc::new(store)).event_time()).await;
    let holding = (0..AGENTS).map(|agent| load(agent, 0, 9));
    let ended = (0..AGENTS).map(|agent| load(agent, 20, 1));
    notifier.accept(holding.chain(ended).collect()).await.unwrap();
    assert!(notifier.drain(Duration::from_secs(60)).await);
    let account = stop(&notifier).await;
    let events = 2 * AGENTS as u64;
    assert_eq!((account.events.planned, account.notifications.planned), (events, events));
    let told = told(&letters);
    assert_eq!(told.len(), AGENTS);
    assert!(told.values().all(|kinds| kinds == &[FIRE, RESOLVE]));
}

/// The store overrules a firing at the latest at 11 s, and nothing comes after that in the first life.
async fn overruled_before_a_cut(condition: &str) {
    let (folder, letters) = (tempfile::tempdir().unwrap(), Letters::default());
    let rules = [rule("r", condition, 60)];
    let first = Life::begin(folder.path(), 0, &rules, &letters).await;
    // What the store knew at the start the rules know as well.
    assert!(first.notifier.drain(Duration::from_secs(60)).await);
    // Somebody else lets it fire: the store knows, and this rule does not.
    rest(&*first.store, &["r"], "0", 1_000_000).await;
    first.send(1, [load(0, 1, 9)]).await;
    first.clock.set(at(11));
    while first.notifier.account().await.rules["r"].cooldown == 0 {
        tokio::task::yield_now().await;
    }
    assert!(first.notifier.drain(Duration::from_secs(60)).await);
    first.kill().await;
    assert!(letters.all().is_empty(), "{condition}");
    let second = Life::begin(folder.path(), 61, &rules, &letters).await;
    second.send(62, [load(0, 62, 9)]).await;
    second.send(63, [load(0, 63, 1)]).await;
    second.end().await;
    assert_eq!(told(&letters)["0"], [FIRE, RESOLVE], "{condition}");
}

#[tokio::test]
async fn what_the_store_overruled_is_told_by_the_next_life() {
    overruled_before_a_cut("load > 5 resolve when load < 2").await;
    overruled_before_a_cut("load > 5 for 10s resolve when load < 2").await;
}
