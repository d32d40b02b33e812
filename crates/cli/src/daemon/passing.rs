//! A daemon for a moment: a verb that asks one, where none runs, starts the parts here and asks them by the same way. It listens on loopback, and
//! takes one key that nobody else knows.

use std::net::Ipv4Addr;

use anyhow::Context;
use secrecy::ExposeSecret;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tidings::{
    Notifier,
    config::{KeyPlan, Plan},
};
use tidings_server::{App, serve};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{AskError, Client, Question};
use crate::up;

/// The daemon, until it is ended.
pub(crate) struct Passing {
    app: App,
    notifier: Notifier,
    client: Client,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Passing {
    /// Starts a daemon of this configuration.
    ///
    /// # Errors
    /// If a part cannot be built, or the system gives no port or no randomness.
    pub(crate) async fn start(plan: Option<Plan>) -> anyhow::Result<Self> {
        let mut plan = up::ready(plan)?;
        let secret = tidings::webhook::generate_secret().context("the system gives no randomness for a key")?;
        let sha256 = Sha256::digest(secret.expose_secret().as_bytes()).into();
        plan.server.keys = vec![KeyPlan { name: "cli".to_owned(), sha256, agents: None, user: None, rate: 1_000 }];
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no port is free")?;
        plan.server.listen = listener.local_addr()?;
        let client = Client::with_key(plan.server.listen, secret.expose_secret())?;
        let notifier = up::started(&plan).await?;
        let app = App::new(notifier.clone(), plan);
        let serving = tokio::spawn(serve(listener, app.clone()));
        Ok(Self { app, notifier, client, serving })
    }

    /// Asks it.
    ///
    /// # Errors
    /// If it refuses.
    pub(crate) async fn ask(&self, question: Question<'_>) -> Result<Value, AskError> {
        self.client.ask(question).await
    }

    /// Lets it finish what it has.
    pub(crate) async fn end(self) {
        self.app.begin_stop();
        self.notifier.stop().await;
        self.serving.abort();
    }
}
