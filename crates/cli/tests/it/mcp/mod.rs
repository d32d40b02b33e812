//! `mcp` as a client meets it: the protocol by hand over standard input and output, and by the Python package of the protocol.

mod session;

use std::{process::Command, time::Duration};

use serde_json::{Value, json};
use tidings_testkit::{python, run_python};

use self::session::{Session, text};
use crate::{Call, Folder, command, home::Home};

/// How long an answer may take before a test has failed.
const LONG: Duration = Duration::from_secs(60);

const CONFIG: &str = r#"
store: {path: tidings.db}
users: {ann: {email: ann-is-reached-here@example.com}, bob: {}}
channels: {inbox: {}, email: {folder: mails, from: agents@example.com}}
triggers:
  - {name: hot, condition: load > 5, channels: [inbox], user_ids: [ann], cooldown_seconds: 0}
"#;

fn folder() -> Folder {
    let folder = Folder::new(&[("tidings.yaml", CONFIG)]);
    std::fs::create_dir(folder.path("mails")).unwrap();
    folder
}

fn server(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = command(&[&["mcp"], arguments].concat());
    command.current_dir(folder.path("")).env_remove("TIDINGS_URL").env_remove("TIDINGS_KEY");
    command
}

#[test]
fn three_tools_say_what_they_take_and_how_often() {
    let folder = folder();
    let mut session = Session::start(server(&folder, &[]));
    let told = session.ask("tools/list", json!({}));
    let tools = told["result"]["tools"].as_array().unwrap();
    let names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["notify", "emit_event", "delivery_status"]);
    for (tool, limit) in tools.iter().zip(["30 calls a minute", "300 calls a minute", "120 calls a minute"]) {
        assert!(tool["description"].as_str().unwrap().contains(limit), "{tool}");
        assert_eq!(tool["inputSchema"]["additionalProperties"], false);
    }
    assert_eq!(session.end().code, 0);
}

