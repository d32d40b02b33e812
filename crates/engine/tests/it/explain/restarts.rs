//! What was decided in an earlier life of the process is explained by what it was decided by.

use std::{path::Path, sync::Arc};

use serde_json::{Value, json};
use tidings_core::EventId;
use tidings_engine::{
    Account, Notifier, Rule, User,
    explain::{RuleVerdict, explain},
};
use tidings_store::{Store, sqlite::SqliteStore};
use tidings_testkit::FakeClock;

use super::{Kind, at, event, rule, seconds, store, until};

/// One life, whose clock starts with its first event: these rules see these events.
async fn live(folder: &Path, rules: Vec<Rule>, events: Vec<(i64, Value)>) -> Vec<EventId> {
    life_from(folder, events[0].0, rules, events).await.0
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

/// What rules see in one life of a process whose clock starts at `from`; gives the ids and what the account says by then.
async fn life_from(folder: &Path, from: i64, rules: Vec<Rule>, events: Vec<(i64, Value)>) -> (Vec<EventId>, Account) {
    let clock = FakeClock::at(at(from));
    let store = store(Kind::File, folder, &clock);
    let builder = Notifier::builder().user("ann", User::default()).store(Arc::clone(&store));
    let builder = rules.into_iter().fold(builder.clock(Arc::new(clock.clone())), tidings_engine::Builder::rule);
    let notifier = builder.build().unwrap().start().await.unwrap();
    let mut ids = Vec::new();
    for (second, data) in events {
        clock.set(at(second));
        ids.push(notifier.accept(vec![event(data).at(at(second))]).await.unwrap()[0].id);
        until(async || notifier.account().await.events.waiting == 0).await;
    }
    (ids, notifier.stop().await)
}

#[tokio::test]
async fn a_clock_that_was_set_back_moves_what_is_told_along() {
    let folder = tempfile::tempdir().unwrap();
    let rules = || {
        let rule = |name, condition, cooldown| Rule::new(name, condition).unwrap().cooldown(seconds(cooldown));
        vec![
            rule("rests", "load > 5", 300),
            rule("counts", "count(load > 4, 2m) >= 3", 0),
            rule("lasts", "load > 5 resolve when load < 2", 0),
            rule("holds", "load > 2 for 2m", 0),
        ]
    };
    // The first life ends at 1,010 by a clock that is an hour ahead.
    let ahead = 3_600;
    let (_, first) = life_from(
        folder.path(),
        ahead,
        rules(),
        vec![(ahead + 1_000, json!({"load": 9})), (ahead + 1_010, json!({"load": 9}))],
    )
    .await;
    assert_eq!((first.rules["rests"].fired, first.rules["rests"].cooldown), (1, 1));
    let events = vec![(1_020, json!({"load": 8})), (1_030, json!({"load": 3}))];
    let (ids, second) = life_from(folder.path(), 1_010, rules(), events).await;
    assert_eq!(
        (second.rules["rests"].cooldown, second.rules["counts"].fired, second.rules["holds"].pending),
        (1, 2, 2)
    );
    let reader = SqliteStore::open_read_only(&folder.path().join("store.db")).unwrap();
    let told = explain(&reader as &dyn Store, &ids[0].to_string()).await.unwrap().unwrap();
    let rests = rule(&told, "rests");
    assert_eq!(
        (rests.verdict, rests.since, rests.until),
        (RuleVerdict::Cooldown, Some(at(1_000)), Some(at(1_300))),
        "{told}"
    );
    assert_eq!(rule(&told, "counts").verdict, RuleVerdict::Fired, "{told}");
    let lasts = rule(&told, "lasts");
    assert_eq!((lasts.verdict, lasts.since), (RuleVerdict::Firing, Some(at(1_000))), "{told}");
    let holds = rule(&told, "holds");
    assert_eq!((holds.verdict, holds.until), (RuleVerdict::Pending, Some(at(1_120))), "{told}");
    let last = explain(&reader as &dyn Store, &ids[1].to_string()).await.unwrap().unwrap();
    assert_eq!(
        (rule(&last, "counts").verdict, rule(&last, "holds").until),
        (RuleVerdict::Fired, Some(at(1_120))),
        "{last}"
    );
}

#[tokio::test]
async fn an_event_that_waited_over_a_kill_is_explained_as_of_when_it_was_judged() {
    let folder = tempfile::tempdir().unwrap();
    let rules = || vec![Rule::new("r", "load > 5").unwrap().cooldown(seconds(60))];
    life_from(folder.path(), 0, rules(), vec![(0, json!({"load": 9}))]).await;
    let waited = event(json!({"load": 8})).id("waited").at(at(30));
    {
        let clock = FakeClock::at(at(30));
        let store = store(Kind::File, folder.path(), &clock);
        store.take_over(true, at(30)).await.unwrap();
        let offer = tidings_store::Offer { id: waited.identity(0), event: waited.into(), repeatable: true };
        store.accept(std::slice::from_ref(&offer), at(30)).await.unwrap();
    }
    let (_, account) = life_from(folder.path(), 1_000, rules(), vec![(1_000, json!({"load": 1}))]).await;
    assert_eq!(account.rules["r"].cooldown, 1, "it rested when the event came");
    let reader = SqliteStore::open_read_only(&folder.path().join("store.db")).unwrap();
    let told = explain(&reader as &dyn Store, "waited").await.unwrap().unwrap();
    let rests = rule(&told, "r");
    assert_eq!((rests.verdict, rests.since, rests.until), (RuleVerdict::Cooldown, Some(at(0)), Some(at(60))), "{told}");
}
