//! When a fallback is taken, and which.

use tidings::{Priority, policy::Preferences, store::Step};
use tidings_tests::reliability::{
    house::{House, Mood, Plan},
    lab::Backend,
};

fn push_then_email(backend: Backend) -> Plan {
    Plan::new(backend).fallback("push", &["email"])
}

#[tokio::test]
async fn at_once_where_no_later_attempt_would_help() {
    for backend in Backend::ALL {
        for mood in [Mood::NotConnected, Mood::NoAddress, Mood::Unknown, Mood::Gone] {
            let house = House::start(push_then_email(backend)).await;
            house.push.is(mood);
            house.load("a", 9).await;
            assert_eq!((house.push.count(), house.email.count()), ((1, 0), (1, 1)), "{mood:?}");
            let account = house.stop().await;
            assert_eq!((account.deliveries.made, account.deliveries.delivered, account.deliveries.dead), (2, 1, 1));
            assert_eq!(house.log(Step::Complete).await.len(), 1, "{mood:?}");
        }
    }
}

#[tokio::test]
async fn after_the_last_retry_otherwise() {
    for backend in Backend::ALL {
        for mood in [Mood::Down, Mood::Broken] {
            let house = House::start(push_then_email(backend)).await;
            house.push.is(mood);
            house.load("a", 9).await;
            house.pass(590).await;
            assert_eq!((house.push.count(), house.email.count()), ((3, 0), (0, 0)), "{mood:?}");
            house.pass(360).await;
            assert_eq!((house.push.count(), house.email.count()), ((4, 0), (1, 1)), "{mood:?}");
            assert!(house.lab.waiting().await == 0 && house.log(Step::Fallback).await.len() == 1);
            house.stop().await;
        }
    }
}

#[tokio::test]
async fn each_channel_once_although_they_name_each_other() {
    for backend in Backend::ALL {
        let plan = push_then_email(backend).fallback("email", &["push", "email", "sms"]).fallback("sms", &["push"]);
        let house = House::start(plan).await;
        [&house.push, &house.email, &house.sms].into_iter().for_each(|channel| channel.is(Mood::Unknown));
        house.load("a", 9).await;
        assert_eq!([&house.push, &house.email, &house.sms].map(|channel| channel.count().0), [1, 1, 1]);
        let account = house.stop().await;
        assert_eq!((account.deliveries.made, account.deliveries.dead), (3, 3));
        assert_eq!(house.log(Step::Failed).await.len(), 1);
    }
}

#[tokio::test]
async fn a_chain_goes_on_to_its_end() {
    for backend in Backend::ALL {
        let house = House::start(push_then_email(backend).fallback("email", &["sms"])).await;
        house.push.is(Mood::NotConnected);
        house.email.is(Mood::Down);
        house.load("a", 9).await;
        assert_eq!((house.push.count().0, house.email.count().0, house.sms.count().0), (1, 1, 0));
        house.pass(950).await;
        assert_eq!((house.push.count().0, house.email.count().0, house.sms.count()), (1, 4, (1, 1)));
        house.stop().await;
    }
}

#[tokio::test]
async fn never_one_that_the_user_has_muted() {
    for backend in Backend::ALL {
        let wishes: Preferences = serde_json::from_value(serde_json::json!({"default": {"email": false}})).unwrap();
        let plan = Plan { wishes: Some(wishes), ..Plan::new(backend).fallback("push", &["email", "sms"]) };
        let house = House::start(plan.clone()).await;
        house.push.is(Mood::NotConnected);
        house.load("a", 9).await;
        assert_eq!((house.email.count().0, house.sms.count()), (0, (1, 1)), "the next one stands in");
        house.stop().await;
        // Below its floor SMS is muted too: nobody is left.
        let house = House::start(Plan { priority: Priority::Low, ..plan }).await;
        house.push.is(Mood::Unknown);
        house.load("a", 9).await;
        assert_eq!((house.email.count().0, house.sms.count().0), (0, 0));
        assert_eq!(house.stop().await.deliveries.dead, 1);
    }
}

