//! Inboxes in the file: what a purge leaves of them, and that a file from before them is brought up to them.

use rusqlite::Connection;
use tidings_core::{Event, EventId, NotificationId, id::derive};

use super::{Place, at, block_on};
use crate::{
    EventRange, InboxMessage, Offer, Store,
    sqlite::{Options, SqliteStore, schema},
};

fn message(user: &str, name: &str) -> InboxMessage {
    let notification = NotificationId::from_bytes(derive("test.inbox", &[name.as_bytes()]));
    InboxMessage { user: user.into(), notification, content: name.into() }
}

#[test]
fn a_purge_leaves_the_newest_of_each_user() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        let old = [message("ann", "a"), message("ann", "b"), message("bob", "a")];
        store.inbox_append(&old, 100, at(0)).await.unwrap();
        store.inbox_append(&[message("cat", "a")], 100, at(50)).await.unwrap();
        assert_eq!(store.purge(at(10), 100).await.unwrap().keys, 1);
        for (user, oldest) in [("ann", 2), ("bob", 1), ("cat", 1)] {
            assert_eq!(store.inbox_bounds(user).await.unwrap().oldest, oldest, "{user}");
        }
        assert_eq!(store.inbox_append(&[message("ann", "c")], 100, at(60)).await.unwrap()[0].seq, 3);
    });
}

/// A file as the first version of the tables left it, with an event in it.
fn first_version(place: &Place) {
    let store = place.open();
    let offer = Offer { id: EventId::named("t", "a"), event: Event::new("a").at(at(0)).into(), repeatable: true };
    block_on(async { store.accept(&[offer], at(0)).await.unwrap() });
    drop(store);
    place.age(1);
}

#[test]
fn a_file_from_before_inboxes_is_brought_up_and_nothing_of_it_is_lost() {
    let place = Place::new();
    first_version(&place);
    let (store, opened) = SqliteStore::open(&place.path(), &Options::default(), at(1)).unwrap();
    assert!(opened.damage.is_empty(), "{opened:?}");
    block_on(async {
        assert_eq!(store.events(&EventRange::default(), 10).await.unwrap().len(), 1);
        assert_eq!(store.inbox_append(&[message("ann", "a")], 10, at(2)).await.unwrap()[0].seq, 1);
    });
    drop(store);
    let version = |connection: Connection| connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i32>(0));
    assert_eq!(version(Connection::open(place.path()).unwrap()), Ok(schema::VERSION));
}

#[test]
fn a_damaged_file_from_before_inboxes_is_mended_without_missing_them() {
    let place = Place::new();
    first_version(&place);
    let mut bytes = std::fs::read(place.path()).unwrap();
    // The header's own count of changes and the reserved bytes: what SQLite does not mind, and we do.
    bytes[72] = 1;
    std::fs::write(place.path(), bytes).unwrap();
    let (store, opened) = SqliteStore::open(&place.path(), &Options::default(), at(1)).unwrap();
    let told = format!("{opened:?}");
    let names = std::fs::read_dir(place.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    assert!(names.iter().any(|name| name.contains("damaged")), "it was not set aside: {names:?}");
    assert!(!told.contains("inbox"), "{told}");
    block_on(async {
        assert_eq!(store.events(&EventRange::default(), 10).await.unwrap().len(), 1, "{told}");
        assert_eq!(store.inbox_append(&[message("ann", "a")], 10, at(2)).await.unwrap()[0].seq, 1);
    });
}

#[test]
fn inboxes_of_a_file_that_was_brought_up_outlive_the_loss_of_its_first_page() {
    let place = Place::new();
    first_version(&place);
    block_on(async {
        let store = place.open();
        let messages: Vec<_> = (0..200).map(|number| message("ann", &format!("message {number}"))).collect();
        store.inbox_append(&messages, 1000, at(2)).await.unwrap();
        assert_eq!(store.inbox_mark_read("ann", &[1, 7]).await.unwrap(), 2);
    });
    let connection = Connection::open(place.path()).unwrap();
    let page: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(connection);
    let mut bytes = std::fs::read(place.path()).unwrap();
    // What tells where the tables begin.
    bytes[100..page as usize].fill(0);
    std::fs::write(place.path(), bytes).unwrap();
    let (store, opened) = SqliteStore::open(&place.path(), &Options::default(), at(3)).unwrap();
    block_on(async {
        assert_eq!(store.events(&EventRange::default(), 10).await.unwrap().len(), 1, "{opened:?}");
        let kept = store.inbox_since("ann", 0, 1000).await.unwrap();
        assert_eq!(kept.iter().map(|row| row.seq).collect::<Vec<u64>>(), (1..=200).collect::<Vec<u64>>(), "{opened:?}");
        assert_eq!(kept.iter().filter(|row| row.read).map(|row| row.seq).collect::<Vec<_>>(), [1, 7]);
        assert_eq!(store.inbox_append(&[message("ann", "next")], 1000, at(4)).await.unwrap()[0].seq, 201);
    });
}
