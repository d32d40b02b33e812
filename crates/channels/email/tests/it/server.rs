//! A real mail server, `aiosmtpd`, and what arrives there, as Python's own mail parser reads it. Skipped visibly where it is not
//! installed; `scripts/test` installs it.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tidings_core::{Address, Channel, Envelope, ErrorKind, NotificationKind, Payload, Verdict};
use tidings_email::{Email, EmailConfig, SmtpConfig, Tls, Unsubscribe};
use tidings_testkit::{Authority, samples};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{ANN, to_ann};

const FROM: &str = "Agenten, Größe 2 <agents@example.com>";
const PASSWORD: &str = "hunter2 & co";

/// A server in a process of its own, which ends with it.
struct Server {
    _process: Child,
    /// The server ends when its input does.
    _input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    port: u16,
    authority: Authority,
    _folder: TempDir,
}

impl Server {
    /// A server on a free port that takes one login; `None` where it is not installed.
    async fn start(implicit: bool) -> Option<Self> {
        let python = python()?;
        let (authority, folder) = (Authority::generate(), tempfile::tempdir().expect("a folder"));
        let setup = setup(&authority, folder.path(), implicit);
        let mut process = Command::new(python)
            .args(["-W", "ignore", "-c", include_str!("server.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("python starts");
        let mut input = process.stdin.take().expect("it is piped");
        input.write_all(format!("{setup}\n").as_bytes()).await.expect("python reads its input");
        let output = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let mut server = Self { _process: process, _input: input, output, port: 0, authority, _folder: folder };
        let port = server.next().await.as_u64().expect("the server tells its port");
        server.port = u16::try_from(port).expect("a port");
        Some(server)
    }

    /// What the server tells next.
    async fn next(&mut self) -> Value {
        let line = self.output.next_line().await.expect("the server speaks").expect("the server is alive");
        serde_json::from_str(&line).expect("the server tells JSON")
    }

    fn config(&self, tls: Tls) -> EmailConfig {
        let smtp = SmtpConfig::new("localhost").port(self.port).tls(tls).password(PASSWORD).root(self.authority.pem());
        EmailConfig::smtp(smtp, FROM)
    }
}

/// The Python that has `aiosmtpd`.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn python() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")));
    let found = cache.map(|cache| cache.join("tidings/aiosmtpd-1.4.6/bin/python")).filter(|path| path.exists());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "there is no Python with aiosmtpd, and CI must have it");
        eprintln!("SKIPPED: no Python with aiosmtpd; scripts/test installs it");
    }
    found
}

fn setup(authority: &Authority, folder: &Path, implicit: bool) -> Value {
    let certified = authority.certify_loopback();
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, certified.certificate_pem()).expect("a file");
    std::fs::write(&key, certified.key_pem()).expect("a file");
    json!({
        "certificate": certificate, "key": key, "implicit": implicit,
        "username": "agents@example.com", "password": PASSWORD,
    })
}

/// A message as Python sees it must have no flaw.
fn check(mail: &Value, subject: &str, text: &str) {
    assert_eq!((&mail["defects"], &mail["header_defects"]), (&json!([]), &json!([])), "{mail}");
    assert_eq!((&mail["from"], &mail["to"]), (&json!("agents@example.com"), &json!([ANN])));
    assert_eq!((&mail["user"], &mail["type"]), (&json!("agents@example.com"), &json!("multipart/alternative")));
    assert_eq!(mail["headers"]["Subject"], subject);
    assert_eq!(mail["headers"]["From"], "\"Agenten, Größe 2\" <agents@example.com>");
    let plain = mail["plain"].as_str().expect("there is a text").replace("\r\n", "\n");
    assert!(plain.contains(text), "{plain}");
}

#[tokio::test]
async fn an_incident_arrives_over_starttls_in_one_conversation() {
    let Some(mut server) = Server::start(false).await else { return };
    let link = Unsubscribe::new(|_| Some("https://tidings.example.com/u?t=abc".to_owned()));
    let email = Email::new(server.config(Tls::StartTls).unsubscribe(link)).unwrap();

    let mut fired = samples::notification("Fehlerrate über 5 % <script>");
    fired.body = "a <b>\n.\n..dots\nFrom here\n\u{1f600}".to_owned();
    let mut over = fired.clone();
    over.kind = NotificationKind::Resolved;
    let mut mails = Vec::new();
    for (label, notification) in [("fired", fired), ("over", over)] {
        let payload = Payload::Notification(Arc::new(notification));
        let envelope = Envelope { to: Some(Address::new(ANN)), ..samples::envelope(label, payload) };
        let receipt = email.send(&envelope).await.unwrap();
        assert_eq!((receipt.code, receipt.detail.as_deref()), (Some(250), Some("2.0.0 taken")));
        let mail = server.next().await;
        assert_eq!(mail["headers"]["Message-ID"], format!("<{}@example.com>", envelope.delivery));
        mails.push(mail);
    }
    let text = "a <b>\n.\n..dots\nFrom here\n\u{1f600}\n\nagent: billing";
    check(&mails[0], "[HIGH] Fehlerrate über 5 % <script>", text);
    check(&mails[1], "[RESOLVED] Fehlerrate über 5 % <script>", text);
    let (first, last) = (&mails[0]["headers"], &mails[1]["headers"]);
    for header in ["In-Reply-To", "References", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"] {
        assert!(first[header].is_string() && first[header] == last[header], "{header}: {first}");
    }
    let page = mails[0]["html"].as_str().unwrap();
    assert!(page.contains("Fehlerrate über 5 % &lt;script&gt;</h1>") && page.contains("a &lt;b&gt;<br>"), "{page}");
}

#[tokio::test]
async fn hostile_titles_arrive_without_a_flaw_over_implicit_tls() {
    let Some(mut server) = Server::start(true).await else { return };
    let email = Email::new(server.config(Tls::Implicit)).unwrap();
    for title in samples::hostile_titles() {
        email.send(&to_ann(&title)).await.unwrap();
        let mail = server.next().await;
        let name: String = title.chars().take(20).collect();
        assert_eq!(mail["defects"], json!([]), "{name:?}");
        assert!(mail["headers"]["X-Injected"].is_null(), "{name:?}");
        assert_eq!(mail["headers"].as_object().map(serde_json::Map::len), Some(10), "{name:?}");
        assert_eq!(mail["to"], json!([ANN]), "{name:?}");
    }
}

#[tokio::test]
async fn refusals_of_a_real_server_are_classified() {
    let Some(server) = Server::start(false).await else { return };
    let email = Email::new(server.config(Tls::StartTls)).unwrap();
    let nobody = Envelope { to: Some(Address::new("nobody@example.com")), ..samples::titled("t") };
    let error = email.send(&nobody).await.unwrap_err();
    assert_eq!((error.verdict(), error.kind()), (Verdict::Permanent, ErrorKind::Status(550)), "{error}");

    let mut stranger = server.config(Tls::StartTls);
    if let tidings_email::Transport::Smtp(smtp) = &mut stranger.transport {
        smtp.password = Some("wrong".into());
    }
    let error = Email::new(stranger).unwrap().send(&to_ann("t")).await.unwrap_err();
    assert_eq!((error.verdict(), error.kind()), (Verdict::Permanent, ErrorKind::Status(535)), "{error}");

    // An authority that nobody told us of.
    let smtp = SmtpConfig::new("localhost").port(server.port).password(PASSWORD);
    let error = Email::new(EmailConfig::smtp(smtp, FROM)).unwrap().send(&to_ann("t")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert_eq!(error.verdict(), Verdict::Transient { retry_after: None });
}
