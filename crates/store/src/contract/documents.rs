//! Documents: versions that count up, also over a removal; changed all or none; through every restart.

use super::{
    purging::purge_all,
    rig::{Rig, get},
    samples::at,
};
use crate::{Document, DocumentChange, DocumentKind, Put};

const PROFILE: DocumentKind = DocumentKind::Profile;
const SILENCE: DocumentKind = DocumentKind::Silence;

fn change(id: &str, expected: Option<u64>, content: Option<&str>) -> DocumentChange {
    let content = content.map(Into::into);
    DocumentChange { kind: PROFILE, id: id.to_owned(), expected, author: "ann".to_owned(), content }
}

const fn done(version: u64) -> Put {
    Put::Done { version }
}

const fn conflict(version: u64) -> Put {
    Put::Conflict { version }
}

async fn put(rig: &Rig, changes: &[DocumentChange], now: i64) -> Vec<Put> {
    get(rig.store().put_documents(changes, at(now))).await
}

async fn one(rig: &Rig, kind: DocumentKind, id: &str) -> Option<Document> {
    get(rig.store().document(kind, id)).await
}

/// Id, version and content of all profiles.
async fn all(rig: &Rig) -> Vec<(String, u64, String)> {
    let documents = get(rig.store().documents(PROFILE)).await;
    let content = |document: &Document| document.content.as_deref().unwrap_or("removed").to_owned();
    documents.iter().map(|document| (document.id.clone(), document.version, content(document))).collect()
}

fn rows(expected: &[(&str, u64, &str)]) -> Vec<(String, u64, String)> {
    expected.iter().map(|(id, version, content)| ((*id).to_owned(), *version, (*content).to_owned())).collect()
}

pub(super) async fn a_document_counts_its_changes(rig: &mut Rig) {
    assert_eq!(one(rig, PROFILE, "ann").await, None);
    assert_eq!(put(rig, &[change("ann", Some(0), Some("a"))], 1).await, [done(1)]);
    rig.reopen(2).await;
    assert_eq!(put(rig, &[change("ann", Some(1), Some("b"))], 3).await, [done(2)]);
    assert_eq!(put(rig, &[change("ann", None, Some("b"))], 4).await, [done(3)], "whatever stands there");
    let by_bob = DocumentChange { author: "bob".to_owned(), ..change("ann", Some(3), Some("c")) };
    assert_eq!(put(rig, &[by_bob], 5).await, [done(4)]);
    rig.reopen(6).await;
    let expected = Document {
        kind: PROFILE,
        id: "ann".to_owned(),
        version: 4,
        author: "bob".to_owned(),
        at: at(5),
        content: Some("c".into()),
    };
    assert_eq!(one(rig, PROFILE, "ann").await, Some(expected.clone()));
    assert_eq!(get(rig.store().documents(PROFILE)).await, [expected]);
}

pub(super) async fn documents_are_changed_all_or_none(rig: &mut Rig) {
    let first = [change("ann", Some(0), Some("a")), change("bob", Some(0), Some("a"))];
    assert_eq!(put(rig, &first, 1).await, [done(1), done(1)]);
    for wrong in [0, 2, u64::MAX] {
        let changes =
            [change("ann", Some(1), Some("b")), change("bob", Some(wrong), Some("b")), change("cat", None, None)];
        assert_eq!(put(rig, &changes, 2).await, [conflict(1), conflict(1), conflict(0)], "{wrong}");
    }
    assert_eq!(put(rig, &[change("cat", Some(1), Some("b"))], 3).await, [conflict(0)]);
    assert_eq!(put(rig, &[], 4).await, []);
    rig.reopen(5).await;
    assert_eq!(all(rig).await, rows(&[("ann", 1, "a"), ("bob", 1, "a")]));
    assert_eq!(one(rig, PROFILE, "cat").await, None);
}

