//! What a mail server answers: a code and lines. Read as servers out there write it, where that cannot be misunderstood: without a text,
//! in letters of an old code page, ended by a line feed alone.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// The longest answer that is read, in bytes: ten times what the protocol lets a line be, for each of a dozen lines.
const LONGEST: u64 = 64 * 1024;

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// The texts of its lines; what is not UTF-8 is replaced.
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// Reads up to the end of an answer, and not a byte beyond.
    pub(super) async fn read(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Self> {
        let mut stream = stream.take(LONGEST);
        let mut lines = Vec::new();
        loop {
            let mut bytes = Vec::new();
            stream.read_until(b'\n', &mut bytes).await?;
            if bytes.last() != Some(&b'\n') {
                let why = if stream.limit() == 0 { "its answer has no end" } else { "it closed the connection" };
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
            }
            let line = Line::read(&bytes).ok_or_else(|| io::Error::other("it answered no SMTP"))?;
            lines.push(String::from_utf8_lossy(line.text).into_owned());
            if line.last {
                return Ok(Self { code: line.code, lines });
            }
        }
    }

    /// The texts as one.
    pub(super) fn text(&self) -> String {
        self.lines.join(" ")
    }
}

/// One line of an answer.
struct Line<'a> {
    code: u16,
    last: bool,
    text: &'a [u8],
}

impl<'a> Line<'a> {
    /// Three digits, of which the first is 2 to 5; behind them nothing, or a blank or a hyphen and a text.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (digits, rest) = bytes.trim_ascii_end().split_at_checked(3)?;
        let known = matches!(digits, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9']);
        let code = known.then(|| digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0')))?;
        let (last, text) = match rest.split_first() {
            None => (true, rest),
            Some((b' ', text)) => (true, text),
            Some((b'-', text)) => (false, text),
            Some(_) => return None,
        };
        Some(Self { code, last, text })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Result<Reply, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(Reply::read(&mut &*bytes)).map_err(|error| error.to_string())
    }

    #[test]
    fn answers_are_codes_and_texts() {
        let check = |bytes: &[u8], code, lines: &[&str]| {
            let lines = lines.iter().copied().map(str::to_owned).collect();
            assert_eq!(read(bytes), Ok(Reply { code, lines }), "{}", bytes.escape_ascii());
        };
        check(b"250 ok\r\n", 250, &["ok"]);
        check(b"250\r\n", 250, &[""]);
        check(b"250 \n250 more", 250, &[""]);
        check(b"250-a\r\n250-\r\n250 b\r\n", 250, &["a", "", "b"]);
        check(b"250-a\r\n550 b\r\n", 550, &["a", "b"]);
        check(b"571 Empf\xe4nger\r\n", 571, &["Empf\u{fffd}nger"]);
    }

    #[test]
    fn whatever_else_is_told() {
        let check = |bytes: &[u8], why: &str| assert_eq!(read(bytes), Err(why.to_owned()), "{}", bytes.escape_ascii());
        for wrong in [&b"\r\n"[..], b"25\r\n", b"999 no\r\n", b"2500 ok\r\n", b"250_ok\r\n", b"HTTP/1.1 200 OK\r\n"] {
            check(wrong, "it answered no SMTP");
        }
        for open in [&b""[..], b"250 ok", b"250-a\r\n"] {
            check(open, "it closed the connection");
        }
        check(&b"2".repeat(100_000), "its answer has no end");
        check(&b"250-more\r\n".repeat(10_000), "its answer has no end");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>(), text in "[!-~äß😀]{0,50}") {
            drop(read(&bytes));
            let reply = Reply { code: 354, lines: vec![text.clone(), text.clone()] };
            prop_assert_eq!(read(format!("250-{text}\r\n354 {text}\r\n").as_bytes()), Ok(reply));
        }
    }
}
