//! A block of addresses in CIDR notation. Which blocks may be allowed is judged in `rule`.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
};

use crate::address::canonical;

/// A block of addresses: `10.1.0.0/16`, `fd12::/48`; an address alone is the block of just this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cidr {
    network: IpAddr,
    prefix: u8,
}

/// Why a text is not a block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CidrError {
    /// It is not `address/bits`.
    #[error("not a block of addresses: write it as 10.1.0.0/16 or fd12::/48")]
    Syntax,
    /// The address goes on behind the prefix.
    #[error("the address has bits beyond its prefix: write {network}/{prefix}, or the one address with /32 or /128")]
    HostBits {
        /// The address without those bits.
        network: IpAddr,
        /// The prefix as given.
        prefix: u8,
    },
}

impl Cidr {
    /// Whether the address lies in the block. An IPv4 address never lies in a block of IPv6.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, canonical(address, false)) {
            (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_)) => {
                masked(canonical(address, false), self.prefix) == self.network
            }
            _ => false,
        }
    }

    /// Whether it is one address.
    #[must_use]
    pub const fn is_single(&self) -> bool {
        self.prefix == width(self.network)
    }

    /// The block's first address.
    #[must_use]
    pub const fn network(&self) -> IpAddr {
        self.network
    }

    /// How many leading bits are fixed.
    #[must_use]
    pub const fn prefix(&self) -> u8 {
        self.prefix
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| CidrError::Syntax)?;
        let prefix = bits.map_or(Ok(width(address)), parse_bits)?;
        if prefix > width(address) {
            return Err(CidrError::Syntax);
        }
        let network = masked(address, prefix);
        if network != address {
            return Err(CidrError::HostBits { network, prefix });
        }
        Ok(unwrapped(network, prefix))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn parse_bits(bits: &str) -> Result<u8, CidrError> {
    let digits = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
    if digits { bits.parse().map_err(|_| CidrError::Syntax) } else { Err(CidrError::Syntax) }
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

/// A block of mapped addresses is a block of IPv4, since addresses are compared unmapped.
fn unwrapped(network: IpAddr, prefix: u8) -> Cidr {
    match canonical(network, false) {
        v4 @ IpAddr::V4(_) if network.is_ipv6() && prefix >= 96 => Cidr { network: v4, prefix: prefix - 96 },
        _ => Cidr { network, prefix },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_contain_what_they_say() {
        let check = |block: &str, address: &str, expected: bool| {
            let block: Cidr = block.parse().unwrap();
            assert_eq!(block.contains(address.parse().unwrap()), expected, "{block} {address}");
        };
        check("10.1.0.0/16", "10.1.255.255", true);
        check("10.1.0.0/16", "10.2.0.0", false);
        check("10.1.0.0/16", "::ffff:10.1.2.3", true);
        check("::ffff:10.1.0.0/112", "10.1.2.3", true);
        check("0.0.0.0/0", "255.1.2.3", true);
        check("::/0", "1.2.3.4", false);
        check("fd12::/48", "fd12::1", true);
        check("fd12::/48", "fd12:0:1::1", false);
        check("127.0.0.1", "127.0.0.1", true);
        check("127.0.0.1", "127.0.0.2", false);
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for bad in
            ["", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/+8", "10/8", "::/129", "a/8", "10.0.0.0/8/8", "10.0.0.0/ 8"]
        {
            assert_eq!(bad.parse::<Cidr>(), Err(CidrError::Syntax), "{bad}");
        }
        let error = "10.1.2.3/16".parse::<Cidr>().unwrap_err().to_string();
        assert!(error.contains("10.1.0.0/16"), "{error}");
    }
}
