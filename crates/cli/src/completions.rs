//! `completions`: what makes a shell complete the words of this program. The words are `args`'s.

use clap::CommandFactory;

use crate::{
    Exit,
    args::{Arguments, Completions},
    output,
};

/// Prints the shell's script.
pub(crate) fn completions(completions: &Completions) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut Arguments::command(), "tidings", &mut script);
    output::line(String::from_utf8(script)?.trim_end());
    Ok(Exit::Done)
}
