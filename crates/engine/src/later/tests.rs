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
