//! One session at a time: catching up, living on, being cut off.

use tidings_push::{HubConfig, SubscribeError};

use super::{append, hub, message, told};

const SMALL: HubConfig = HubConfig { queue: 3, sessions_per_user: 2, sessions: 3 };

#[tokio::test]
async fn it_catches_up_and_lives_on() {
    let hub = hub(10, &HubConfig::default());
    append(&hub, "ann", 1..=3).await;
    let check =
        async |since, expected: &[&str]| assert_eq!(told(&mut hub.subscribe("ann", since).await.unwrap()), expected);
    check(None, &[]).await;
    check(Some(0), &["1", "2", "3"]).await;
    check(Some(2), &["3"]).await;
    check(Some(3), &[]).await;

    let mut live = hub.subscribe("ann", Some(1)).await.unwrap();
    append(&hub, "ann", 4..=5).await;
    append(&hub, "bob", 1..=1).await;
    assert_eq!(told(&mut live), ["2", "3", "4", "5"]);
    append(&hub, "ann", 6..=6).await;
    assert_eq!(told(&mut live), ["6"]);
}

#[tokio::test]
async fn what_is_not_kept_is_told() {
    let hub = hub(2, &HubConfig::default());
    append(&hub, "ann", 1..=5).await;
    let check = async |since, expected: &[&str]| {
        assert_eq!(told(&mut hub.subscribe("ann", Some(since)).await.unwrap()), expected, "since {since}");
    };
    check(0, &["reset 4", "4", "5"]).await;
    check(2, &["reset 4", "4", "5"]).await;
    check(3, &["4", "5"]).await;
    check(9, &["reset 4", "4", "5"]).await;
    check(u64::MAX, &["reset 4", "4", "5"]).await;
}

#[tokio::test]
async fn a_long_memory_is_read_in_pages() {
    let hub = hub(1_000, &HubConfig::default());
    append(&hub, "ann", 1..=500).await;
    let mut session = hub.subscribe("ann", Some(0)).await.unwrap();
    append(&hub, "ann", 501..=510).await;
    let expected: Vec<_> = (1..=510).map(|seq: u64| seq.to_string()).collect();
    assert_eq!(told(&mut session), expected);
}

#[tokio::test]
async fn a_slow_reader_is_cut_off_and_resumes() {
    let hub = hub(100, &SMALL);
    let mut slow = hub.subscribe("ann", None).await.unwrap();
    let mut quick = hub.subscribe("ann", None).await.unwrap();
    append(&hub, "ann", 1..=1).await;
    assert_eq!(told(&mut slow), ["1"]);
    for seq in 1..=9_u64 {
        append(&hub, "ann", seq..=seq).await;
        assert_eq!(told(&mut quick), [seq.to_string()]);
    }
    assert_eq!(told(&mut slow), ["too_slow 1"]);
    assert!(slow.next().await.is_none());
    drop(slow);
    let mut again = hub.subscribe("ann", Some(1)).await.unwrap();
    assert_eq!(told(&mut again), (2..=9_u64).map(|seq| seq.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn who_stalls_while_catching_up_is_cut_off_too() {
    let hub = hub(100, &SMALL);
    append(&hub, "ann", 1..=1).await;
    let mut stalled = hub.subscribe("ann", Some(0)).await.unwrap();
    append(&hub, "ann", 2..=20).await;
    assert_eq!(told(&mut stalled), ["too_slow 0"]);
}

#[tokio::test]
async fn the_same_message_is_shown_once() {
    let hub = hub(10, &HubConfig::default());
    let mut session = hub.subscribe("ann", None).await.unwrap();
    for _ in 0..3 {
        hub.append(message("ann", 1)).await.unwrap();
        hub.append(message("ann", 2)).await.unwrap();
    }
    assert_eq!(told(&mut session), ["1", "2"]);
    hub.append(message("ann", 1)).await.unwrap();
    assert_eq!(told(&mut session), [""; 0]);
}

#[tokio::test]
async fn what_reached_only_the_memory_is_not_left_out() {
    let hub = hub(10, &HubConfig::default());
    let mut session = hub.subscribe("ann", None).await.unwrap();
    hub.memory().append(message("ann", 1)).await.unwrap();
    assert_eq!(told(&mut session), [""; 0]);
    append(&hub, "ann", 2..=2).await;
    assert_eq!(told(&mut session), ["1", "2"]);
}

#[tokio::test]
async fn a_user_who_was_forgotten_is_told_of_the_gap() {
    let memory = std::sync::Arc::new(tidings_push::MemoryInbox::bounded(1, 10));
    let hub = tidings_push::Hub::new(memory, &HubConfig::default()).unwrap();
    append(&hub, "ann", 1..=1).await;
    let mut session = hub.subscribe("ann", Some(0)).await.unwrap();
    assert_eq!(told(&mut session), ["1"]);
    append(&hub, "bob", 1..=3).await;
    append(&hub, "ann", 7..=7).await;
    assert_eq!(told(&mut session), ["reset 5", "5"]);
}

#[tokio::test]
async fn there_are_only_so_many() {
    let hub = hub(10, &SMALL);
    let held = [hub.subscribe("ann", None).await.unwrap(), hub.subscribe("ann", None).await.unwrap()];
    assert!(matches!(hub.subscribe("ann", None).await, Err(SubscribeError::TooManyOfUser)));
    let bob = hub.subscribe("bob", None).await.unwrap();
    assert!(matches!(hub.subscribe("cid", None).await, Err(SubscribeError::TooMany)));
    drop(held);
    assert_eq!((hub.sessions(), hub.sessions_of("ann"), hub.sessions_of("bob")), (1, 0, 1));
    drop(bob);
    hub.subscribe("cid", None).await.unwrap();
}

#[tokio::test]
async fn a_closed_hub_says_how_to_resume() {
    let hub = hub(10, &HubConfig::default());
    let mut session = hub.subscribe("ann", Some(0)).await.unwrap();
    append(&hub, "ann", 1..=2).await;
    assert_eq!(told(&mut session), ["1", "2"]);
    let cut_off = session.cut_off();
    hub.close();
    cut_off.wait().await;
    assert_eq!(told(&mut session), ["shutting_down 2"]);
    assert!(matches!(hub.subscribe("ann", None).await, Err(SubscribeError::ShuttingDown)));
}

#[test]
fn wrong_bounds_are_told_at_once() {
    let config = HubConfig { queue: 0, sessions_per_user: 0, sessions: 1 };
    let keys: Vec<_> = config.validate().into_iter().map(|problem| problem.key).collect();
    assert_eq!(keys, ["queue", "sessions_per_user"]);
}
