//! What may be reached: the public internet, and what the operator allows beyond it. Here name, address and port are judged
//! together; how a URL is read is `safe_url`'s business.

use std::net::IpAddr;

use crate::{
    AddressClass, AllowRule, Blocked,
    address::{canonical, deny_address},
    name::{self, NameClass},
    ports,
};

/// What may be reached. The default is the public internet alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The operator's `allow_destinations`.
    pub allow: Vec<AllowRule>,
    /// `allow_private_networks`: private ranges and loopback too, and local names that resolve into them. Never metadata,
    /// link-local or shared (`100.64.0.0/10`) addresses.
    pub private: bool,
    /// Whether `64:ff9b::/96` is decoded and judged as IPv4, for machines behind NAT64.
    pub nat64: bool,
}

/// By what a destination passed the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// It is on the public internet.
    Public,
    /// `allow_private_networks` lets it pass.
    Private,
    /// A rule of `allow_destinations` lets it pass. Each use at an attempt is logged.
    Rule,
}

impl Pass {
    /// A stable name for logs and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "allow_private_networks",
            Self::Rule => "allow_destinations",
        }
    }
}

impl Policy {
    /// Judges a destination. `host` is the name that resolved to the address, `None` where the URL held the address itself.
    ///
    /// # Errors
    /// Says why it is refused and what to do.
    pub fn judge(&self, host: Option<&str>, address: IpAddr, port: u16) -> Result<Pass, Blocked> {
        let host = host.map(name::normal);
        let host = host.as_deref();
        let kind = host.map_or(Ok(NameClass::Public), name::classify)?;
        let class = deny_address(address, self.nat64);
        let network = self.pass_by_network(kind, class);
        if let Some(pass) = network.filter(|_| ports::closed(port).is_none()) {
            return Ok(pass);
        }
        let address = canonical(address, self.nat64);
        let ruled = self.allow.iter().any(|rule| {
            let named = kind == NameClass::Public || rule.names(host);
            named && rule.concerns(host) && rule.opens(port) && rule.allows(address)
        });
        match network {
            _ if ruled => Ok(Pass::Rule),
            Some(_) => Err(closed_port(port)),
            None => Err(class.map_or_else(|| refused_name(kind), refused_address)),
        }
    }

    /// Judges a name by itself, before it is resolved: whether any address could make it pass.
    ///
    /// # Errors
    /// Says why it is refused and what to do.
    pub fn judge_name(&self, host: &str, port: u16) -> Result<(), Blocked> {
        let host = name::normal(host);
        let kind = name::classify(&host)?;
        let by_kind = kind == NameClass::Public || (kind == NameClass::Local && self.private);
        let ruled = self.allow.iter().any(|rule| {
            rule.opens(port)
                && if kind == NameClass::Public { rule.concerns(Some(&host)) } else { rule.names(Some(&host)) }
        });
        if ruled || (by_kind && ports::closed(port).is_none()) {
            return Ok(());
        }
        Err(if by_kind { closed_port(port) } else { refused_name(kind) })
    }

    /// Judges what a name resolved to: every address must pass.
    ///
    /// # Errors
    /// `unresolved` for no address at all, else why the first refused address is refused.
    pub fn judge_answers(&self, host: &str, addresses: &[IpAddr], port: u16) -> Result<Pass, Blocked> {
        let mut weakest = None;
        for address in addresses {
            let pass = self.judge(Some(host), *address, port)?;
            weakest = Some(weakest.filter(|earlier| *earlier != Pass::Public).unwrap_or(pass));
        }
        weakest.ok_or_else(|| {
            Blocked::new("unresolved", "the host name has no address: check its spelling and its DNS records")
        })
    }

    fn pass_by_network(&self, name: NameClass, class: Option<AddressClass>) -> Option<Pass> {
        match (name, class) {
            (NameClass::Public, None) => Some(Pass::Public),
            // A local name must stay local: on the public internet it would be somebody else's host.
            (NameClass::Public | NameClass::Local, Some(class)) if self.private && class.is_private_network() => {
                Some(Pass::Private)
            }
            _ => None,
        }
    }
}

fn refused_address(class: AddressClass) -> Blocked {
    let advice = if class.needs_exact_rule() {
        "if it must be reached, allow this one address by a /32 or /128 in `allow_destinations`"
    } else {
        "to reach a host of your own, name its network and port in `allow_destinations`"
    };
    let what = class.as_str().replace('_', " ");
    Blocked::new(class.as_str(), format!("the destination's address is not public ({what}); {advice}"))
}

fn refused_name(kind: NameClass) -> Blocked {
    let what = match kind {
        NameClass::Metadata => "belongs to a cloud's metadata service",
        NameClass::Reserved => "ends in a reserved suffix",
        NameClass::Local | NameClass::Public => "is local, not a public one",
    };
    Blocked::new(
        kind.as_str(),
        format!("the host name {what}; to reach it, name host and cidr in `allow_destinations`"),
    )
}

fn closed_port(port: u16) -> Blocked {
    let what = ports::closed(port).unwrap_or("other services");
    Blocked::new(
        "port",
        format!(
            "port {port} is closed to webhooks ({what}); use 443 or another web port, or open it in `allow_destinations`"
        ),
    )
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
