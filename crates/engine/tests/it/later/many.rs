//! Many who are told at the same moment.

use tidings_store::MemoryStore;

use super::*;

#[tokio::test]
async fn more_than_one_turn_of_one_moment_are_all_told() {
    let (builder, letters) = of_ann(&quiet());
    let clock = FakeClock::at(at(NIGHT));
    let builder = (0..1_100).fold(builder, |builder, n| builder.user(&format!("user {n}"), user(&quiet())));
    let builder = builder.rule(rule("slow")).store(Arc::new(MemoryStore::new(5_000))).clock(Arc::new(clock.clone()));
    let life = Life { notifier: start(builder).await, clock, letters };
    life.say(1).await;
    assert_eq!(life.counts().await, [1_101, 0, 0]);
    life.clock.set(at(MORNING));
    life.say(2).await;
    assert_eq!((life.counts().await, life.titles().len()), ([0, 0, 2_202], 2_202));
    life.stop().await;
}
