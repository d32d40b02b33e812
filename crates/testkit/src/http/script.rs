//! What a peer answers: a reply for each request, with its faults. How it goes over the wire is `wire`'s business.

use std::time::Duration;

/// How a reply misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Resets the connection once the request is complete, without an answer.
    Reset,
    /// Never answers.
    Hang,
    /// Sends the whole answer, head too, byte by byte with this pause between.
    DripHead(Duration),
    /// Sends the head at once, and then a body without an end byte by byte with this pause between.
    DripBody(Duration),
    /// Sends a body that never ends as fast as it goes.
    Endless,
    /// Announces a body of so many bytes, and sends it as fast as it goes.
    Announced(u64),
    /// Ends in the middle of the announced body.
    Truncated,
    /// Sends this many headers.
    Headers(usize),
}

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) delay: Duration,
    pub(super) fault: Option<Fault>,
}

impl Reply {
    /// A reply of this status with an empty body.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delay: Duration::ZERO, fault: None }
    }

    /// A redirect to this address.
    #[must_use]
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).header("Location", location)
    }

    /// A reply of status 200 that misbehaves.
    #[must_use]
    pub fn fault(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::status(200) }
    }

    /// A body of 64 kB that gzip would inflate to 64 MiB, with the header that says so.
    #[must_use]
    pub fn gzip_bomb() -> Self {
        Self::status(200).header("Content-Encoding", "gzip").body(gzip_of_zeros())
    }

    /// The same reply with this status.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Waits this long before it answers.
    #[must_use]
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// The replies of a peer, in the order of the requests of all its connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    replies: Vec<Reply>,
    last: Reply,
}

impl Script {
    /// The same reply for ever.
    #[must_use]
    pub const fn always(reply: Reply) -> Self {
        Self { replies: Vec::new(), last: reply }
    }

    /// One reply after the other; the last one for ever. An empty sequence answers 200.
    #[must_use]
    pub fn sequence(replies: impl IntoIterator<Item = Reply>) -> Self {
        let mut replies: Vec<Reply> = replies.into_iter().collect();
        let last = replies.pop().unwrap_or(Reply::status(200));
        Self { replies, last }
    }

    /// Replies of these statuses; the last one for ever.
    #[must_use]
    pub fn statuses(statuses: impl IntoIterator<Item = u16>) -> Self {
        Self::sequence(statuses.into_iter().map(Reply::status))
    }

    pub(super) fn reply(&self, number: usize) -> &Reply {
        self.replies.get(number).unwrap_or(&self.last)
    }
}

/// RFC 1952 around RFC 1951: one block of fixed codes, a literal zero and then matches of 258 at distance 1, 13 bits each.
fn gzip_of_zeros() -> Vec<u8> {
    let mut bits = vec![true, true, false]; // the final block, fixed codes
    bits.extend([false, false, true, true, false, false, false, false]); // literal 0
    for _ in 0..40_000 {
        bits.extend([true, true, false, false, false, true, false, true]); // length 258
        bits.extend([false; 5]); // distance 1
    }
    bits.extend([false; 7]); // the end of the block
    let byte = |chunk: &[bool]| chunk.iter().enumerate().fold(0, |byte, (place, bit)| byte | u8::from(*bit) << place);
    let mut body = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    body.extend(bits.chunks(8).map(byte));
    body
}
