use tidings_core::{EventId, Notification, NotificationKind, Priority};
use tidings_policy::{Delay, Gathering, PreferenceLayer, Wait};

use super::*;

#[test]
fn a_look_at_the_clock_is_never_far_and_never_at_once() {
    let now = Timestamp::from_secs(1_000);
    let check = |due: Timestamp, expected| assert_eq!(pause(due, now), expected);
    check(now + Duration::from_millis(40), Duration::from_millis(40));
    check(now + Duration::from_secs(86_400), LOOK);
    check(now, BREATH);
    check(Timestamp::from_nanos(i64::MIN), BREATH);
}

#[test]
fn many_users_are_everybody() {
    let later = Later::default();
    later.look_again("ann");
    later.look_again("bob");
    later.look_again("ann");
    let of = |user: &str| Deferrals::Of(user.into());
    assert_eq!(later.take_again(), [of("ann"), of("bob")]);
    assert!(!later.is_to_look_again());
    (0..=USERS).for_each(|user| later.look_again(&user.to_string()));
    assert_eq!(later.take_again(), [Deferrals::All]);
}

fn waits(number: usize, user: &str, is_gathered: bool) -> Deferred {
    let notification = Notification {
        notification_id: NotificationId::derived(EventId::named("test", &number.to_string()), "rule", user),
        agent_id: None,
        title: String::new(),
        body: String::new(),
        priority: Priority::Medium,
        channels: Vec::new(),
        user_id: user.to_owned(),
        metadata: serde_json::Map::new(),
        created_at: Timestamp::EPOCH,
        dedup_key: String::new(),
        rule: None,
        event: None,
        kind: NotificationKind::Firing,
        incident: None,
    };
    let digest = is_gathered.then_some(Gathering { from: Timestamp::EPOCH, channel: None, rule: None });
    let wait = Wait { until: Timestamp::EPOCH, why: Delay::Snooze, layer: PreferenceLayer::User, digest };
    Deferred { notification: Arc::new(notification), wait, since: Timestamp::EPOCH }
}

#[test]
fn pieces_are_small_unless_they_are_one_digest() {
    let check = |waiting: Vec<Deferred>, expected: &[usize]| {
        assert_eq!(pieces(&waiting).iter().map(|piece| piece.len()).collect::<Vec<_>>(), expected);
    };
    let of = |user: &'static str, is_gathered| (0..600).map(move |number| waits(number, user, is_gathered));
    check(Vec::new(), &[]);
    check(of("ann", false).collect(), &[256, 256, 88]);
    check(of("ann", true).collect(), &[600]);
    check(of("ann", true).chain(of("bob", false)).collect(), &[600, 256, 256, 88]);
    check(of("ann", false).chain(of("bob", true)).collect(), &[256, 256, 688]);
}
