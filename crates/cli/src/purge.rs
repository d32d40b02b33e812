//! `purge`: forgets what is settled and old.

use tidings::{
    clock::system_now,
    store::{Purged, Store},
};

use crate::{
    Exit,
    args::{Output, Purge},
    kept, output,
};

/// Rows at once.
const SLICE: usize = 1_000;

/// Forgets what is settled and older than asked. What is open stays, however old it is.
pub(crate) async fn purge(purge: &Purge, output: &Output) -> anyhow::Result<Exit> {
    let store = kept::to_write(&purge.store)?;
    let before = purge.before.from(system_now());
    let mut total = Purged::default();
    loop {
        let taken = store.purge(before, SLICE).await?;
        if taken.total() == 0 {
            break;
        }
        total = Purged {
            events: total.events + taken.events,
            notifications: total.notifications + taken.notifications,
            entries: total.entries + taken.entries,
            keys: total.keys + taken.keys,
        };
    }
    store.close();
    if output.json {
        output::json(&total);
    } else {
        let Purged { events, notifications, entries, keys } = total;
        output::line(format_args!(
            "forgot {events} events, {notifications} notifications, {entries} log entries, {keys} keys from before {} UTC",
            tidings::explain::utc(before)
        ));
    }
    Ok(Exit::Done)
}
