//! Who is told and what everybody wishes, changed while a notifier runs and kept for the next one.

use std::{path::Path, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::join_all};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tidings_core::{Address, Event, Timestamp};
use tidings_engine::{Builder, CONFIG, Notifier, Profile, ProfileError, Records, RetryPolicy, Rule, Told, User};
use tidings_policy::Preferences;
use tidings_store::{
    MemoryStore, Store,
    sqlite::{Options, SqliteStore},
};
use tidings_testkit::FakeClock;

use crate::{letters::Letters, start, stop};

/// A Tuesday, noon in UTC.
const NOON: i64 = 1_773_144_000;

pub(crate) fn noon(seconds: i64) -> Timestamp {
    Timestamp::from_secs(NOON + seconds)
}

pub(crate) fn wishes(value: &Value) -> User {
    User { preferences: Some(Preferences::read(value).unwrap()), ..User::default() }
}

fn profile(value: &Value) -> Profile {
    Profile::from_json(value).unwrap()
}

fn rule() -> Rule {
    let rule = Rule::new("slow", "true").unwrap().channels(["letters"]).cooldown(Duration::ZERO);
    rule.dedup_key("{{ data.n }}").unwrap()
}

/// A notifier with one rule for everyone, on a store.
pub(crate) struct House {
    pub(crate) notifier: Notifier,
    pub(crate) letters: Letters,
    pub(crate) clock: FakeClock,
}

impl House {
    pub(crate) async fn open(store: Arc<dyn Store>, at: Timestamp, users: &[(&str, User)]) -> Self {
        let (letters, clock) = (Letters::default(), FakeClock::at(at));
        let once = RetryPolicy { delays: vec![], jitter: 0.0 };
        let builder = Notifier::builder().channel("letters", Arc::new(letters.clone()), once).rule(rule());
        let builder = builder.store(store).clock(Arc::new(clock.clone()));
        let add = |builder: Builder, (id, user): &(&str, User)| builder.user(id, user.clone());
        Self { notifier: start(users.iter().fold(builder, add)).await, letters, clock }
    }

    pub(crate) async fn say(&self, n: u32) {
        let event = Event::new("tool.slow").agent("a").data(json!({"n": n}));
        self.notifier.accept(vec![event]).await.unwrap();
        assert!(self.notifier.drain(Duration::from_secs(5)).await);
    }

    /// Who was told since it was asked last.
    pub(crate) async fn told(&self, n: u32) -> Vec<String> {
        let before = self.letters.all().len();
        self.say(n).await;
        let mut told: Vec<_> = self.letters.all().into_iter().skip(before).map(|letter| letter.user_id).collect();
        told.sort();
        told
    }

    pub(crate) async fn close(self) {
        stop(&self.notifier).await;
    }
}

pub(crate) fn file(folder: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(&folder.join("store.db"), &Options::default(), noon(0)).unwrap().0)
}

pub(crate) fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(1_000))
}

#[tokio::test]
async fn a_change_holds_from_the_next_decision_on() {
    let house = House::open(memory(), noon(0), &[("ann", User::default()), ("bob", User::default())]).await;
    assert_eq!(house.told(1).await, ["ann", "bob"]);
    let off = profile(&json!({"preferences": {"default": {"letters": false}}}));
    assert_eq!(house.notifier.put_profile("ann", &off, Some(1), "ann").await.unwrap(), 2);
    assert_eq!(house.told(2).await, ["bob"]);
    // Who is new is among all users.
    assert_eq!(house.notifier.put_profile("cat", &Profile::default(), Some(0), "ops").await.unwrap(), 1);
    assert_eq!(house.told(3).await, ["bob", "cat"]);
    assert_eq!(house.notifier.remove_profile("bob", None, "ops").await.unwrap(), 2);
    assert_eq!(house.told(4).await, ["cat"]);
    let said = house.notifier.notify(&tidings_engine::Message::new("hello")).await.unwrap();
    let named: Vec<_> = said.iter().map(|(user, _)| user.as_str()).collect();
    assert_eq!(named, ["ann", "cat"]);
    assert!(said.iter().all(|(_, told)| matches!(told, Told::Planned(_))));
    house.close().await;
}

#[tokio::test]
async fn what_is_wrong_changes_nothing() {
    let house = House::open(memory(), noon(0), &[("ann", User::default())]).await;
    let plain = Profile::default();
    let put = async |user: &str, profile: &Profile, expected, author: &str| {
        house.notifier.put_profile(user, profile, expected, author).await.unwrap_err()
    };
    assert!(matches!(put("ann", &plain, Some(9), "ann").await, ProfileError::Conflict { version: 1 }));
    assert!(matches!(put("bob", &plain, Some(1), "ann").await, ProfileError::Conflict { version: 0 }));
    for bad in ["", " ", "$event", "a\nb", &"x".repeat(257)] {
        assert!(matches!(put(bad, &plain, None, "ann").await, ProfileError::Name(_)), "{bad}");
    }
    assert!(matches!(put("ann", &plain, None, "").await, ProfileError::Name(_)));
    let lost = Profile { timezone: Some("Mars/Base".to_owned()), ..Profile::default() };
    let ProfileError::Invalid(problems) = put("ann", &lost, None, "ann").await else { panic!("it was taken") };
    assert!(problems.to_string().starts_with("timezone: unknown time zone"), "{problems}");
    assert!(matches!(house.notifier.remove_profile("bob", None, "ann").await, Err(ProfileError::Unknown)));
    assert_eq!(house.notifier.profiles().await.unwrap().len(), 1);
    assert_eq!(house.told(1).await, ["ann"]);
    house.close().await;
}

