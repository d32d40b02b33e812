//! What may be reached beyond the public internet. The rule itself stands in the HTTP crate.

use tidings_http::{AllowRule, AllowRuleConfig, Policy};

use crate::{
    problem::{Findings, Spot},
    raw::Destination,
    read::{At, Given, items, value},
};

/// The operator's policy.
pub(crate) fn build(given: &Given<Vec<At<Destination>>>, findings: &mut Findings<'_>) -> Policy {
    let allow = items(given).filter_map(|(destination, spot)| rule(destination, spot, findings)).collect();
    Policy { allow, ..Policy::default() }
}

fn rule(destination: &Destination, spot: &Spot, findings: &mut Findings<'_>) -> Option<AllowRule> {
    let before = findings.errors();
    let ports = items(&destination.ports).filter_map(|(port, spot)| number(*port, spot, findings)).collect();
    let empty = destination.ports.as_ref().filter(|at| at.value.as_ref().is_some_and(Vec::is_empty));
    if let Some(at) = empty {
        findings.error(&at.spot, "names no port").help("leave it out to allow every open port");
    }
    // A key that could not be read must not look as if it had been left out: the rule would allow more than was meant.
    let unread = [&destination.cidr, &destination.host].into_iter().flatten().any(|at| at.value.is_none());
    if unread || findings.errors() > before {
        return None;
    }
    let cidr = value(&destination.cidr).cloned().unwrap_or_default();
    let host = value(&destination.host).cloned();
    match AllowRule::try_from(AllowRuleConfig { cidr, host, ports }) {
        Ok(rule) => Some(rule),
        Err(error) => {
            findings.error(spot, error.to_string());
            None
        }
    }
}

fn number(port: u64, spot: &Spot, findings: &mut Findings<'_>) -> Option<u16> {
    let port = u16::try_from(port).ok().filter(|port| *port > 0);
    if port.is_none() {
        findings.error(spot, "a port is from 1 to 65535");
    }
    port
}
