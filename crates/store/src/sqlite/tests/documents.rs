//! Documents in the file: one that does not check is set aside and told, and everything else goes on.

use rusqlite::Connection;

use super::{Place, at, block_on};
use crate::{
    DocumentChange, DocumentKind, LogFilter, Page, Put, Step, Store,
    sqlite::fsck::{State, fsck},
};

fn change(id: &str, content: &str) -> DocumentChange {
    DocumentChange {
        kind: DocumentKind::Profile,
        id: id.to_owned(),
        expected: None,
        author: "ann".to_owned(),
        content: Some(content.into()),
    }
}

#[test]
fn a_damaged_document_is_set_aside() {
    for column in ["content='{}'", "version=9", "kind=7", "author=author||'x'", "at=at+1", "crc=crc+1"] {
        let place = Place::new();
        let store = place.open();
        let changes = ["ann", "bob"].map(|id| change(id, "a"));
        block_on(async { store.put_documents(&changes, at(1)).await.unwrap() });
        drop(store);
        let connection = Connection::open(place.path()).unwrap();
        assert_eq!(connection.execute(&format!("UPDATE document SET {column} WHERE id='ann'"), []).unwrap(), 1);
        drop(connection);
        assert_eq!(fsck(&place.path()).state, State::Damaged, "{column}");
        let store = place.open();
        block_on(async {
            let all = store.documents(DocumentKind::Profile).await.unwrap();
            assert_eq!(all.iter().map(|document| &*document.id).collect::<Vec<_>>(), ["bob"], "{column}");
            assert_eq!(store.document(DocumentKind::Profile, "ann").await.unwrap(), None, "{column}");
            let again = store.put_documents(&[change("ann", "b")], at(2)).await.unwrap();
            assert_eq!(again, [Put::Done { version: 1 }], "{column}");
            let damaged = LogFilter { steps: vec![Step::Damaged], ..LogFilter::default() };
            let told = store.log_query(&damaged, Page::After { number: 0, limit: 10 }).await.unwrap();
            assert_eq!(told.len(), 1, "{column}");
        });
        drop(store);
        assert_eq!(fsck(&place.path()).state, State::Whole, "{column}");
    }
}

#[test]
fn a_change_of_a_damaged_document_is_made_at_once() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        store.put_documents(&["ann", "bob"].map(|id| change(id, "a")), at(1)).await.unwrap();
        Connection::open(place.path()).unwrap().execute("UPDATE document SET version=9 WHERE id='ann'", []).unwrap();
        let both = [change("ann", "b"), change("bob", "b")];
        assert_eq!(
            store.put_documents(&both, at(2)).await.unwrap(),
            [Put::Done { version: 1 }, Put::Done { version: 2 }]
        );
        assert_eq!(store.documents(DocumentKind::Profile).await.unwrap().len(), 2);
    });
}
