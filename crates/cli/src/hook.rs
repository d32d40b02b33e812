//! `hook`: what a coding assistant does, as events. A hook stands in the assistant's way: it says nothing on standard output, takes two
//! seconds at the most, and never ends with 2, which would forbid what the assistant is about to do. What is read is `payload`'s, what it
//! means `meaning`'s, where it goes `hand_over`'s, and what to paste into settings `settings`'s.

mod hand_over;
mod meaning;
mod payload;
mod settings;

use std::{ffi::OsString, process::ExitCode, time::Duration};

use anyhow::Context;
use clap::error::ErrorKind;
use tidings::{Event, clock::system_now};
use tokio::{task::spawn_blocking, time::timeout};

use crate::{
    Exit,
    args::{Hook, HookCall, HookOf, Included},
    hook::meaning::{Assistant, Telling},
    output,
};

/// How long an assistant is kept waiting.
const LIMIT: Duration = Duration::from_secs(2);

/// Reports what happened. Whatever goes wrong is told in one line, and holds nobody up.
pub(crate) async fn hook(hook: Hook) -> Exit {
    let (assistant, call) = match hook.of {
        HookOf::ClaudeCode(call) => (Assistant::ClaudeCode, call),
        HookOf::Codex(call) => (Assistant::Codex, call),
    };
    if call.print_config {
        settings::print(assistant, &call);
        return Exit::Done;
    }
    let reported = timeout(LIMIT, report(assistant, call)).await;
    let late = || format!("it took longer than {} s", LIMIT.as_secs());
    if let Err(error) = reported.with_context(late).and_then(|reported| reported) {
        give_up(&format!("{error:#}"));
    }
    Exit::Done
}

async fn report(assistant: Assistant, call: HookCall) -> anyhow::Result<()> {
    call.at.go_there()?;
    let at = call.at.clone();
    // Much may be read: whoever waits for it must be able to give it up.
    let event = spawn_blocking(move || event(assistant, call)).await.context("the hook's JSON cannot be read")??;
    hand_over::hand_over(&at, event).await
}

/// What happened, from what the assistant says.
fn event(assistant: Assistant, call: HookCall) -> anyhow::Result<Event> {
    let payload = payload::read(call.payload)?;
    let telling = Telling {
        agent: call.agent.unwrap_or_else(|| assistant.name().to_owned()),
        content: call.include == Some(Included::Content),
    };
    meaning::event(assistant, &payload, &telling, system_now())
}

/// One line that says why nothing was reported.
fn give_up(why: &str) {
    let line: String = output::plain(why).chars().take(500).collect();
    output::note(format_args!("tidings: nothing was reported: {line}"));
}

/// Whether the verb is `hook`, however wrong the rest may be.
pub(crate) fn is_called(mut arguments: impl Iterator<Item = OsString>) -> bool {
    while let Some(argument) = arguments.next() {
        if argument == "--log" {
            // Its value is no verb.
            arguments.next();
        } else if !argument.to_string_lossy().starts_with('-') {
            return argument == "hook";
        }
    }
    false
}

/// A wrong call of a hook: the usual exit code for that would forbid what the assistant is about to do.
pub(crate) fn misused(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    let line = match error.kind() {
        // Its text is the whole help.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "say whose hook it is: claude-code or codex",
        _ => text.lines().next().unwrap_or_default().trim_start_matches("error: "),
    };
    give_up(line);
    Exit::Done.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_known_by_its_verb() {
        let check = |arguments: &[&str], expected: bool| {
            assert_eq!(is_called(arguments.iter().map(OsString::from)), expected, "{arguments:?}");
        };
        check(&["hook", "claude-code", "--bogus"], true);
        check(&["--json", "-v", "--log", "json", "hook"], true);
        check(&["emit", "hook"], false);
        check(&["--log", "hook", "emit"], false);
        check(&[], false);
    }
}
