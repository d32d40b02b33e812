//! Rows that lean on rows which are not there. Whether a row itself is right is told by its checksum.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::sqlite::{salvage::UNSENDABLE, schema::Table, waits};

/// What is counted, by the words that tell it.
const LOOSE: [(&str, &str); 4] = [
    (
        "events that wait and are not there",
        "SELECT number FROM event_outbox WHERE number NOT IN (SELECT number FROM event)",
    ),
    (
        "deliveries to an endpoint without a name",
        "SELECT number FROM delivery WHERE endpoint NOT IN (SELECT number FROM name)",
    ),
    (
        "notifications that wait for a delivery that is not there",
        "SELECT number FROM notification WHERE status=0 AND json_valid(plan) AND json_array_length(plan, '$.legs')>0 \
        AND number NOT IN (SELECT notification FROM delivery WHERE typeof(notification)='integer')",
    ),
    ("lanes without a head", "SELECT 1 FROM delivery GROUP BY endpoint, lane HAVING sum(head)<>1"),
];

/// What is counted of notifications that are told later, where the file is of a version that has such.
const WAITS: [(&str, &str); 2] = [
    ("notifications that were to be told later, and what they wait for is lost", waits::LOST),
    ("waits that lead to no notification", waits::ORPHANS),
];

/// Counts them; what there is none of is left out.
pub(super) fn count(connection: &Connection) -> rusqlite::Result<BTreeMap<String, u64>> {
    let waits = WAITS.into_iter().filter(|_| Table::Deferred.is_in(connection).unwrap_or(false));
    let all = LOOSE.into_iter().chain([("deliveries whose message is lost", UNSENDABLE)]).chain(waits);
    let mut found = BTreeMap::new();
    for (what, sql) in all {
        let count: i64 = connection.query_row(&format!("SELECT count(*) FROM ({sql})"), [], |row| row.get(0))?;
        if count > 0 {
            found.insert(what.to_owned(), count.unsigned_abs());
        }
    }
    Ok(found)
}
