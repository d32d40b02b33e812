//! The guard as a filter: one JSON case in, one JSON answer out, for `url-check`. Given answers stand for DNS; who asks DNS
//! where none are given is the client's business.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{AllowRule, Blocked, Pass, Policy, SafeUrl};

/// The policy of a case, in the configuration's own words.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PolicyConfig {
    #[serde(alias = "allow")]
    allow_destinations: Vec<AllowRule>,
    #[serde(alias = "private")]
    allow_private_networks: bool,
    #[serde(alias = "allow_nat64")]
    nat64: bool,
}

/// A case that was read, and judged by its URL alone.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) url: SafeUrl,
    pub(crate) policy: Policy,
    answers: Option<Vec<IpAddr>>,
}

/// Answers one case: `{id, url, resolves_to?: [address], policy?: {allow_destinations?, allow_private_networks?, nat64?}}`
/// becomes `{id, verdict: "allow" | "block", why, detail}`, with `why` a stable code and `detail` a sentence.
///
/// A name without `resolves_to` is judged by its URL alone: `why` is then `unasked`. An address that does not parse, or a case
/// that is not one, blocks.
#[must_use]
pub fn answer(case: &Value) -> Value {
    let verdict = Case::read(case).and_then(|case| case.judge());
    reply(case, verdict.map(|pass| pass.map_or("unasked", Pass::as_str)))
}

/// The answer's JSON.
pub(crate) fn reply(case: &Value, verdict: Result<&'static str, Blocked>) -> Value {
    let id = case.get("id").cloned().unwrap_or_default();
    match verdict {
        Ok(why) => json!({"id": id, "verdict": "allow", "why": why, "detail": allowed(why)}),
        Err(blocked) => json!({"id": id, "verdict": "block", "why": blocked.why(), "detail": blocked.to_string()}),
    }
}

impl Case {
    pub(crate) fn read(case: &Value) -> Result<Self, Blocked> {
        let policy = read_policy(case.get("policy"))?;
        let text = case.get("url").and_then(Value::as_str).ok_or_else(|| malformed("`url` must be a string"))?;
        let answers = read_answers(case.get("resolves_to"))?;
        Ok(Self { url: SafeUrl::parse(text, &policy)?, policy, answers })
    }

    /// By what it passes; `None` where that hangs on answers that nobody gave.
    pub(crate) fn judge(&self) -> Result<Option<Pass>, Blocked> {
        match (&self.answers, self.url.literal()) {
            (None, None) => Ok(None),
            (answers, _) => self.url.judge_answers(answers.as_deref().unwrap_or_default(), &self.policy).map(Some),
        }
    }
}

fn read_policy(policy: Option<&Value>) -> Result<Policy, Blocked> {
    let Some(policy) = policy.filter(|policy| !policy.is_null()) else { return Ok(Policy::default()) };
    let config =
        PolicyConfig::deserialize(policy).map_err(|error| Blocked::new("policy", format!("`policy`: {error}")))?;
    Ok(Policy { allow: config.allow_destinations, private: config.allow_private_networks, nat64: config.nat64 })
}

fn read_answers(answers: Option<&Value>) -> Result<Option<Vec<IpAddr>>, Blocked> {
    let Some(answers) = answers.filter(|answers| !answers.is_null()) else { return Ok(None) };
    let answers = answers.as_array().ok_or_else(|| malformed("`resolves_to` must be a list of addresses"))?;
    let parse = |answer: &Value| answer.as_str().and_then(|text| text.parse().ok());
    let addresses: Option<Vec<IpAddr>> = answers.iter().map(parse).collect();
    addresses.map(Some).ok_or_else(|| malformed("`resolves_to` holds something that is not an address"))
}

fn malformed(what: &str) -> Blocked {
    Blocked::new("case", what)
}

fn allowed(why: &str) -> &'static str {
    match why {
        "public" => "a public destination",
        "unasked" => "nothing speaks against the URL; its name was not resolved",
        "allow_private_networks" => "a private destination, allowed by `allow_private_networks`",
        _ => "allowed by a rule of `allow_destinations`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(case: &Value, verdict: &str, why: &str) {
        let answer = answer(case);
        assert_eq!((answer["verdict"].as_str(), answer["why"].as_str()), (Some(verdict), Some(why)), "{case}");
        assert_eq!(answer["id"], case["id"]);
    }

    #[test]
    fn given_answers_stand_for_dns() {
        let case = |answers: Value| json!({"id": 7, "url": "https://a.example.com/x", "resolves_to": answers});
        check(&case(json!(["93.184.216.34"])), "allow", "public");
        check(&case(json!([])), "block", "unresolved");
        check(&case(json!(["93.184.216.34", "::1"])), "block", "loopback");
        check(&case(json!(["nonsense"])), "block", "case");
        check(&case(json!(["10.0.0.1%eth0"])), "block", "case");
        check(&case(json!("93.184.216.34")), "block", "case");
        check(&case(Value::Null), "allow", "unasked");
        check(&json!({"id": "x", "url": "http://127.1/", "resolves_to": ["93.184.216.34"]}), "block", "loopback");
        check(&json!({"id": "x", "url": "http://93.184.216.34/"}), "allow", "public");
        check(&json!({"id": "x", "url": "http://93.184.216.34/", "resolves_to": []}), "allow", "public");
        check(&json!({"id": "x", "url": "http://93.184.216.34/", "resolves_to": ["10.0.0.1"]}), "block", "private");
    }

    #[test]
    fn policies_are_read_in_the_words_of_the_configuration() {
        let case = |policy: Value, address: &str| json!({"id": "p", "url": "https://hooks.corp.example/", "resolves_to": [address], "policy": policy});
        check(&case(json!({"allow_private_networks": true}), "10.0.0.1"), "allow", "allow_private_networks");
        check(&case(json!({"allow_private_networks": true}), "169.254.169.254"), "block", "metadata");
        let rule = json!({"allow_destinations": [{"host": "hooks.corp.example", "cidr": "10.0.0.0/8"}]});
        check(&case(rule.clone(), "10.0.0.1"), "allow", "allow_destinations");
        check(&case(rule, "192.168.0.1"), "block", "private");
        check(&case(json!({"allow_destinations": [{"host": "hooks.corp.example"}]}), "10.0.0.1"), "block", "policy");
        check(&case(json!({"allow_destinations": [{"cidr": "0.0.0.0/0"}]}), "93.184.216.34"), "block", "policy");
        check(&case(json!({"unknown": 1}), "93.184.216.34"), "block", "policy");
    }

    #[test]
    fn what_is_no_case_blocks() {
        for case in [json!(null), json!([]), json!({}), json!({"id": 1, "url": 3}), json!("http://example.com")] {
            assert_eq!(answer(&case)["verdict"], "block", "{case}");
        }
    }
}