#[tokio::test]
async fn in_time_although_the_receiver_wants_ever_more() {
    for backend in Backend::ALL {
        for mood in [Mood::Limited(5), Mood::Limited(600), Mood::Limited(86_400), Mood::Busy(600), Mood::Busy(86_400)] {
            let house = House::start(push_then_email(backend)).await;
            house.push.is(mood);
            house.load("a", 9).await;
            house.pass(905).await;
            assert_eq!(house.email.count(), (1, 1), "{mood:?}, {backend:?}");
            house.push.is(Mood::Well);
            house.lab.pass(std::time::Duration::from_secs(3_600)).await;
            assert_eq!(house.push.count().1, 0, "and it is not told again");
            house.stop().await;
        }
    }
}

#[tokio::test]
async fn in_time_although_the_breaker_is_open() {
    for backend in Backend::ALL {
        let house = House::start(push_then_email(backend)).await;
        house.push.is(Mood::Down);
        for agent in 0..30 {
            house.load(&agent.to_string(), 9).await;
        }
        house.pass(910).await;
        assert_eq!(house.email.count(), (30, 30), "{backend:?}");
        assert_eq!(house.lab.waiting().await, 0);
        let account = house.stop().await;
        assert_eq!((account.deliveries.delivered, account.deliveries.dead, account.deliveries.made), (30, 30, 60));
    }
}

#[tokio::test]
async fn where_there_is_none_a_store_waits_until_the_receiver_is_back() {
    for backend in Backend::DURABLE {
        let house = House::start(Plan::new(backend)).await;
        house.push.is(Mood::Down);
        for agent in 0..3 {
            house.load(&agent.to_string(), 9).await;
        }
        for _ in 0..23 * 2 {
            house.lab.pass(std::time::Duration::from_secs(1_800)).await;
        }
        assert_eq!((house.push.count().1, house.lab.waiting().await), (0, 3));
        house.push.is(Mood::Well);
        house.pass(800).await;
        assert_eq!((house.push.count().1, house.stop().await.deliveries.delivered), (3, 3));
    }
}

#[tokio::test]
async fn where_there_is_none_what_is_too_old_expires() {
    for backend in Backend::DURABLE {
        let house = House::start(Plan::new(backend)).await;
        house.push.is(Mood::Down);
        for agent in 0..8 {
            house.load(&agent.to_string(), 9).await;
        }
        for _ in 0..25 * 3 {
            house.lab.pass(std::time::Duration::from_secs(1_200)).await;
        }
        let account = house.stop().await;
        assert_eq!((account.deliveries.expired, account.deliveries.waiting), (8, 0));
        assert_eq!((house.log(Step::Failed).await.len(), house.log(Step::Expired).await.len()), (8, 8));
    }
}

#[tokio::test]
async fn without_a_store_what_has_no_fallback_is_dead_after_its_last_attempt() {
    let house = House::start(Plan::new(Backend::Memory)).await;
    house.push.is(Mood::Down);
    house.load("a", 9).await;
    house.pass(950).await;
    assert_eq!((house.push.count(), house.stop().await.deliveries.dead), ((4, 0), 1));
}

#[tokio::test]
async fn a_fallback_that_is_used_already_is_waited_for_without_a_look_at_every_probe() {
    for backend in Backend::DURABLE {
        // Both are legs at once; the one that is down has nobody left to stand in.
        let plan = Plan { priority: Priority::Critical, ..push_then_email(backend) };
        let house = House::start(plan).await;
        house.push.is(Mood::Down);
        for agent in 0..10 {
            house.load(&agent.to_string(), 9).await;
        }
        for _ in 0..6 * 12 {
            house.lab.pass(std::time::Duration::from_secs(300)).await;
        }
        assert_eq!((house.email.count().1, house.lab.waiting().await), (10, 10));
        let retries = house.log(Step::Retry).await.len();
        assert!(retries < 10 * 60, "{retries} entries in six hours");
        house.push.is(Mood::Well);
        house.pass(900).await;
        assert_eq!((house.push.count().1, house.log(Step::Complete).await.len()), (10, 10));
        house.stop().await;
    }
}
