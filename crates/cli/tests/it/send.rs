//! `send` by text message: the parts are told before anything is sent, and a text beyond the cap is refused.

use serde_json::json;
use tidings_testkit::{HttpPeer, Reply, Script};

use crate::{Call, Folder, call};

/// A provider, and a configuration with a channel to it that sends texts as they are, and one with a template.
struct Stage {
    peer: HttpPeer,
    folder: Folder,
}

impl Stage {
    async fn new() -> Self {
        let peer = HttpPeer::start(Script::always(Reply::status(201).body("{}"))).await.unwrap();
        let base = format!(
            "type: sms, provider: twilio, account_sid: AC01, auth_token: \"${{TOKEN:-t0ken}}\", from: Agents, \
             url: \"{}\", allow_private_networks: true, retry: []",
            peer.url("/")
        );
        let yaml = format!(
            "channels:\n  sms: {{{base}}}\n  worded: {{{base}, max_parts: 1, template: \"{{{{ title }}}} for {{{{ user_id }}}}\"}}\n\
             triggers:\n  - {{name: failing, condition: error_rate > 0.05, channels: [sms]}}\n\
             users:\n  ann: {{phone: \"+15550101\"}}\n  bernadette: {{phone: \"+15550102\"}}\n"
        );
        Self { peer, folder: Folder::new(&[("c.yaml", &yaml)]) }
    }

    fn send(&self, text: &str, more: &[&str]) -> Call {
        let path = self.folder.path("c.yaml");
        call(&[&["send", text, "--priority", "high", "--config", &path], more].concat())
    }

    /// The texts that the provider got.
    fn got(&self) -> Vec<String> {
        let body = |body: &[u8]| url_form(body).into_iter().find(|(name, _)| name == "Body").unwrap().1;
        self.peer.requests().iter().map(|request| body(&request.body)).collect()
    }
}

/// The pairs of a form.
fn url_form(body: &[u8]) -> Vec<(String, String)> {
    let url = tidings::http::SafeUrl::parse(
        &format!("https://a.example/?{}", String::from_utf8_lossy(body)),
        &tidings::http::Policy::default(),
    );
    url.unwrap().url().query_pairs().into_owned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_is_what_is_sent() {
    let stage = Stage::new().await;
    let sent = stage.send(&format!("it’s late\n{}", "b".repeat(180)), &["--channel", "sms", "--user", "ann"]);
    assert_eq!(sent.code, 0, "{}", sent.err);
    let body = "b".repeat(180);
    let shown = format!("sms: 2 parts (GSM-7, 199 of 306)\n  [HIGH] it's late\n  {body}\n");
    assert!(sent.err.contains(&shown), "{}", sent.err);
    assert_eq!(stage.got(), [format!("[HIGH] it's late\n{body}")]);

    let secret = stage.send("password=hunter2", &["--channel", "sms", "--user", "ann"]);
    assert!(secret.err.contains("  [HIGH] password=[REDACTED:password]\n"), "{}", secret.err);
    assert!(!secret.err.contains("hunter2") && !stage.got()[1].contains("hunter2"), "{}", secret.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_beyond_the_cap_is_refused_and_nothing_is_sent() {
    let stage = Stage::new().await;
    // The brackets take two units each.
    let fits = "b".repeat(306 - "[HIGH] title\n".len() - 2);
    let long = format!("title\n{fits}b");
    let refused = stage.send(&long, &["--channel", "log", "--channel", "sms"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    let why = "sms: nothing was sent: the text takes 3 parts (GSM-7, 307 of 459), and max_parts is 2";
    assert!(refused.err.contains(why) && !refused.err.contains("[HIGH]"), "{}", refused.err);
    let told = stage.send(&long, &["--channel", "sms", "--json"]);
    assert!(told.code == 2 && told.json()["error"].as_str().unwrap().contains(why), "{}", told.out);
    // A cap of one part, and the longer of two names.
    let worded = stage.send(&"t".repeat(150), &["--channel", "worded"]);
    assert!(
        worded.code == 2 && worded.err.contains("worded: nothing was sent: the text takes 2 parts"),
        "{}",
        worded.err
    );
    assert_eq!(stage.peer.requests().len(), 0, "a refused text was sent");
    assert_eq!(stage.send(&format!("title\n{fits}"), &["--channel", "sms", "--user", "ann"]).code, 0);
    assert_eq!(stage.peer.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_tells_the_parts_of_each_channel_for_text_messages() {
    let stage = Stage::new().await;
    let sent = stage.send(&format!("hi\n{}", "ж".repeat(71)), &["--channel", "sms", "--channel", "worded", "--json"]);
    assert_eq!((sent.code, &sent.json()["parts"]), (0, &json!({"sms": 2, "worded": 1})), "{}", sent.err);
    assert_eq!(sent.json()["notifications"]["made"], 2);
    assert!(sent.err.contains("worded: 1 part (GSM-7, 17 of 160)\n  hi for bernadette\n"), "{}", sent.err);
    let logged = stage.send("hi", &["--json"]);
    assert_eq!((logged.code, logged.json().get("parts")), (0, None));
    assert!(!logged.err.contains("part"), "{}", logged.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_line_beyond_a_title_goes_on_in_the_text() {
    let stage = Stage::new().await;
    let words = "word ".repeat(58);
    assert_eq!(stage.send(&words, &["--channel", "sms", "--user", "ann"]).code, 0);
    let got = stage.got().remove(0);
    assert_eq!(got.replace('\n', " "), format!("[HIGH] {}", words.trim()));
    assert!(got.contains('\n') && got.lines().next().unwrap().ends_with("word"), "{got}");
    let whole = "ä".repeat(290);
    assert_eq!(stage.send(&whole, &["--channel", "sms", "--user", "ann"]).code, 0);
    assert_eq!(stage.got()[1].replace('\n', ""), format!("[HIGH] {whole}"));
}
