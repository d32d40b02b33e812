//! Events from a file or from standard input, one JSON object a line. What is no event is told by its line number.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use serde_json::Value;
use tidings::{Event, Timestamp};
use tokio::sync::mpsc;

/// The longest line in bytes.
const LINE_LIMIT: usize = 256 * 1024;
/// Lines between the reader and the pipeline.
const AHEAD: usize = 1024;

/// What stood on a line.
#[derive(Debug)]
pub(crate) struct Line {
    /// Counted from 1.
    pub(crate) number: u64,
    /// Bytes of the source up to the line's end.
    pub(crate) position: u64,
    /// The event, or what is wrong.
    pub(crate) content: Result<Event, String>,
}

/// Reads on a thread of its own, since reading blocks.
pub(crate) fn read(path: &Path) -> io::Result<mpsc::Receiver<Line>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let source: Box<dyn Read + Send> =
        if path.as_os_str() == "-" { Box::new(io::stdin()) } else { Box::new(open(path)?) };
    std::thread::Builder::new().name("source".into()).spawn(move || {
        let mut lines = Lines { source: BufReader::new(source), number: 0, position: 0 };
        while let Some(line) = lines.next_line() {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}

fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    Ok(file)
}

struct Lines<R> {
    source: BufReader<R>,
    number: u64,
    position: u64,
}

impl<R: Read> Lines<R> {
    /// The next line that is not blank.
    fn next_line(&mut self) -> Option<Line> {
        loop {
            self.number += 1;
            let content = match self.bytes() {
                Ok(None) => return None,
                Ok(Some(bytes)) if bytes.iter().all(u8::is_ascii_whitespace) => continue,
                Ok(Some(bytes)) if bytes.len() > LINE_LIMIT => Err(format!("longer than {LINE_LIMIT} bytes")),
                Ok(Some(bytes)) => parse(&bytes),
                Err(error) => Err(format!("cannot be read: {error}")),
            };
            return Some(Line { number: self.number, position: self.position, content });
        }
    }

    /// A line without its end; of one that is too long only the beginning is kept.
    fn bytes(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = (&mut self.source).take(LINE_LIMIT as u64 + 2).read_until(b'\n', &mut line)?;
        self.position += read as u64;
        if read == 0 {
            return Ok(None);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() > LINE_LIMIT {
            self.skip_line()?;
        }
        if self.number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        Ok(Some(line))
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.source.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.source.consume(used);
            self.position += used as u64;
            if end.is_some() || used == 0 {
                return Ok(());
            }
        }
    }
}

fn parse(line: &[u8]) -> Result<Event, String> {
    let value: Value = serde_json::from_slice(line).map_err(|error| {
        let column = error.column();
        format!("not JSON at column {column}: {}", without_place(&error.to_string()))
    })?;
    Event::from_json(value, now()).map_err(|error| error.to_string())
}

/// The message without `at line 1 column 7`: the line is counted in the file, the column is told before.
fn without_place(message: &str) -> &str {
    message.rsplit_once(" at line ").map_or(message, |(text, _)| text)
}

fn now() -> Timestamp {
    tidings::clock::system_now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &[u8]) -> Vec<(u64, Result<String, String>)> {
        let mut lines = Lines { source: BufReader::with_capacity(16, text), number: 0, position: 0 };
        let told = std::iter::from_fn(|| lines.next_line())
            .map(|line| (line.number, line.content.map(|event| event.event_type)))
            .collect();
        assert_eq!(lines.position, text.len() as u64);
        told
    }

    #[test]
    fn lines_are_counted_and_blank_ones_are_nothing() {
        let told = read_all(b"\xef\xbb\xbf{\"event_type\": \"a\"}\r\n\n  \n{\"event_type\": \"b\"}");
        assert_eq!(told, [(1, Ok("a".to_owned())), (4, Ok("b".to_owned()))]);
    }

    #[test]
    fn what_is_no_event_is_told_and_the_rest_goes_on() {
        let told = read_all(b"{\"event_type\": }\n[]\n\xff\n{\"event_type\": \"a\"}\n{\"event_type\": \"b\"");
        let said: Vec<_> = told.iter().map(|(number, content)| (*number, content.is_ok())).collect();
        assert_eq!(said, [(1, false), (2, false), (3, false), (4, true), (5, false)]);
        assert_eq!(told[0].1, Err("not JSON at column 16: expected value".to_owned()));
        assert_eq!(told[1].1, Err("an event is a JSON object, this is an array".to_owned()));
    }

    #[test]
    fn a_line_that_is_too_long_costs_no_memory_and_no_neighbour() {
        let mut text = vec![b'x'; LINE_LIMIT * 3];
        text.extend_from_slice(b"\n{\"event_type\": \"a\"}\n");
        let told = read_all(&text);
        assert_eq!(told[0], (1, Err(format!("longer than {LINE_LIMIT} bytes"))));
        assert_eq!(told[1], (2, Ok("a".to_owned())));
    }
}
