//! The command line tool `tidings`: the only place that prints. What it prints about is done by the libraries.

mod args;
mod author;
mod caret;
mod cases;
mod channels;
mod check;
mod completions;
mod daemon;
mod default_rule;
mod demo;
mod eval;
mod explain;
mod filters;
mod fsck;
mod hook;
mod kept;
mod key;
mod lines;
mod log;
mod mcp;
mod open_files;
mod output;
mod parts;
mod people;
mod prefs;
mod progress;
mod purge;
mod receiver;
mod reload;
mod replay;
mod run;
mod send;
mod setup;
mod silence;
mod source;
mod summary;
mod table;
mod tail;
mod test_file;
mod up;
mod verify;
mod when;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use serde_json::json;

use crate::args::{Arguments, Verb};

/// Events are small and many: an allocator that is made for that takes a tenth off what a daemon costs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How a verb ended: the exit code of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Everything was done.
    Done,
    /// Something could not be delivered, or was refused.
    Failed,
    /// The call or the configuration is wrong; nothing was sent.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
        })
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misused(&error),
    };
    output::start(&arguments.output);
    // Whoever reads the standard output of these two reads nothing but their own protocol.
    let as_json = arguments.output.json && !matches!(arguments.verb, Verb::Mcp(_) | Verb::Hook(_));
    let is_hook = matches!(arguments.verb, Verb::Hook(_));
    let exit = run_to_end(arguments).unwrap_or_else(|error| fail(&error, as_json));
    // Whatever kept a hook from running, the usual exit code would forbid what the assistant is about to do.
    let exit = if is_hook { Exit::Done } else { exit };
    if output::has_failed() && exit == Exit::Done { Exit::Failed.into() } else { exit.into() }
}

fn run_to_end(arguments: Arguments) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Runtime::new().context("the runtime cannot start")?;
    let exit = runtime.block_on(act(arguments));
    // A read of standard input that is under way cannot be ended: it must not hold up the exit.
    runtime.shutdown_background();
    exit
}

/// Tells what is wrong with the call, or the help that was asked for.
fn misused(error: &clap::Error) -> ExitCode {
    let asked_for = !error.use_stderr();
    if !asked_for && hook::is_called(std::env::args_os().skip(1)) {
        return hook::misused(error);
    }
    if !asked_for && std::env::args_os().any(|argument| argument == "--json") {
        let text = error.to_string();
        output::json(&json!({"error": text.lines().next().unwrap_or_default().trim_start_matches("error: ")}));
    }
    // Where it cannot be told, nobody listens.
    drop(error.print());
    if asked_for { Exit::Done.into() } else { Exit::Usage.into() }
}

async fn act(arguments: Arguments) -> anyhow::Result<Exit> {
    let out = &arguments.output;
    match arguments.verb {
        Verb::Up(up) => up::up(up, out).await,
        Verb::Reload(reload) => reload::reload(&reload, out).await,
        Verb::Run(run) => run::run(run, out).await,
        Verb::Replay(replay) => replay::replay(replay, out).await,
        Verb::Check(check) => check::check(&check, out),
        Verb::Schema(schema) => check::schema(&schema, out),
        Verb::Test(test) => test_file::test(&test, out),
        Verb::Eval(eval) => eval::eval(&eval, out),
        Verb::Emit(emit) => send::emit(emit, out).await,
        Verb::Send(send) => send::send(send, out).await,
        Verb::Explain(explain) => explain::explain(&explain, out).await,
        Verb::Log(log) => log::log(&log, out).await,
        Verb::Tail(tail) => tail::tail(&tail, out).await,
        Verb::Fsck(fsck) => fsck::fsck(&fsck, out),
        Verb::Purge(purge) => purge::purge(&purge, out).await,
        Verb::Channels(channels) => channels::channels(&channels, out).await,
        Verb::Key(key) => key::key(&key, out),
        Verb::Prefs(prefs) => prefs::prefs(&prefs, out).await,
        Verb::Silence(silence) => silence::silence(&silence, out).await,
        Verb::UrlCheck(urls) => filters::url_check(urls, out).await,
        Verb::Redact(redact) => filters::redact(&redact, out),
        Verb::Verify(verify) => verify::verify(&verify, out),
        Verb::Mcp(mcp) => mcp::mcp(mcp).await,
        Verb::Hook(hook) => Ok(hook::hook(hook).await),
        Verb::Completions(completions) => completions::completions(&completions),
    }
}

fn fail(error: &anyhow::Error, as_json: bool) -> Exit {
    let text = format!("{error:#}");
    if as_json {
        output::json(&json!({"error": text}));
    }
    output::error(&text);
    Exit::Usage
}
