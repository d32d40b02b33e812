//! A conversation with a mail server: commands out, answers in, each once. What is said when is `mod`'s and `connect`'s business.
//!
//! It is our own, as the library's refuses answers that the protocol allows: a message whose `250` has no text would count as lost and
//! be sent again.

use std::io;

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    time::{Instant, timeout_at},
};

use super::{
    failure::{Failure, Step},
    reply::Reply,
};

/// The first digit of an answer that says that all is done.
pub(super) const DONE: u16 = 2;
/// The first digit of an answer that asks for more.
pub(super) const MORE: u16 = 3;

/// A byte stream, secured or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A conversation, and what the server offers in it.
pub(super) struct Talk {
    stream: BufReader<Box<dyn Stream>>,
    offers: Vec<String>,
    deadline: Instant,
}

impl Talk {
    /// A conversation over this stream until this moment, in which nothing has been said.
    pub(super) fn new(stream: Box<dyn Stream>, deadline: Instant) -> Self {
        Self { stream: BufReader::new(stream), offers: Vec::new(), deadline }
    }

    /// Goes on until this moment.
    pub(super) const fn until(&mut self, deadline: Instant) {
        self.deadline = deadline;
    }

    /// Waits until the server has greeted.
    pub(super) async fn greeting(&mut self) -> Result<(), Failure> {
        let reply = within(self.deadline, Step::Connect, Reply::read(&mut self.stream)).await?;
        taken(Step::Connect, reply).and_then(|reply| expect(Step::Connect, DONE, reply)).map(drop)
    }

    /// Tells who we are and learns what the server offers.
    pub(super) async fn hello(&mut self, name: &str) -> Result<(), Failure> {
        let reply = self.command(Step::Connect, DONE, &format!("EHLO {name}")).await?;
        self.offers = reply.lines.into_iter().skip(1).map(|line| line.to_ascii_uppercase()).collect();
        Ok(())
    }

    /// What stands behind this word, in capitals, where the server offers it. Old servers write `AUTH=`.
    pub(super) fn offer(&self, word: &str) -> Option<&str> {
        let behind = |line: &String| line.strip_prefix(word).is_some_and(|rest| rest.is_empty() || is_gap(rest));
        self.offers.iter().find(|line| behind(line))?.get(word.len()..)
    }

    /// Says this and gives the answer, whose code must begin with this digit.
    pub(super) async fn command(&mut self, step: Step, digit: u16, line: &str) -> Result<Reply, Failure> {
        expect(step, digit, self.say(step, line).await?)
    }

    /// Says this and gives the answer, unless it is a refusal.
    pub(super) async fn say(&mut self, step: Step, line: &str) -> Result<Reply, Failure> {
        let stream = &mut self.stream;
        let said = async {
            write(stream, format!("{line}\r\n").as_bytes()).await?;
            Reply::read(stream).await
        };
        taken(step, within(self.deadline, step, said).await?)
    }

    /// Sends the message. Up to the dot that ends it no server has it.
    pub(super) async fn message(&mut self, bytes: &[u8]) -> Result<Reply, Failure> {
        within(self.deadline, Step::Data, write(&mut self.stream, &stuffed(bytes))).await?;
        self.command(Step::Message, DONE, ".").await
    }

    /// Whether the server has said no more than it was asked: what is left would be read as the answer to the next word.
    pub(super) fn is_settled(&self) -> bool {
        self.stream.buffer().is_empty()
    }

    /// The bare stream, to be secured. What a stranger has slipped in behind the last answer would be taken for the secured server's.
    pub(super) fn into_stream(self) -> Result<Box<dyn Stream>, Failure> {
        if self.is_settled() {
            return Ok(self.stream.into_inner());
        }
        Err(Failure::broken(Step::Connect, &io::Error::other("something came before the connection was secured")))
    }
}

/// What comes of this up to that moment.
pub(super) async fn within<T>(
    deadline: Instant,
    step: Step,
    work: impl Future<Output = io::Result<T>>,
) -> Result<T, Failure> {
    match timeout_at(deadline, work).await {
        Ok(done) => done.map_err(|error| Failure::broken(step, &error)),
        Err(_) => Err(Failure::Silent(step)),
    }
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

fn is_gap(rest: &str) -> bool {
    rest.starts_with([' ', '='])
}

/// The answer, unless it is a refusal.
fn taken(step: Step, reply: Reply) -> Result<Reply, Failure> {
    if reply.code < 400 { Ok(reply) } else { Err(Failure::Refused { step, code: reply.code, text: reply.text() }) }
}

/// The answer, if its code begins with this digit.
fn expect(step: Step, digit: u16, reply: Reply) -> Result<Reply, Failure> {
    if reply.code / 100 == digit { Ok(reply) } else { Err(Failure::Senseless(step)) }
}

/// The lines of a message, none of which can be taken for its end: a dot at the beginning is doubled.
fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(bytes.len() + 64);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            stuffed.push(b'.');
        }
        stuffed.extend_from_slice(line);
    }
    if !stuffed.ends_with(b"\r\n") {
        stuffed.extend_from_slice(b"\r\n");
    }
    stuffed
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tidings_core::clock::instant_now;
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};

    use super::*;

    /// A conversation with a server that has said this already.
    async fn told(said: &str) -> (Talk, DuplexStream) {
        let (ours, mut theirs) = duplex(64);
        theirs.write_all(said.as_bytes()).await.unwrap();
        (Talk::new(Box::new(ours), Instant::from_std(instant_now()) + Duration::from_secs(30)), theirs)
    }

    #[test]
    fn no_line_ends_the_message() {
        let check = |bytes: &[u8], expected: &[u8]| assert_eq!(stuffed(bytes), expected);
        check(b"", b"\r\n");
        check(b".\r\n..\r\na.\r\n", b"..\r\n...\r\na.\r\n");
        check(b"a\r\n.", b"a\r\n..\r\n");
    }

    #[tokio::test]
    async fn offers_are_words_of_their_own() {
        let (mut talk, _theirs) = told("250-AUTH.example\r\n250-Auth=login\r\n250-STARTTLSX\r\n250 8bitmime\r\n").await;
        talk.hello("me").await.unwrap();
        assert_eq!(talk.offer("AUTH"), Some("=LOGIN"));
        assert_eq!(talk.offer("8BITMIME"), Some(""));
        assert_eq!((talk.offer("STARTTLS"), talk.offer("8BIT")), (None, None));
    }

    #[tokio::test]
    async fn a_message_without_its_dot_is_nobodys() {
        let (mut talk, mut theirs) = told("").await;
        let message = vec![b'x'; 1000];
        let cut_off = async {
            theirs.read_exact(&mut [0; 100]).await.unwrap();
            drop(theirs);
        };
        let (outcome, ()) = tokio::join!(talk.message(&message), cut_off);
        assert!(matches!(outcome, Err(Failure::Broken { step: Step::Data, .. })), "{outcome:?}");
    }

    #[tokio::test]
    async fn what_came_too_early_is_not_kept() {
        let (mut talk, _theirs) = told("220 go ahead\r\n235 welcome\r\n").await;
        talk.greeting().await.unwrap();
        assert!(talk.into_stream().is_err());
    }
}
