//! The client for Python against the real daemon, by any Python there is: nothing is lost and nothing counts twice while the daemon is killed.
//! Skipped visibly where there is no Python.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};
use tidings_testkit::{HttpPeer, Reply, Script};

use crate::{home::Home, repository};

const CONFIG: &str = "users: {me: {}}\nchannels: {inbox: {}}\n\
    triggers:\n  - {name: each, condition: n >= 0, channels: [inbox], cooldown_seconds: 0, dedup_key: \"{{ data.n }}\"}\n";

/// A Python program beside the client.
struct Program {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(url: &str, text: &str) -> Option<Self> {
        let mut child = python(url)?.args(["-c", text]).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Some(Self { child, input, lines: BufReader::new(output).lines() })
    }

    /// What it says next.
    fn line(&mut self) -> String {
        self.lines.next().expect("python says something").unwrap()
    }

    fn go_on(&mut self) {
        writeln!(self.input).unwrap();
    }

    /// The last thing that it says, as JSON.
    fn end(mut self) -> Value {
        let told = self.line();
        assert!(self.child.wait().unwrap().success());
        serde_json::from_str(&told).unwrap()
    }
}

/// Python in the folder of the client.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn python(url: &str) -> Option<Command> {
    let is_there = Command::new("python3").arg("--version").output().is_ok_and(|told| told.status.success());
    if !is_there {
        assert!(std::env::var_os("CI").is_none(), "there is no python3, and CI must have it");
        eprintln!("SKIPPED: no python3");
        return None;
    }
    let mut command = Command::new("python3");
    command.arg("-B").current_dir(repository().join("examples/python"));
    command.env("TIDINGS_URL", url).env_remove("TIDINGS_KEY");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Some(command)
}

