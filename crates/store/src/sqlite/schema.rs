//! The tables, and how a file comes from one version of them to the next. What stands in a row is said where it is written.

use rusqlite::Connection;

use super::counters::Counters;

/// What marks a file as ours: `TIDI`.
pub(crate) const APPLICATION: i32 = 0x5449_4449;
/// The version of the tables that this code writes.
pub(crate) const VERSION: i32 = 3;

/// A table whose rows carry a number, in their first column, and a checksum, in their last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Table {
    Event,
    Outbox,
    Notification,
    Delivery,
    Log,
    Name,
    Cooldown,
    Dedup,
    Told,
    State,
    RuleSet,
    Cursor,
    Disabled,
    Meta,
    Damaged,
    Judged,
    Inbox,
    Deferred,
    Document,
}

impl Table {
    pub(crate) const ALL: [Self; 19] = [
        Self::Event,
        Self::Outbox,
        Self::Notification,
        Self::Delivery,
        Self::Log,
        Self::Name,
        Self::Cooldown,
        Self::Dedup,
        Self::Told,
        Self::State,
        Self::RuleSet,
        Self::Cursor,
        Self::Disabled,
        Self::Meta,
        Self::Damaged,
        Self::Judged,
        Self::Inbox,
        Self::Deferred,
        Self::Document,
    ];

    /// The version of the tables that it came with.
    pub(crate) const fn since(self) -> i32 {
        match self {
            Self::Inbox => 2,
            Self::Deferred | Self::Document => 3,
            _ => 1,
        }
    }

    /// Its name in the file; every checksum begins with it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Outbox => "event_outbox",
            Self::Notification => "notification",
            Self::Delivery => "delivery",
            Self::Log => "delivery_log",
            Self::Name => "name",
            Self::Cooldown => "cooldown",
            Self::Dedup => "dedup",
            Self::Told => "told",
            Self::State => "rule_state",
            Self::RuleSet => "rule_set",
            Self::Cursor => "sink_cursor",
            Self::Disabled => "disabled",
            Self::Meta => "meta",
            Self::Damaged => "damaged",
            Self::Judged => "judged",
            Self::Inbox => "inbox",
            Self::Deferred => "deferred",
            Self::Document => "document",
        }
    }

    /// Its columns in order, without the checksum.
    pub(crate) const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Event => &["number", "id", "received", "at", "agent", "body"],
            Self::Outbox => &["number"],
            Self::Notification => &["number", "id", "planned", "status", "plan", "attempts", "body"],
            Self::Delivery => DELIVERY,
            Self::Log => LOG,
            Self::Name => &["number", "name", "used"],
            Self::Cooldown => &["number", "rule", "agent", "at", "until", "by"],
            Self::Dedup => &["number", "key", "by", "priority", "at", "until"],
            Self::Told => &["number", "incident", "user", "begun_by", "ended_by", "key", "last"],
            Self::State => &["number", "rule", "key", "state", "shift", "written"],
            Self::RuleSet => &["number", "first", "since", "content"],
            Self::Cursor => &["number", "sink", "event", "moved"],
            Self::Disabled => &["number", "endpoint", "address", "since", "reason"],
            Self::Meta => &["number", "content"],
            Self::Damaged => &["number", "origin", "row", "at", "content"],
            Self::Judged => &["number", "more", "at"],
            Self::Inbox => &["number", "user", "seq", "notification", "at", "read", "content"],
            Self::Deferred => &["number", "notification", "event", "user", "until", "since", "digested", "wait"],
            Self::Document => &["number", "kind", "id", "version", "author", "at", "content"],
        }
    }

    /// Whether the file has it: one of an older version that is only read may not.
    pub(crate) fn is_in(self, connection: &Connection) -> rusqlite::Result<bool> {
        connection.prepare_cached("SELECT 1 FROM sqlite_schema WHERE name=?")?.exists([self.name()])
    }

    /// A statement that puts a whole row in.
    pub(crate) fn insert(self) -> String {
        let places = "?,".repeat(self.columns().len());
        format!("INSERT INTO {}({},crc) VALUES({places}?)", self.name(), self.columns().join(","))
    }

    /// A statement that puts a whole row in the place of the one with its number.
    pub(crate) fn replace(self) -> String {
        let sets: Vec<_> = self.columns().iter().skip(1).chain(&["crc"]).zip(2..).map(set).collect();
        format!("UPDATE {} SET {} WHERE number=?1", self.name(), sets.join(","))
    }

    /// A statement that reads whole rows.
    pub(crate) fn select(self, rest: &str) -> String {
        format!("SELECT {},crc FROM {} {rest}", self.columns().join(","), self.name())
    }
}

