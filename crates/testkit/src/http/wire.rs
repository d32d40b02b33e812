//! HTTP/1.1 as bytes on a TCP stream: just enough to read a request and to answer it well or badly.

use std::{future::pending, io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use super::{Fault, Recorded, Reply};

/// The longest head and the longest body of a request that the peer takes.
const HEAD_LIMIT: usize = 1024 * 1024;
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// A connection and what has been read of it beyond the last request.
pub(super) struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// The next request; `None` where the client is through.
    pub(super) async fn read_request(&mut self) -> io::Result<Option<Recorded>> {
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
            if self.buffer.len() > HEAD_LIMIT || !self.fill().await? {
                return Ok(None);
            }
        };
        let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
        let mut request = parse_head(&String::from_utf8_lossy(&head));
        request.body = self.read_body(&request).await?;
        Ok(Some(request))
    }

    /// Answers; whether the connection can take another request.
    pub(super) async fn answer(&mut self, reply: &Reply, sent: impl Fn(usize)) -> io::Result<bool> {
        sleep(reply.delay).await;
        match reply.fault {
            None => self.send(&whole(reply), &sent).await.map(|()| true),
            Some(fault) => self.misbehave(fault, reply, &sent).await.map(|()| false),
        }
    }

    async fn misbehave(&mut self, fault: Fault, reply: &Reply, sent: &impl Fn(usize)) -> io::Result<()> {
        match fault {
            Fault::Reset => self.stream.set_zero_linger(),
            Fault::Hang => pending().await,
            Fault::DripHead(pause) => self.drip(&whole(reply), pause, sent).await,
            Fault::DripBody(pause) => {
                self.send(&head(reply, "Transfer-Encoding: chunked"), sent).await?;
                loop {
                    self.drip(b"1\r\nx\r\n", pause / 6, sent).await?;
                }
            }
            Fault::Endless => {
                self.send(&head(reply, "Transfer-Encoding: chunked"), sent).await?;
                let chunk = [b"1000\r\n".as_slice(), &[b'x'; 0x1000], b"\r\n"].concat();
                loop {
                    self.send(&chunk, sent).await?;
                }
            }
            Fault::Announced(length) => {
                self.send(&head(reply, &format!("Content-Length: {length}")), sent).await?;
                self.send_filler(length, sent).await
            }
            Fault::Truncated => {
                self.send(&[&head(reply, "Content-Length: 1000"), b"half".as_slice()].concat(), sent).await
            }
            Fault::Headers(count) => {
                let many: Vec<String> = (0..count).map(|number| format!("X-Filler-{number}: x")).collect();
                self.send(&head(reply, &many.join("\r\n")), sent).await
            }
        }
    }

    async fn send_filler(&mut self, mut length: u64, sent: &impl Fn(usize)) -> io::Result<()> {
        let filler = [b'x'; 0x1000];
        while length > 0 {
            let piece = usize::try_from(length).map_or(filler.len(), |left| left.min(filler.len()));
            self.send(&filler[..piece], sent).await?;
            length -= piece as u64;
        }
        Ok(())
    }

    async fn drip(&mut self, bytes: &[u8], pause: Duration, sent: &impl Fn(usize)) -> io::Result<()> {
        for byte in bytes {
            sleep(pause).await;
            self.send(&[*byte], sent).await?;
        }
        Ok(())
    }

    async fn send(&mut self, bytes: &[u8], sent: &impl Fn(usize)) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        sent(bytes.len());
        self.stream.flush().await
    }

    async fn read_body(&mut self, request: &Recorded) -> io::Result<Vec<u8>> {
        if request.header("transfer-encoding").is_some() {
            return self.read_chunks().await;
        }
        let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        self.take(length).await
    }

    async fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = self.take_line().await?;
            let size = usize::from_str_radix(size.trim(), 16).map_err(|_| broken("a chunk without a size"))?;
            body.extend(self.take(size).await?);
            self.take_line().await?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn take_line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).collect();
                return Ok(String::from_utf8_lossy(&line).into_owned());
            }
            self.fill_or_fail().await?;
        }
    }

    async fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > BODY_LIMIT {
            return Err(broken("a body beyond the peer's limit"));
        }
        while self.buffer.len() < length {
            self.fill_or_fail().await?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    async fn fill_or_fail(&mut self) -> io::Result<()> {
        if self.fill().await? { Ok(()) } else { Err(broken("the request ends too early")) }
    }

    async fn fill(&mut self) -> io::Result<bool> {
        Ok(self.stream.read_buf(&mut self.buffer).await? > 0)
    }
}

fn parse_head(head: &str) -> Recorded {
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let header = |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    Recorded {
        method,
        path,
        headers: lines.filter_map(header).collect(),
        body: Vec::new(),
        connection: 0,
        after: Duration::ZERO,
    }
}

fn whole(reply: &Reply) -> Vec<u8> {
    [head(reply, &format!("Content-Length: {}", reply.body.len())), reply.body.clone()].concat()
}

fn head(reply: &Reply, framing: &str) -> Vec<u8> {
    let headers: String = reply.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("HTTP/1.1 {} Scripted\r\n{headers}{framing}\r\n\r\n", reply.status).into_bytes()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
