//! The binary as its users meet it: exit codes, texts, JSON, interruptions.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed, and says where")]

mod agents_page;
mod browser;
mod carets;
mod channels;
mod daemon;
mod door;
mod filters;
mod hints;
mod home;
mod hook;
mod interop;
mod kept;
mod key;
mod killed_daemon;
mod later;
mod mcp;
mod page;
mod prefs;
mod python;
mod reload;
mod replay;
mod replay_seeds;
mod report;
mod rule_tests;
mod run;
mod send;
mod silence;
mod tail;
mod texts;
mod up;

#[path = "../../benches/daemon/client.rs"]
#[expect(dead_code, reason = "the benchmark uses more of it")]
mod client;
#[path = "../../benches/daemon/killed.rs"]
#[expect(dead_code, reason = "the benchmark uses more of it")]
mod killed;
#[path = "../../benches/daemon/process.rs"]
#[expect(dead_code, reason = "the benchmark uses more of it")]
mod process;
#[path = "../../benches/daemon/receiver.rs"]
#[expect(dead_code, reason = "the benchmark uses more of it")]
mod receiver;

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

/// What a call of the binary gave.
struct Call {
    code: i32,
    out: String,
    err: String,
}

impl Call {
    fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "one object on one line: {}", self.out);
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl From<Output> for Call {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// The binary in an empty folder, without variables that could change what it does.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.args(arguments).current_dir(std::env::temp_dir()).env_remove("RUST_LOG").env_remove("WEBHOOK_SECRET");
    command
}

fn call(arguments: &[&str]) -> Call {
    command(arguments).stdin(Stdio::null()).output().unwrap().into()
}

fn call_with_input(arguments: &[&str], input: &[u8]) -> Call {
    call_with_env(arguments, ("NO_SUCH_VARIABLE_OF_OURS", ""), input)
}

fn call_with_env(arguments: &[&str], (name, value): (&str, &str), input: &[u8]) -> Call {
    let pipe = Stdio::piped;
    let mut child = command(arguments).env(name, value).stdin(pipe()).stdout(pipe()).stderr(pipe()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap().into()
}

/// What `eval` says of a condition.
fn told(condition: &str) -> String {
    call(&["eval", "--", condition]).err
}

/// A folder with files in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
}

fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