#[test]
fn a_message_is_told_and_its_way_explained() {
    let folder = folder();
    let mut session = Session::start(server(&folder, &["--agent", "billing"]));
    let (words, told) = session.done("notify", json!({"title": "done", "users": ["ann"], "channels": ["inbox"]}));
    let id = told["told"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(words, format!("ann: on its way (id {id})"));
    let (words, _) = session.done("notify", json!({"title": "done", "users": ["ann"], "body": null}));
    assert!(words.contains(&format!("the same was said before as {id}")), "{words}");
    let (words, json) = session.done("delivery_status", json!({"id": id}));
    assert!(words.contains("ann") && json["id"] == id.as_str(), "{words} {json}");
    let (_, told) = session.done("notify", json!({"title": "to all", "channels": ["email"], "priority": "HIGH"}));
    assert_eq!(told["told"].as_array().unwrap().len(), 2);
    for answer in told["told"].as_array().unwrap() {
        let (words, json) = session.done("delivery_status", json!({"id": answer["id"]}));
        assert!(!format!("{words}{json}").contains("ann-is-reached-here"), "{words} {json}");
    }
    let (words, told) = session.done("emit_event", json!({"event_type": "custom.load", "data": {"load": 9}}));
    let event = told["id"].as_str().unwrap();
    assert!(words.contains(event) && told["duplicate"] == false);
    let other = json!({"event_type": "custom.load", "agent_id": "another"});
    assert!(session.refused("emit_event", other).contains("`agent_id` is set by this server, to `billing`"));
    let (words, _) = session.done("delivery_status", json!({"id": event}));
    assert!(words.contains("custom.load (info) of billing"), "{words}");
    assert_eq!(session.end().code, 0);
}

#[test]
fn what_cannot_be_done_is_told_so_that_a_model_can_act() {
    let folder = folder();
    let mut session = Session::start(server(&folder, &[]));
    let mut check = |tool: &str, arguments: Value, part: &str| {
        let told = session.refused(tool, arguments);
        assert!(told.contains(part), "{part} in {told}");
        assert!(!told.contains("example.com") && !told.contains("5550101"), "{told}");
    };
    let to = |user: &str| json!({"title": "x", "users": [user]});
    check("notify", to("anm"), "there is no user `anm`: did you mean `ann`?");
    check("notify", to("eve@example.com"), "one of them is an e-mail address: give a user's id");
    check("notify", to("+15550101"), "one of them is a phone number");
    check("notify", to("https://example.com/hook"), "one of them is a URL");
    check("notify", to(""), "1 to 256 bytes");
    check("notify", json!({"title": "x", "channels": ["inbx"]}), "there is no channel `inbx`: did you mean `inbox`?");
    check(
        "notify",
        json!({"title": "x", "channels": ["hooks.example.com/a"]}),
        "a channel's name from the configuration",
    );
    check("notify", json!({"title": "x", "users": vec!["ann"; 21]}), "may have 20");
    check("notify", json!({"title": "  "}), "`title` is missing or empty");
    check("notify", json!({}), "`title` is missing or empty");
    check("notify", json!({"title": "x", "urgency": "high"}), "there is no argument `urgency`");
    check("notify", json!({"title": "x", "priority": "urgent"}), "one of low, medium, high, critical");
    check("notify", json!({"title": "x", "body": "b".repeat(20_000)}), "may have 16384");
    check("notify", json!({"title": 7}), "`title` must be a string");
    check(
        "emit_event",
        json!({"event_type": "tool.error", "severity": "bad"}),
        "one of info, warning, error, critical",
    );
    check("emit_event", json!({"event_type": "a.b", "data": [1]}), "must be an object");
    check("emit_event", json!({"event_type": "a.b", "data": {"x": "y".repeat(1_000_000)}}), "may have 131072");
    check("delivery_status", json!({"id": "nowhere"}), "nothing is known of `nowhere`");
    check("delivery_status", json!({"id": "../../healthz?\u{1b}"}), "nothing is known of");
    check("forget", json!({}), "there is no tool `forget`: there are notify, emit_event and delivery_status");
    assert_eq!(session.end().code, 0);
}

#[test]
fn a_flood_is_held_back_and_the_server_stays() {
    let folder = folder();
    let mut session = Session::start(server(&folder, &[]));
    let ids: Vec<u64> = (0..200)
        .map(|n| {
            let arguments = json!({"title": format!("message {n}"), "users": ["ann"], "channels": ["inbox"]});
            session.request("tools/call", json!({"name": "notify", "arguments": arguments}))
        })
        .collect();
    let results: Vec<Value> = ids.into_iter().map(|id| session.answer(id)["result"].clone()).collect();
    let (refused, told): (Vec<_>, Vec<_>) = results.iter().partition(|result| result["isError"] == true);
    assert!(told.len() >= 30 && refused.len() >= 100, "{} told, {} refused", told.len(), refused.len());
    assert!(refused.iter().all(|result| text(result).contains("this tool takes 30 a minute. Wait ")));
    session.done("emit_event", json!({"event_type": "custom.after"}));
    assert_eq!(session.end().code, 0);
}

#[test]
fn junk_long_lines_and_cancellations_leave_the_next_call_alone() {
    let folder = folder();
    let mut session = Session::start(server(&folder, &[]));
    session.say("");
    session.say("no json");
    session.say(&"[".repeat(200_000));
    session.say(&json!({"jsonrpc": "2.0", "method": "notifications/unheard-of", "params": {"a": 1}}).to_string());
    session.say(&format!("{{\"jsonrpc\": \"2.0\", \"id\": 99, \"x\": \"{}\"}}", "y".repeat(3 * 1024 * 1024)));
    let long = json!({"title": "x", "body": "z".repeat(1024 * 1024)});
    assert!(session.refused("notify", long).contains("may have 16384"));
    let id =
        session.request("tools/call", json!({"name": "emit_event", "arguments": {"event_type": "custom.cancelled"}}));
    session
        .say(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}).to_string());
    session.say(
        &json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "none"}}).to_string(),
    );
    assert!(session.ask("no/such", json!({}))["error"]["code"].is_number());
    session.done("emit_event", json!({"event_type": "custom.after"}));
    assert_eq!(session.end().code, 0);
}

#[test]
fn what_was_asked_before_the_end_is_done_and_kept() {
    let folder = folder();
    let mut session = Session::start(server(&folder, &[]));
    let id = session
        .request("tools/call", json!({"name": "emit_event", "arguments": {"event_type": "a.b", "data": {"load": 9}}}));
    drop(session.input.take());
    let event = session.answer(id)["result"]["structuredContent"]["id"].as_str().unwrap().to_owned();
    assert_eq!(session.end().code, 0);
    let told: Call = command(&["explain", &event]).current_dir(folder.path("")).output().unwrap().into();
    assert!(told.out.contains("hot: fired") && told.out.contains("delivered"), "{}", told.out);
}