pub(super) async fn changes_of_one_batch_follow_each_other(rig: &mut Rig) {
    let both = [change("ann", Some(0), Some("a")), change("ann", Some(0), Some("b"))];
    assert_eq!(put(rig, &both, 1).await, [done(1), done(2)], "each is held against what stood before");
    assert_eq!(put(rig, &[change("ann", None, None), change("ann", None, Some("c"))], 2).await, [done(3), done(4)]);
    assert_eq!(all(rig).await, rows(&[("ann", 4, "c")]));
}

pub(super) async fn a_document_that_was_removed_keeps_its_version(rig: &mut Rig) {
    put(rig, &[change("ann", None, Some("a")), change("bob", None, Some("a"))], 1).await;
    assert_eq!(put(rig, &[change("ann", Some(1), None)], 2).await, [done(2)]);
    rig.reopen(3).await;
    assert_eq!(all(rig).await, rows(&[("bob", 1, "a")]));
    let removed = one(rig, PROFILE, "ann").await.map(|document| (document.version, document.author, document.content));
    assert_eq!(removed, Some((2, "ann".to_owned(), None)));
    assert_eq!(put(rig, &[change("ann", Some(0), Some("b"))], 4).await, [conflict(2)], "there was one");
    assert_eq!(put(rig, &[change("ann", Some(2), Some("b"))], 5).await, [done(3)]);
    assert_eq!(put(rig, &[change("cat", None, None)], 6).await, [done(1)], "one that never was");
    rig.reopen(7).await;
    assert_eq!(all(rig).await, rows(&[("ann", 3, "b"), ("bob", 1, "a")]));
}

pub(super) async fn a_silence_that_was_removed_is_forgotten_in_time(rig: &mut Rig) {
    rig.purges = true;
    let silence = |id, content| DocumentChange { kind: SILENCE, ..change(id, None, content) };
    put(rig, &[silence("past", Some("a")), silence("new", Some("a")), silence("lasts", Some("a"))], 1).await;
    put(rig, &[change("ann", None, Some("a")), change("ann", None, None), silence("past", None)], 2).await;
    put(rig, &[silence("new", None)], 9).await;
    assert_eq!(purge_all(rig, 9, 1).await.keys, 1);
    rig.reopen(10).await;
    assert_eq!(one(rig, SILENCE, "past").await, None);
    let versions = async |kind, id| one(rig, kind, id).await.map(|document| document.version);
    assert_eq!(versions(SILENCE, "new").await, Some(2), "not long ago");
    assert_eq!(versions(SILENCE, "lasts").await, Some(1));
    assert_eq!(versions(PROFILE, "ann").await, Some(2), "nobody comes back by a purge");
}

pub(super) async fn documents_are_listed_by_kind_and_id(rig: &mut Rig) {
    let long = "x".repeat(10_000);
    let ids =
        ["", " ", "Zoë", "ann", "ann\0b", "ann ", "İ", "ß", "\u{10ffff}", "'; DROP TABLE document", long.as_str()];
    let changes: Vec<_> = ids.iter().map(|id| change(id, Some(0), Some(id))).collect();
    assert!(put(rig, &changes, 1).await.iter().all(|put| *put == done(1)));
    let silence = DocumentChange { kind: SILENCE, ..change("ann", Some(0), Some("hush")) };
    assert_eq!(put(rig, &[silence], 2).await, [done(1)], "each kind has ids of its own");
    rig.reopen(3).await;
    let mut expected: Vec<_> = ids.iter().map(|id| (*id, 1, *id)).collect();
    expected.sort_unstable();
    assert_eq!(all(rig).await, rows(&expected));
    for id in ids {
        assert_eq!(one(rig, PROFILE, id).await.and_then(|document| document.content).as_deref(), Some(id));
    }
    let silences = get(rig.store().documents(SILENCE)).await;
    assert_eq!(silences.iter().map(|document| document.content.as_deref()).collect::<Vec<_>>(), [Some("hush")]);
    assert_eq!(one(rig, SILENCE, "ß").await, None);
}
