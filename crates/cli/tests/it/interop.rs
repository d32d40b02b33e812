//! Interoperation with Promptise's own Python: its notifier emits into our ingest, and its verifier takes what we send out. Skipped visibly
//! where Python has no `promptise`.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tidings_testkit::python;

use crate::home::Home;

const SECRET: &str = "a secret that both sides know";
const KEY: &str = "a key of an agent, that is long enough for a test";

/// Emits all types into our ingest, and takes what we send out until all of them were seen.
const PROGRAM: &str = r#"
import asyncio, json, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from promptise.events import AgentEvent, EventNotifier, WebhookSink, verify_event_signature

seen, done = [], threading.Event()

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        header = self.headers["X-Promptise-Signature"]
        event = json.loads(body)
        seen.append([event["event_type"], event["data"], event["severity"], verify_event_signature(body, header, setup["secret"]),
                     verify_event_signature(body + b" ", header, setup["secret"]), verify_event_signature(body, header, "another")])
        if len(seen) >= len(setup["types"]):
            done.set()
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_):
        pass

setup = json.loads(sys.stdin.readline())
for port in range(31000, 32000):
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
        break
    except OSError:
        pass
threading.Thread(target=server.serve_forever, daemon=True).start()
print(port, flush=True)
url = json.loads(sys.stdin.readline())["url"]

async def main():
    sink = WebhookSink(url + "/v1/events", headers={"Authorization": "Bearer " + setup["key"]}, secret="theirs", allow_private_networks=True)
    notifier = EventNotifier([sink])
    await notifier.start()
    for number, (kind, severity) in enumerate(setup["types"]):
        await notifier.emit(AgentEvent(kind, severity=severity, agent_id="theirs", session_id="s", data={"number": number, "text": "größer"}))
    await notifier.stop()
asyncio.run(main())
done.wait(60)
print(json.dumps(seen), flush=True)
"#;

#[test]
fn their_notifier_emits_into_our_ingest_and_their_verifier_takes_our_webhooks() {
    use std::io::{BufRead, BufReader, Write};
    let Some(python) = python() else { return };
    let types: Vec<_> = known_types();
    let mut child =
        Command::new(python).args(["-c", PROGRAM]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut lines = BufReader::new(output).lines();
    writeln!(input, "{}", json!({"secret": SECRET, "key": KEY, "types": types})).unwrap();
    let port = lines.next().unwrap().unwrap();
    let home = Home::up(&format!(
        "events:\n  sinks:\n    - {{type: webhook, url: \"http://127.0.0.1:{port}/\", secret: {SECRET}, allow_private_networks: true}}\n\
         server: {{keys: [{{name: theirs, sha256: \"{}\", agents: [theirs]}}]}}\n",
        sha256(KEY)
    ));
    writeln!(input, "{}", json!({"url": home.url()})).unwrap();
    let seen: Vec<Value> = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(seen.len(), types.len(), "{seen:?}");
    for (number, (kind, severity)) in types.iter().enumerate() {
        let data = json!({"number": number, "text": "größer"});
        let expected = json!([kind, data, severity, true, false, false]);
        assert!(seen.contains(&expected), "{expected} in {seen:?}");
    }
    let refused = home.post("/v1/events", r#"{"event_type": "tool.error", "agent_id": "theirs"}"#);
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
}

/// Each known type with its severity.
fn known_types() -> Vec<(String, String)> {
    tidings_core::taxonomy::EVENT_TYPES
        .iter()
        .map(|(name, severity)| ((*name).to_owned(), severity.as_str().to_owned()))
        .collect()
}

/// A key's hash, as the configuration holds it.
fn sha256(key: &str) -> String {
    let mut child =
        Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sha256sum starts");
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), key.as_bytes()).unwrap();
    let told = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    told.split_whitespace().next().unwrap().to_owned()
}
