//! What a purge leaves, and what `fsck` says of it.

use rusqlite::Connection;
use tidings_core::{Event, EventId};

use super::{Place, at, block_on};
use crate::{
    EventRange, Offer, RuleBatch, RulePlan, Store,
    sqlite::{
        SqliteStore,
        fsck::{State, fsck, repair},
    },
};

fn offer(number: i64) -> Offer {
    let event = Event::new("t").at(at(number)).into();
    Offer { id: EventId::named("t", &number.to_string()), event, repeatable: true }
}

/// Accepts events of these numbers, each at its time.
async fn accept(store: &SqliteStore, numbers: std::ops::Range<i64>) {
    for number in numbers {
        store.accept(&[offer(number)], at(number)).await.unwrap();
    }
}

async fn plan(store: &SqliteStore, numbers: std::ops::Range<i64>) {
    let plans = numbers.map(|number| RulePlan::nothing(offer(number).id)).collect();
    store.plan_rule(&RuleBatch { plans, states: vec![] }, at(0)).await.unwrap();
}

async fn purge(store: &SqliteStore, before: i64) {
    while store.purge(at(before), 100).await.unwrap().total() > 0 {}
}

fn notes(place: &Place) -> i64 {
    let sql = "SELECT count(*) FROM damaged";
    Connection::open(place.path()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

fn whole(place: &Place) {
    let report = fsck(&place.path());
    assert_eq!(report.state, State::Whole, "{report}");
}

/// A row that was set aside is missed as long as numbers before it are kept: so is the note of it.
#[test]
fn the_note_of_an_old_damage_goes_with_its_number() {
    let place = Place::new();
    let store = place.open();
    block_on(async {
        accept(&store, 0..6).await;
        plan(&store, 1..6).await;
        Connection::open(place.path()).unwrap().execute("UPDATE event SET at=7 WHERE number=3", []).unwrap();
        store.events(&EventRange::default(), 10).await.unwrap();
        accept(&store, 6..7).await;
        purge(&store, 100).await;
    });
    assert_eq!(notes(&place), 1, "the first event waits, and stays");
    store.close();
    whole(&place);
    let store = place.open();
    block_on(async {
        plan(&store, 0..7).await;
        purge(&store, 100).await;
    });
    assert_eq!(notes(&place), 0);
    store.close();
    whole(&place);
}

/// The same of rows of which only their number is known.
#[test]
fn the_note_of_a_loss_goes_with_its_numbers() {
    let place = Place::new();
    let store = place.open();
    block_on(accept(&store, 0..6));
    store.close();
    for lost in [3, 4] {
        let sql = format!("DELETE FROM event_outbox WHERE number={lost}; DELETE FROM event WHERE number={lost}");
        Connection::open(place.path()).unwrap().execute_batch(&sql).unwrap();
        repair(&place.path(), at(10)).unwrap();
        whole(&place);
    }
    let store = place.open();
    block_on(async {
        plan(&store, 1..6).await;
        purge(&store, 100).await;
    });
    assert_eq!(notes(&place), 1, "the first event waits, and stays");
    store.close();
    whole(&place);
    let store = place.open();
    block_on(async {
        plan(&store, 0..1).await;
        purge(&store, 100).await;
    });
    assert_eq!(notes(&place), 0);
    store.close();
    whole(&place);
}

/// What nobody ends is bounded by count.
#[test]
fn beyond_many_the_first_incidents_go() {
    let place = Place::new();
    let store = place.open();
    let sql = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM n WHERE n<100003) \
        INSERT INTO told SELECT n, CAST(n AS BLOB), 'ann', x'00', NULL, 'key', 1000005000000000, 0 FROM n";
    Connection::open(place.path()).unwrap().execute_batch(sql).unwrap();
    block_on(purge(&store, 5));
    let count =
        |sql: &str| -> i64 { Connection::open(place.path()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(count("SELECT count(*) FROM told"), 100_003, "they are not old");
    block_on(purge(&store, 100));
    assert_eq!(count("SELECT count(*) FROM told"), 100_000);
    assert_eq!(count("SELECT min(number) FROM told"), 4);
}
