//! What is told later: held until a moment, or together with others, and once. After every step the accounts close.

mod attempts;
mod changes;
mod file;
mod kept;
mod many;
mod order;
mod storms;

use std::{sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tidings_core::{Event, Notification, Priority, Timestamp};
use tidings_engine::{Account, Builder, Notifier, Profile, RetryPolicy, Rule, User};
use tidings_policy::Preferences;
use tidings_testkit::FakeClock;

use crate::{letters::Letters, start};

/// A Tuesday, 23:00 in UTC, and the seven o'clock after it.
const NIGHT: i64 = 1_773_183_600;
const MORNING: i64 = NIGHT + 8 * 3_600;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

fn user(wishes: &Value) -> User {
    let preferences = Some(Preferences::read(wishes).unwrap());
    User { preferences, zone: Some(TimeZone::UTC), ..User::default() }
}

/// A rule that tells of every event, by its number.
fn rule(name: &str) -> Rule {
    let rule = Rule::new(name, "true").unwrap().priority(Priority::Medium).cooldown(Duration::ZERO);
    rule.title("{{ data.n }}").unwrap().dedup_key("{{ data.n }}").unwrap().channels(["letters"])
}

/// Ann, who has these wishes, and her letters.
fn of_ann(wishes: &Value) -> (Builder, Letters) {
    let letters = Letters::default();
    let once = RetryPolicy { delays: vec![], jitter: 0.0 };
    let builder = Notifier::builder().channel("letters", Arc::new(letters.clone()), once).user("ann", user(wishes));
    (builder, letters)
}

/// A life of a notifier beside a clock that a test moves.
struct Life {
    notifier: Notifier,
    clock: FakeClock,
    letters: Letters,
}

impl Life {
    /// One whose user has these wishes, at night.
    async fn at_night(wishes: Value) -> Self {
        let (builder, letters) = of_ann(&wishes);
        let clock = FakeClock::at(at(NIGHT));
        let builder = builder.rule(rule("slow")).clock(Arc::new(clock.clone()));
        Self { notifier: start(builder).await, clock, letters }
    }

    async fn say(&self, n: u32) {
        self.tell(Event::new("tool.slow").agent("a").data(json!({"n": n}))).await;
    }

    async fn tell(&self, event: Event) {
        self.notifier.accept(vec![event]).await.unwrap();
        self.settle().await;
    }

    /// The clock is set, and all that is due by then is told.
    async fn set(&self, seconds: i64) {
        self.clock.set(at(seconds));
        self.settle().await;
    }

    async fn settle(&self) {
        assert!(self.notifier.drain(Duration::from_secs(20)).await, "{:#?}", self.notifier.account().await);
        self.account().await;
    }

    async fn account(&self) -> Account {
        let account = self.notifier.account().await;
        account.closes().unwrap_or_else(|error| panic!("{error}\n{account:#?}"));
        account
    }

    /// Held, digested and delivered.
    async fn counts(&self) -> [u64; 3] {
        let sent = self.account().await.deliveries;
        [sent.held, sent.digested, sent.delivered]
    }

    fn titles(&self) -> Vec<String> {
        titles(&self.letters)
    }

    /// Ann wishes something else.
    async fn wish(&self, wishes: Value) {
        let profile = Profile::from_json(&json!({ "preferences": wishes })).unwrap();
        self.notifier.put_profile("ann", &profile, None, "ann").await.unwrap();
    }

    /// Ann is silenced for so many seconds from this night on.
    async fn silence(&self, seconds: i64) {
        let matcher = serde_json::from_value(json!({"user": "ann"})).unwrap();
        self.notifier.add_silence(&matcher, (at(NIGHT - 3_600), at(NIGHT + seconds)), "ops", "known").await.unwrap();
    }

    async fn stop(self) -> Account {
        crate::stop(&self.notifier).await
    }
}

fn titles(letters: &Letters) -> Vec<String> {
    letters.all().into_iter().map(|told| told.title).collect()
}

fn is_digest(told: &Notification) -> bool {
    told.metadata.contains_key("digest")
}

fn quiet() -> Value {
    json!({"quiet_hours": {"from": "22:00", "to": "07:00"}})
}

#[tokio::test]
async fn quiet_hours_hold_until_they_end() {
    let life = Life::at_night(quiet()).await;
    life.say(1).await;
    life.say(2).await;
    life.set(MORNING - 1).await;
    assert_eq!((life.counts().await, life.titles().len()), ([2, 0, 0], 0));
    life.set(MORNING).await;
    assert_eq!((life.counts().await, life.titles()), ([0, 0, 2], vec!["1".to_owned(), "2".to_owned()]));
    assert_eq!(life.stop().await.deliveries.made, 2);
}

#[tokio::test]
async fn a_snooze_ends() {
    let life = Life::at_night(json!({"snooze_until": NIGHT + 60})).await;
    life.say(1).await;
    assert_eq!(life.counts().await, [1, 0, 0]);
    life.set(NIGHT + 60).await;
    assert_eq!((life.counts().await, life.titles().len()), ([0, 0, 1], 1));
    life.stop().await;
}

#[tokio::test]
async fn a_digest_is_one_message_at_its_time() {
    for (digest, due) in [
        (json!({"every": "hourly"}), NIGHT + 3_600),
        (json!({"every": "daily", "at": "09:00"}), MORNING + 7_200),
        (json!({"every": "daily", "at": "23:30"}), NIGHT + 1_800),
    ] {
        let mut digest = digest;
        digest["max_priority"] = "medium".into();
        digest["channel"] = "letters".into();
        let life = Life::at_night(json!({ "digest": digest })).await;
        for n in 0..3 {
            life.say(n).await;
        }
        assert_eq!(life.counts().await, [0, 3, 0]);
        life.set(due - 1).await;
        assert_eq!(life.titles().len(), 0, "{digest}");
        life.set(due).await;
        assert_eq!((life.counts().await, life.titles()), ([0, 3, 1], vec!["3 notifications from a".to_owned()]));
        life.set(due + 86_400).await;
        assert_eq!(life.titles().len(), 1, "once: {digest}");
        assert_eq!(life.stop().await.notifications.made, 4);
    }
}

#[tokio::test]
async fn the_first_of_a_window_is_told_at_once() {
    let digest = json!({"every": "hourly", "max_priority": "medium", "channel": "letters", "first": "now"});
    let life = Life::at_night(json!({ "digest": digest })).await;
    for n in 0..3 {
        life.say(n).await;
    }
    assert_eq!((life.counts().await, life.titles()), ([0, 2, 1], vec!["0".to_owned()]));
    life.set(NIGHT + 3_600).await;
    assert_eq!(life.titles(), ["0", "2 notifications from a"], "none both sent and digested");
    life.say(3).await;
    assert_eq!(life.titles().len(), 3);
    life.stop().await;
}

#[tokio::test]
async fn a_digest_whose_channel_is_not_there_goes_where_its_items_would_have() {
    let life = Life::at_night(json!({"digest": {"every": "hourly", "max_priority": "medium"}})).await;
    life.say(1).await;
    life.set(NIGHT + 3_600).await;
    assert_eq!(life.letters.all().iter().filter(|told| is_digest(told)).count(), 1);
    life.stop().await;
}

#[tokio::test]
async fn a_clock_that_is_set_brings_each_digest_once() {
    let digest = json!({"every": "hourly", "max_priority": "medium", "channel": "letters"});
    let life = Life::at_night(json!({ "digest": digest })).await;
    life.say(1).await;
    life.set(NIGHT + 3 * 3_600).await;
    assert_eq!(life.titles().len(), 1);
    life.set(NIGHT - 3_600).await;
    life.set(NIGHT).await;
    life.say(2).await;
    life.set(NIGHT - 86_400).await;
    assert_eq!(life.counts().await, [0, 2, 1]);
    life.set(NIGHT + 3_600).await;
    assert_eq!(life.titles(), ["1 notification from a", "1 notification from a"], "the same window, and both are told");
    let told = life.letters.all();
    assert_ne!(told[0].notification_id, told[1].notification_id);
    life.set(NIGHT + 9 * 86_400).await;
    assert_eq!(life.stop().await.deliveries.delivered, 2);
}

#[tokio::test]
async fn repeats_of_what_waits_are_told_with_it() {
    let life = Life::at_night(quiet()).await;
    for n in [1, 1, 1, 2] {
        life.say(n).await;
    }
    assert_eq!(life.account().await.notifications.duplicate, 2);
    life.set(MORNING).await;
    let told = life.letters.all();
    assert_eq!(told[0].body.lines().last(), Some("(2 more suppressed)"));
    assert!(!told[1].body.contains("suppressed"));
    life.say(1).await;
    assert!(!life.letters.all()[2].body.contains("suppressed"), "they were told");
    life.stop().await;
}

/// A rule with an end.
fn hot() -> Rule {
    let rule = Rule::new("hot", "load > 5 resolve when load < 2").unwrap().cooldown(Duration::ZERO);
    rule.title("hot").unwrap().priority(Priority::Medium).channels(["letters"])
}

fn load(load: u32) -> Event {
    Event::new("sample").agent("a").data(json!({ "load": load }))
}

#[tokio::test]
async fn what_is_over_before_a_digest_is_left_out() {
    let wishes = json!({"digest": {"every": "hourly", "max_priority": "medium", "channel": "letters"}});
    let (builder, letters) = of_ann(&wishes);
    let clock = FakeClock::at(at(NIGHT));
    let notifier = start(builder.rule(hot()).rule(rule("slow")).clock(Arc::new(clock.clone()))).await;
    let life = Life { notifier, clock, letters };
    life.tell(load(9).data(json!({"load": 9, "n": 1}))).await;
    life.tell(load(0).data(json!({"load": 0, "n": 2}))).await;
    life.tell(load(8).data(json!({"load": 8, "n": 3}))).await;
    life.set(NIGHT + 3_600).await;
    assert_eq!(life.titles(), ["4 notifications from a"], "three of `slow`, and the firing that goes on");
    // The end of what was told stays in.
    life.tell(load(1).data(json!({"load": 1, "n": 4}))).await;
    life.set(NIGHT + 7_200).await;
    assert!(life.letters.all()[1].body.contains("Resolved: hot"));
    life.stop().await;
}

#[tokio::test]
async fn what_is_held_is_told_in_its_order() {
    let (builder, letters) = of_ann(&quiet());
    let clock = FakeClock::at(at(NIGHT));
    let notifier = start(builder.rule(hot()).clock(Arc::new(clock.clone()))).await;
    let life = Life { notifier, clock, letters };
    life.tell(load(9)).await;
    life.tell(load(0)).await;
    life.set(MORNING).await;
    assert_eq!(life.titles(), ["hot", "Resolved: hot"]);
    life.stop().await;
}

#[tokio::test]
async fn a_stop_without_a_store_tells_digests_early_and_names_what_is_held() {
    let wishes = json!({
        "digest": {"every": "hourly", "max_priority": "medium", "channel": "letters"},
        "agents": {"b": {"digest": {"every": "hourly", "max_priority": "low"}, "snooze_until": NIGHT + 60}},
    });
    let life = Life::at_night(wishes).await;
    life.say(1).await;
    life.say(2).await;
    life.tell(Event::new("tool.slow").agent("b").data(json!({"n": 3}))).await;
    assert_eq!(life.counts().await, [1, 2, 0]);
    let (notifier, letters) = (life.notifier.clone(), life.letters.clone());
    let account = life.stop().await;
    assert_eq!(titles(&letters), ["2 notifications from a"]);
    assert_eq!((account.deliveries.held, account.deliveries.digested, account.is_clean()), (1, 2, true));
    let lost = notifier.undelivered();
    assert_eq!((lost.len(), &*lost[0].endpoint, &*lost[0].what), (1, "letters", "3"));
    assert_eq!(lost[0].reason, "held until 2026-03-10T23:01:00Z; gone with the store in memory");
}
