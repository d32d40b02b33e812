//! Rows that lean on rows which are not there. Whether a row itself is right is told by its checksum.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::sqlite::salvage::UNSENDABLE;

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
        "SELECT number FROM notification WHERE status=0 AND number NOT IN \
        (SELECT notification FROM delivery WHERE typeof(notification)='integer')",
    ),
    ("lanes without a head", "SELECT 1 FROM delivery GROUP BY endpoint, lane HAVING sum(head)<>1"),
];

/// Counts them; what there is none of is left out.
pub(super) fn count(connection: &Connection) -> rusqlite::Result<BTreeMap<String, u64>> {
    let all = LOOSE.into_iter().chain([("deliveries whose message is lost", UNSENDABLE)]);
    let mut found = BTreeMap::new();
    for (what, sql) in all {
        let count: i64 = connection.query_row(&format!("SELECT count(*) FROM ({sql})"), [], |row| row.get(0))?;
        if count > 0 {
            found.insert(what.to_owned(), count.unsigned_abs());
        }
    }
    Ok(found)
}
