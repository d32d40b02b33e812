//! One connection, used by one attempt at a time: so what the server answers belongs to that attempt, and nothing waits in a buffer
//! to be sent later. It never reconnects; whoever needs another one opens it.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use rustls::ClientConfig;
use serde_json::{Map, Value, json};
use tidings_core::clock::instant_now;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{
    address::ServerAddress,
    failure::Failure,
    info::Info,
    login::Login,
    message::Message,
    receipt::Stored,
    wire::{Frame, Reply, Wire, broken},
};

/// A connection that rested for longer shows that it lives before it is given a message.
const FRESH: Duration = Duration::from_millis(100);

/// How a connection is made.
pub(super) struct Route {
    pub(super) address: ServerAddress,
    pub(super) login: Login,
    pub(super) tls: Arc<ClientConfig>,
    pub(super) jetstream: bool,
}

/// A live connection.
pub(super) struct Link {
    wire: Wire,
    info: Info,
    inbox: Option<Inbox>,
    rested: Instant,
    /// Whether everything that was asked has been answered.
    settled: bool,
}

/// Where JetStream answers.
struct Inbox {
    prefix: String,
    next: u64,
}

impl Link {
    /// Connects and logs in.
    pub(super) async fn open(route: &Route) -> Result<Self, Failure> {
        let stream = TcpStream::connect((route.address.host.as_str(), route.address.port)).await?;
        stream.set_nodelay(true)?;
        let mut wire = Wire::new(stream);
        let info = first_info(&mut wire).await?;
        if route.address.tls || info.tls {
            wire = secure(wire, route).await?;
        }
        let inbox = route.jetstream.then(Inbox::new).transpose()?;
        wire.write(&greeting(route, &info, inbox.as_ref())?).await?;
        let mut link = Self { wire, info, inbox, rested: instant_now(), settled: true };
        link.wait_for_pong().await?;
        Ok(link)
    }

    /// Whether the connection still lives: just after its last use if the server has said nothing since, else by a round trip.
    pub(super) async fn lives(&mut self) -> bool {
        let ping: &[u8] = match self.wire.next().now_or_never() {
            None if instant_now().duration_since(self.rested) < FRESH => return true,
            None => b"PING\r\n",
            Some(Ok(Frame::Ping)) => b"PONG\r\nPING\r\n",
            Some(Ok(frame)) => {
                self.note(&frame);
                b"PING\r\n"
            }
            Some(Err(_)) => return false,
        };
        self.wire.write(ping).await.is_ok() && self.wait_for_pong().await.is_ok() && !self.info.leaving
    }

    /// The most bytes that the server takes as headers and body.
    pub(super) const fn max_payload(&self) -> usize {
        self.info.max_payload
    }

    /// Whether it can carry another message.
    pub(super) const fn is_fit(&self) -> bool {
        self.settled && !self.info.leaving
    }

    /// Hands the message over and waits until the server has it, or with JetStream until a stream has stored it.
    pub(super) async fn publish(&mut self, message: &Message) -> Result<Option<Stored>, Failure> {
        self.settled = false;
        let reply = self.inbox.as_mut().map(Inbox::address);
        self.wire.write(&message.encode(reply.as_deref())).await?;
        let answer = self.confirm(reply.as_deref()).await?;
        self.rested = instant_now();
        answer.as_ref().map(Stored::read).transpose()
    }

    /// The server answers a ping once it has judged all that came before it: an error stands ahead of the pong.
    async fn confirm(&mut self, reply: Option<&str>) -> Result<Option<Reply>, Failure> {
        let (mut answer, mut refusal, mut judged) = (None, None, false);
        while !judged || (answer.is_none() && reply.is_some()) {
            match self.step().await {
                Ok(Frame::Pong) => judged = true,
                Ok(Frame::Refusal(words)) => refusal = refusal.or(Some(words)),
                Ok(Frame::Message(message)) if Some(message.subject.as_str()) == reply => answer = Some(message),
                Ok(_) => {}
                // What the stream has said is true although the connection broke afterwards.
                Err(_) if answer.is_some() => return Ok(answer),
                Err(error) => return Err(refusal.map_or(Failure::Broken(error), Failure::Refused)),
            }
            if judged && let Some(words) = refusal.take() {
                self.settled = reply.is_none();
                return Err(Failure::Refused(words));
            }
        }
        self.settled = true;
        Ok(answer)
    }

    async fn wait_for_pong(&mut self) -> Result<(), Failure> {
        loop {
            match self.step().await? {
                Frame::Pong => return Ok(()),
                Frame::Refusal(words) => return Err(Failure::Refused(words)),
                _ => {}
            }
        }
    }

    /// The next frame; pings are answered, and news of the server are kept.
    async fn step(&mut self) -> io::Result<Frame> {
        let frame = self.wire.next().await?;
        if frame == Frame::Ping {
            self.wire.write(b"PONG\r\n").await?;
        }
        self.note(&frame);
        Ok(frame)
    }

    fn note(&mut self, frame: &Frame) {
        if let Frame::Info(fields) = frame {
            self.info.renew(fields);
        }
    }
}

impl Inbox {
    /// A place that nobody else can guess.
    fn new() -> Result<Self, Failure> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| Failure::Broken(broken("the system gives no randomness")))?;
        Ok(Self { prefix: format!("_INBOX.{:032x}", u128::from_ne_bytes(bytes)), next: 0 })
    }

    fn address(&mut self) -> String {
        self.next += 1;
        format!("{}.{}", self.prefix, self.next)
    }
}

/// The server speaks first.
async fn first_info(wire: &mut Wire) -> Result<Info, Failure> {
    let info = match wire.next().await? {
        Frame::Info(fields) => Info::read(&fields),
        Frame::Refusal(words) => return Err(Failure::Refused(words)),
        _ => return Err(broken("the server does not begin with INFO").into()),
    };
    if !info.headers {
        return Err(Failure::Unfit(
            "the server takes no headers, which carry the delivery id: it must be 2.2 or later",
        ));
    }
    Ok(info)
}

async fn secure(wire: Wire, route: &Route) -> Result<Wire, Failure> {
    let name = route.address.server_name().ok_or(Failure::Unfit("the server's host can bear no certificate"))?;
    let connector = TlsConnector::from(Arc::clone(&route.tls));
    Ok(Wire::new(connector.connect(name, wire.into_stream()?).await?))
}

/// `CONNECT`, the inbox where there is one, and a ping, whose answer says that all that was welcome.
fn greeting(route: &Route, info: &Info, inbox: Option<&Inbox>) -> Result<Vec<u8>, Failure> {
    let mut fields = Map::from_iter([
        ("verbose".to_owned(), json!(false)),
        ("pedantic".to_owned(), json!(false)),
        ("tls_required".to_owned(), json!(route.address.tls)),
        ("name".to_owned(), json!("tidings")),
        ("lang".to_owned(), json!("rust")),
        ("version".to_owned(), json!(env!("CARGO_PKG_VERSION"))),
        ("protocol".to_owned(), json!(1)),
        ("echo".to_owned(), json!(false)),
        ("headers".to_owned(), json!(true)),
        ("no_responders".to_owned(), json!(true)),
    ]);
    let signed = route.login.sign_in(&info.nonce, &mut fields);
    signed.map_err(|_| Failure::Unfit("no key comes from the seed"))?;
    let listen = inbox.map(|inbox| format!("SUB {}.* 1\r\n", inbox.prefix)).unwrap_or_default();
    Ok(format!("CONNECT {}\r\n{listen}PING\r\n", Value::Object(fields)).into_bytes())
}
