//! Asking the log. Every page is found by the numbers of its entries: the narrowest index gives them in order, and what the filter
//! asks beyond that is looked up in the entries.

use super::{
    entry::Found,
    error::Failure,
    filter::{Span, Stream, Wanted},
    ids::Kind,
    readers::Reader,
    row,
    schema::Table,
};
use crate::model::{Entry, LogFilter, Page};

/// The most entries that a page has.
const LARGEST: usize = 1_000;
/// Where several streams make a page, each is asked for so small a part of it first: a few steps make most of a log.
const SHARES: usize = 4;
/// The least that a stream is asked for.
const LEAST: usize = 16;

/// What one look at the log found.
#[derive(Debug)]
struct Look {
    rows: Vec<Found>,
    /// The number up to which it looked.
    last: Option<i64>,
    /// Whether there may be more.
    is_full: bool,
}

impl Reader {
    pub(crate) fn log_query(&mut self, filter: &LogFilter, page: Page) -> Result<Vec<Entry>, Failure> {
        let Some(wanted) = self.wanted(filter)? else { return Ok(Vec::new()) };
        let (mut span, limit) = match page {
            Page::Before { number, limit } => {
                let high = number.map_or(i64::MAX, super::read::signed).saturating_sub(1);
                (Span { low: 1, high, newest_first: true }, limit)
            }
            Page::After { number, limit } => {
                let low = super::read::signed(number).saturating_add(1);
                (Span { low, high: i64::MAX, newest_first: false }, limit)
            }
        };
        span.low = span.low.max(self.first_since(Table::Log, filter.since)?);
        span.high = span.high.min(self.last_until(filter.until)?);
        let limit = limit.clamp(1, LARGEST);
        let of_delivery = filter.delivery.map(|id| self.numbers(Kind::Entry, *id.as_bytes())).transpose()?;
        self.snapshot(|reader| {
            let found = match of_delivery {
                Some(numbers) => reader.among(numbers, &wanted, span, limit)?,
                None => reader.page(&wanted, span, limit)?,
            };
            reader.entries(found)
        })
    }

    /// Asks several things of the same state of the file. Ids are looked up before: they may move into the file meanwhile.
    pub(crate) fn snapshot<T>(&mut self, ask: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<T, Failure> {
        self.connection.prepare_cached("BEGIN")?.raw_execute()?;
        let found = ask(self);
        let ended = self.connection.prepare_cached("COMMIT").and_then(|mut commit| commit.raw_execute());
        let found = found?;
        ended?;
        Ok(found)
    }

    /// Entries in order until the page is full.
    fn page(&mut self, wanted: &Wanted, mut span: Span, limit: usize) -> Result<Vec<Found>, Failure> {
        let streams = Self::streams(wanted);
        let mut found = Vec::new();
        // The first look is for a page; where the filter leaves much out, the next ones are longer.
        let mut chunk = limit;
        while found.len() < limit {
            let look = match streams.as_slice() {
                [only] if !only.is_joined => self.rows_in(only, span, chunk)?,
                several => self.merged(several, span, chunk)?,
            };
            found.extend(look.rows.into_iter().filter(|entry| wanted.fits(entry)).take(limit - found.len()));
            let Some(last) = look.last.filter(|_| look.is_full) else { break };
            match span.newest_first {
                true => span.high = last - 1,
                false => span.low = last + 1,
            }
            chunk = (chunk * 2).min(8 * LARGEST);
        }
        Ok(found)
    }

    /// The first rows of one stream.
    fn rows_in(&mut self, stream: &Stream, span: Span, limit: usize) -> Result<Look, Failure> {
        let sql = Table::Log.select(&stream.rest(span, limit));
        let (mut count, mut last) = (0, None);
        let rows = self.scan((Table::Log, &sql), stream.parameters(span), |row| {
            count += 1;
            last = row.integer(0);
            Found::read(row)
        })?;
        // Rows that do not check were counted by nobody: the page may be shorter for that, and the next one goes on.
        Ok(Look { is_full: count >= limit || !self.bad.is_empty(), last, rows })
    }

    /// The first rows of several streams together: of each a share, and all up to where the first of them may have more.
    fn merged(&mut self, streams: &[Stream], span: Span, limit: usize) -> Result<Look, Failure> {
        let share = (limit / SHARES).max(LEAST);
        let (mut numbers, mut ends) = (Vec::new(), Vec::new());
        for stream in streams {
            let sql = format!("SELECT number FROM delivery_log {}", stream.rest(span, share));
            let found = row::integers(&self.connection, &sql, stream.parameters(span))?;
            ends.extend(found.last().filter(|_| found.len() == share).copied());
            numbers.extend(found);
        }
        numbers.sort_unstable();
        let end = match span.newest_first {
            true => ends.into_iter().max().inspect(|end| numbers.retain(|number| number >= end)),
            false => ends.into_iter().min().inspect(|end| numbers.retain(|number| number <= end)),
        };
        if span.newest_first {
            numbers.reverse();
        }
        let is_cut = numbers.len() > limit;
        numbers.truncate(limit);
        let mut rows = Vec::with_capacity(numbers.len());
        for number in &numbers {
            rows.extend(self.entry(*number)?);
        }
        Ok(Look { rows, last: if is_cut { numbers.last().copied() } else { end }, is_full: is_cut || end.is_some() })
    }

    /// Those of these entries that are asked for.
    fn among(
        &mut self,
        mut numbers: Vec<i64>,
        wanted: &Wanted,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Found>, Failure> {
        numbers.retain(|number| (span.low..=span.high).contains(number));
        if span.newest_first {
            numbers.reverse();
        }
        let mut found = Vec::new();
        for number in numbers {
            found.extend(self.entry(number)?.filter(|entry| wanted.fits(entry)));
            if found.len() == limit {
                break;
            }
        }
        Ok(found)
    }

    fn entry(&mut self, number: i64) -> Result<Option<Found>, Failure> {
        let sql = "SELECT number,at,step,event,notification,delivery,rule,agent,user,endpoint,attempt,detail,crc \
            FROM delivery_log WHERE number=?";
        Ok(self.scan((Table::Log, sql), [number], Found::read)?.into_iter().next())
    }
}
