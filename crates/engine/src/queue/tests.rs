use std::sync::Arc;

use super::*;
use Severity::{Critical, Error, Info};

#[test]
fn the_lowest_severity_gives_way_and_order_stays() {
    let queue = ShedQueue::new(3);
    for (severity, item, expected) in [
        (Info, 1, Pushed::Queued),
        (Error, 2, Pushed::Queued),
        (Info, 3, Pushed::Queued),
        (Info, 4, Pushed::Full(4)),
        (Critical, 5, Pushed::Displaced(Info, 3)),
        (Error, 6, Pushed::Displaced(Info, 1)),
        (Error, 7, Pushed::Full(7)),
        (Critical, 8, Pushed::Displaced(Error, 6)),
    ] {
        assert_eq!(queue.push(severity, item), expected, "{item}");
    }
    let mut batch = Batch::default();
    queue.take(&mut batch);
    assert_eq!(batch.collect::<Vec<_>>(), [2, 5, 8]);
    assert_eq!(queue.outstanding(), 3);
    let mut booked = false;
    queue.settle(3, || booked = true);
    assert!(booked);
    let tally = queue.tally();
    assert_eq!((tally.offered, tally.shed, tally.outstanding), (8, [3, 0, 2, 0], 0));
}

#[test]
fn what_was_written_off_does_not_count_again() {
    let queue = ShedQueue::new(3);
    queue.push(Info, 1);
    queue.push(Info, 2);
    assert_eq!(queue.pop_blocking(), Some(1));
    assert_eq!(queue.write_off(), 2);
    queue.settle(1, || unreachable!("it was written off"));
    assert_eq!(queue.push(Info, 3), Pushed::Closed(3));
    assert_eq!(queue.pop_blocking(), None);
}

#[tokio::test]
async fn no_wake_up_is_lost_between_tasks() {
    let queue = Arc::new(ShedQueue::new(10));
    let consumer = tokio::spawn({
        let queue = Arc::clone(&queue);
        async move {
            let mut sum = 0;
            while let Some(item) = queue.pop().await {
                sum += item;
                queue.settle(1, || ());
            }
            sum
        }
    });
    for item in 1..=1000 {
        while matches!(queue.push(Info, item), Pushed::Full(_)) {
            tokio::task::yield_now().await;
        }
        if item % 7 == 0 {
            tokio::task::yield_now().await;
        }
    }
    queue.close();
    assert_eq!(consumer.await.unwrap(), 500_500);
}

#[test]
fn no_wake_up_is_lost_between_threads() {
    let queue = Arc::new(ShedQueue::new(10));
    let consumer = std::thread::spawn({
        let queue = Arc::clone(&queue);
        move || std::iter::from_fn(|| queue.pop_blocking()).sum::<u64>()
    });
    for item in 1..=10_000 {
        while matches!(queue.push(Info, item), Pushed::Full(_)) {
            std::thread::yield_now();
        }
    }
    queue.close();
    assert_eq!(consumer.join().unwrap(), 50_005_000);
}
