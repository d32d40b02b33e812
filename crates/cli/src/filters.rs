//! `url-check` and `redact`: the destination guard and the redactor as filters.

use std::io::Read;

use anyhow::Context;
use serde_json::{Value, json};
use tidings::{
    http::{Policy, SystemResolve, client},
    redact,
};

use crate::{
    Exit,
    args::{Output, Redact, UrlCheck},
    cases, output, setup,
};

/// Judges addresses. DNS is asked, since that is what an attempt would do; in a case, given answers stand for it.
pub(crate) async fn url_check(check: UrlCheck, output: &Output) -> anyhow::Result<Exit> {
    if let Some(path) = &check.cases {
        for case in cases::read(path)? {
            let answer = match case? {
                Ok(case) => client::answer_with_dns(&case, &SystemResolve).await,
                Err(problem) => problem,
            };
            output::json(&answer);
        }
        return Ok(Exit::Done);
    }
    let Ok(plan) = setup::load(&check.config, output.json) else { return Ok(Exit::Usage) };
    let policy = plan.map(|plan| plan.destinations).unwrap_or_default();
    let mut verdicts = Vec::new();
    for url in &check.urls {
        verdicts.push(judge(url, &policy).await);
    }
    let blocked = verdicts.iter().any(|verdict| verdict["verdict"] == "block");
    if output.json {
        output::json(&json!({"verdicts": verdicts}));
    } else {
        for (url, verdict) in check.urls.iter().zip(&verdicts) {
            let word = |key: &str| verdict[key].as_str().unwrap_or_default().to_owned();
            let url = output::plain(url);
            output::line(format_args!("{:<6} {url}  {} ({})", word("verdict"), word("detail"), word("why")));
        }
    }
    Ok(if blocked { Exit::Failed } else { Exit::Done })
}

async fn judge(url: &str, policy: &Policy) -> Value {
    match client::check_with_dns(url, policy, &SystemResolve).await {
        Ok(pass) => json!({"url": url, "verdict": "allow", "why": pass.as_str(), "detail": "may be sent to"}),
        Err(blocked) => json!({"url": url, "verdict": "block", "why": blocked.why(), "detail": blocked.to_string()}),
    }
}

/// Redacts text from standard input, or answers cases.
pub(crate) fn redact(redact: &Redact, output: &Output) -> anyhow::Result<Exit> {
    if let Some(path) = &redact.cases {
        cases::answer(path, redact::cases::answer)?;
        return Ok(Exit::Done);
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).context("standard input cannot be read")?;
    let redactor = redact::Redactor::default();
    let clean = tidings::Scrub::scrub(&redactor, &bytes);
    let text = String::from_utf8_lossy(&clean);
    if output.json {
        output::json(&json!({"text": text}));
    } else {
        output::line(text.strip_suffix('\n').unwrap_or(&text));
    }
    Ok(Exit::Done)
}
