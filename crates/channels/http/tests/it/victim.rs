//! A victim on loopback that nobody may reach; each test also shows that it would be reached where that is allowed.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use tidings_core::{ErrorKind, Verdict};
use tidings_http::{AllowRule, AllowRuleConfig, Client, Policy, Request, SafeUrl, client::check_with_dns};
use tidings_testkit::{HttpPeer, Reply, Script, samples::NOW};

use super::{Answers, client, config, loopback, post, private};

/// Seventeen spellings of this machine's address.
const NOTATIONS: [&str; 17] = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0x7f.0x0.0x0.0x1",
    "%31%32%37.0.0.1",
    "１２７.０.０.１",
    "127。0。0。1",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "0x7F.0.0.01",
];

async fn victim() -> HttpPeer {
    HttpPeer::start(Script::statuses([200])).await.unwrap()
}

fn unharmed(victim: &HttpPeer) {
    assert_eq!((victim.connections(), victim.requests().len()), (0, 0));
}

async fn refuse(client: &Client, url: &str) {
    let error = post(client, url).await.unwrap_err();
    assert_eq!((error.kind(), error.verdict()), (ErrorKind::Destination, Verdict::Permanent), "{url}: {error:?}");
}

fn rule(host: &str, cidr: &str) -> AllowRule {
    AllowRuleConfig { cidr: cidr.into(), host: Some(host.into()), ports: Vec::new() }.try_into().unwrap()
}

#[tokio::test]
async fn no_notation_of_an_address_reaches_the_victim() {
    let victim = victim().await;
    let strict = client(Policy::default());
    for host in NOTATIONS {
        refuse(&strict, &format!("http://{host}:{}/", victim.address().port())).await;
    }
    unharmed(&victim);
    let open = client(private());
    for host in &NOTATIONS[..13] {
        post(&open, &format!("http://{host}:{}/", victim.address().port())).await.unwrap();
    }
    assert_eq!(victim.requests().len(), 13);
}

#[tokio::test]
async fn no_name_that_resolves_to_the_victim_reaches_it() {
    let victim = victim().await;
    let url = format!("http://hooks.example.com:{}/", victim.address().port());
    refuse(&client(Policy::default()), &url).await;
    unharmed(&victim);
    post(&client(private()), &url).await.unwrap();
    assert_eq!(victim.requests()[0].header("host"), Some(&url[7..url.len() - 1]));
}

#[tokio::test]
async fn one_refused_answer_among_good_ones_refuses_all() {
    let victim = victim().await;
    let url = format!("http://hooks.example.com:{}/", victim.address().port());
    for answers in [["127.0.0.1", "93.184.216.34"], ["93.184.216.34", "127.0.0.1"], ["2600::1", "::ffff:127.0.0.1"]] {
        let strict = Client::with_resolver(config(Policy::default()), Answers::of(&[&answers])).unwrap();
        refuse(&strict, &url).await;
    }
    unharmed(&victim);
    let one = Policy { allow: vec![rule("hooks.example.com", "127.0.0.1/32")], ..Policy::default() };
    let mixed = Client::with_resolver(config(one), Answers::of(&[&["127.0.0.1", "10.0.0.1"]])).unwrap();
    refuse(&mixed, &url).await;
    unharmed(&victim);
    post(&client(private()), &url).await.unwrap();
    assert_eq!(victim.requests().len(), 1);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let victim = victim().await;
    for status in [301, 302, 303, 307, 308] {
        let redirect = Reply::redirect(status, &victim.url("/stolen"));
        let receiver = HttpPeer::start(Script::always(redirect)).await.unwrap();
        let error = post(&client(private()), &receiver.url("/hook")).await.unwrap_err();
        assert_eq!((error.kind(), error.verdict()), (ErrorKind::Status(status), Verdict::Permanent));
        assert!(error.message().contains("redirects are not followed"), "{error}");
        assert_eq!(receiver.requests().len(), 1);
    }
    unharmed(&victim);
    post(&client(private()), &victim.url("/")).await.unwrap();
    assert_eq!(victim.requests().len(), 1);
}

/// A peer at this address; `None` on machines whose loopback is 127.0.0.1 alone.
#[expect(clippy::print_stderr, reason = "a skip must be seen")]
async fn start_at(address: SocketAddr) -> Option<HttpPeer> {
    match HttpPeer::start_at(address, Script::statuses([200])).await {
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable && std::env::var_os("CI").is_none() => {
            eprintln!("SKIPPED: this machine has no second loopback address {address}");
            None
        }
        peer => Some(peer.unwrap()),
    }
}

