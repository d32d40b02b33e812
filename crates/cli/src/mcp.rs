//! `mcp`: tools for an agent on standard input and output. Serves until the input ends or a signal comes, then drains. What the tools do is
//! `tools`'s, where it goes is `door`'s.

mod arguments;
pub(crate) mod door;
mod names;
mod pace;
mod schema;
mod tools;
mod words;

use rmcp::{
    ServiceExt,
    service::ServerInitializeError,
    transport::{async_rw::AsyncRwTransport, stdio},
};

use crate::{
    Exit,
    args::Mcp,
    mcp::{door::Door, tools::Tools},
    output, run,
};

/// The longest message that is read, in bytes; a longer one is dropped. Room for the longest event, written with escapes.
const LINE_LIMIT: usize = 2 * 1024 * 1024;

/// Serves tools until there is nobody any more who could call them.
pub(crate) async fn mcp(mcp: Mcp) -> anyhow::Result<Exit> {
    mcp.at.go_there()?;
    let Some(door) = Door::open(&mcp.at).await? else { return Ok(Exit::Usage) };
    let tools = Tools::new(door, mcp.agent);
    let ended = serve(tools.clone()).await;
    tools.close().await;
    ended
}

async fn serve(tools: Tools) -> anyhow::Result<Exit> {
    let (input, output) = stdio();
    let transport = AsyncRwTransport::new(input, output).with_max_line_length(LINE_LIMIT);
    // One watch from here on: a signal between two of them would be heard by nobody.
    let stop = run::stop_signal();
    tokio::pin!(stop);
    let running = tokio::select! {
        started = tools.serve(transport) => match started {
            Ok(running) => running,
            Err(error) => return without_greeting(&error),
        },
        _ = &mut stop => return Ok(Exit::Done),
    };
    let token = running.cancellation_token();
    let waiting = running.waiting();
    tokio::pin!(waiting);
    tokio::select! {
        ended = &mut waiting => drop(ended?),
        signal = &mut stop => {
            signal?;
            // What is under way is answered first.
            token.cancel();
            drop(waiting.await?);
        }
    }
    Ok(Exit::Done)
}

/// A client that goes before it has said anything wanted nothing. What it said is not repeated.
fn without_greeting(error: &ServerInitializeError) -> anyhow::Result<Exit> {
    match error {
        ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled => Ok(Exit::Done),
        _ => {
            output::error(
                "the client did not begin with `initialize`: this speaks the Model Context Protocol on standard input",
            );
            Ok(Exit::Failed)
        }
    }
}
