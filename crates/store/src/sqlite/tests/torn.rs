//! What waits in a file of which more than one thing is wrong: nobody is told twice, nobody is forgotten without being counted.

use super::{
    Place, at, block_on,
    later::{change, closes, drop_one, dropped, due, expected, put_off},
};
use crate::{
    Census, LogFilter, Page, Pending, Step, Store, StoreError,
    sqlite::{Options, SqliteStore, fsck},
};

#[test]
fn a_wait_whose_row_and_notification_are_both_damaged_is_counted() {
    for harm in ["crc=crc+1", "status=9", "plan='{'", "body=x'00'"] {
        let place = Place::new();
        let store = place.open();
        block_on(async {
            put_off(&store, 500..503).await;
            change(&place, "UPDATE deferred SET crc=crc+1 WHERE notification=1");
            change(&place, &format!("UPDATE notification SET {harm} WHERE number=1"));
            due(&store, 999, 9).await;
            assert_eq!(due(&store, 999, 9).await, expected(501..503), "{harm}");
            let Pending { held, digested, lost, .. } = store.pending().await.unwrap();
            assert_eq!((held, digested, lost), (1, 1, 1), "{harm}");
            closes(store.census().await.unwrap(), 2);
            let filter = LogFilter { steps: vec![Step::Failed], ..LogFilter::default() };
            let told = store.log_query(&filter, Page::After { number: 0, limit: 9 }).await.unwrap();
            assert_eq!(told.len(), 1, "{harm}: its end is told");
        });
    }
}

#[test]
fn what_the_log_says_was_told_is_not_told_again_by_an_older_page() {
    for untold in [false, true] {
        let place = Place::new();
        block_on(async { put_off(&place.open(), 500..503).await });
        change(
            &place,
            "CREATE TABLE older_wait AS SELECT * FROM deferred; CREATE TABLE older AS SELECT * FROM notification",
        );
        let before = block_on(async {
            let store = place.open();
            assert!(drop_one(&store, 501, at(501), untold).await);
            store.census().await.unwrap()
        });
        change(
            &place,
            "DELETE FROM deferred; INSERT INTO deferred SELECT * FROM older_wait; DELETE FROM notification; \
            INSERT INTO notification SELECT * FROM older; DROP TABLE older_wait; DROP TABLE older",
        );
        fsck::repair(&place.path(), at(600)).unwrap();
        let store = place.open();
        block_on(async {
            assert_eq!(due(&store, 999, 9).await, expected([500, 502]));
            let after = store.census().await.unwrap();
            assert_eq!(after, Census { entries: after.entries, ..before });
        });
        drop(store);
        assert!(fsck::fsck(&place.path()).is_whole(), "{}", fsck::fsck(&place.path()));
    }
}

#[test]
fn a_full_disk_holds_up_what_waits_and_changes_nothing() {
    let place = Place::new();
    block_on(async { put_off(&place.open(), 500..600).await });
    let size = std::fs::metadata(place.path()).unwrap().len();
    let options = Options { max_size: Some(size), ..Options::default() };
    let (store, _) = SqliteStore::open(&place.path(), &options, at(0)).unwrap();
    block_on(async {
        let mut gone = 500;
        let refused = loop {
            let batch = dropped(gone, at(i64::from(gone)), true);
            match store.resume(&batch, at(1_000)).await {
                Ok(stood) => assert_eq!(stood, [true]),
                Err(error) => break error,
            }
            gone += 1;
            assert!(gone < 600, "it is never full");
        };
        assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
        let Pending { held, digested, .. } = store.pending().await.unwrap();
        assert_eq!(held + digested, u64::from(600 - gone));
        closes(store.census().await.unwrap(), held + digested);
        assert_eq!(due(&store, 999, 999).await, expected(gone..600));
    });
    drop(store);
    let store = place.open();
    block_on(async {
        let (first, _) = due(&store, 999, 1).await.remove(0);
        let first: u32 = first.rsplit(' ').next().unwrap().parse().unwrap();
        assert!(drop_one(&store, first, at(i64::from(first)), true).await, "with room it goes on");
    });
}
