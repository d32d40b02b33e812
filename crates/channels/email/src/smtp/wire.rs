//! The bytes of a connection, held so that a server can neither flood us nor slip answers in before the connection is secured.
//! What the bytes mean is not known here.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// The longest answer, in bytes of the wire: a TLS handshake is one too.
const ANSWER: usize = 256 * 1024;
/// How much is read at once.
const PIECE: usize = 4096;

/// A TCP stream that hands out one line at a time. What a stranger has sent behind the answer to `STARTTLS` is thus read as a part
/// of the handshake, which fails, and never as an answer of the secured server.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    ahead: Vec<u8>,
    /// How many of the bytes read ahead are handed out already.
    handed: usize,
    /// How many more may come before we say something again.
    left: usize,
}

impl Wire {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self { stream, ahead: Vec::new(), handed: 0, left: ANSWER }
    }

    /// Reads ahead where nothing is left.
    fn fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.handed < self.ahead.len() {
            return Poll::Ready(Ok(()));
        }
        let mut piece = [0; PIECE];
        let mut buffer = ReadBuf::new(&mut piece);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
        let read = buffer.filled();
        self.left = self.left.checked_sub(read.len()).ok_or_else(|| io::Error::other("the answer has no end"))?;
        self.ahead.clear();
        self.ahead.extend_from_slice(read);
        self.handed = 0;
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wire = &mut *self;
        ready!(wire.fill(context))?;
        let rest = wire.ahead.get(wire.handed..).unwrap_or_default();
        let line = rest.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        let piece = line.get(..into.remaining()).unwrap_or(line);
        into.put_slice(piece);
        wire.handed += piece.len();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.left = ANSWER;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}
