//! What a mail server answers: a turn for each message, with its faults. How it goes over the wire is `talk`'s business.

use std::time::Duration;

/// How the connection is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Security {
    /// Not at all, and no upgrade is offered.
    #[default]
    Plain,
    /// Plain at first, with an upgrade by `STARTTLS`; mail is refused before it.
    StartTls,
    /// TLS from the first byte.
    Implicit,
}

/// A point of the conversation at which a turn may misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Point {
    /// The greeting, before the client has said anything.
    Greeting,
    /// The answer to `EHLO`.
    Hello,
    /// The answer to `STARTTLS`.
    Upgrade,
    /// The answer to `AUTH`.
    Login,
    /// The answer to `NOOP` and to `RSET`, by which a client sees that its connection is alive.
    Probe,
    /// The answer to `MAIL FROM`.
    Sender,
    /// The answer to `RCPT TO`.
    Recipient,
    /// The answer to `DATA`.
    Data,
    /// The answer to the dot that ends a message.
    Dot,
}

/// What happens at a point in place of the usual answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Act {
    /// Sends this, a line end behind it.
    Answer(String),
    /// Sends these bytes and nothing else.
    Raw(Vec<u8>),
    /// Gives the usual answer and closes the connection.
    Leave,
    /// Closes the connection without an answer.
    Break,
    /// Never answers.
    Hang,
    /// Answers without an end, byte by byte with this pause between.
    Drip(Duration),
    /// Answers with one line without an end, as fast as it goes.
    Flood,
}

/// How the server treats one message: well, but for one point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn(pub(super) Option<(Point, Act)>);

impl Turn {
    /// Takes the message.
    #[must_use]
    pub const fn takes() -> Self {
        Self(None)
    }

    /// Does this at that point.
    #[must_use]
    pub const fn at(point: Point, act: Act) -> Self {
        Self(Some((point, act)))
    }

    /// Answers this at that point.
    #[must_use]
    pub fn answers(point: Point, answer: &str) -> Self {
        Self::at(point, Act::Answer(answer.to_owned()))
    }

    pub(super) fn act(&self, point: Point) -> Option<&Act> {
        self.0.as_ref().filter(|(at, _)| *at == point).map(|(_, act)| act)
    }
}

/// What a server offers, and its turns in the order of the messages of all its connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SmtpScript {
    pub(super) security: Security,
    pub(super) login: bool,
    pub(super) international: bool,
    pub(super) banner: Vec<String>,
    turns: Vec<Turn>,
    last: Turn,
}

impl SmtpScript {
    /// The same turn for ever.
    #[must_use]
    pub fn always(turn: Turn) -> Self {
        Self { last: turn, ..Self::default() }
    }

    /// One turn after the other; the last one for ever. An empty sequence takes everything.
    #[must_use]
    pub fn sequence(turns: impl IntoIterator<Item = Turn>) -> Self {
        let mut turns: Vec<Turn> = turns.into_iter().collect();
        let last = turns.pop().unwrap_or_default();
        Self { turns, last, ..Self::default() }
    }

    /// Secures its connections so.
    #[must_use]
    pub const fn security(mut self, security: Security) -> Self {
        self.security = security;
        self
    }

    /// Offers a login, and takes any.
    #[must_use]
    pub const fn login(mut self) -> Self {
        self.login = true;
        self
    }

    /// Takes addresses beyond ASCII.
    #[must_use]
    pub const fn international(mut self) -> Self {
        self.international = true;
        self
    }

    /// Greets with these lines before its usual one.
    #[must_use]
    pub fn banner(mut self, lines: &[&str]) -> Self {
        self.banner = lines.iter().copied().map(str::to_owned).collect();
        self
    }

    pub(super) fn turn(&self, number: usize) -> &Turn {
        self.turns.get(number).unwrap_or(&self.last)
    }
}
