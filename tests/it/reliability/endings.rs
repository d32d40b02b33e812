//! Addresses that are gone, and how they come back.

use tidings::store::{Step, Store};
use tidings_tests::reliability::{
    house::{House, Mood, Plan},
    lab::Backend,
};

#[tokio::test]
async fn an_address_that_is_gone_is_left_alone_until_somebody_enables_it() {
    for backend in Backend::ALL {
        let house = House::start(Plan { users: vec!["ann"], ..Plan::new(backend) }).await;
        house.push.is(Mood::Gone);
        house.load("a", 9).await;
        house.push.is(Mood::Well);
        house.load("b", 9).await;
        assert_eq!(house.push.count(), (1, 0), "nothing is sent there any more");
        assert_eq!(house.log(Step::Disabled).await.len(), 1);
        assert_eq!(house.lab.notifier.enable("push", Some("bob@push")).await, Ok(false), "that one was not disabled");
        assert_eq!(house.lab.notifier.enable("push", Some("ann@push")).await, Ok(true));
        house.load("c", 9).await;
        assert_eq!((house.push.count(), house.log(Step::Enabled).await.len()), ((2, 1), 1));
        let account = house.stop().await;
        assert_eq!((account.deliveries.dead, account.deliveries.delivered), (2, 1));
    }
}

#[tokio::test]
async fn other_addresses_of_the_channel_are_reached_meanwhile() {
    for backend in Backend::ALL {
        let house = House::start(Plan { users: vec!["ann", "bob"], ..Plan::new(backend) }).await;
        house.push.is(Mood::Gone);
        house.lab.store.check_census().await;
        // Both are gone; one comes back.
        house.load("a", 9).await;
        house.push.is(Mood::Well);
        assert_eq!(house.lab.notifier.enable("push", Some("bob@push")).await, Ok(true));
        house.load("b", 9).await;
        let reached: Vec<_> = house.push.receiver.taken().into_iter().map(|taken| taken.to).collect();
        assert_eq!(reached, [Some(tidings::Address::new("bob@push"))]);
        house.stop().await;
    }
}

#[tokio::test]
async fn a_sink_that_is_gone_stays_so_over_a_restart() {
    for backend in Backend::DURABLE {
        let mut house = House::start(Plan::new(backend)).await;
        house.hook.is(Mood::Gone);
        house.load("a", 0).await;
        house.hook.is(Mood::Well);
        house.restart().await;
        house.load("a", 0).await;
        assert_eq!(house.hook.count(), (1, 0), "it is known before the first delivery");
        assert!(house.lab.store.enable("hook", None, tidings::Timestamp::EPOCH).await.unwrap());
        house.restart().await;
        house.load("a", 0).await;
        assert_eq!(house.hook.count(), (2, 1));
        assert_eq!(house.lab.notifier.stop().await.closes(), Ok(()));
        house.lab.store.check_census().await;
    }
}
