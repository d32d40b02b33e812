//! The server's lines as frames, on any byte stream. Bounded in both directions; what a frame means is `link`'s business.

use std::io;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest line that is read: `INFO` of a large cluster is some thousands of bytes.
const LINE_LIMIT: usize = 256 * 1024;
/// The longest message that is read: a stream's answer is some hundreds of bytes.
const MESSAGE_LIMIT: usize = 64 * 1024;

/// How much is read at once: small, so that a flood of short lines is never a long piece of work.
const CHUNK: u64 = 8 * 1024;

/// A byte stream: bare, or inside TLS.
pub(super) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

/// What a server says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Frame {
    Info(Value),
    Ping,
    Pong,
    /// `+OK`, which nobody asked for.
    Fine,
    /// `-ERR`, without its quotes.
    Refusal(String),
    Message(Reply),
}

/// A message to us.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reply {
    pub(super) subject: String,
    /// The header block; empty without one.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

/// A stream and what has been read of it beyond the last frame.
pub(super) struct Wire {
    stream: Box<dyn Socket>,
    buffer: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: impl Socket + 'static) -> Self {
        Self { stream: Box::new(stream), buffer: Vec::new() }
    }

    /// The next frame. Nothing is lost if the future is dropped.
    pub(super) async fn next(&mut self) -> io::Result<Frame> {
        loop {
            if let Some((frame, length)) = cut(&self.buffer)? {
                self.buffer.drain(..length);
                return Ok(frame);
            }
            if (&mut self.stream).take(CHUNK).read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// The bare stream, for TLS; refused where the server has already said what only TLS may carry.
    pub(super) fn into_stream(self) -> io::Result<Box<dyn Socket>> {
        if self.buffer.is_empty() { Ok(self.stream) } else { Err(broken("the server spoke on before TLS had begun")) }
    }
}

/// The first frame and its length in bytes; `None` while it is not complete.
fn cut(buffer: &[u8]) -> io::Result<Option<(Frame, usize)>> {
    let Some(end) = buffer.windows(2).take(LINE_LIMIT).position(|pair| pair == b"\r\n") else {
        return if buffer.len() > LINE_LIMIT { Err(broken("the server's line is too long")) } else { Ok(None) };
    };
    let (line, rest) = (buffer.get(..end).unwrap_or_default(), buffer.get(end + 2..).unwrap_or_default());
    let line = std::str::from_utf8(line).map_err(|_| broken("the server's line is not UTF-8"))?;
    let (verb, arguments) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let frame = match verb.to_ascii_uppercase().as_str() {
        "INFO" => Frame::Info(serde_json::from_str(arguments).map_err(|_| broken("the server's INFO is not JSON"))?),
        "PING" => Frame::Ping,
        "PONG" => Frame::Pong,
        "+OK" => Frame::Fine,
        "-ERR" => Frame::Refusal(arguments.trim().trim_matches('\'').to_owned()),
        verb @ ("MSG" | "HMSG") => {
            let found = message(verb == "HMSG", arguments, rest)?;
            return Ok(found.map(|(reply, length)| (Frame::Message(reply), end + 2 + length)));
        }
        _ => return Err(broken("the server says what no NATS server says")),
    };
    Ok(Some((frame, end + 2)))
}

/// `subject sid [reply] [head length] length`, and then the bytes and a line end.
fn message(with_head: bool, arguments: &str, rest: &[u8]) -> io::Result<Option<(Reply, usize)>> {
    let mut words = arguments.split_ascii_whitespace();
    let subject = words.next().ok_or_else(|| broken("a message without a subject"))?.to_owned();
    let mut lengths = words.rev().map(str::parse::<usize>);
    let mut length = || lengths.next().and_then(Result::ok).ok_or_else(|| broken("a message without its length"));
    let total = length()?;
    let head = if with_head { length()? } else { 0 };
    if total > MESSAGE_LIMIT || head > total {
        return Err(broken("a message beyond what is read of one"));
    }
    let (Some(bytes), Some(_)) = (rest.get(..total), rest.get(total + 1)) else { return Ok(None) };
    let (head, body) = bytes.split_at(head);
    let reply = Reply { subject, head: String::from_utf8_lossy(head).into_owned(), body: body.to_vec() };
    Ok(Some((reply, total + 2)))
}

pub(super) fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn first(bytes: &[u8]) -> Option<Frame> {
        cut(bytes).ok().flatten().map(|(frame, _)| frame)
    }

    fn reply(head: &str, body: &str) -> Frame {
        Frame::Message(Reply { subject: "a".into(), head: head.into(), body: body.into() })
    }

    #[test]
    fn frames_are_read() {
        let check = |text: &str, expected: Option<Frame>| assert_eq!(first(text.as_bytes()), expected, "{text:?}");
        check("INFO {\"max_payload\":3}\r\n", Some(Frame::Info(json!({"max_payload": 3}))));
        check("ping\r\nPONG\r\n", Some(Frame::Ping));
        check("PONG\r\n", Some(Frame::Pong));
        check("+OK\r\n", Some(Frame::Fine));
        check("-ERR 'Authorization Violation'\r\n", Some(Frame::Refusal("Authorization Violation".into())));
        check("MSG a 1 2\r\nhi\r\n", Some(reply("", "hi")));
        check("MSG a 1 b 2\r\nhi\r\n", Some(reply("", "hi")));
        check("HMSG a 1 3 5\r\nheahi\r\n", Some(reply("hea", "hi")));
        check("MSG a 1 2\r\nhi", None);
        check("PIN", None);
    }

    #[tokio::test]
    async fn a_long_line_in_pieces_and_a_flood_behind_it_are_read() {
        let long = format!("INFO {{\"name\":\"{}\"}}\r\n", "x".repeat(LINE_LIMIT / 2));
        let flood = "PING\r\n".repeat(100_000);
        let (near, mut far) = tokio::io::duplex(1024);
        let server = tokio::spawn(async move { far.write_all((long + &flood).as_bytes()).await });
        let mut wire = Wire::new(near);
        assert!(matches!(wire.next().await, Ok(Frame::Info(_))));
        for _ in 0..100_000 {
            assert_eq!(wire.next().await.ok(), Some(Frame::Ping));
        }
        assert!(wire.next().await.is_err());
        server.await.unwrap().unwrap();
    }

    #[test]
    fn what_no_server_says_is_an_error() {
        let long = "x".repeat(LINE_LIMIT + 2);
        for text in
            ["HELLO\r\n", "INFO {\r\n", "MSG a 1 x\r\n", "MSG\r\n", "MSG a 1 999999999\r\n", "HMSG a 1 9 2\r\n", &long]
        {
            assert!(cut(text.as_bytes()).is_err(), "{text:.20}");
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(Some((_, length))) = cut(&bytes) {
                prop_assert!(length <= bytes.len());
            }
        }

        #[test]
        fn a_frame_is_read_when_it_is_whole(split in 0usize..23) {
            let bytes = b"HMSG a 1 b 3 5\r\nheahi\r\n";
            prop_assert_eq!(first(&bytes[..split]), None);
            prop_assert_eq!(first(bytes), Some(reply("hea", "hi")));
        }
    }
}
