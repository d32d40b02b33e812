//! Each standing of a user: in the file or not, kept or removed, by the configuration or by a person.

use serde_json::json;
use tidings_core::Address;

use super::*;

const A: &str = r#"{"contacts":{"email":"a@example.com"}}"#;
const B: &str = r#"{"contacts":{"email":"b@example.com"}}"#;

fn user(content: &str) -> User {
    User::from(&Profile::from_content(content).unwrap())
}

/// What is done about one user, of whom the configuration says `given` and a document of this author `content`: his address, what is
/// written, and whether it is told that his own change stays.
fn check(given: Option<&str>, kept: Option<(&str, Option<&str>)>, expected: (&str, &str, bool)) {
    let mut users = Users::default();
    given.into_iter().for_each(|content| users.insert("ann", user(content)));
    let document = |(author, content): (&str, Option<&str>)| Document {
        kind: DocumentKind::Profile,
        id: "ann".to_owned(),
        version: 3,
        author: author.to_owned(),
        at: Timestamp::EPOCH,
        content: content.map(Into::into),
    };
    let kept: BTreeMap<_, _> = kept.map(|kept| ("ann".to_owned(), document(kept))).into_iter().collect();
    let found = standing(&users, &kept);
    let address = match found.users.get("ann") {
        Some(user) => user.contacts.get("email").map_or("none", Address::as_str),
        None => "gone",
    };
    let written: Vec<_> = found
        .changes
        .iter()
        .map(|change| {
            assert_eq!((change.expected, &*change.author), (Some(if kept.is_empty() { 0 } else { 3 }), CONFIG));
            change.content.as_deref().unwrap_or("removed")
        })
        .collect();
    assert_eq!((address, &*written.join(" "), !found.own.is_empty()), expected, "{given:?} {kept:?}");
}

#[test]
fn what_follows_the_configuration() {
    check(Some(A), None, ("a@example.com", A, false));
    check(Some(A), Some((CONFIG, Some(A))), ("a@example.com", "", false));
    check(Some(B), Some((CONFIG, Some(A))), ("b@example.com", B, false));
    check(Some(A), Some((CONFIG, None)), ("a@example.com", A, false));
    check(Some(A), Some((CONFIG, Some("{"))), ("a@example.com", A, false));
    check(None, Some((CONFIG, Some(A))), ("gone", "removed", false));
    check(None, None, ("gone", "", false));
}

#[test]
fn what_a_person_changed_stays() {
    check(Some(A), Some(("ann", Some(B))), ("b@example.com", "", true));
    check(Some(A), Some(("ann", Some(A))), ("a@example.com", "", false));
    check(Some(A), Some(("ann", None)), ("gone", "", true));
    check(None, Some(("ann", Some(B))), ("b@example.com", "", false));
    // What nobody can read is told to the log and not touched.
    check(Some(A), Some(("ann", Some("{"))), ("a@example.com", "", true));
    check(None, Some(("ann", Some("{"))), ("gone", "", false));
}

#[test]
fn the_configuration_comes_first_then_the_others() {
    let mut users = Users::default();
    ["zoe", "bob"].into_iter().for_each(|id| users.insert(id, User::default()));
    let kept = ["ann", "bob", "dan"].map(|id| {
        let content = Some(json!({}).to_string().into());
        let (kind, author) = (DocumentKind::Profile, "ann".to_owned());
        let document = Document { kind, id: id.to_owned(), version: 1, author, at: Timestamp::EPOCH, content };
        (id.to_owned(), document)
    });
    let found = standing(&users, &kept.into());
    assert_eq!(found.users.ids().collect::<Vec<_>>(), ["zoe", "bob", "ann", "dan"]);
}
