//! A client on one kept connection, as cheap as it can be: what it costs should not be taken for the daemon's cost.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self::connect(address).unwrap()
    }

    /// A client, if anybody listens.
    pub(crate) fn connect(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_nodelay(true).ok()?;
        Some(Self { stream: BufReader::new(stream), address })
    }

    /// Posts JSON and gives the body of the answer, which must be a good one.
    pub(crate) fn post(&mut self, path: &str, body: &str) -> String {
        let (status, body) = self.try_post(path, body).unwrap();
        assert!((200..300).contains(&status), "{status}: {body}");
        body
    }

    /// Posts JSON and gives what is answered, if anything is.
    pub(crate) fn try_post(&mut self, path: &str, body: &str) -> io::Result<(u16, String)> {
        self.ask("POST", path, body)
    }

    /// Sends a request with this JSON and gives what is answered, if anything is.
    pub(crate) fn ask(&mut self, method: &str, path: &str, body: &str) -> io::Result<(u16, String)> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let mut whole = Vec::with_capacity(head.len() + body.len());
        whole.extend_from_slice(head.as_bytes());
        whole.extend_from_slice(body.as_bytes());
        self.stream.get_mut().write_all(&whole)?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<(u16, String)> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut length = 0;
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, String::from_utf8(body).unwrap()))
    }

    /// A socket for this user, upgraded on a connection of its own.
    pub(crate) fn socket(&mut self, user: &str) -> Socket {
        let told = self.post("/v1/push/ticket", &format!("{{\"user\":\"{user}\"}}"));
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        Socket::open(self.address, told["ticket"].as_str().unwrap())
    }
}

/// A WebSocket that reads.
pub(crate) struct Socket(TcpStream);

impl Socket {
    fn open(address: SocketAddr, ticket: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let request = format!(
            "GET /v1/push?ticket={ticket} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        Self(stream)
    }

    /// The next frame that is text.
    pub(crate) fn read(&mut self) -> String {
        loop {
            let mut head = [0; 2];
            self.0.read_exact(&mut head).unwrap();
            let length = match head[1] & 0x7f {
                126 => {
                    let mut more = [0; 2];
                    self.0.read_exact(&mut more).unwrap();
                    usize::from(u16::from_be_bytes(more))
                }
                127 => panic!("a message of more than 64 kB"),
                short => usize::from(short),
            };
            let mut content = vec![0; length];
            self.0.read_exact(&mut content).unwrap();
            if head[0] & 0x0f == 1 {
                return String::from_utf8(content).unwrap();
            }
        }
    }

    /// Acknowledges a message.
    pub(crate) fn acknowledge(&mut self, seq: u64) {
        let text = format!("{{\"type\":\"ack\",\"seq\":{seq}}}");
        // A client's frames are masked; a mask of zeros is one.
        let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
        frame.extend_from_slice(text.as_bytes());
        self.0.write_all(&frame).unwrap();
    }
}
