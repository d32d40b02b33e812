//! The daemon: where it listens, who may ask it, and to whom it says that it lives.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use secrecy::SecretString;
use tidings_trigger::AgentPattern;

/// Where a daemon listens that is not told otherwise: loopback.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7171);

/// The daemon's own section.
#[derive(Clone, Debug)]
pub struct ServerPlan {
    /// Address and port; default 127.0.0.1:7171. One beyond loopback always comes with keys.
    pub listen: SocketAddr,
    /// Who may ask. Without any, whoever reaches the address.
    pub keys: Vec<KeyPlan>,
    /// The host names under which requests are taken, beside those of loopback.
    pub hosts: Vec<String>,
    /// The address that links in messages begin with, and that signed callbacks come to.
    pub public_url: Option<String>,
    /// To whom it says that it lives.
    pub heartbeat: Option<HeartbeatPlan>,
}

impl Default for ServerPlan {
    fn default() -> Self {
        Self { listen: LISTEN, keys: Vec::new(), hosts: Vec::new(), public_url: None, heartbeat: None }
    }
}

/// A bearer key, by its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPlan {
    /// The key's name in logs.
    pub name: String,
    /// The SHA-256 of the key.
    pub sha256: [u8; 32],
    /// The agents that it may speak for; `None` for a key that is not an agent's.
    pub agents: Option<Vec<AgentPattern>>,
    /// The person whose key it is. A key of neither agents nor a person is an operator's.
    pub user: Option<String>,
    /// How many events a second it may send; ten times as many at once.
    pub rate: u32,
}

/// Who shows it shows no hash either: it tells which key is which.
impl fmt::Debug for KeyPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPlan").field("name", &self.name).finish_non_exhaustive()
    }
}

/// To whom the daemon says that it lives.
#[derive(Clone, Debug)]
pub struct HeartbeatPlan {
    /// Where to. Such addresses hold a token in their path.
    pub url: SecretString,
    /// How often.
    pub every: Duration,
}