#[test]
fn a_signal_and_an_early_end_are_clean() {
    let folder = folder();
    for signal in ["-INT", "-TERM"] {
        let session = Session::start(server(&folder, &[]));
        assert!(Command::new("kill").args([signal, &session.child.id().to_string()]).status().unwrap().success());
        // Its input stays open: only the signal can end it.
        let (child, input) = (session.child, session.input);
        let ended: Call = child.wait_with_output().unwrap().into();
        drop(input);
        assert_eq!(ended.code, 0, "{}", ended.err);
    }
    let mut silent = server(&folder, &[]);
    assert_eq!(Session::silent(&mut silent).end().code, 0);
    let mut wrong = Session::silent(&mut server(&folder, &["--json", "-c", "none.yaml"]));
    assert!(wrong.answers.recv_timeout(LONG).is_err(), "nothing but the protocol on standard output");
    drop(wrong.input.take());
    assert_eq!(wrong.end().code, 2);
}

#[test]
fn a_running_daemon_takes_what_an_agent_says() {
    let mut home = Home::up(&CONFIG.replace("store: {path: tidings.db}\n", ""));
    for arguments in [&["--url", &home.url()][..], &[]] {
        let mut session = Session::start(home.command(&[&["mcp"], arguments].concat()));
        let told =
            session.done("emit_event", json!({"event_type": "a.b", "data": {"load": 9, "by": arguments.len()}})).1;
        let explained = home.explain(told["id"].as_str().unwrap());
        assert_eq!(explained["event"]["type"].as_str().or(explained["event"]["event_type"].as_str()), Some("a.b"));
        let title = format!("hello {}", arguments.len());
        let told = session.done("notify", json!({"title": title, "users": ["ann"], "channels": ["inbox"]})).1;
        assert_eq!(told["told"][0]["answer"], "planned");
        let (words, status) = session.done("delivery_status", json!({"id": told["told"][0]["id"]}));
        assert!(words.contains("ann") && status["notifications"].is_array(), "{words} {status}");
        let told = session.refused("notify", json!({"title": "x", "users": ["anm"]}));
        assert!(told.contains("did you mean `ann`?") && !told.contains("example.com"), "{told}");
        assert!(session.refused("delivery_status", json!({"id": "a/b?c"})).contains("nothing is known of"));
        assert_eq!(session.end().code, 0);
    }
    let mut session = Session::start(home.command(&["mcp", "--url", &home.url()]));
    home.kill();
    let told = session.refused("emit_event", json!({"event_type": "a.b"}));
    assert!(told.contains("no daemon answers at 127.0.0.1:") && told.contains("tidings up"), "{told}");
    home.start();
    session.done("emit_event", json!({"event_type": "a.b"}));
    assert_eq!(session.end().code, 0);
}

const CLIENT: &str = r#"
import asyncio, json, sys
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
setup = json.load(sys.stdin)
async def main():
    server = StdioServerParameters(command=setup["command"], args=["mcp"], cwd=setup["cwd"])
    async with stdio_client(server) as (read, write):
        async with ClientSession(read, write) as session:
            await session.initialize()
            tools = [tool.name for tool in (await session.list_tools()).tools]
            told = await session.call_tool("notify", {"title": "hello", "users": ["ann"]})
            wrong = await session.call_tool("notify", {"title": "hello", "users": ["a@b.example"]})
            is_error = lambda result: getattr(result, "is_error", getattr(result, "isError", None))
            print(json.dumps([tools, bool(is_error(told)), told.content[0].text, bool(is_error(wrong)), wrong.content[0].text]))
asyncio.run(main())
"#;

#[test]
fn the_protocols_own_client_for_python_gets_along() {
    let Some(python) = python() else { return };
    let folder = folder();
    let setup = json!({"command": env!("CARGO_BIN_EXE_tidings"), "cwd": folder.path("")});
    let told = run_python(&python, CLIENT, &setup);
    assert_eq!(told[0], json!(["notify", "emit_event", "delivery_status"]));
    assert!(told[1] == false && told[2].as_str().unwrap().starts_with("ann: on its way"), "{told}");
    assert!(told[3] == true && told[4].as_str().unwrap().contains("an e-mail address"), "{told}");
}
