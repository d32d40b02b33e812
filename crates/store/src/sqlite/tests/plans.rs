//! No statement on a table that may be large reads all of it.

use rusqlite::Connection;

use super::Place;
use crate::sqlite::{claim, deferred, delivery::select, inbox, schema::Table, takeover};

fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let rows = statement.raw_query().mapped(|row| row.get::<_, String>(3));
    rows.collect::<Result<Vec<_>, _>>().unwrap().join("; ")
}

#[test]
fn every_hot_statement_goes_by_an_index() {
    let place = Place::new();
    drop(place.open());
    let connection = Connection::open(place.path()).unwrap();
    let check = |sql: &str, expected: &str| {
        let plan =
            plan(&connection, &sql.replace('?', "?1").replace("?11", "?1").replace("?12", "?2").replace("?13", "?3"));
        assert!(plan.contains(expected), "{sql}\n  goes by {plan}\n  not by {expected}");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    };
    check(claim::DUE, "delivery_due (endpoint=? AND due<?)");
    check(claim::OVERDUE, "delivery_overdue (endpoint=? AND expires<?)");
    check(claim::NEXT, "COVERING INDEX delivery_due (endpoint=?)");
    check(claim::NEXT_OVERDUE, "COVERING INDEX delivery_overdue (endpoint=?)");
    check(claim::NEXT_END, "COVERING INDEX delivery_due (endpoint=? AND due>?)");
    check(claim::LEASED, "delivery_due (endpoint=?)");
    check(
        "SELECT number FROM delivery WHERE endpoint=? AND lane=? ORDER BY number LIMIT 1",
        "COVERING INDEX delivery_lane",
    );
    check(select!("WHERE number=?"), "INTEGER PRIMARY KEY");
    for table in Table::ALL {
        check(&table.replace(), "INTEGER PRIMARY KEY (rowid=?)");
    }
    check("DELETE FROM event_outbox WHERE number=?", "INTEGER PRIMARY KEY");
    check("SELECT number FROM name WHERE name=?", "name_text");
    check("SELECT number FROM cooldown WHERE rule=? AND agent=?", "cooldown_of");
    check("SELECT number FROM dedup WHERE key=?", "dedup_of");
    check("SELECT number FROM told WHERE incident=? AND user=?", "told_of");
    check("SELECT number FROM rule_state WHERE rule=? AND key=?", "rule_state_of");
    check("SELECT number FROM inbox WHERE user=? AND seq>? ORDER BY seq", "inbox_of (user=? AND seq>?)");
    check("SELECT max(seq) FROM inbox WHERE user=? HAVING max(seq) IS NOT NULL", "inbox_of (user=?)");
    check("SELECT number FROM inbox WHERE user=? AND notification=?", "inbox_message (user=? AND notification=?)");
    check(inbox::OLD, "inbox_at (at<?)");
    check(deferred::DUE, "deferred_until (until<?)");
    check(deferred::OF, "deferred_user (user=?)");
    check(deferred::REST, "deferred_user (user=? AND until=? AND rowid>?)");
    check(deferred::ONE, "deferred_of (notification=?)");
    check("SELECT min(until) FROM deferred WHERE until>?", "COVERING INDEX deferred_until");
    check("SELECT number FROM sink_cursor WHERE sink=?", "sink_cursor_of");
    check("SELECT number FROM id_key WHERE kind=? AND key=? ORDER BY number", "PRIMARY KEY (kind=? AND key=?)");
    for (filter, index) in [
        ("notification=?", "log_notification"),
        ("event=?", "log_event"),
        ("user=? AND step=?", "log_user (user=? AND step=? AND rowid>? AND rowid<?)"),
        ("rule=? AND agent=? AND step=?", "log_rule_agent (rule=? AND agent=? AND step=? AND rowid>? AND rowid<?)"),
        ("agent=? AND step=?", "log_agent (agent=? AND step=? AND rowid>? AND rowid<?)"),
        ("rule=? AND step=?", "log_rule (rule=? AND step=? AND rowid>? AND rowid<?)"),
        ("endpoint=? AND step=?", "log_endpoint (endpoint=? AND step=? AND rowid>? AND rowid<?)"),
        ("step=?", "log_step"),
        ("?=?", "INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
    ] {
        for order in ["ASC", "DESC"] {
            let name = index.split(' ').next().unwrap_or_default();
            let by = if name == "INTEGER" { "NOT INDEXED".to_owned() } else { format!("INDEXED BY {name}") };
            let rest = format!("{by} WHERE {filter} AND number>=? AND number<=? ORDER BY number {order} LIMIT 100");
            check(&Table::Log.select(&rest), index);
        }
    }
    let leased = plan(&connection, takeover::ALL_LEASED);
    assert!(leased.contains("COVERING INDEX delivery_due"), "{leased}");
}

#[test]
fn tables_are_as_they_are_told() {
    let place = Place::new();
    drop(place.open());
    let connection = Connection::open(place.path()).unwrap();
    for table in Table::ALL {
        let mut statement = connection.prepare(&format!("PRAGMA table_info({})", table.name())).unwrap();
        let columns = statement.query_map([], |row| row.get::<_, String>(1)).unwrap();
        let columns: Vec<_> = columns.collect::<Result<_, _>>().unwrap();
        let expected: Vec<_> = table.columns().iter().copied().chain(["crc"]).collect();
        assert_eq!(columns, expected, "{}", table.name());
    }
}
