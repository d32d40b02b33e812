//! `up`: the daemon. Reads the configuration, opens the store, listens, and stops when it is told to. What it answers is `server`'s.

use anyhow::Context;
use tidings::{
    Builder,
    config::{self, Environment, Options, Plan},
};
use tidings_server::{App, name_callbacks, serve};
use tokio::net::TcpListener;

use crate::{
    Exit,
    args::{Output, Up},
    open_files, output, run, setup,
};

/// Runs until it is told to stop.
pub(crate) async fn up(up: Up, output: &Output) -> anyhow::Result<Exit> {
    let Ok(plan) = setup::load(&up.config, output.json) else { return Ok(Exit::Usage) };
    let mut plan = plan.map_or_else(defaults, Ok)?;
    setup::make_secrets(&mut plan, true)?;
    name_callbacks(&mut plan);
    open_files::allow_more();
    let address = plan.server.listen;
    let listener = TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))?;
    let notifier = Builder::from_plan(plan.clone())?.build()?.start().await?;
    let app = App::new(notifier.clone(), plan);
    let address = listener.local_addr()?;
    output::note(format_args!("Tidings is up: http://{address}/"));
    output::note(format_args!("send it an event:\n\n  {}\n", first_event(address)));
    let serving = tokio::spawn(serve(listener, app.clone()));
    run::stop_signal().await.context("signals cannot be watched for")?;
    app.begin_stop();
    serving.await??;
    notifier.stop().await;
    Ok(Exit::Done)
}

/// What runs where nothing is configured.
fn defaults() -> anyhow::Result<Plan> {
    let none = |_: &str| None;
    let options = Options { file_name: "up.yaml", environment: Environment::Given(&none), ..Options::default() };
    let (plan, _) = config::load(include_str!("up.yaml"), &options)
        .map_err(|problems| anyhow::anyhow!("the defaults are wrong: {problems:?}"))?;
    Ok(plan)
}

/// A call that shows something.
fn first_event(address: std::net::SocketAddr) -> String {
    let event = r#"{"event_type": "tool.error", "agent_id": "billing", "data": {"error": "hello"}}"#;
    format!("curl http://{address}/v1/events -H 'Content-Type: application/json' -d '{event}'")
}