#[tokio::test]
async fn of_two_who_change_one_profile_one_hears_of_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(file(folder.path()), noon(0), &[("ann", User::default())]).await;
    for round in 1..20u64 {
        let changed = profile(&json!({"contacts": {"email": format!("{round}@example.com")}}));
        let put = |author| house.notifier.put_profile("ann", &changed, Some(round), author);
        let (one, other) = tokio::join!(put("one"), put("other"));
        let won = if one.is_ok() { "one" } else { "other" };
        let mut answers = [one, other];
        answers.sort_by_key(Result::is_err);
        let [Ok(version), Err(ProfileError::Conflict { version: stands })] = answers else {
            panic!("not one of two: {answers:?}");
        };
        assert_eq!((version, stands), (round + 1, round + 1));
        let kept = house.notifier.profile("ann").await.unwrap().unwrap();
        assert_eq!((kept.version, &*kept.author, kept.value), (round + 1, won, changed));
    }
    house.close().await;
}

#[tokio::test]
async fn none_of_many_changes_at_a_time_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(file(folder.path()), noon(0), &[("ann", User::default())]).await;
    let users: Vec<_> = (0..50).map(|user| format!("user-{user}")).collect();
    let plain = Profile::default();
    let all = join_all(users.iter().map(|user| house.notifier.put_profile(user, &plain, None, "ops")));
    assert!(all.await.into_iter().all(|put| put.is_ok()));
    let people = house.notifier.people();
    assert!(users.iter().all(|user| people.users().get(user).is_some()));
    assert_eq!(people.users().ids().count(), 51);
    house.close().await;
}

#[tokio::test]
async fn a_change_whose_caller_leaves_is_seen_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(file(folder.path()), noon(0), &[("ann", User::default())]).await;
    let plain = Profile::default();
    let mut put = Box::pin(house.notifier.put_profile("bob", &plain, None, "ops"));
    assert!((&mut put).now_or_never().is_none());
    drop(put);
    tokio::time::timeout(Duration::from_secs(5), async {
        while house.notifier.people().users().get("bob").is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert_eq!(house.notifier.profile("bob").await.unwrap().unwrap().version, 1);
    house.close().await;
}

/// One life on a file: the users of its configuration, and what is done in it.
async fn life(folder: &Path, at: i64, users: &[(&str, User)]) -> House {
    House::open(file(folder), noon(at), users).await
}

#[tokio::test]
async fn the_configuration_is_followed_until_a_person_changes_something() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, off) = (User::default, || wishes(&json!({"default": {"letters": false}})));
    let first = life(folder.path(), 0, &[("ann", plain()), ("bob", plain()), ("cat", plain())]).await;
    assert_eq!(first.told(1).await, ["ann", "bob", "cat"]);
    first
        .notifier
        .put_profile("bob", &Profile::from_json(&json!({"timezone": "Asia/Tokyo"})).unwrap(), None, "bob")
        .await
        .unwrap();
    first.close().await;
    // The file says that ann and bob want nothing, and knows neither cat nor dan.
    let second = life(folder.path(), 10, &[("ann", off()), ("bob", off())]).await;
    assert_eq!(second.told(2).await, ["bob"]);
    let who = async |house: &House| -> Vec<(String, u64, String)> {
        let all = house.notifier.profiles().await.unwrap();
        all.into_iter().map(|kept| (kept.id, kept.version, kept.author)).collect()
    };
    let expect = |id: &str, version, author: &str| (id.to_owned(), version, author.to_owned());
    assert_eq!(who(&second).await, [expect("ann", 2, CONFIG), expect("bob", 2, "bob")]);
    assert_eq!(second.notifier.people().users().get("bob").unwrap().zone, Some(TimeZone::get("Asia/Tokyo").unwrap()));
    second.notifier.put_profile("dan", &Profile::default(), Some(0), "ops").await.unwrap();
    second.notifier.remove_profile("bob", Some(2), "ops").await.unwrap();
    // Given back to the configuration.
    let again = second.notifier.put_profile("bob", &Profile::default(), Some(0), CONFIG).await.unwrap();
    assert_eq!(again, 4, "a version goes on over a removal");
    second.close().await;
    let third = life(folder.path(), 20, &[("ann", plain()), ("bob", off()), ("cat", plain())]).await;
    assert_eq!(third.told(3).await, ["ann", "cat", "dan"]);
    third.notifier.remove_profile("ann", None, "ops").await.unwrap();
    third.close().await;
    let fourth = life(folder.path(), 30, &[("ann", plain())]).await;
    assert_eq!(fourth.told(4).await, ["dan"], "who was removed by hand stays removed");
    fourth.close().await;
    // A rule for everyone needs nobody in the file.
    let fifth = life(folder.path(), 40, &[]).await;
    assert_eq!(fifth.told(5).await, ["dan"]);
    fifth.close().await;
}

#[tokio::test]
async fn an_address_that_a_person_changes_holds_for_what_is_made_then() {
    let store = memory();
    let given = User { contacts: [("letters".to_owned(), Address::new("old"))].into(), ..User::default() };
    let house = House::open(Arc::clone(&store), noon(0), &[("ann", given)]).await;
    let moved = profile(&json!({"contacts": {"letters": "new"}}));
    house.notifier.put_profile("ann", &moved, Some(1), "ann").await.unwrap();
    assert_eq!(house.notifier.people().users().get("ann").unwrap().contacts["letters"].as_str(), "new");
    let kept = Records::of(&*store, noon(1)).profile("ann").await.unwrap().unwrap();
    assert_eq!((kept.version, kept.at, kept.value), (2, noon(0), moved));
    house.close().await;
}
