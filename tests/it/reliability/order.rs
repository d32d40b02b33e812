//! A resolve never overtakes its firing, and nothing is told twice or lost, whatever the channels do.

use std::{collections::HashMap, time::Duration};

use tidings_tests::reliability::{
    house::{House, Mood, Plan},
    lab::Backend,
};

#[tokio::test]
async fn firings_and_resolves_keep_their_order_through_an_outage() {
    for backend in Backend::DURABLE {
        let house = House::start(Plan { users: vec!["ann", "bob"], ..Plan::new(backend) }).await;
        house.push.is(Mood::Down);
        for _ in 0..5 {
            for agent in ["a", "b", "c"] {
                house.load(agent, 9).await;
                house.lab.pass(Duration::from_secs(1)).await;
                house.load(agent, 0).await;
            }
        }
        house.pass(900).await;
        house.push.is(Mood::Broken);
        house.pass(60).await;
        house.push.is(Mood::Well);
        house.pass(1_300).await;
        assert_eq!((house.push.count().1, house.lab.waiting().await), (60, 0));
        check_turns(&house);
        house.stop().await;
    }
}

/// For each person and agent: a firing, its resolve, a firing, its resolve.
fn check_turns(house: &House) {
    let mut last: HashMap<_, String> = HashMap::new();
    for taken in house.push.receiver.taken() {
        let before = last.insert((taken.agent.clone(), taken.to.clone()), taken.what.clone());
        let expected = if before.as_deref() == Some("hot") { "Resolved: hot" } else { "hot" };
        assert_eq!(taken.what, expected, "{taken:?}");
    }
    assert!(last.values().all(|what| what == "Resolved: hot"));
}

const MOODS: [Mood; 9] = [
    Mood::Well,
    Mood::Well,
    Mood::Well,
    Mood::Down,
    Mood::Broken,
    Mood::NotConnected,
    Mood::Limited(20),
    Mood::Busy(100),
    Mood::Unknown,
];

/// Random moods, spans, events and restarts; then all is well, and comes to rest.
async fn one_run(seed: u64, backend: Backend) {
    let mut dice = fastrand::Rng::with_seed(seed);
    let plan = Plan { users: vec!["ann", "bob"], ..Plan::new(backend).fallback("push", &["email"]) };
    let mut house = House::start(plan.fallback("email", &["sms"])).await;
    let mut restarts = 0;
    for _ in 0..40 {
        match dice.u32(0..12) {
            0..4 => house.load(["a", "b", "c"][dice.usize(0..3)], [0, 9][dice.usize(0..2)]).await,
            4..8 => {
                let mood = MOODS[dice.usize(0..MOODS.len())];
                [&house.push, &house.email, &house.sms, &house.hook][dice.usize(0..4)].is(mood);
            }
            8 if !backend.forgets() => {
                house.restart().await;
                restarts += 1;
            }
            8..11 => house.lab.pass(Duration::from_secs(dice.u64(0..40))).await,
            _ => house.lab.pass(Duration::from_secs(dice.u64(0..1_000))).await,
        }
    }
    [&house.push, &house.email, &house.sms, &house.hook].into_iter().for_each(|channel| channel.is(Mood::Well));
    assert!(
        house.lab.pass_until_done(Duration::from_secs(60), Duration::from_secs(7_200)).await,
        "seed {seed}, {backend:?}: something waits for ever"
    );
    for channel in [&house.push, &house.email, &house.sms, &house.hook] {
        channel.receiver.check_once_and_in_order();
    }
    if restarts == 0 {
        house.stop().await;
    } else {
        assert_eq!(house.lab.notifier.stop().await.closes(), Ok(()), "seed {seed}, {backend:?}");
        house.lab.store.check_census().await;
    }
}

#[tokio::test]
async fn whatever_the_channels_do_nothing_is_stuck_or_told_twice() {
    for seed in 0..8 {
        for backend in Backend::ALL {
            one_run(seed, backend).await;
        }
    }
}
