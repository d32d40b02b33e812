//! The predicate against a second formulation of the same rule: a table of ranges as numbers.

use super::*;

/// The denied IPv4 ranges of spec/security.md rule 3, as first and last address.
const DENIED: [(u32, u32); 18] = [
    (0x0000_0000, 0x00ff_ffff), // 0.0.0.0/8
    (0x0a00_0000, 0x0aff_ffff), // 10.0.0.0/8
    (0x6440_0000, 0x647f_ffff), // 100.64.0.0/10
    (0x7f00_0000, 0x7fff_ffff), // 127.0.0.0/8
    (0xa83f_8110, 0xa83f_8110), // 168.63.129.16
    (0xa9fe_0000, 0xa9fe_ffff), // 169.254.0.0/16
    (0xac10_0000, 0xac1f_ffff), // 172.16.0.0/12
    (0xc000_0000, 0xc000_00ff), // 192.0.0.0/24
    (0xc000_0200, 0xc000_02ff), // 192.0.2.0/24
    (0xc01f_c400, 0xc01f_c4ff), // 192.31.196.0/24
    (0xc034_c100, 0xc034_c1ff), // 192.52.193.0/24
    (0xc058_6300, 0xc058_63ff), // 192.88.99.0/24
    (0xc0a8_0000, 0xc0a8_ffff), // 192.168.0.0/16
    (0xc0af_3000, 0xc0af_30ff), // 192.175.48.0/24
    (0xc612_0000, 0xc613_ffff), // 198.18.0.0/15
    (0xc633_6400, 0xc633_64ff), // 198.51.100.0/24
    (0xcb00_7100, 0xcb00_71ff), // 203.0.113.0/24
    (0xe000_0000, 0xffff_ffff), // 224.0.0.0/3
];

fn denied(address: u32) -> bool {
    let after = DENIED.partition_point(|(first, _)| *first <= address);
    after > 0 && address <= DENIED[after - 1].1
}

fn agree(address: u32) {
    let v4 = Ipv4Addr::from_bits(address);
    assert_eq!(deny_v4(v4).is_some(), denied(address), "{v4}");
}

#[test]
fn every_boundary_of_every_ipv4_range_agrees_with_the_table() {
    for (first, last) in DENIED {
        for edge in [first, last] {
            for address in [edge.wrapping_sub(1), edge, edge.wrapping_add(1)] {
                agree(address);
            }
        }
    }
}

/// The predicate only looks at whole octets but for four exact addresses, which lie in the table; so one address of each /24
/// and every address of the /24s of the exact ones decide the rest.
#[test]
fn every_ipv4_network_of_256_agrees_with_the_table() {
    for network in 0..=0x00ff_ffff_u32 {
        agree(network << 8 | 7);
    }
    for exact in [0xa83f_8100_u32, 0x6464_6400, 0xc000_0000, 0xa9fe_a900] {
        for host in 0..=0xff {
            agree(exact | host);
        }
    }
}

#[test]
#[ignore = "walks all 4,294,967,296 IPv4 addresses: about 20 s in a release build"]
fn every_ipv4_address_agrees_with_the_table() {
    let mut refused = 0_u64;
    for address in 0..=u32::MAX {
        let deny = deny_v4(Ipv4Addr::from_bits(address)).is_some();
        assert_eq!(deny, denied(address), "{}", Ipv4Addr::from_bits(address));
        refused += u64::from(deny);
    }
    let expected: u64 = DENIED.iter().map(|(first, last)| u64::from(last - first) + 1).sum();
    assert_eq!(refused, expected);
    println!("4,294,967,296 addresses compared, {refused} refused");
}

fn check(address: &str, expected: Option<AddressClass>) {
    assert_eq!(deny_address(address.parse().unwrap(), false), expected, "{address}");
}

#[test]
fn ipv6_is_global_unicast_without_what_is_special_in_it() {
    use AddressClass::*;
    for public in
        ["2600::1", "2001:200::", "2001:4860:4860::8888", "2620:4f:8001::", "3fff:1000::", "2003::", "2a00::1"]
    {
        check(public, None);
    }
    for (address, class) in [
        ("::", Unspecified),
        ("::1", Loopback),
        ("::2", NotGlobal),
        ("::127.0.0.1", NotGlobal),
        ("::ffff:127.0.0.1", Loopback),
        ("::ffff:169.254.169.254", Metadata),
        ("::ffff:0:127.0.0.1", NotGlobal),
        ("64:ff9b::808:808", Tunnel),
        ("64:ff9b:1::1", Tunnel),
        ("100::1", NotGlobal),
        ("1fff:ffff::", NotGlobal),
        ("2001::1", Tunnel),
        ("2001:1ff:ffff::", Protocol),
        ("2001:db8::1", Documentation),
        ("2002:7f00:1::", Tunnel),
        ("2620:4f:8000::1", Protocol),
        ("3fff::", Documentation),
        ("3fff:fff:ffff::", Documentation),
        ("4000::", NotGlobal),
        ("5f00::1", NotGlobal),
        ("fc00::1", Private),
        ("fd00:ec2::254", Metadata),
        ("fe80::1", LinkLocal),
        ("febf::1", LinkLocal),
        ("fec0::1", NotGlobal),
        ("ff02::1", Multicast),
    ] {
        check(address, Some(class));
    }
    check("::ffff:8.8.8.8", None);
}

#[test]
fn nat64_is_decoded_only_where_it_is_switched_on() {
    let judge = |address: &str| deny_address(address.parse().unwrap(), true);
    assert_eq!(judge("64:ff9b::808:808"), None);
    assert_eq!(judge("64:ff9b::7f00:1"), Some(AddressClass::Loopback));
    assert_eq!(judge("64:ff9b::a9fe:a9fe"), Some(AddressClass::Metadata));
    assert_eq!(judge("64:ff9b:1::808:808"), Some(AddressClass::Tunnel));
    assert_eq!(judge("64:ff9b::1:808:808"), Some(AddressClass::Tunnel));
}
