//! The protocol by hand: a server, and who speaks with it.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, sync_channel},
};

use serde_json::{Value, json};

use super::LONG;
use crate::Call;

/// A server, and who speaks with it.
pub(super) struct Session {
    pub(super) child: Child,
    pub(super) input: Option<ChildStdin>,
    pub(super) answers: Receiver<Value>,
    /// Answers that came before the one that was waited for.
    early: Vec<Value>,
    next: u64,
}

impl Session {
    /// A server that was greeted.
    pub(super) fn start(mut command: Command) -> Self {
        let mut session = Self::silent(&mut command);
        let hello = session.ask(
            "initialize",
            json!({
                "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"},
            }),
        );
        assert_eq!(hello["result"]["serverInfo"]["name"], "tidings");
        session.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
        session
    }

    pub(super) fn silent(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, answers) = sync_channel(100_000);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // Whatever is no JSON has no business there, and is seen as null.
                drop(sender.send(serde_json::from_str(&line).unwrap_or_default()));
            }
        });
        let input = child.stdin.take();
        Self { child, input, answers, early: Vec::new(), next: 1 }
    }

    pub(super) fn say(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_bytes()).unwrap();
        input.write_all(b"\n").unwrap();
        input.flush().unwrap();
    }

    /// Sends a request; its id.
    #[expect(clippy::needless_pass_by_value, reason = "calls read better with the value itself")]
    pub(super) fn request(&mut self, method: &str, parameters: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters}).to_string());
        id
    }

    /// The answer to a request.
    pub(super) fn answer(&mut self, id: u64) -> Value {
        loop {
            if let Some(found) = self.early.iter().position(|answer| answer["id"] == id) {
                return self.early.swap_remove(found);
            }
            let answer = self.answers.recv_timeout(LONG).expect("an answer");
            assert_eq!(answer["jsonrpc"], "2.0", "only the protocol is spoken there: {answer}");
            self.early.push(answer);
        }
    }

    pub(super) fn ask(&mut self, method: &str, parameters: Value) -> Value {
        let id = self.request(method, parameters);
        self.answer(id)
    }

    #[expect(clippy::needless_pass_by_value, reason = "calls read better with the value itself")]
    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.ask("tools/call", json!({"name": tool, "arguments": arguments}))["result"].clone()
    }

    /// What a tool says, where it does what it was asked.
    pub(super) fn done(&mut self, tool: &str, arguments: Value) -> (String, Value) {
        let result = self.call(tool, arguments);
        assert_ne!(result["isError"], true, "{result}");
        (text(&result), result["structuredContent"].clone())
    }

    /// Why a tool does not do it.
    pub(super) fn refused(&mut self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{result}");
        text(&result)
    }

    /// Says nothing more; how it ended.
    pub(super) fn end(mut self) -> Call {
        drop(self.input.take());
        self.child.wait_with_output().unwrap().into()
    }
}

pub(super) fn text(result: &Value) -> String {
    result["content"][0]["text"].as_str().unwrap_or_default().to_owned()
}
