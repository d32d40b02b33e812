//! `verify`: whether a webhook's request was signed by the one who knows the secret.

use std::io::Read;

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};
use tidings::{
    Timestamp,
    webhook::signature::{SignedMessage, verify_promptise, verify_standard},
};

use crate::{
    Exit,
    args::{Output, Verify},
    cases, output,
};

/// A case, in either form: `header` for Promptise's, the other three for Standard Webhooks'. The secrets of a case are test
/// vectors.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Case {
    body: String,
    header: Option<String>,
    webhook_id: String,
    timestamp: Value,
    signature: String,
    secret: Option<String>,
    secrets: Vec<String>,
    now: Option<f64>,
}

/// Verifies one body, or answers cases.
pub(crate) fn verify(verify: &Verify, output: &Output) -> anyhow::Result<Exit> {
    if let Some(path) = &verify.cases {
        cases::answer(path, answer)?;
        return Ok(Exit::Done);
    }
    anyhow::ensure!(
        verify.header.is_some() || verify.id.is_some(),
        "give --header, or --id, --timestamp and --signature"
    );
    let secrets = secrets(verify)?;
    let secrets: Vec<_> = secrets.iter().map(String::as_str).collect();
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body).context("standard input cannot be read")?;
    let now = tidings::clock::system_now();
    let valid = match (&verify.header, &verify.id, &verify.timestamp, &verify.signature) {
        (Some(header), ..) => verify_promptise(header, &body, &secrets, now),
        (None, Some(id), Some(timestamp), Some(signatures)) => {
            verify_standard(&SignedMessage { id, timestamp, signatures, body: &body }, &secrets, now)
        }
        _ => false,
    };
    if output.json {
        output::json(&json!({"valid": valid}));
    } else {
        output::line(if valid { "valid" } else { "not valid" });
    }
    Ok(if valid { Exit::Done } else { Exit::Failed })
}

fn secrets(verify: &Verify) -> anyhow::Result<Vec<String>> {
    let text = match &verify.secret_file {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?,
        None => {
            let name = &verify.secret_env;
            std::env::var(name).with_context(|| format!("the variable {name} is not set: it holds the secret"))?
        }
    };
    Ok(text.lines().map(str::to_owned).filter(|line| !line.is_empty()).collect())
}

/// `{id, body, header | webhook_id, timestamp, signature, secret | secrets, now?}` becomes `{id, valid}`.
fn answer(case: &Value) -> Value {
    let id = case.get("id").cloned().unwrap_or_default();
    match serde_json::from_value::<Case>(case.clone()) {
        Ok(case) => json!({"id": id, "valid": case.is_valid()}),
        Err(error) => json!({"id": id, "valid": false, "error": error.to_string()}),
    }
}

impl Case {
    fn is_valid(&self) -> bool {
        let secrets: Vec<_> = self.secret.iter().chain(&self.secrets).map(String::as_str).collect();
        let now = self.now.and_then(Timestamp::from_secs_f64).unwrap_or_else(tidings::clock::system_now);
        let body = self.body.as_bytes();
        match &self.header {
            Some(header) => verify_promptise(header, body, &secrets, now),
            None => {
                let timestamp = self.timestamp.as_str().map_or_else(|| self.timestamp.to_string(), str::to_owned);
                let (id, signatures) = (self.webhook_id.as_str(), self.signature.as_str());
                verify_standard(&SignedMessage { id, timestamp: &timestamp, signatures, body }, &secrets, now)
            }
        }
    }
}
