//! Rows tell rules, agents, users and endpoints by the number of a name: where the name is lost, it is taken from a row that still
//! says it, else one stands in that says so. What the names are used for is not known here.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;
use tidings_core::{DeliveryId, EventId};

use crate::sqlite::{
    error::Failure,
    row::{self, Cell},
    schema::Table,
};

/// A table, its column, and what tells the name itself: a text and a place in that.
type Use = (&'static str, &'static str, Option<(&'static str, &'static str)>);

/// Where names are told by their numbers.
const USES: [Use; 9] = [
    ("event", "agent", Some(("CAST(body AS TEXT)", "/2"))),
    ("delivery", "endpoint", Some(("leg", "/channel"))),
    ("delivery", "rule", None),
    ("delivery", "agent", None),
    ("delivery", "user", None),
    ("delivery_log", "rule", None),
    ("delivery_log", "agent", None),
    ("delivery_log", "user", None),
    ("delivery_log", "endpoint", None),
];

/// Gives every number that is used for a name a name: as a row tells it, else as the index of the names does. Gives those of which
/// nothing tells.
pub(super) fn name_the_nameless(
    connection: &Connection,
    indexed: &HashMap<i64, String>,
) -> Result<BTreeSet<i64>, Failure> {
    let mut nameless = BTreeSet::new();
    for (table, column, source) in USES {
        let used = format!(
            "SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT number FROM name)"
        );
        for number in row::integers(connection, &used, [])? {
            let told = match source {
                Some((text, pointer)) => told(connection, (table, column, text, pointer), number)?,
                None => None,
            };
            let told = match (told, indexed.get(&number)) {
                (None, Some(name)) if fits(connection, number, name)? => Some(name.clone()),
                (told, _) => told,
            };
            if told.is_none() {
                nameless.insert(number);
            }
            name(connection, number, told)?;
        }
    }
    Ok(nameless)
}

/// Whether a name fits the deliveries that go there: the id of an event's delivery is made of its receiver's name.
fn fits(connection: &Connection, number: i64, name: &str) -> Result<bool, Failure> {
    let sql = "SELECT delivery.id, event.id FROM delivery JOIN event ON event.number=delivery.event \
        WHERE delivery.endpoint=? AND delivery.notification IS NULL LIMIT 1";
    let ids = |row: &rusqlite::Row<'_>| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 16]>(1)?));
    let found = connection.query_row(sql, [number], ids).optional()?;
    Ok(found.is_none_or(|(id, event)| *DeliveryId::of_event(EventId::from_bytes(event), name).as_bytes() == id))
}

/// The name as a row tells it that uses the number.
fn told(
    connection: &Connection,
    (table, column, text, pointer): (&str, &str, &str, &str),
    number: i64,
) -> Result<Option<String>, Failure> {
    let sql = format!("SELECT {text} FROM {table} WHERE {column}=? AND {text} IS NOT NULL LIMIT 1");
    let found: Option<String> = connection.query_row(&sql, [number], |row| row.get(0)).optional()?;
    let value = found.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    Ok(value.and_then(|value| value.pointer(pointer)?.as_str().map(str::to_owned)))
}

fn name(connection: &Connection, number: i64, told: Option<String>) -> Result<(), Failure> {
    let is_free = |name: &str| -> Result<bool, Failure> {
        let there = connection.query_row("SELECT 1 FROM name WHERE name=?", [name], |_| Ok(())).optional()?;
        Ok(there.is_none())
    };
    let mut name = told.unwrap_or_else(|| format!("lost name {number}"));
    while !is_free(&name)? {
        name.push_str(" (again)");
    }
    let cells = [Cell::Integer(number), Cell::Text(&name), Cell::Integer(i64::MAX)];
    row::put(connection, &Table::Name.insert(), Table::Name, &cells)?;
    Ok(())
}
