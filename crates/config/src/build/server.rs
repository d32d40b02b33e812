//! The daemon's own address, who may ask it, and to whom it says that it lives. Nothing is opened here.

use std::{net::SocketAddr, time::Duration};

use tidings_trigger::AgentPattern;

use super::process::has_scheme;
use crate::{
    plan::{HeartbeatPlan, KeyPlan, ServerPlan},
    problem::{Findings, Spot},
    raw::{Heartbeat, Key, Server},
    read::{Given, items, value},
};

/// How many events a second a key may send, by default.
const RATE: u32 = 10_000;
/// The bounds of a key's rate.
const RATES: std::ops::RangeInclusive<u64> = 1..=1_000_000;
/// How often the daemon says that it lives, by default, and the bounds of it.
const EVERY: Duration = Duration::from_secs(60);
const INTERVALS: std::ops::RangeInclusive<Duration> = Duration::from_secs(10)..=Duration::from_secs(24 * 3_600);

/// Checks the section, and gives it with its defaults.
pub(super) fn build(server: Option<&Server>, findings: &mut Findings<'_>) -> ServerPlan {
    let Some(server) = server else { return ServerPlan::default() };
    let listen = listen(server, findings);
    if let Some(spot) = bad(&server.public_url, |url| has_scheme(url, &["http", "https"])) {
        findings.error(spot, "expected https://host");
    }
    let keys: Vec<_> = items(&server.keys).filter_map(|(given, spot)| key(given, spot, findings)).collect();
    repeated(server, findings);
    ServerPlan {
        listen: listen.unwrap_or(ServerPlan::default().listen),
        keys,
        hosts: hosts(server, findings),
        public_url: value(&server.public_url).cloned(),
        heartbeat: value(&server.heartbeat).and_then(|given| heartbeat(given, findings)),
    }
}

fn listen(server: &Server, findings: &mut Findings<'_>) -> Option<SocketAddr> {
    let at = server.listen.as_ref()?;
    let (given, spot) = (at.value.as_ref()?, &at.spot);
    let Ok(address) = given.parse::<SocketAddr>() else {
        findings.error(spot, "expected an address with its port, such as 127.0.0.1:7171");
        return None;
    };
    if !address.ip().is_loopback() && items(&server.keys).next().is_none() {
        let help = "add `keys:`, or listen on 127.0.0.1";
        findings.error(spot, "others could reach this address, and no key is asked of them").help(help);
    }
    Some(address)
}

/// Names without a scheme and a port, as the `Host` header has them.
fn hosts(server: &Server, findings: &mut Findings<'_>) -> Vec<String> {
    let mut hosts = Vec::new();
    for (host, spot) in items(&server.hosts) {
        let is_address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
        if host.is_empty() || host.contains(['/', '@', ' ', '*']) || (host.contains(':') && !is_address) {
            findings
                .error(spot, "not a host name: expected one without a scheme and a port, such as tidings.example.com");
        } else {
            hosts.push(host.clone());
        }
    }
    hosts
}

fn key(key: &Key, spot: &Spot, findings: &mut Findings<'_>) -> Option<KeyPlan> {
    for (name, given) in [("name", &key.name), ("sha256", &key.sha256)] {
        if given.is_none() {
            findings.error(spot, format!("`{name}` is missing")).help("`tidings key new` prints a whole entry");
        }
    }
    if let Some(spot) = bad(&key.sha256, |text: &String| digest(text).is_some()) {
        findings.error(spot, "expected the key's SHA-256: 64 hex digits").help("never put the key itself here");
    }
    if let Some(at) = key.user.as_ref().filter(|_| key.agents.is_some()) {
        findings.error(&at.spot, "a key is a person's or speaks for agents, not both").help("make two keys");
    }
    if let Some(at) = key.agents.as_ref().filter(|at| at.value.as_ref().is_some_and(Vec::is_empty)) {
        findings.error(&at.spot, "the list is empty: the key could do nothing").help("name agents, or `\"*\"` for all");
    }
    if let Some(spot) = bad(&key.rate, |rate| RATES.contains(rate)) {
        findings.error(spot, "must be from 1 to 1,000,000 events a second");
    }
    let agents = key.agents.is_some().then(|| agents(key, findings));
    Some(KeyPlan {
        name: value(&key.name)?.clone(),
        sha256: digest(value(&key.sha256)?)?,
        agents,
        user: value(&key.user).cloned(),
        rate: value(&key.rate).and_then(|rate| u32::try_from(*rate).ok()).unwrap_or(RATE),
    })
}

fn agents(key: &Key, findings: &mut Findings<'_>) -> Vec<AgentPattern> {
    let mut agents = Vec::new();
    for (agent, spot) in items(&key.agents) {
        if agent.trim().is_empty() {
            findings.error(spot, "the agent's name is empty");
        } else {
            agents.push(agent.parse().unwrap_or(AgentPattern::Any));
        }
    }
    agents
}

/// Names are what logs tell keys apart by; one hash twice is one key with two meanings.
fn repeated(server: &Server, findings: &mut Findings<'_>) {
    let (mut names, mut hashes) = (Vec::new(), Vec::new());
    for (key, spot) in items(&server.keys) {
        let (name, hash) = (value(&key.name), value(&key.sha256).map(|hash| hash.to_ascii_lowercase()));
        if name.is_some_and(|name| names.contains(&name)) {
            findings.error(spot, "another key has this name");
        }
        if hash.as_ref().is_some_and(|hash| hashes.contains(hash)) {
            findings.error(spot, "another key has this SHA-256");
        }
        names.extend(name);
        hashes.extend(hash);
    }
}

fn heartbeat(given: &Heartbeat, findings: &mut Findings<'_>) -> Option<HeartbeatPlan> {
    if let Some(spot) = bad(&given.every, |every| INTERVALS.contains(&every.0)) {
        findings.error(spot, "must be from 10s to 24h");
    }
    let url = value(&given.url)?.0.clone();
    Some(HeartbeatPlan { url, every: value(&given.every).map_or(EVERY, |every| every.0) })
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (place, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(digest)
}

fn bad<T>(given: &Given<T>, good: impl Fn(&T) -> bool) -> Option<&Spot> {
    let at = given.as_ref()?;
    at.value.as_ref().is_some_and(|value| !good(value)).then_some(&at.spot)
}
