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
/// Where several streams make a page, each is asked for so small a part of it first: few of them have most of it.
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

/// What was taken of one of several streams, in its order.
struct Part<'s> {
    stream: &'s Stream,
    numbers: Vec<i64>,
    has_more: bool,
}

impl<'s> Part<'s> {
    const fn of(stream: &'s Stream) -> Self {
        Self { stream, numbers: Vec::new(), has_more: true }
    }

    /// The last number that was taken of a stream that may have more.
    fn end(&self) -> Option<i64> {
        self.numbers.last().copied().filter(|_| self.has_more)
    }
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
        let (mut count, mut last, before) = (0, None, self.bad.len());
        let rows = self.scan((Table::Log, &sql), stream.parameters(span), |row| {
            count += 1;
            last = row.integer(0);
            Found::read(row)
        })?;
        // Rows that do not check are passed over: what lies behind them is looked at all the same.
        let bad: Vec<i64> = self.bad.iter().skip(before).map(|bad| bad.number).collect();
        let last = last.into_iter().chain(bad.iter().copied()).reduce(|one: i64, other| match span.newest_first {
            true => one.min(other),
            false => one.max(other),
        });
        Ok(Look { is_full: count + bad.len() >= limit, last, rows })
    }

    /// The first rows of several streams together.
    fn merged(&mut self, streams: &[Stream], span: Span, limit: usize) -> Result<Look, Failure> {
        let mut parts: Vec<Part> = streams.iter().map(Part::of).collect();
        for part in &mut parts {
            self.take_more(part, span, (limit / SHARES).max(LEAST))?;
        }
        // Numbers are in order up to where the first of the streams may have more: that one is asked again.
        loop {
            let end = parts.iter().filter_map(Part::end).reduce(|one, other| span.earlier(one, other));
            let mut numbers: Vec<i64> = parts.iter().flat_map(|part| part.numbers.iter().copied()).collect();
            numbers.retain(|number| end.is_none_or(|end| span.earlier(*number, end) == *number));
            if numbers.len() >= limit || end.is_none() {
                return self.look(numbers, span, limit);
            }
            for part in parts.iter_mut().filter(|part| part.end() == end) {
                let as_many = part.numbers.len();
                self.take_more(part, span, as_many)?;
            }
        }
    }

    fn take_more(&self, part: &mut Part<'_>, span: Span, count: usize) -> Result<(), Failure> {
        let rest = match (part.numbers.last(), span.newest_first) {
            (Some(last), true) => Span { high: last - 1, ..span },
            (Some(last), false) => Span { low: last + 1, ..span },
            (None, _) => span,
        };
        let sql = format!("SELECT number FROM delivery_log {}", part.stream.rest(rest, count));
        let found = row::integers(&self.connection, &sql, part.stream.parameters(rest))?;
        part.has_more = found.len() == count;
        part.numbers.extend(found);
        Ok(())
    }

    /// The first of these entries.
    fn look(&mut self, mut numbers: Vec<i64>, span: Span, limit: usize) -> Result<Look, Failure> {
        numbers.sort_unstable();
        if span.newest_first {
            numbers.reverse();
        }
        let is_full = numbers.len() >= limit;
        numbers.truncate(limit);
        let mut rows = Vec::with_capacity(numbers.len());
        for number in &numbers {
            rows.extend(self.entry(*number)?);
        }
        Ok(Look { rows, last: numbers.last().copied(), is_full })
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
