//! One entry of `allow_destinations`, the operator's escape from the guard. It comes from the process's own configuration,
//! never from a user's data.

use std::net::IpAddr;

use serde::Deserialize;
use url::Host;

use crate::{Cidr, address::reaches_exact_only, cidr::CidrError, name, ports};

/// The most ports of a rule.
const MOST_PORTS: usize = 32;

/// An entry as it is written: `{cidr: 10.1.0.0/16, ports: [443]}`, `{host: hooks.corp.example, cidr: 10.0.0.0/8}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AllowRuleConfig {
    /// The addresses, required: `10.1.0.0/16`. Metadata and link-local addresses only one by one.
    pub cidr: String,
    /// Only for this host name. Without it the rule holds for every public name and for the addresses themselves.
    pub host: Option<String>,
    /// Only these ports, closed ones too. Without them every port that is open to public destinations.
    pub ports: Vec<u16>,
}

/// A checked entry of `allow_destinations`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "AllowRuleConfig")]
pub struct AllowRule {
    cidr: Cidr,
    host: Option<String>,
    ports: Vec<u16>,
}

/// Why an entry of `allow_destinations` is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// There is no block of addresses.
    #[error("`cidr` is missing: a rule names the addresses that it allows, a rule for a host too")]
    NoCidr,
    /// The block is not one.
    #[error("`cidr`: {0}")]
    Cidr(#[from] CidrError),
    /// The block is too large to mean anything: shorter than /8, for IPv6 shorter than /7.
    #[error("`cidr`: {0} allows far too much; name the network that you mean")]
    TooWide(Cidr),
    /// Link-local and metadata addresses take a rule each.
    #[error("`cidr`: {0} holds link-local or metadata addresses; allow one address by /32 or /128")]
    NotSingle(Cidr),
    /// The host is not a host name.
    #[error("`host` must be one host name without wildcards, port or scheme; an address goes into `cidr`")]
    Host,
    /// Port 0 is no port.
    #[error("`ports`: 0 is not a port; leave `ports` out to allow every open one")]
    PortZero,
    /// More than 32 ports: each has connections of its own.
    #[error("`ports`: a rule takes at most 32 ports; leave `ports` out to allow every open one")]
    TooManyPorts,
}

impl TryFrom<AllowRuleConfig> for AllowRule {
    type Error = RuleError;

    fn try_from(config: AllowRuleConfig) -> Result<Self, RuleError> {
        if config.cidr.is_empty() {
            return Err(RuleError::NoCidr);
        }
        if config.ports.contains(&0) {
            return Err(RuleError::PortZero);
        }
        if config.ports.len() > MOST_PORTS {
            return Err(RuleError::TooManyPorts);
        }
        let host = config.host.as_deref().map(host_name).transpose()?;
        Ok(Self { cidr: narrow(config.cidr.parse()?)?, host, ports: config.ports })
    }
}

impl AllowRule {
    /// The host name that it is limited to.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The addresses that it allows.
    #[must_use]
    pub const fn cidr(&self) -> Cidr {
        self.cidr
    }

    /// The ports that it is limited to; empty for every open one.
    #[must_use]
    pub fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// Whether it names this very host.
    pub(crate) fn names(&self, host: Option<&str>) -> bool {
        self.host.is_some() && self.host.as_deref() == host
    }

    /// Whether it speaks of this host: by its name, or of all.
    pub(crate) fn concerns(&self, host: Option<&str>) -> bool {
        self.host.is_none() || self.names(host)
    }

    /// Whether it opens this port.
    pub(crate) fn opens(&self, port: u16) -> bool {
        if self.ports.is_empty() { ports::closed(port).is_none() } else { self.ports.contains(&port) }
    }

    /// Whether it allows this address: metadata and link-local ones only where it is about this one address.
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        self.cidr.contains(address) && (self.cidr.is_single() || !reaches_exact_only(address))
    }
}

fn host_name(host: &str) -> Result<String, RuleError> {
    match Host::parse(host) {
        Ok(Host::Domain(domain)) => {
            let normal = name::normal(&domain);
            name::classify(&normal).map_err(|_| RuleError::Host)?;
            Ok(normal)
        }
        _ => Err(RuleError::Host),
    }
}

fn narrow(cidr: Cidr) -> Result<Cidr, RuleError> {
    let shortest = if cidr.network().is_ipv4() { 8 } else { 7 };
    if cidr.prefix() < shortest {
        return Err(RuleError::TooWide(cidr));
    }
    if reaches_exact_only(cidr.network()) && !cidr.is_single() { Err(RuleError::NotSingle(cidr)) } else { Ok(cidr) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(cidr: &str, host: Option<&str>, ports: &[u16]) -> Result<AllowRule, RuleError> {
        AllowRuleConfig { cidr: cidr.into(), host: host.map(Into::into), ports: ports.into() }.try_into()
    }

    #[test]
    fn what_opens_too_much_is_refused() {
        let check = |cidr: &str, part: &str| {
            let error = rule(cidr, None, &[]).unwrap_err().to_string();
            assert!(error.contains(part), "{cidr}: {error}");
        };
        check("", "missing");
        check("0.0.0.0/0", "too much");
        check("::/0", "too much");
        check("0.0.0.0/1", "too much");
        check("::ffff:0.0.0.0/96", "too much");
        check("169.254.0.0/16", "/32");
        check("169.254.169.254/31", "/32");
        check("fe80::/10", "/128");
        check("fd00:ec2::/32", "/128");
        check("10.1.2.3/16", "10.1.0.0/16");
        check("corp", "write it as");
    }

    #[test]
    fn hosts_are_names() {
        for bad in
            ["", "10.0.0.1", "0x7f.1", "[::1]", "*.corp.example", "a.example:443", "https://a.example", "a b", "a..b"]
        {
            assert_eq!(rule("10.0.0.0/8", Some(bad), &[]), Err(RuleError::Host), "{bad}");
        }
        let rule = rule("10.0.0.0/8", Some("Hooks.Corp.Example."), &[]).unwrap();
        assert_eq!(rule.host(), Some("hooks.corp.example"));
    }

    #[test]
    fn one_metadata_address_can_be_allowed_and_port_zero_cannot() {
        assert!(rule("169.254.169.254/32", None, &[80]).is_ok());
        assert!(rule("fe80::1", None, &[]).is_ok());
        assert_eq!(rule("10.0.0.0/8", None, &[0]), Err(RuleError::PortZero));
        assert_eq!(rule("10.0.0.0/8", None, &[443; 33]), Err(RuleError::TooManyPorts));
    }
}