/// The receiver at 127.0.0.1 is allowed, the victim at 127.0.0.2 is not, and the name moves from one to the other.
#[tokio::test]
async fn a_name_that_is_bound_anew_is_judged_anew() {
    let closing = Script::always(Reply::status(200).header("Connection", "close"));
    let receiver = HttpPeer::start(closing).await.unwrap();
    let port = receiver.address().port();
    let second = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), port));
    let Some(victim) = start_at(second).await else { return };
    let url = format!("http://hooks.example.com:{port}/");

    let policy = |cidr| Policy { allow: vec![rule("hooks.example.com", cidr)], ..Policy::default() };
    let moving = || Answers::of(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let narrow = Client::with_resolver(config(policy("127.0.0.1/32")), moving()).unwrap();
    post(&narrow, &url).await.unwrap();
    refuse(&narrow, &url).await;
    unharmed(&victim);

    // Nor does it help to pass the check first.
    let answers = moving();
    check_with_dns(&url, &policy("127.0.0.1/32"), answers.as_ref()).await.unwrap();
    refuse(&Client::with_resolver(config(policy("127.0.0.1/32")), answers).unwrap(), &url).await;
    unharmed(&victim);

    let wide = Client::with_resolver(config(policy("127.0.0.0/8")), moving()).unwrap();
    post(&wide, &url).await.unwrap();
    post(&wide, &url).await.unwrap();
    assert_eq!((receiver.requests().len(), victim.requests().len()), (2, 1));
}

#[tokio::test]
async fn a_rule_for_one_port_opens_no_other() {
    let (allowed, victim) = (victim().await, victim().await);
    let ports = vec![allowed.address().port()];
    let rule = AllowRuleConfig { cidr: "127.0.0.0/8".into(), host: None, ports }.try_into().unwrap();
    let client = Client::with_resolver(config(Policy { allow: vec![rule], ..Policy::default() }), loopback()).unwrap();
    post(&client, &format!("http://hooks.example.com:{}/", allowed.address().port())).await.unwrap();
    post(&client, &allowed.url("/")).await.unwrap();
    refuse(&client, &format!("http://hooks.example.com:{}/", victim.address().port())).await;
    refuse(&client, &victim.url("/")).await;
    unharmed(&victim);
}

/// What a rule opens for port 443 stays closed for the ports that no rule names.
#[tokio::test]
async fn a_rule_for_the_web_port_opens_no_other() {
    let victim = victim().await;
    let rule = AllowRuleConfig { cidr: "127.0.0.0/8".into(), host: None, ports: vec![443, 1024] }.try_into().unwrap();
    let client = Client::with_resolver(config(Policy { allow: vec![rule], ..Policy::default() }), loopback()).unwrap();
    refuse(&client, &format!("http://hooks.example.com:{}/", victim.address().port())).await;
    unharmed(&victim);
}

/// A port that was open when the URL was loaded, and is not at the attempt.
#[tokio::test]
async fn the_url_is_judged_again_at_the_attempt() {
    let rule = AllowRuleConfig { cidr: "127.0.0.0/8".into(), host: None, ports: vec![6379] }.try_into().unwrap();
    let once = Policy { allow: vec![rule], ..private() };
    let url = SafeUrl::parse("http://hooks.example.com:6379/", &once).unwrap();
    let error = client(private()).post(Request::to(&url, NOW)).await.unwrap_err();
    assert_eq!((error.kind(), error.verdict()), (ErrorKind::Destination, Verdict::Permanent));
    // Allowed, it is tried; nobody listens there.
    let error = client(once).post(Request::to(&url, NOW)).await.unwrap_err();
    assert_ne!(error.kind(), ErrorKind::Destination);
}

#[tokio::test]
async fn a_name_without_an_address_may_get_one_later() {
    let client = Client::with_resolver(config(Policy::default()), Answers::of(&[&[]])).unwrap();
    let error = post(&client, "http://hooks.example.com/").await.unwrap_err();
    assert_eq!((error.kind(), error.verdict()), (ErrorKind::Connect, Verdict::Transient { retry_after: None }));
}
