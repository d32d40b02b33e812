//! One connection of the server: lines in, answers out, by the turn of its message. What is recorded is told to the peer's state.

use std::{
    future::{pending, poll_fn},
    io,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::sleep,
};

use super::{Act, Mail, Point, Security, State, Turn, lock};

/// The longest line and the longest message that the server takes.
const LINE_LIMIT: usize = 1024 * 1024;
const MAIL_LIMIT: usize = 64 * 1024 * 1024;

/// A byte stream, secured or not.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// One connection and where its conversation is.
struct Talk {
    stream: BufReader<Box<dyn Stream>>,
    state: Arc<State>,
    turn: Turn,
    /// Whether a message has taken the turn that the connection began with.
    taken: bool,
    secured: bool,
    mail: Mail,
}

/// Serves one connection until either side is through with it; a client that goes away is nobody's fault.
pub(super) async fn serve(stream: TcpStream, ordinal: usize, state: Arc<State>) {
    let turn = state.next_turn();
    let mail = Mail { connection: ordinal, ..Mail::default() };
    let mut talk = Talk { stream: BufReader::new(Box::new(stream)), turn, taken: false, secured: false, mail, state };
    drop(talk.run().await);
}

impl Talk {
    async fn run(&mut self) -> io::Result<()> {
        if self.state.script.security == Security::Implicit {
            self.secure().await?;
        }
        let mut banner: String = self.state.script.banner.iter().map(|line| format!("220-{line}\r\n")).collect();
        banner.push_str("220 scripted ESMTP");
        self.answer(Point::Greeting, &banner).await?;
        loop {
            let line = self.line().await?;
            lock(&self.state.commands).push(line.clone());
            self.obey(&line).await?;
        }
    }

    async fn obey(&mut self, line: &str) -> io::Result<()> {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => self.hello().await,
            "STARTTLS" => {
                self.answer(Point::Upgrade, "220 go ahead").await?;
                self.secure().await
            }
            "AUTH" => self.login(line).await,
            "NOOP" | "RSET" => self.answer(Point::Probe, "250 here").await,
            "QUIT" => {
                self.say("221 bye").await?;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            "MAIL" => self.sender(line).await,
            "RCPT" => {
                self.mail.to.push(bracketed(line));
                self.answer(Point::Recipient, "250 that one").await
            }
            "DATA" => self.data().await,
            _ => {
                lock(&self.state.unknown).push(line.to_owned());
                self.say("500 what").await
            }
        }
    }

    async fn hello(&mut self) -> io::Result<()> {
        let upgrade = self.state.script.security == Security::StartTls && !self.secured;
        let mut lines = String::from("250-scripted\r\n");
        if upgrade {
            lines.push_str("250-STARTTLS\r\n");
        }
        if self.state.script.login && !upgrade {
            lines.push_str("250-AUTH PLAIN LOGIN\r\n");
        }
        if self.state.script.international {
            lines.push_str("250-SMTPUTF8\r\n");
        }
        lines.push_str("250 8BITMIME");
        self.answer(Point::Hello, &lines).await
    }

    async fn login(&mut self, line: &str) -> io::Result<()> {
        if line.to_ascii_uppercase().starts_with("AUTH LOGIN") {
            for question in ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"] {
                self.say(question).await?;
                let answer = self.line().await?;
                lock(&self.state.commands).push(answer);
            }
        }
        self.answer(Point::Login, "235 welcome").await
    }

    async fn sender(&mut self, line: &str) -> io::Result<()> {
        // The first message of a connection has the turn that the connection began with.
        if self.taken {
            self.turn = self.state.next_turn();
        }
        self.taken = true;
        if self.state.script.security == Security::StartTls && !self.secured {
            return self.say("530 5.7.0 STARTTLS first").await;
        }
        let connection = self.mail.connection;
        self.mail = Mail { from: bracketed(line), connection, secured: self.secured, ..Mail::default() };
        self.answer(Point::Sender, "250 you").await
    }

    async fn data(&mut self) -> io::Result<()> {
        self.answer(Point::Data, "354 go on").await?;
        if !matches!(self.turn.act(Point::Data), None | Some(Act::Leave)) {
            return Ok(());
        }
        loop {
            let line = self.bytes().await?;
            if line == b".\r\n" {
                break;
            }
            self.mail.raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            if self.mail.raw.len() > MAIL_LIMIT {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        let number = self.state.record(self.mail.clone());
        self.answer(Point::Dot, &format!("250 2.0.0 queued as {number}")).await
    }

    /// Answers as usual, unless the turn has something else in mind for this point.
    async fn answer(&mut self, point: Point, usual: &str) -> io::Result<()> {
        match self.turn.act(point).cloned() {
            None => self.say(usual).await,
            Some(Act::Answer(answer)) => self.say(&answer).await,
            Some(Act::Raw(bytes)) => self.send(&bytes).await,
            Some(Act::Leave) => {
                self.say(usual).await?;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            Some(Act::Break) => Err(io::ErrorKind::ConnectionAborted.into()),
            Some(Act::Hang) => pending().await,
            Some(Act::Drip(pause)) => self.endless(&b"250-drip\r\n"[..], 1, pause).await,
            Some(Act::Flood) => self.endless(&[b'2'; 4096][..], 4096, Duration::ZERO).await,
        }
    }

    /// Sends these bytes for ever, so many at a time.
    async fn endless(&mut self, bytes: &[u8], size: usize, pause: Duration) -> io::Result<()> {
        loop {
            for piece in bytes.chunks(size) {
                if !pause.is_zero() {
                    sleep(pause).await;
                }
                self.stream.write_all(piece).await?;
                self.stream.flush().await?;
            }
        }
    }

    async fn say(&mut self, answer: &str) -> io::Result<()> {
        self.send(format!("{answer}\r\n").as_bytes()).await
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    async fn line(&mut self) -> io::Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes().await?).trim_end_matches(['\r', '\n']).to_owned())
    }

    /// The next line with its end.
    async fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            let piece =
                poll_fn(|context| Pin::new(&mut self.stream).poll_fill_buf(context).map_ok(<[u8]>::to_vec)).await?;
            let end = piece.iter().position(|byte| *byte == b'\n').map_or(piece.len(), |place| place + 1);
            line.extend_from_slice(&piece[..end]);
            self.stream.consume(end);
            if piece.is_empty() || line.len() > LINE_LIMIT {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(line)
    }

    async fn secure(&mut self) -> io::Result<()> {
        let plain = std::mem::replace(&mut self.stream, BufReader::new(Box::new(tokio::io::empty())));
        let secured = self.state.acceptor.accept(plain.into_inner()).await?;
        self.stream = BufReader::new(Box::new(secured));
        self.secured = true;
        Ok(())
    }
}

/// What stands between angle brackets.
fn bracketed(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.rsplit_once('>'));
    inside.map_or("", |(address, _)| address).to_owned()
}
