//! Keeps pages of other sites from a server that listens on loopback: the names that it answers to, and the pages that may ask. Who may
//! ask for what is `access`'s.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, StatusCode, Uri, header, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use url::{Host, Url};

use crate::problem::Refusal;

/// Names that mean this machine.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The host names that a server answers to. A request under any other name is refused (421), and so is one from a page of another
/// origin (403).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    hosts: Arc<[String]>,
}

impl Default for Guard {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Guard {
    /// Answers to these names, without ports, and to those of loopback.
    #[must_use]
    pub fn new(hosts: Vec<String>) -> Self {
        let all = LOOPBACK.into_iter().map(str::to_owned).chain(hosts);
        Self { hosts: all.map(|host| as_sent(&host)).collect() }
    }

    /// The router behind both checks.
    pub fn protect(self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self, both))
    }

    /// The router behind the check of names only: for routes whose requests are signed.
    pub fn protect_names(self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self, names))
    }

    /// Whether a request for this target with these headers may pass.
    ///
    /// # Errors
    /// Says which of the two checks it fails.
    pub fn check(&self, target: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let host = self.check_host(target, headers)?;
        check_origin(headers, &host)?;
        check_site(headers)
    }

    fn check_host(&self, target: &Uri, headers: &HeaderMap) -> Result<Authority, Refusal> {
        let unknown = || {
            let detail = "this server does not answer to that host name: add it to `server.hosts` if it should";
            Refusal::new(StatusCode::MISDIRECTED_REQUEST, detail)
        };
        let host: Authority =
            only(headers, &header::HOST).ok().flatten().and_then(|host| host.parse().ok()).ok_or_else(unknown)?;
        // A target that names a host itself counts for more than the header: they must not differ.
        let agrees = target.authority().is_none_or(|named| named == &host);
        let is_known = !host.as_str().contains('@') && self.hosts.contains(&plain(host.host()));
        if is_known && agrees { Ok(host) } else { Err(unknown()) }
    }
}

/// The header's value; an error if there are several, or if it is no text.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(drop),
        (Some(_), Some(_)) => Err(()),
    }
}

/// A request without an origin comes from no page.
fn check_origin(headers: &HeaderMap, host: &Authority) -> Result<(), Refusal> {
    let is_own = match only(headers, &header::ORIGIN) {
        Ok(None) => true,
        Ok(Some(origin)) => is_same(origin, host),
        Err(()) => false,
    };
    if is_own { Ok(()) } else { Err(foreign()) }
}

/// Images and scripts of another site's page come without an origin, but a browser says whence they are asked for. To follow a link is no
/// harm: that page does not see what is shown.
fn check_site(headers: &HeaderMap) -> Result<(), Refusal> {
    let said = |name: &'static str| only(headers, &HeaderName::from_static(name));
    let is_own = match said("sec-fetch-site") {
        Ok(None) => true,
        Ok(Some(site)) => matches!(site, "same-origin" | "none"),
        Err(()) => false,
    };
    let is_link = said("sec-fetch-mode") == Ok(Some("navigate")) && said("sec-fetch-dest") == Ok(Some("document"));
    if is_own || is_link { Ok(()) } else { Err(foreign()) }
}

fn foreign() -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "a page of another origin may not ask this server")
}

fn is_same(origin: &str, host: &Authority) -> bool {
    // An origin is a scheme, a host and a port; with more it comes from no browser.
    let is_bare =
        origin.split_once("://").is_some_and(|(_, rest)| !rest.contains(['/', '\\', '?', '#', '@', '\t', ' ']));
    if !is_bare {
        return false;
    }
    let Ok(origin) = Url::parse(origin) else { return false };
    let named = origin.host_str().is_some_and(|name| plain(name) == plain(host.host()));
    let port = origin.port_or_known_default();
    let default = if origin.scheme() == "https" { 443 } else { 80 };
    matches!(origin.scheme(), "http" | "https") && named && port == Some(host.port_u16().unwrap_or(default))
}

/// A host as a browser sends it: international names in ASCII, addresses in brackets and in their shortest form.
fn as_sent(host: &str) -> String {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().map(Host::Ipv6);
    address.or_else(|| Host::parse(host).ok()).map_or_else(|| plain(host), |host: Host| plain(&host.to_string()))
}

