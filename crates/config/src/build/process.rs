//! What the process itself needs: its store, its proxy. Of these only the store is acted on yet.

use std::time::Duration;

use secrecy::ExposeSecret;

use crate::{
    plan::StorePlan,
    problem::{Findings, Spot},
    raw::{File, Store},
    read::value,
};

/// Where a store lies that names no place.
const DEFAULT_PATH: &str = "tidings.db";
/// How long a store keeps what is settled, by default: 30 days.
const RETENTION: Duration = Duration::from_secs(30 * 24 * 3600);

/// Checks the sections, and gives the store.
pub(crate) fn build(file: &File, findings: &mut Findings<'_>) -> Option<StorePlan> {
    let plan = file.store.as_ref().and_then(|at| store(at.value.as_ref(), &at.spot, findings));
    let proxy = file.proxy.as_ref().and_then(|at| Some((at.value.as_ref()?.0.expose_secret(), &at.spot)));
    if let Some((_, spot)) = proxy.filter(|(url, _)| !has_scheme(url, &["http", "https", "socks5"])) {
        findings.error(spot, "not a proxy: expected http://host:port, https://host:port or socks5://host:port");
    }
    plan
}

fn store(store: Option<&Store>, spot: &Spot, findings: &mut Findings<'_>) -> Option<StorePlan> {
    let store = store?;
    if store.path.is_some() && store.url.is_some() {
        findings.error(spot, "`path` and `url` are both given").help("keep one of them");
    }
    if let Some(at) = store.path.as_ref().filter(|at| at.value.as_ref().is_some_and(String::is_empty)) {
        findings.error(&at.spot, "the path is empty");
    }
    let url = store.url.as_ref().and_then(|at| Some((at.value.as_ref()?.0.expose_secret(), &at.spot)));
    if store.url.as_ref().is_some_and(|at| at.literal) && url.is_some_and(|(url, _)| has_password(url)) {
        findings.lint(spot, "an inline secret").help("put the address in a variable: ${NAME}");
    }
    if let Some((_, spot)) = url.filter(|(url, _)| !has_scheme(url, &["postgres", "postgresql"])) {
        findings.error(spot, "not the address of a database: expected postgres://user@host/name");
    }
    let path = value(&store.path).map_or(DEFAULT_PATH, String::as_str);
    let retention = value(&store.retention).map_or(RETENTION, |span| span.0);
    store.url.is_none().then(|| StorePlan { path: path.into(), retention })
}

fn has_password(url: &str) -> bool {
    let authority = url.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    authority.and_then(|authority| authority.rsplit_once('@')).is_some_and(|(user, _)| user.contains(':'))
}

/// Whether the address has one of the schemes, and something behind it.
pub(super) fn has_scheme(url: &str, schemes: &[&str]) -> bool {
    let blank = |c: char| c.is_whitespace() || c.is_control();
    let known = |scheme: &str| schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme));
    url.split_once("://").is_some_and(|(scheme, rest)| known(scheme) && !rest.is_empty() && !rest.contains(blank))
}
