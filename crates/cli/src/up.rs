//! `up`: the daemon. Reads the configuration, opens the store, listens, and stops when it is told to. What it answers is `server`'s.

mod demo;
mod plan;
mod signals;
mod stop;
mod tell;

use std::{io::ErrorKind, net::SocketAddr, path::Path};

use anyhow::{Context, bail, ensure};
use tidings::{Builder, Notifier, config::Plan};
use tidings_server::{App, Loader, ReloadError, heartbeat, name_callbacks, serve};
use tokio::{net::TcpListener, task::JoinHandle};

use self::signals::{Signal, Signals};
use crate::{
    Exit,
    args::{Output, Up},
    daemon::{Note, refuse_a_second},
    kept, open_files, output, reload, setup,
};

/// Runs until it is told to stop.
pub(crate) async fn up(up: Up, output: &Output) -> anyhow::Result<Exit> {
    if up.demo {
        return demo::run(&up, output).await;
    }
    let Some(plan) = plan::load(&up.config, output)? else { return Ok(Exit::Usage) };
    let file = kept::configuration(&up.config).map(|(file, _)| file);
    let loader = plan::loader(up.config.clone(), up.listen);
    let running = start(listening(plan, up.listen)?, file.as_deref(), Some(loader)).await?;
    running.greet();
    running.until_stopped(output).await
}

/// The plan, with the address that was named for it.
fn listening(mut plan: Plan, listen: Option<SocketAddr>) -> anyhow::Result<Plan> {
    if let Some(address) = listen {
        ensure!(
            address.ip().is_loopback() || !plan.server.keys.is_empty(),
            "--listen {address}: others could reach this address, and no key is asked of them: add `server: {{keys: […]}}` \
             to the configuration, or listen on 127.0.0.1"
        );
        plan.server.listen = address;
    }
    Ok(plan)
}

/// A daemon that runs.
struct Running {
    app: App,
    notifier: Notifier,
    address: SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
    signals: Signals,
    /// Stands beside the store as long as this does.
    note: Option<Note>,
}

/// Starts a daemon of this plan, which the file says.
async fn start(plan: Plan, file: Option<&Path>, loader: Option<Loader>) -> anyhow::Result<Running> {
    // A signal that comes early is kept until it is asked for.
    let signals = Signals::watch().context("signals cannot be watched for")?;
    let store = plan.store.as_ref().map(|store| store.path.clone());
    if let Some(store) = &store {
        refuse_a_second(store)?;
    }
    open_files::allow_more();
    let listener = listen(plan.server.listen).await?;
    let address = listener.local_addr()?;
    let notifier = started(&plan).await?;
    let app = App::new(notifier.clone(), plan);
    let app = if let Some(loader) = loader { app.reload_by(loader) } else { app };
    let serving = tokio::spawn(serve(listener, app.clone()));
    tokio::spawn(heartbeat(app.clone()));
    let note = store.and_then(|store| leave_note(&store, address, file));
    Ok(Running { app, notifier, address, serving, signals, note })
}

/// What a daemon runs of this configuration.
///
/// # Errors
/// If the system gives no randomness for a secret.
pub(crate) fn ready(plan: Option<Plan>) -> anyhow::Result<Plan> {
    let mut plan = plan::complete(plan)?;
    setup::make_secrets(&mut plan, false)?;
    name_callbacks(&mut plan);
    Ok(plan)
}

/// A notifier of this plan that runs.
///
/// # Errors
/// If a part cannot be built or started; a store that is in use is one.
pub(crate) async fn started(plan: &Plan) -> anyhow::Result<Notifier> {
    Ok(Builder::from_plan(plan.clone())?.build()?.start().await?)
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "another program listens on {address}: stop it, or name another address with `--listen {}:{}`",
            host(address),
            // The next port is as good as any.
            address.port().checked_add(1).unwrap_or(7171)
        ),
        Err(error) => Err(error).with_context(|| {
            format!("{address} cannot be listened on: name another address with `--listen 127.0.0.1:7171`")
        }),
    }
}

fn host(address: SocketAddr) -> String {
    if address.is_ipv6() { format!("[{}]", address.ip()) } else { address.ip().to_string() }
}

/// Without its note it runs all the same; verbs only do not find it.
fn leave_note(store: &Path, address: SocketAddr, file: Option<&Path>) -> Option<Note> {
    match Note::leave(store, address, file) {
        Ok(note) => Some(note),
        Err(error) => {
            let store = store.display();
            output::note(format_args!(
                "warning: no note can be left beside {store}, so that verbs do not find this daemon: {error}"
            ));
            None
        }
    }
}

impl Running {
    fn greet(&self) {
        tell::greet(&self.app.plan(), self.address);
    }

    /// Goes on until it is told to stop; then stops.
    async fn until_stopped(mut self, output: &Output) -> anyhow::Result<Exit> {
        loop {
            tokio::select! {
                signal = self.signals.next() => match signal {
                    Signal::Stop => break,
                    Signal::Reload => self.reload().await,
                },
                ended = &mut self.serving => {
                    ended?.context("the daemon can answer nobody any more")?;
                    bail!("the daemon has ended although nobody stopped it");
                }
            }
        }
        self.stop(output).await
    }

    /// Takes the configuration up anew; where it is wrong, everything stays as it is.
    async fn reload(&self) {
        match tidings_server::reload(&self.app).await {
            Ok(told) => {
                let told = serde_json::to_value(&told).unwrap_or_default();
                reload::lines(&told).iter().for_each(|line| output::note(format_args!("reload: {line}")));
            }
            Err(error) => {
                output::note(format_args!("reload: {error}"));
                if let ReloadError::Wrong(problems) = error {
                    problems.iter().for_each(output::note);
                }
            }
        }
    }
}
