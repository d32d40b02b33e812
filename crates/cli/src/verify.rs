//! `verify`: whether a webhook's request was signed by the one who knows the secret.

use std::{env::VarError, io::Read};

use anyhow::Context;
use serde_json::json;
use tidings::webhook::{
    self,
    signature::{SignedMessage, verify_promptise, verify_standard},
};

use crate::{
    Exit,
    args::{Output, Verify},
    cases, output,
};

/// Verifies one body, or answers cases.
pub(crate) fn verify(verify: &Verify, output: &Output) -> anyhow::Result<Exit> {
    if let Some(path) = &verify.cases {
        cases::answer(path, webhook::cases::answer)?;
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

/// A variable's value. What is wrong with it is told without it.
fn variable(name: &str) -> anyhow::Result<String> {
    match std::env::var(name) {
        Ok(text) => Ok(text),
        Err(VarError::NotPresent) => anyhow::bail!("the variable {name} is not set; it must hold the secret"),
        Err(VarError::NotUnicode(_)) => anyhow::bail!("the variable {name} is not UTF-8"),
    }
}

fn secrets(verify: &Verify) -> anyhow::Result<Vec<String>> {
    let text = match &verify.secret_file {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?,
        None => variable(&verify.secret_env)?,
    };
    let secrets: Vec<_> = text.lines().map(str::to_owned).filter(|line| !line.is_empty()).collect();
    anyhow::ensure!(!secrets.is_empty(), "the secret is empty");
    Ok(secrets)
}
