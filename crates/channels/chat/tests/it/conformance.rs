//! The conformance suite, for every preset. They mostly wait for deadlines, so they run side by side.

use std::{sync::Arc, time::Duration};

use tidings_chat::Chat;
use tidings_http::Client;
use tidings_testkit::{Capability, HttpStage, Subject, Suite, Target};

use crate::presets::{ALL, SECRET, client, config};

#[tokio::test]
async fn every_preset_conforms() {
    let client = client();
    let runs = ALL.map(|name| {
        let suite = suite(name, client.clone());
        (name, tokio::spawn(async move { suite.run().await.len() }))
    });
    let mut failed = Vec::new();
    for (name, run) in runs {
        match run.await {
            Ok(checks) => assert_eq!(checks, Capability::ALL.len(), "{name}"),
            Err(panic) => failed.push(format!("{name}: {panic}")),
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn suite(name: &'static str, client: Client) -> Suite {
    let factory = move |target: Target<'_>| {
        let base = match target {
            Target::Peer(peer) => peer.url(""),
            _ => "http://169.254.169.254".to_owned(),
        };
        let chat = Chat::new(config(name, &base), &client).map_err(|error| error.to_string())?;
        Ok(Subject { debug: format!("{chat:?}"), channel: Arc::new(chat) })
    };
    Suite {
        capabilities: Capability::ALL.to_vec(),
        stage: Box::new(HttpStage::new(SECRET, factory)),
        secret: SECRET.to_owned(),
        patience: Duration::from_secs(60),
    }
}
