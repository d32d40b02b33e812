//! What is told later: held until a moment, or together with others, and once.

use std::{sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tidings_core::{Event, Priority, Timestamp};
use tidings_engine::{Account, Notifier, Rule, User};
use tidings_policy::Preferences;
use tidings_testkit::FakeClock;

use crate::start;

/// A Tuesday, 23:00 in UTC, and the seven o'clock after it.
const NIGHT: i64 = 1_773_183_600;
const MORNING: i64 = 1_773_212_400;

async fn night(wishes: Value) -> (Notifier, FakeClock) {
    let clock = FakeClock::at(Timestamp::from_secs(NIGHT));
    let preferences = Some(Preferences::read(&wishes).unwrap());
    let ann = User { preferences, zone: Some(TimeZone::UTC), ..User::default() };
    let rule = Rule::new("slow", "true").unwrap().priority(Priority::Medium).cooldown(Duration::ZERO);
    let rule = rule.title("{{ event_type }} {{ data.n }}").unwrap().dedup_key("{{ data.n }}").unwrap();
    let builder = Notifier::builder().user("ann", ann).rule(rule).clock(Arc::new(clock.clone()));
    (start(builder).await, clock)
}

async fn say(notifier: &Notifier, n: u32) {
    let event = Event::new("tool.slow").agent("a").data(json!({"n": n}));
    notifier.accept(vec![event]).await.unwrap();
    assert!(notifier.drain(Duration::from_secs(5)).await);
}

async fn account(notifier: &Notifier) -> Account {
    let account = notifier.account().await;
    account.closes().unwrap();
    account
}

#[tokio::test]
async fn quiet_hours_hold_until_they_end() {
    let (notifier, clock) = night(json!({"quiet_hours": {"from": "22:00", "to": "07:00"}})).await;
    say(&notifier, 1).await;
    assert_eq!((account(&notifier).await.deliveries.held, account(&notifier).await.deliveries.delivered), (1, 0));
    clock.set(Timestamp::from_secs(MORNING));
    tokio::time::timeout(Duration::from_secs(5), async {
        while account(&notifier).await.deliveries.delivered == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert_eq!(account(&notifier).await.deliveries.held, 0);
    notifier.stop().await.closes().unwrap();
}

#[tokio::test]
async fn a_digest_is_one_message() {
    let wishes = json!({"digest": {"every": "hourly", "max_priority": "medium", "channel": "log"}});
    let (notifier, clock) = night(wishes).await;
    for n in 0..3 {
        say(&notifier, n).await;
    }
    assert_eq!(account(&notifier).await.deliveries.digested, 3);
    clock.set(Timestamp::from_secs(NIGHT + 3_600));
    tokio::time::timeout(Duration::from_secs(5), async {
        while account(&notifier).await.deliveries.delivered == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    let account = notifier.stop().await;
    account.closes().unwrap();
    assert_eq!((account.deliveries.delivered, account.deliveries.digested, account.notifications.made), (1, 3, 4));
}
