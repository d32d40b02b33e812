//! Who takes webhooks and counts them: threads of this process, each on its connections, answering as little as one can.

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use tidings::clock::instant_now;

/// The numbers that came, each with the ids under which it did.
pub(crate) type Seen = HashMap<u64, Vec<String>>;

pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    count: Arc<AtomicU64>,
    seen: Arc<Mutex<Seen>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let count = Arc::new(AtomicU64::new(0));
        let seen = Arc::default();
        let (counted, noted) = (Arc::clone(&count), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (counted, noted) = (Arc::clone(&counted), Arc::clone(&noted));
                std::thread::spawn(move || answer(stream, &counted, &noted));
            }
        });
        Self { address, count, seen }
    }

    /// Waits until all of these came, or for so long, and then a moment more for what should not come; gives all that came.
    pub(crate) fn await_all(&self, numbers: &HashSet<u64>, patience: Duration) -> Seen {
        let started = instant_now();
        let is_missing = || {
            let seen = self.seen.lock().unwrap();
            numbers.iter().any(|number| !seen.contains_key(number))
        };
        while is_missing() && started.elapsed() < patience {
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_millis(500));
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> u64 {
        self.count.load(SeqCst)
    }
}

/// Answers until the other side goes.
fn answer(stream: TcpStream, count: &AtomicU64, seen: &Mutex<Seen>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut stream = BufReader::new(stream);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let (mut length, mut delivery) = (0, String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            match header.split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().ok()?
                }
                Some((name, value)) if name.eq_ignore_ascii_case("x-promptise-delivery") => {
                    delivery = value.trim().to_owned()
                }
                _ => {}
            }
        }
        body.resize(length, 0);
        stream.read_exact(&mut body).ok()?;
        count.fetch_add(1, SeqCst);
        if let Some(number) = number(&body) {
            seen.lock().unwrap().entry(number).or_default().push(delivery);
        }
        stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok()?;
    }
}

/// The number in the event's data.
fn number(body: &[u8]) -> Option<u64> {
    let event: serde_json::Value = serde_json::from_slice(body).ok()?;
    event["data"]["number"].as_u64()
}
