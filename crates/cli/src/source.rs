//! Events from a file or from standard input, one JSON object a line. What is no event is told by its line number.

use std::path::Path;

use serde_json::Value;
use tidings::Event;
use tokio::sync::mpsc;

use crate::{
    lines::{LineError, Lines, open},
    output,
};

/// The longest line in bytes.
const LINE_LIMIT: usize = 256 * 1024;
/// Lines between the reader and the pipeline.
const AHEAD: usize = 1024;

/// What stood on a line: an event as its reader wants it.
#[derive(Debug)]
pub(crate) enum Content<E = Event> {
    /// An event.
    Event(Box<E>),
    /// Something else, and what is wrong with it.
    Malformed(String),
    /// Nothing: the source broke off.
    Broken(String),
}

/// A line of a source.
#[derive(Debug)]
pub(crate) struct Line<E = Event> {
    /// Counted from 1.
    pub(crate) number: u64,
    /// Bytes of the source up to the line's end.
    pub(crate) position: u64,
    /// What stood there.
    pub(crate) content: Content<E>,
}

/// How many malformed lines are told; the rest is only counted.
const TOLD: u64 = 20;

/// Lines that are no events: the first ones are told.
#[derive(Debug, Default)]
pub(crate) struct Refused(u64);

impl Refused {
    /// One more of them.
    pub(crate) fn tell(&mut self, number: u64, problem: &str) {
        self.0 += 1;
        if self.0 <= TOLD {
            output::note(format_args!("line {number}: {problem}"));
        }
        if self.0 == TOLD {
            output::note("further lines that are not events are only counted");
        }
    }
}

/// Reads on a thread of its own, since reading blocks.
pub(crate) fn read<E: From<Event> + Send + 'static>(path: &Path) -> anyhow::Result<mpsc::Receiver<Line<E>>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let mut lines = Lines::new(open(path)?, LINE_LIMIT);
    let send_each = move || {
        while let Some((number, line)) = lines.next() {
            let line = Line { number, position: lines.position(), content: content(line) };
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("source".into()).spawn(send_each)?;
    Ok(receiver)
}

fn content<E: From<Event>>(line: Result<Vec<u8>, LineError>) -> Content<E> {
    match line {
        Ok(line) => match parse(&line) {
            Ok(event) => Content::Event(Box::new(event.into())),
            Err(problem) => Content::Malformed(output::plain(&problem)),
        },
        Err(LineError::TooLong) => Content::Malformed(format!("longer than {LINE_LIMIT} bytes")),
        Err(LineError::Broken(error)) => Content::Broken(format!("the events cannot be read further: {error}")),
    }
}

fn parse(line: &[u8]) -> Result<Event, String> {
    let value: Value = serde_json::from_slice(line).map_err(|error| {
        let column = error.column();
        format!("not JSON at column {column}: {}", without_place(&error.to_string()))
    })?;
    Event::from_json(value, tidings::clock::system_now()).map_err(|error| error.to_string())
}

/// The message without `at line 1 column 7`: the line is counted in the file, the column is told before.
fn without_place(message: &str) -> &str {
    message.rsplit_once(" at line ").map_or(message, |(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_event_says_why() {
        let check = |line: &[u8], expected: &str| match content::<Event>(Ok(line.to_vec())) {
            Content::Malformed(problem) => assert_eq!(problem, expected),
            other => panic!("{other:?}"),
        };
        check(b"{\"event_type\": }", "not JSON at column 16: expected value");
        check(b"[]", "an event is a JSON object, this is an array");
        check(b"\xff", "not JSON at column 1: expected value");
        assert!(matches!(content::<Event>(Ok(b"{\"event_type\": \"a\"}\r".to_vec())), Content::Event(_)));
        assert!(matches!(content::<Event>(Err(LineError::TooLong)), Content::Malformed(_)));
    }
}
