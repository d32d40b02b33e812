//! Lines of a source, bounded: one that is too long costs no memory, and a source that breaks off ends. What stands on a line is its
//! reader's business.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use anyhow::Context;

/// Why a line cannot be used.
#[derive(Debug)]
pub(crate) enum LineError {
    /// It is longer than the limit; the next one is as good as ever.
    TooLong,
    /// The source broke off; this is the last word of it.
    Broken(io::Error),
}

/// The lines of a source without their ends, numbered from 1.
pub(crate) struct Lines<R> {
    source: BufReader<R>,
    limit: usize,
    number: u64,
    position: u64,
    broken: bool,
}

/// Opens a file, or standard input for `-`.
pub(crate) fn open(path: &Path) -> anyhow::Result<Box<dyn Read + Send>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin()));
    }
    let name = path.display();
    let file = File::open(path).with_context(|| format!("{name} cannot be read"))?;
    anyhow::ensure!(!file.metadata()?.is_dir(), "{name} cannot be read: it is a folder");
    Ok(Box::new(file))
}

impl<R: Read> Lines<R> {
    /// Lines of at most `limit` bytes.
    pub(crate) fn new(source: R, limit: usize) -> Self {
        Self { source: BufReader::new(source), limit, number: 0, position: 0, broken: false }
    }

    /// Bytes of the source up to the end of the last line.
    pub(crate) const fn position(&self) -> u64 {
        self.position
    }

    fn read(&mut self) -> io::Result<Option<Result<Vec<u8>, LineError>>> {
        let mut line = Vec::new();
        let read = (&mut self.source).take(self.limit as u64 + 2).read_until(b'\n', &mut line)?;
        self.position += read as u64;
        if read == 0 {
            return Ok(None);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() > self.limit {
            self.skip()?;
        }
        if self.number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        Ok(Some(if line.len() > self.limit { Err(LineError::TooLong) } else { Ok(line) }))
    }

    /// Leaves the rest of a line behind.
    fn skip(&mut self) -> io::Result<()> {
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

/// Lines that are not blank, with their numbers.
impl<R: Read> Iterator for Lines<R> {
    type Item = (u64, Result<Vec<u8>, LineError>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.broken {
            self.number += 1;
            match self.read() {
                Ok(None) => return None,
                Ok(Some(Ok(line))) if line.iter().all(u8::is_ascii_whitespace) => {}
                Ok(Some(line)) => return Some((self.number, line)),
                Err(error) => {
                    self.broken = true;
                    return Some((self.number, Err(LineError::Broken(error))));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 64;

    fn read_all(text: &[u8]) -> Vec<(u64, String)> {
        let mut lines = Lines::new(text, LIMIT);
        let told: Vec<_> = lines
            .by_ref()
            .map(|(number, line)| (number, line.map_or("too long".to_owned(), |line| String::from_utf8(line).unwrap())))
            .collect();
        assert_eq!(lines.position(), text.len() as u64);
        told
    }

    #[test]
    fn lines_are_counted_and_blank_ones_are_nothing() {
        let told = read_all(b"\xef\xbb\xbfa\n\n  \r\nb");
        assert_eq!(told, [(1, "a".to_owned()), (4, "b".to_owned())]);
    }

    #[test]
    fn a_line_that_is_too_long_costs_no_neighbour() {
        let mut text = vec![b'x'; LIMIT * 300];
        text.extend_from_slice(b"\na\n");
        assert_eq!(read_all(&text), [(1, "too long".to_owned()), (2, "a".to_owned())]);
        assert_eq!(read_all(&[b'x'; LIMIT]).len(), 1);
        assert_eq!(read_all(&[b'x'; LIMIT + 1]), [(1, "too long".to_owned())]);
    }

    #[test]
    fn a_source_that_breaks_off_ends() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let told: Vec<_> = Lines::new(Broken, LIMIT).collect();
        assert!(matches!(&told[..], [(1, Err(LineError::Broken(_)))]), "{told:?}");
    }
}
