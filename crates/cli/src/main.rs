//! The command line tool `tidings`: the only place that prints. What it prints about is done by the libraries.

mod args;
mod caret;
mod cases;
mod check;
mod default_rule;
mod demo;
mod eval;
mod filters;
mod output;
mod people;
mod progress;
mod receiver;
mod run;
mod send;
mod setup;
mod source;
mod summary;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Verb};

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
    let arguments = Arguments::parse();
    output::start(&arguments.output);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::from(error).context("the runtime cannot start")),
    };
    let exit = runtime.block_on(act(arguments));
    // A read of standard input that is under way cannot be ended: it must not hold up the exit.
    runtime.shutdown_background();
    exit.map_or_else(|error| fail(&error), ExitCode::from)
}

async fn act(arguments: Arguments) -> anyhow::Result<Exit> {
    let out = &arguments.output;
    match arguments.verb {
        Verb::Run(run) => run::run(run, out).await,
        Verb::Check(check) => check::check(&check, out),
        Verb::Schema => check::schema(),
        Verb::Eval(eval) => eval::eval(&eval, out),
        Verb::Emit(emit) => send::emit(emit, out).await,
        Verb::Send(send) => send::send(send, out).await,
        Verb::UrlCheck(urls) => filters::url_check(urls, out).await,
        Verb::Redact(redact) => filters::redact(&redact, out),
        Verb::Verify(verify) => verify::verify(&verify, out),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    output::error(&format!("{error:#}"));
    Exit::Usage.into()
}
