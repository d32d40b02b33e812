//! Which addresses are the public internet's. The predicate is our own, after the IANA special-purpose registries; what an
//! operator allows beyond it is `policy`'s business.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not a destination on the public internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressClass {
    /// `0.0.0.0/8` and `::`: this host.
    Unspecified,
    /// `127.0.0.0/8` and `::1`: this machine.
    Loopback,
    /// RFC 1918 and `fc00::/7`: a private network.
    Private,
    /// `100.64.0.0/10`: shared by a provider's customers.
    Shared,
    /// `169.254.0.0/16` and `fe80::/10`: this link.
    LinkLocal,
    /// A cloud's metadata service, which hands out credentials.
    Metadata,
    /// Reserved for documentation.
    Documentation,
    /// Reserved for benchmarks: `198.18.0.0/15`.
    Benchmark,
    /// A protocol's own range: IETF assignments, AS112, 6to4 relays.
    Protocol,
    /// An IPv6 range that hides an IPv4 address: 6to4, Teredo, NAT64 unless it is switched on.
    Tunnel,
    /// Multicast, reserved and broadcast: `224.0.0.0/3` and `ff00::/8`.
    Multicast,
    /// IPv6 outside of `2000::/3`.
    NotGlobal,
}

impl AddressClass {
    /// A stable name for logs, metrics and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::Shared => "shared",
            Self::LinkLocal => "link_local",
            Self::Metadata => "metadata",
            Self::Documentation => "documentation",
            Self::Benchmark => "benchmark",
            Self::Protocol => "protocol",
            Self::Tunnel => "tunnel",
            Self::Multicast => "multicast",
            Self::NotGlobal => "not_global",
        }
    }

    /// Whether `allow_private_networks: true` lifts it: private ranges and loopback. `100.64.0.0/10` is not among them: it is
    /// the provider's network, not one's own, and takes a rule of `allow_destinations`.
    #[must_use]
    pub const fn is_private_network(self) -> bool {
        matches!(self, Self::Private | Self::Loopback)
    }

    /// Whether only a rule for this one address may lift it.
    #[must_use]
    pub const fn needs_exact_rule(self) -> bool {
        matches!(self, Self::Metadata | Self::LinkLocal)
    }
}

/// Why the address is refused; `None` for an address of the public internet.
///
/// IPv4 addresses mapped into IPv6 are judged as IPv4. With `nat64`, those in `64:ff9b::/96` are decoded and judged too.
#[must_use]
pub fn deny_address(address: IpAddr, nat64: bool) -> Option<AddressClass> {
    match canonical(address, nat64) {
        IpAddr::V4(address) => deny_v4(address),
        IpAddr::V6(address) => deny_v6(address),
    }
}

/// The address that is meant: IPv4 where IPv6 only wraps it.
#[must_use]
pub fn canonical(address: IpAddr, nat64: bool) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return IpAddr::V4(v4);
    }
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] if nat64 => IpAddr::V4(joined(high, low)),
        _ => address,
    }
}

/// Whether the address is one that takes a rule of its own, or reaches one through a tunnel: NAT64 or 6to4.
#[must_use]
pub(crate) fn reaches_exact_only(address: IpAddr) -> bool {
    let behind = match canonical(address, true) {
        IpAddr::V6(v6) => match v6.segments() {
            [0x2002, high, low, ..] => deny_v4(joined(high, low)),
            _ => deny_v6(v6),
        },
        IpAddr::V4(v4) => deny_v4(v4),
    };
    behind.is_some_and(AddressClass::needs_exact_rule)
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

/// Why an IPv4 address is refused; `None` for a public one.
#[must_use]
pub fn deny_v4(address: Ipv4Addr) -> Option<AddressClass> {
    use AddressClass::{
        Benchmark, Documentation, LinkLocal, Loopback, Metadata, Multicast, Private, Protocol, Shared, Unspecified,
    };
    Some(match address.octets() {
        [0, ..] => Unspecified,
        // Clouds answer at these beside the link-local address: Azure, Alibaba, Oracle.
        [168, 63, 129, 16] | [100, 100, 100, 200] | [192, 0, 0, 192] | [169, 254, 169, 254] => Metadata,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Private,
        [100, 64..=127, ..] => Shared,
        [127, ..] => Loopback,
        [169, 254, ..] => LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Documentation,
        [192, 0, 0, _] | [192, 31, 196, _] | [192, 52, 193, _] | [192, 88, 99, _] | [192, 175, 48, _] => Protocol,
        [198, 18..=19, ..] => Benchmark,
        [224..=255, ..] => Multicast,
        _ => return None,
    })
}

/// Why an IPv6 address that wraps no IPv4 address is refused; `None` for a public one.
fn deny_v6(address: Ipv6Addr) -> Option<AddressClass> {
    use AddressClass::{
        Documentation, LinkLocal, Loopback, Metadata, Multicast, NotGlobal, Private, Protocol, Tunnel, Unspecified,
    };
    Some(match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Loopback,
        // The metadata services of AWS, Google and Scaleway have unique local addresses.
        [0xfd00, 0xec2, ..] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] | [0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42] => Metadata,
        [0xfc00..=0xfdff, ..] => Private,
        [0xfe80..=0xfebf, ..] => LinkLocal,
        [0xff00..=0xffff, ..] => Multicast,
        [0x64, 0xff9b, ..] => Tunnel,
        // 2001::/32 is Teredo, the rest of 2001::/23 belongs to protocols.
        [0x2001, 0, ..] | [0x2002, ..] => Tunnel,
        [0x2001, 0..=0x1ff, ..] | [0x2620, 0x4f, 0x8000, ..] => Protocol,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Documentation,
        [0x2000..=0x3fff, ..] => return None,
        _ => NotGlobal,
    })
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
