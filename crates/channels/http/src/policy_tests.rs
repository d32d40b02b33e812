//! Name, address and port together, with and without the operator's escapes.

use super::*;
use crate::AllowRuleConfig;

fn rule(cidr: &str, host: Option<&str>, ports: &[u16]) -> AllowRule {
    AllowRuleConfig { cidr: cidr.into(), host: host.map(Into::into), ports: ports.into() }.try_into().unwrap()
}

fn check(policy: &Policy, host: Option<&str>, address: &str, port: u16, expected: Result<Pass, &str>) {
    let verdict = policy.judge(host, address.parse().unwrap(), port);
    assert_eq!(verdict.as_ref().map_err(Blocked::why).copied(), expected, "{host:?} {address} {port}");
}

#[test]
fn the_default_is_the_public_internet() {
    let policy = Policy::default();
    check(&policy, None, "93.184.216.34", 443, Ok(Pass::Public));
    check(&policy, Some("a.example.com."), "93.184.216.34", 8080, Ok(Pass::Public));
    check(&policy, Some("a.example.com"), "10.0.0.1", 443, Err("private"));
    check(&policy, Some("localhost"), "93.184.216.34", 443, Err("local_name"));
    check(&policy, Some("metadata.goog"), "93.184.216.34", 443, Err("metadata"));
    check(&policy, None, "93.184.216.34", 22, Err("port"));
}

#[test]
fn private_networks_are_private_and_loopback_only() {
    let policy = Policy { private: true, ..Policy::default() };
    for address in ["10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "::1", "fd12::1", "::ffff:10.0.0.1"] {
        check(&policy, None, address, 8080, Ok(Pass::Private));
        check(&policy, Some("printer.local"), address, 8080, Ok(Pass::Private));
        check(&policy, Some("hooks.example.com"), address, 8080, Ok(Pass::Private));
        check(
            &policy,
            Some("metadata.google.internal"),
            address,
            80,
            Err(deny_address(address.parse().unwrap(), false).unwrap().as_str()),
        );
        check(&policy, None, address, 6379, Err("port"));
    }
    check(&policy, None, "169.254.169.254", 80, Err("metadata"));
    check(&policy, None, "169.254.1.1", 80, Err("link_local"));
    check(&policy, None, "fd00:ec2::254", 80, Err("metadata"));
    check(&policy, None, "100.64.0.1", 80, Err("shared"));
    check(&policy, None, "100.100.100.200", 80, Err("metadata"));
    check(&policy, None, "0.0.0.0", 80, Err("unspecified"));
    // A local name on the public internet would be somebody else's host.
    check(&policy, Some("printer"), "93.184.216.34", 80, Err("local_name"));
}

#[test]
fn a_rule_allows_its_addresses_and_ports_and_nothing_else() {
    let policy = Policy { allow: vec![rule("10.1.0.0/16", None, &[443])], ..Policy::default() };
    check(&policy, None, "10.1.2.3", 443, Ok(Pass::Rule));
    check(&policy, Some("hooks.example.com"), "10.1.2.3", 443, Ok(Pass::Rule));
    check(&policy, None, "10.1.2.3", 8443, Err("private"));
    check(&policy, None, "10.2.0.1", 443, Err("private"));
    check(&policy, Some("ops.internal"), "10.1.2.3", 443, Err("private"));
    let wide =
        Policy { allow: vec![rule("168.0.0.0/8", None, &[]), rule("10.0.0.0/8", None, &[5432])], ..Policy::default() };
    check(&wide, None, "168.63.129.16", 80, Err("metadata"));
    check(&wide, None, "10.0.0.1", 5432, Ok(Pass::Rule));
    for (tunnel, address) in [("64:ff9b::/96", "64:ff9b::a9fe:a9fe"), ("2002::/16", "2002:a9fe:a9fe::1")] {
        let tunnels = Policy { allow: vec![rule(tunnel, None, &[])], ..Policy::default() };
        check(&tunnels, None, address, 80, Err("tunnel"));
    }
    let exact = Policy { allow: vec![rule("169.254.169.254/32", None, &[])], ..Policy::default() };
    check(&exact, None, "169.254.169.254", 80, Ok(Pass::Rule));
    check(&exact, Some("metadata.google.internal"), "169.254.169.254", 80, Err("metadata"));
}

#[test]
fn a_host_rule_holds_for_that_host_within_its_block() {
    let policy = Policy { allow: vec![rule("10.0.0.0/8", Some("ops.internal"), &[])], ..Policy::default() };
    check(&policy, Some("OPS.internal."), "10.9.9.9", 443, Ok(Pass::Rule));
    check(&policy, Some("ops.internal"), "192.168.0.1", 443, Err("private"));
    check(&policy, Some("ops.internal"), "93.184.216.34", 443, Err("local_name"));
    check(&policy, Some("x.ops.internal"), "10.9.9.9", 443, Err("private"));
    check(&policy, None, "10.9.9.9", 443, Err("private"));
    assert!(policy.judge_name("ops.internal", 443).is_ok());
    assert!(policy.judge_name("ops.internal", 22).is_err());
    assert!(policy.judge_name("dev.internal", 443).is_err());
}

#[test]
fn every_answer_must_pass() {
    let policy = Policy { allow: vec![rule("10.0.0.0/8", None, &[])], ..Policy::default() };
    let judge = |addresses: &[&str]| {
        let addresses: Vec<IpAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
        policy.judge_answers("a.example.com", &addresses, 443).map_err(|blocked| blocked.why())
    };
    assert_eq!(judge(&[]), Err("unresolved"));
    assert_eq!(judge(&["93.184.216.34", "127.0.0.1"]), Err("loopback"));
    assert_eq!(judge(&["93.184.216.34", "2600::1"]), Ok(Pass::Public));
    assert_eq!(judge(&["93.184.216.34", "10.0.0.1", "93.184.216.34"]), Ok(Pass::Rule));
}
