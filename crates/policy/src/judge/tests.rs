//! Who decides what, word for word; and what holds whatever is wished.

use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_core::{EventId, Notification, NotificationId, NotificationKind};

use super::*;
use crate::{Matcher, Preferences, Silence};

/// A Tuesday, 23:00 in UTC.
const NIGHT: Timestamp = Timestamp::from_secs(1_773_183_600);
/// The same day's noon.
const NOON: Timestamp = Timestamp::from_secs(1_773_144_000);

fn told(priority: Priority) -> Notification {
    let event = EventId::named("judge", "a");
    Notification {
        notification_id: NotificationId::derived(event, "slow", "ann"),
        agent_id: Some("batch".to_owned()),
        title: String::new(),
        body: String::new(),
        priority,
        channels: vec!["push".to_owned(), "email".to_owned()],
        user_id: "ann".to_owned(),
        metadata: serde_json::Map::new(),
        created_at: NIGHT,
        dedup_key: String::new(),
        rule: Some("slow".to_owned()),
        event: None,
        kind: NotificationKind::Firing,
        incident: None,
    }
}

struct Scene {
    operator: Value,
    user: Value,
    priority: Priority,
    mandatory: bool,
    silences: Vec<Silence>,
}

impl Scene {
    fn new(user: Value) -> Self {
        Self { operator: json!({}), user, priority: Priority::Medium, mandatory: false, silences: vec![] }
    }

    fn judge(&self, channel: &str, now: Timestamp) -> Judgement {
        let read = |value: &Value| Preferences::read(value).unwrap();
        let (operator, user, told) = (read(&self.operator), read(&self.user), told(self.priority));
        let about = Circumstances {
            user: Some(&user),
            mandatory: self.mandatory,
            silences: &self.silences,
            ..Circumstances::of(&told, &operator)
        };
        judge(channel, &about, now)
    }

    fn check(&self, now: Timestamp, verdict: Verdict, layer: PreferenceLayer) {
        assert_eq!(self.judge("push", now), Judgement { verdict, layer }, "{}", self.user);
    }
}

fn silence() -> Silence {
    let matcher = Matcher { rule: Some("slow".to_owned()), ..Matcher::default() };
    let (author, reason) = ("ops".to_owned(), "known".to_owned());
    Silence { id: "s".to_owned(), matcher, from: NOON, until: Timestamp::from_secs(2_000_000_000), author, reason }
}

fn night_until(policy: &str) -> Value {
    json!({"quiet_hours": {"from": "22:00", "to": "07:00", "policy": policy}})
}

const MORNING: Timestamp = Timestamp::from_secs(1_773_212_400);

#[test]
fn quiet_hours_hold_drop_or_collect_and_critical_passes() {
    use PreferenceLayer::{BuiltIn, User};
    Scene::new(night_until("hold")).check(NIGHT, Verdict::Hold { until: MORNING, why: Delay::QuietHours }, User);
    Scene::new(night_until("hold")).check(NOON, Verdict::Send, BuiltIn);
    Scene::new(night_until("drop")).check(NIGHT, Verdict::Deny(Reason::QuietHours), User);
    let Verdict::Digest { channel, window, .. } = Scene::new(night_until("digest")).judge("push", NIGHT).verdict else {
        panic!("not a digest")
    };
    assert_eq!((channel.as_deref(), window.until), (Some("email"), Timestamp::from_secs(1_773_219_600)));
    for policy in ["hold", "drop", "digest"] {
        let critical = Scene { priority: Priority::Critical, ..Scene::new(night_until(policy)) };
        critical.check(NIGHT, Verdict::Send, BuiltIn);
    }
}

