//! How many rows a table should have, as far as the store counts them, and how it is noted that some are lost for good, so that the
//! next start does not look for them again. What to make of a difference is told elsewhere.

use crate::sqlite::{counters::Counters, schema::Table};

/// How many rows were made and not removed since, and up to which number all were purged; `None` where nothing tells.
pub(super) fn expected(counters: &Counters, table: Table) -> Option<(u64, i64)> {
    let made = match table {
        Table::Event => counters.events,
        Table::Log => counters.entries,
        Table::Notification => counters.notifications,
        Table::Outbox => return Some((counters.census.waiting, i64::MAX)),
        Table::Delivery => return Some((counters.census.open, i64::MAX)),
        Table::Deferred => return Some((counters.waits.total(), i64::MAX)),
        Table::Meta => return Some((1, i64::MAX)),
        _ => return None,
    };
    Some((u64::try_from(made.last.saturating_sub(made.purged)).unwrap_or_default(), made.purged))
}

/// Under which origin the rows of a table are noted that were lost for good.
pub(super) fn lost(table: Table) -> String {
    format!("lost {}", table.name())
}
