//! `tail`: what is decided and done, while it happens, oldest first. The log is read beside whoever writes it; a daemon need not be asked.

use std::{
    io::{IsTerminal, stdout},
    time::Duration,
};

use tidings::store::{Entry, LogFilter, Page, Store};

use crate::{
    Exit,
    args::{Output, Tail},
    kept, log, output, run,
};

/// How often the log is looked at, and how many entries are read at once.
const LOOK: Duration = Duration::from_millis(200);
const AT_ONCE: usize = 1_000;
/// Room for the numbers, so that columns stay where they are while they grow.
const WIDTH: usize = 6;

/// Tells entries as they come, until it is told to stop or nobody reads any more.
pub(crate) async fn tail(tail: &Tail, output: &Output) -> anyhow::Result<Exit> {
    let store = kept::to_read(&tail.store)?;
    let filter = log::of(&tail.words);
    let teller = Teller { json: output.json, colours: stdout().is_terminal() };
    let mut last = begin(&store, &filter, usize::from(tail.last), &teller).await?;
    let mut stop = std::pin::pin!(run::stop_signal());
    while !output::is_closed() {
        // Looked at first: what a filter leaves out need not be read again.
        let newest = newest(&store).await?;
        let new = store.log_query(&filter, Page::After { number: last, limit: AT_ONCE }).await?;
        new.iter().for_each(|entry| teller.tell(entry));
        let told = new.last().map_or(last, |entry| entry.number);
        if new.len() == AT_ONCE {
            last = told;
            continue;
        }
        last = told.max(newest);
        tokio::select! {
            stopped = &mut stop => {
                stopped?;
                break;
            }
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    Ok(Exit::Done)
}

/// Tells the latest entries; gives the number up to which the log is told.
async fn begin(store: &dyn Store, filter: &LogFilter, count: usize, teller: &Teller) -> anyhow::Result<u64> {
    let newest = newest(store).await?;
    if count > 0 {
        // What came since then is told as new.
        let page = Page::Before { number: Some(newest.saturating_add(1)), limit: count };
        store.log_query(filter, page).await?.iter().rev().for_each(|entry| teller.tell(entry));
    }
    Ok(newest)
}

/// The number of the latest entry of all.
async fn newest(store: &dyn Store) -> anyhow::Result<u64> {
    let page = Page::Before { number: None, limit: 1 };
    Ok(store.log_query(&LogFilter::default(), page).await?.first().map_or(0, |entry| entry.number))
}

/// Tells an entry to whoever reads.
struct Teller {
    json: bool,
    colours: bool,
}

impl Teller {
    fn tell(&self, entry: &Entry) {
        if self.json {
            output::json(entry);
        } else {
            output::line(log::line(entry, WIDTH, self.colours));
        }
    }
}