#[test]
fn topics_snooze_and_digests() {
    use PreferenceLayer::{User, UserAgent};
    let off = Verdict::Deny(Reason::TopicOff);
    Scene::new(json!({"topics": {"slow": false}})).check(NOON, off.clone(), User);
    let both = json!({"topics": {"slow": false}, "agents": {"batch": {"topics": {"slow": true}}}});
    Scene::new(both).check(NOON, Verdict::Send, PreferenceLayer::BuiltIn);
    let agent = json!({"agents": {"batch": {"topics": {"slow": false}}}});
    Scene::new(agent).check(NOON, off, UserAgent);
    let snooze = json!({"snooze_until": 1_773_150_000});
    Scene::new(snooze.clone()).check(
        NOON,
        Verdict::Hold { until: Timestamp::from_secs(1_773_150_000), why: Delay::Snooze },
        User,
    );
    Scene::new(snooze).check(NIGHT, Verdict::Send, PreferenceLayer::BuiltIn);
    let digest = json!({"digest": {"every": "hourly", "max_priority": "medium"}});
    let until = |verdict| matches!(verdict, Verdict::Digest { window, .. } if window.until.as_secs() == 1_773_147_600);
    assert_eq!(Scene::new(digest.clone()).judge("sms", NOON).verdict, Verdict::Deny(Reason::BelowMinPriority));
    assert!(until(Scene::new(digest).judge("push", NOON).verdict));
}

#[test]
fn a_silence_holds_for_all_and_a_mandatory_rule_passes_what_people_wish() {
    let quiet = night_until("drop");
    let mandatory = Scene { mandatory: true, ..Scene::new(quiet.clone()) };
    mandatory.check(NIGHT, Verdict::Send, PreferenceLayer::Mandatory);
    let silenced = Scene { silences: vec![silence()], mandatory: true, ..Scene::new(quiet) };
    silenced.check(NIGHT, Verdict::Deny(Reason::Silenced), PreferenceLayer::Operator);
}

fn wishes() -> impl Strategy<Value = Value> {
    let block = (
        prop::option::of(any::<bool>()),
        prop::option::of(any::<bool>()),
        prop::option::of(prop::sample::select(vec!["low", "medium", "high", "critical"])),
        prop::option::of(prop::sample::select(vec!["hold", "digest", "drop"])),
        prop::option::of(prop::sample::select(vec!["hourly", "daily"])),
        prop::option::of(1_773_000_000_i64..1_773_400_000),
    );
    let block = block.prop_map(|(push, email, least, policy, every, snooze)| {
        let mut block = json!({"push": push, "email": email, "min_priority": least, "snooze_until": snooze});
        if let Some(policy) = policy {
            block["quiet_hours"] = json!({"from": "22:00", "to": "07:00", "policy": policy});
        }
        if let Some(every) = every {
            block["digest"] = json!({"every": every, "max_priority": "high"});
        }
        block
    });
    (block.clone(), block).prop_map(|(default, agent)| json!({"default": default, "agents": {"batch": agent}}))
}

proptest! {
    /// What is collected is not sent beside it; critical waits for nothing; what is held is held for later.
    #[test]
    fn whatever_is_wished(
        user in wishes(), operator in wishes(), mandatory in any::<bool>(),
        priority in prop::sample::select(vec![Priority::Low, Priority::Medium, Priority::High, Priority::Critical]),
        seconds in 1_773_000_000_i64..1_773_400_000,
    ) {
        let scene = Scene { operator, user, priority, mandatory, silences: vec![] };
        let now = Timestamp::from_secs(seconds);
        let verdicts: Vec<_> = ["push", "email"].map(|channel| scene.judge(channel, now).verdict).into();
        let is_digest = |verdict: &Verdict| matches!(verdict, Verdict::Digest { .. });
        let waits = |verdict: &Verdict| matches!(verdict, Verdict::Send | Verdict::Hold { .. });
        prop_assert!(!(verdicts.iter().any(is_digest) && verdicts.iter().any(waits)), "{verdicts:?}");
        for verdict in &verdicts {
            match verdict {
                Verdict::Hold { until, .. } => prop_assert!(*until > now && priority < Priority::Critical),
                Verdict::Digest { window, .. } => {
                    prop_assert!(window.from <= now && now < window.until && priority < Priority::Critical);
                }
                Verdict::Deny(_) => prop_assert!(!mandatory),
                Verdict::Send => {}
            }
        }
    }
}