fn plain(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

async fn both(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.check(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn names(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.check_host(request.uri(), request.headers()) {
        Ok(_) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_and_own_pages_pass() {
        let hosts = ["Tidings.example", "münchen.example", "2001:DB8::1"];
        let guard = Guard::new(hosts.map(str::to_owned).to_vec());
        let check = |host: &[&str], origin: &[&str], expected: u16| {
            let mut headers = HeaderMap::new();
            for (name, values) in [(header::HOST, host), (header::ORIGIN, origin)] {
                for value in values {
                    headers.append(&name, value.parse().unwrap());
                }
            }
            let status =
                guard.check(&Uri::from_static("/"), &headers).map_or_else(|refusal| refusal.status.as_u16(), |()| 200);
            assert_eq!(status, expected, "{host:?} {origin:?}");
        };
        for host in ["localhost", "LOCALHOST:7171", "localhost.:80", "127.0.0.1:7171", "[::1]:7171", "tidings.example"]
            .into_iter()
            .chain(["xn--mnchen-3ya.example:443", "[2001:db8::1]:7171"])
        {
            check(&[host], &[], 200);
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "a@localhost", "", "0.0.0.0"] {
            check(&[host], &[], 421);
        }
        check(&[], &[], 421);
        check(&["localhost", "localhost"], &[], 421);
        check(&["localhost:7171"], &["http://localhost:7171"], 200);
        check(&["localhost"], &["http://localhost"], 200);
        check(&["tidings.example"], &["https://tidings.example"], 200);
        check(&["[::1]:7171"], &["http://[::1]:7171"], 200);
        check(&["LOCALHOST:7171"], &["http://localhost:7171"], 200);
        check(&["localhost"], &["http://localhost:80"], 200);
        check(&["[::1]:7171"], &["http://[::1]:7172"], 403);
        check(&["[::1]"], &["http://127.0.0.1"], 403);
        let tricks = ["http://evil@localhost:7171", "http://localhost:7171/", "http://localhost:7171@evil.example", ""];
        for origin in tricks.into_iter().chain(["http://localhost:7171\\@evil.example", "ws://localhost:7171"]) {
            check(&["localhost:7171"], &[origin], 403);
        }
        let foreign = ["null", "http://evil.example", "http://localhost:3000", "http://localhost", "file://", "x"];
        for origin in foreign {
            check(&["localhost:7171"], &[origin], 403);
        }
        check(&["localhost"], &["http://localhost", "http://localhost"], 403);
    }

    #[test]
    fn what_another_site_embeds_is_refused_without_an_origin_too() {
        let check = |given: &[(&'static str, &str)], expected: bool| {
            let host = (header::HOST, "localhost".parse().unwrap());
            let all = given.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            let passes = Guard::default().check(&Uri::from_static("/"), &all.chain([host]).collect()).is_ok();
            assert_eq!(passes, expected, "{given:?}");
        };
        let site = |value| ("sec-fetch-site", value);
        check(&[site("same-origin")], true);
        check(&[site("none")], true);
        for other in ["cross-site", "same-site", "", "x"] {
            check(&[site(other)], false);
            check(&[site(other), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")], false);
            check(&[site(other), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")], false);
            check(&[site(other), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")], true);
        }
        check(&[site("same-origin"), site("cross-site")], false);
    }

    #[test]
    fn a_target_that_names_a_host_agrees_with_the_header() {
        let check = |target: &'static str, expected: bool| {
            let headers = HeaderMap::from_iter([(header::HOST, "localhost:7171".parse().unwrap())]);
            let passes = Guard::default().check(&Uri::from_static(target), &headers).is_ok();
            assert_eq!(passes, expected, "{target}");
        };
        check("/v1/push", true);
        check("http://localhost:7171/v1/push", true);
        check("http://LOCALHOST:7171/v1/push", true);
        check("http://evil.example/v1/push", false);
        check("http://localhost:80/v1/push", false);
        check("http://a@localhost:7171/v1/push", false);
    }
}