fn set((column, place): (&&str, usize)) -> String {
    format!("{column}=?{place}")
}

const DELIVERY: &[&str] = &[
    "number",
    "id",
    "event",
    "notification",
    "endpoint",
    "lane",
    "severity",
    "made",
    "due",
    "expires",
    "yields",
    "head",
    "leased",
    "attempts",
    "fence",
    "leg",
    "recipient",
    "rule",
    "agent",
    "user",
    "payload",
];

const LOG: &[&str] = &[
    "number",
    "at",
    "step",
    "event",
    "notification",
    "delivery",
    "rule",
    "agent",
    "user",
    "endpoint",
    "attempt",
    "detail",
];

/// The first version. `event` and `notification` hold a number where the row is kept, else an id; the names of rules, agents, users
/// and endpoints are numbers of `name`; times are nanoseconds.
const FIRST: &str = "
CREATE TABLE schema_version(version INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
CREATE TABLE meta(number INTEGER PRIMARY KEY, content TEXT NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE name(number INTEGER PRIMARY KEY, name TEXT NOT NULL, used INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX name_text ON name(name);
CREATE TABLE event(number INTEGER PRIMARY KEY, id BLOB NOT NULL, received INTEGER NOT NULL, at INTEGER NOT NULL, agent INTEGER,
    body BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE event_outbox(number INTEGER PRIMARY KEY, crc INTEGER NOT NULL) STRICT;
CREATE TABLE notification(number INTEGER PRIMARY KEY, id BLOB NOT NULL, planned INTEGER NOT NULL, status INTEGER NOT NULL,
    plan TEXT NOT NULL, attempts TEXT NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE delivery(number INTEGER PRIMARY KEY, id BLOB NOT NULL, event ANY, notification ANY, endpoint INTEGER NOT NULL,
    lane INTEGER NOT NULL, severity INTEGER NOT NULL, made INTEGER NOT NULL, due INTEGER NOT NULL, expires INTEGER NOT NULL,
    yields INTEGER NOT NULL, head INTEGER NOT NULL, leased INTEGER NOT NULL, attempts INTEGER NOT NULL, fence INTEGER NOT NULL,
    leg TEXT, recipient TEXT, rule INTEGER, agent INTEGER, user INTEGER, payload BLOB, crc INTEGER NOT NULL) STRICT;
CREATE INDEX delivery_lane ON delivery(endpoint, lane);
CREATE INDEX delivery_due ON delivery(endpoint, due, number, leased) WHERE head=1;
CREATE INDEX delivery_overdue ON delivery(endpoint, expires, due) WHERE head=1 AND yields=1;
CREATE TABLE delivery_log(number INTEGER PRIMARY KEY, at INTEGER NOT NULL, step INTEGER NOT NULL, event ANY, notification ANY,
    delivery BLOB, rule INTEGER, agent INTEGER, user INTEGER, endpoint INTEGER, attempt INTEGER NOT NULL, detail TEXT,
    crc INTEGER NOT NULL) STRICT;
CREATE INDEX log_step ON delivery_log(step);
CREATE INDEX log_event ON delivery_log(event) WHERE event IS NOT NULL;
CREATE INDEX log_notification ON delivery_log(notification) WHERE notification IS NOT NULL;
CREATE INDEX log_rule ON delivery_log(rule, step) WHERE rule IS NOT NULL;
CREATE INDEX log_agent ON delivery_log(agent, step) WHERE agent IS NOT NULL;
CREATE INDEX log_rule_agent ON delivery_log(rule, agent, step) WHERE rule IS NOT NULL AND agent IS NOT NULL;
CREATE INDEX log_user ON delivery_log(user, step) WHERE user IS NOT NULL;
CREATE INDEX log_endpoint ON delivery_log(endpoint, step) WHERE endpoint IS NOT NULL;
CREATE TABLE id_key(kind INTEGER NOT NULL, key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY(kind, key, number))
    STRICT, WITHOUT ROWID;
CREATE TABLE cooldown(number INTEGER PRIMARY KEY, rule TEXT NOT NULL, agent TEXT NOT NULL, at INTEGER NOT NULL,
    until INTEGER NOT NULL, by BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX cooldown_of ON cooldown(rule, agent);
CREATE TABLE dedup(number INTEGER PRIMARY KEY, key TEXT NOT NULL, by BLOB NOT NULL, priority INTEGER NOT NULL,
    at INTEGER NOT NULL, until INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX dedup_of ON dedup(key);
CREATE TABLE told(number INTEGER PRIMARY KEY, incident BLOB NOT NULL, user TEXT NOT NULL, begun_by BLOB NOT NULL, ended_by BLOB,
    key TEXT NOT NULL, last INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX told_of ON told(incident, user);
CREATE TABLE rule_state(number INTEGER PRIMARY KEY, rule TEXT NOT NULL, key TEXT NOT NULL, state BLOB NOT NULL,
    shift INTEGER NOT NULL, written INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX rule_state_of ON rule_state(rule, key);
CREATE TABLE rule_set(number INTEGER PRIMARY KEY, first INTEGER NOT NULL, since INTEGER NOT NULL, content TEXT NOT NULL,
    crc INTEGER NOT NULL) STRICT;
CREATE TABLE sink_cursor(number INTEGER PRIMARY KEY, sink TEXT NOT NULL, event INTEGER NOT NULL, moved INTEGER NOT NULL,
    crc INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX sink_cursor_of ON sink_cursor(sink);
CREATE TABLE disabled(number INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, address TEXT, since INTEGER NOT NULL,
    reason TEXT NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE damaged(number INTEGER PRIMARY KEY, origin TEXT NOT NULL, row INTEGER NOT NULL, at INTEGER NOT NULL,
    content BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX damaged_of ON damaged(origin, row);
CREATE TABLE judged(number INTEGER PRIMARY KEY, more INTEGER NOT NULL, at INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;
";

/// What users can look up of what they were told: by user a sequence without gaps.
const SECOND: &str = "
CREATE TABLE inbox(number INTEGER PRIMARY KEY, user TEXT NOT NULL, seq INTEGER NOT NULL, notification BLOB NOT NULL,
    at INTEGER NOT NULL, read INTEGER NOT NULL, content TEXT NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX inbox_of ON inbox(user, seq);
CREATE INDEX inbox_message ON inbox(user, notification);
CREATE INDEX inbox_at ON inbox(at);
";

/// What is told later, and what people may change while the program runs.
const THIRD: &str = "
CREATE TABLE deferred(number INTEGER PRIMARY KEY, notification INTEGER NOT NULL, event ANY, user TEXT NOT NULL,
    until INTEGER NOT NULL, since INTEGER NOT NULL, digested INTEGER NOT NULL, wait TEXT NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX deferred_of ON deferred(notification);
CREATE INDEX deferred_until ON deferred(until, user);
CREATE INDEX deferred_user ON deferred(user, until);
CREATE TABLE document(number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    author TEXT NOT NULL, at INTEGER NOT NULL, content TEXT, crc INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX document_of ON document(kind, id);
";

/// What brings a file from each version to the next.
const MIGRATIONS: [&str; VERSION as usize] = [FIRST, SECOND, THIRD];

/// Brings a file to the version of this code, a transaction for each step.
pub(crate) fn migrate(connection: &Connection, from: i32, now: i64) -> rusqlite::Result<()> {
    migrate_to(VERSION, connection, from, now)
}

/// Brings a file to this version, which older code wrote.
pub(crate) fn migrate_to(last: i32, connection: &Connection, from: i32, now: i64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION)?;
    let steps = MIGRATIONS.iter().zip(1..=last);
    for (step, version) in steps.skip(usize::try_from(from).unwrap_or(0)) {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let done = connection
            .execute_batch(step)
            .and_then(|()| connection.execute("INSERT INTO schema_version(version,at) VALUES(?,?)", (version, now)))
            .and_then(|_| if version == 1 { Counters::default().save(connection) } else { Ok(()) })
            .and_then(|()| connection.pragma_update(None, "user_version", version))
            .and_then(|()| connection.execute_batch("COMMIT"));
        if let Err(error) = done {
            // The transaction may be gone already; the error that matters is the first.
            drop(connection.execute_batch("ROLLBACK"));
            return Err(error);
        }
    }
    Ok(())
}
