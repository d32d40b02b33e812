//! What was decided in an earlier life of the process is explained by what it was decided by.

use std::{path::Path, sync::Arc};

use serde_json::{Value, json};
use tidings_core::{Event, EventId};
use tidings_engine::{
    Notifier, Rule, User,
    explain::{RuleVerdict, explain},
};
use tidings_store::{Store, sqlite::SqliteStore};
use tidings_testkit::FakeClock;

use super::{Kind, at, event, rule, seconds, store, until};

/// One life: these rules see these events.
async fn live(folder: &Path, rules: Vec<Rule>, events: Vec<(i64, Value)>) -> Vec<EventId> {
    let clock = FakeClock::at(at(0));
    let store = store(Kind::File, folder, &clock);
    let builder = Notifier::builder().user("ann", User::default()).store(Arc::clone(&store));
    let builder = rules.into_iter().fold(builder.clock(Arc::new(clock.clone())), tidings_engine::Builder::rule);
    let notifier = builder.build().unwrap().start().await.unwrap();
    let mut ids = Vec::new();
    for (second, data) in events {
        clock.set(at(second));
        let event: Event = event(data).at(at(second));
        ids.push(notifier.accept(vec![event]).await.unwrap()[0].id);
        until(async || notifier.account().await.events.waiting == 0).await;
    }
    notifier.stop().await;
    ids
}

#[tokio::test]
async fn an_event_is_explained_by_the_rules_of_its_time_beside_whoever_writes() {
    let folder = tempfile::tempdir().unwrap();
    let of = |condition: &str| Rule::new("r", condition).unwrap().cooldown(seconds(60));
    let resolved = "load > 5 resolve when load < 2";
    let before = [(0, json!({"load": 9})), (10, json!({"load": 3}))];
    let first = live(folder.path(), vec![of(resolved)], before.to_vec()).await;
    let second =
        live(folder.path(), vec![of(resolved), Rule::new("new", "load > 2").unwrap()], vec![(20, json!({"load": 4}))]);
    let second = second.await;
    let third = live(folder.path(), vec![of("load > 100")], vec![(30, json!({"load": 7}))]).await;
    let file = folder.path().join("store.db");
    let _writer = store(Kind::File, folder.path(), &FakeClock::at(at(40)));
    let reader = SqliteStore::open_read_only(&file).unwrap();
    let told = async |id: EventId| explain(&reader as &dyn Store, &id.to_string()).await.unwrap().unwrap();
    let names =
        |told: &tidings_engine::Explanation| told.rules.iter().map(|rule| rule.rule.clone()).collect::<Vec<_>>();
    let old = told(first[1]).await;
    assert_eq!((names(&old).len(), rule(&old, "r").verdict), (1, RuleVerdict::Firing));
    let middle = told(second[0]).await;
    assert_eq!((rule(&middle, "new").verdict, rule(&middle, "r").verdict), (RuleVerdict::Fired, RuleVerdict::Firing));
    assert_eq!(rule(&middle, "r").since, Some(at(0)), "it has been firing since the life before");
    let last = told(third[0]).await;
    assert_eq!((names(&last).len(), rule(&last, "r").verdict), (1, RuleVerdict::No));
}
