//! Proxies of the environment, which must not be asked. The environment belongs to a process, so each case runs in one of its
//! own: this test binary again.

use std::process::Stdio;

use tidings_testkit::{HttpPeer, Script};
use tokio::process::Command;

use super::{client, post, private};

const TARGET: &str = "TIDINGS_TEST_TARGET";
const UNGUARDED: &str = "TIDINGS_TEST_UNGUARDED";

async fn in_child(variable: &str, proxy: &HttpPeer, target: &str, unguarded: bool) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "proxies::child", "--ignored"]).stdout(Stdio::null()).stderr(Stdio::null());
    child.env(variable, proxy.url("")).env(TARGET, target).env_remove("NO_PROXY").env_remove("no_proxy");
    if unguarded {
        child.env(UNGUARDED, "1");
    }
    assert!(child.status().await.unwrap().success(), "{variable}: the child failed");
}

#[tokio::test]
async fn no_proxy_of_the_environment_is_asked() {
    let victim = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let receiver = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let variables = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    for variable in variables {
        in_child(variable, &victim, &receiver.url("/hook"), false).await;
    }
    assert_eq!((victim.connections(), receiver.requests().len()), (0, variables.len()));

    // A client without the guard does ask it: the victim can be hit.
    in_child("http_proxy", &victim, &receiver.url("/hook"), true).await;
    assert_eq!(victim.requests().len(), 1);
}

#[tokio::test]
#[ignore = "run by its parent, with a proxy in its environment"]
async fn child() {
    let Ok(target) = std::env::var(TARGET) else { return };
    if std::env::var(UNGUARDED).is_ok() {
        unguarded().post(target).send().await.unwrap();
    } else {
        post(&client(private()), &target).await.unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "the control of this test is a client without the guard")]
fn unguarded() -> reqwest::Client {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).build().unwrap()
}