/// The numbers of the events that fired, each as often as it did.
fn fired(home: &Home, count: usize) -> Vec<String> {
    let mut entries = Vec::new();
    // What is accepted is told soon after.
    while entries.len() < count {
        entries = home.log("fired");
    }
    entries.iter().map(|entry| entry["event"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn nothing_is_lost_and_nothing_twice_while_the_daemon_is_killed() {
    let mut home = Home::up(CONFIG);
    let text = r#"
import json, sys, time
from tidings_client import Tidings
tidings = Tidings(agent="py", session="s")
for n in range(600):
    assert tidings.emit("custom.step", {"n": n})
    time.sleep(0.001)
    if n in (150, 300):
        print(n, flush=True)
print("all", flush=True)
sys.stdin.readline()
sent = tidings.flush(60)
print(json.dumps([sent, tidings.dropped, tidings.refused, tidings.last_error is not None]))
"#;
    let Some(mut program) = Program::start(&home.url(), text) else { return };
    // In the middle of it, twice; the second time the daemon stays away until all is said.
    assert_eq!(program.line(), "150");
    home.kill();
    home.start();
    assert_eq!(program.line(), "300");
    home.kill();
    assert_eq!(program.line(), "all");
    home.start();
    program.go_on();
    assert_eq!(program.end(), json!([true, 0, 0, true]));
    let fired = fired(&home, 600);
    let distinct: BTreeSet<_> = fired.iter().collect();
    assert_eq!((fired.len(), distinct.len()), (600, 600));
}

#[test]
fn what_cannot_be_sent_is_counted_and_never_raised() {
    let home = Home::up(CONFIG);
    let text = r#"
import json
from tidings_client import Tidings, TidingsError
tidings = Tidings(agent="py", key="k-secret")
got = [tidings.emit("custom.a", {"n": 1}), tidings.emit("x" * 300, {}), tidings.emit("custom.b", {"x": "y" * 300000}),
       tidings.emit("custom.c", {"n": float("nan")}), tidings.emit("custom.d", {"n": 2, "odd": object()}),
       tidings.emit("custom.e", {"text": "\ud800"}), tidings.emit(None), tidings.emit("custom.f", 7), tidings.emit("custom.g", nothing="x")]
closed = tidings.close(30)
kinds = [got[0] is not None] + [one is not None for one in got[1:]]
late = tidings.emit("custom.late")
away = Tidings("http://127.0.0.1:1", queue_size=3)
for n in range(10):
    away.emit("custom.n", {"n": n})
left = away.close(0.3)
try:
    away.emit_and_wait("custom.a")
except TidingsError as error:
    raised = error.status
print(json.dumps([kinds, closed, tidings.refused, tidings.dropped, late, left, away.dropped, raised, "secret" in repr(tidings)]))
"#;
    let Some(program) = Program::start(&home.url(), text) else { return };
    let told = program.end();
    let kinds = json!([true, true, false, false, true, true, true, false, false]);
    assert_eq!(told[0], kinds);
    // A type that is too long, half a character, no type at all.
    assert_eq!((&told[1], &told[2]), (&json!(true), &json!(3)), "{told}");
    assert_eq!((&told[3], &told[4]), (&json!(5), &Value::Null), "{told}");
    assert_eq!(
        (&told[5], &told[6], &told[7], &told[8]),
        (&json!(false), &json!(10), &json!(0), &json!(false)),
        "{told}"
    );
    assert_eq!(fired(&home, 2).len(), 2);
}

#[test]
fn one_event_is_waited_for_also_from_a_shell_and_the_agent_runs() {
    let home = Home::up(CONFIG);
    let Some(mut command) = python(&home.url()) else { return };
    let words = ["tidings_client.py", "emit", "custom.step", "--data", "{\"n\": 1}", "--agent", "shell"];
    let told = command.args(words).output().unwrap();
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["duplicate"], false);
    assert_eq!(fired(&home, 1), [told["id"].as_str().unwrap()]);
    let check = |words: &[&str], code: i32, part: &str| {
        let told = python(&home.url()).unwrap().args(["tidings_client.py", "emit"]).args(words).output().unwrap();
        let text = String::from_utf8(told.stderr).unwrap();
        assert_eq!(told.status.code(), Some(code), "{text}");
        assert!(text.contains(part), "{part} in {text}");
    };
    check(&[&"x".repeat(300)], 1, "error: ");
    check(&["custom.a", "--data", "{"], 2, "error: ");
    let agent = python(&home.url()).unwrap().arg("agent.py").output().unwrap();
    assert_eq!(String::from_utf8(agent.stdout).unwrap(), "dropped 0, refused 0\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_asks_to_wait_is_waited_for() {
    let busy = Reply::status(429).header("Retry-After", "1").body("{}");
    let taken = Reply::status(200).body(r#"{"results": [{"id": "x", "duplicate": false}], "accepted": 1}"#);
    let peer = HttpPeer::start(Script::sequence([busy, Reply::status(503).body("{}"), taken])).await.unwrap();
    let text = r#"
import json, time
from tidings_client import Tidings
tidings = Tidings(key="k1")
started = time.monotonic()
tidings.emit("custom.a", {"n": 1})
sent = tidings.flush(30)
print(json.dumps([sent, time.monotonic() - started >= 1.0, tidings.dropped]))
"#;
    let url = peer.url("/");
    let told = tokio::task::spawn_blocking(move || Some(Program::start(&url, text)?.end())).await.unwrap();
    let Some(told) = told else { return };
    assert_eq!(told, json!([true, true, 0]));
    let requests = peer.requests();
    let bodies: BTreeSet<_> = requests.iter().map(|request| request.body.clone()).collect();
    assert_eq!((requests.len(), bodies.len()), (3, 1), "the same event under the same id");
    assert!(requests.iter().all(|request| request.header("authorization") == Some("Bearer k1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_answered_for_is_sent_again_and_a_fork_begins_anew() {
    let odd = [r#"{"results": []}"#, r#"{"results": [7]}"#, r#"{"results": [{"error": "x", "status": 503}]}"#];
    let taken = r#"{"results": [{"id": "x", "duplicate": false}], "accepted": 1}"#;
    let replies = odd.into_iter().chain([taken]).map(|body| Reply::status(200).body(body));
    let peer = HttpPeer::start(Script::sequence(replies)).await.unwrap();
    let text = r#"
import json, os, threading
from tidings_client import Tidings
tidings = Tidings()
tidings.emit("custom.a", {"n": 1})
told = [tidings.flush(30), tidings.refused, tidings.dropped]
away, held = Tidings("http://127.0.0.1:1"), threading.Event()
def hold():
    with away._changed:
        held.set()
        threading.Event().wait()
threading.Thread(target=hold, daemon=True).start()
held.wait()
child = os.fork()
if child == 0:
    kept = away.emit("custom.b") is not None
    away.close(0.1)
    os._exit(0 if kept and away.dropped == 1 else 3)
told.append(os.WEXITSTATUS(os.waitpid(child, 0)[1]))
try:
    Tidings(key="k1\nsecret")
except ValueError as error:
    told.append("secret" in str(error))
print(json.dumps(told), flush=True)
os._exit(0)
"#;
    let url = peer.url("/");
    let told = tokio::task::spawn_blocking(move || Some(Program::start(&url, text)?.end())).await.unwrap();
    let Some(told) = told else { return };
    assert_eq!(told, json!([true, 0, 0, 0, false]));
    let requests = peer.requests();
    let bodies: BTreeSet<_> = requests.iter().map(|request| request.body.clone()).collect();
    assert_eq!((requests.len(), bodies.len()), (4, 1), "the same event under the same id");
}
