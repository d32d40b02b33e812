//! Judges a destination with DNS, without sending anything: for `url-check`. Loading a configuration never does this.

use serde_json::Value;

use super::resolve::{Resolve, look_up};
use crate::{
    Blocked, Pass, Policy, SafeUrl,
    cases::{Case, reply},
};

/// Judges a URL and everything that its name resolves to now.
///
/// # Errors
/// As [`SafeUrl::parse`]; `unresolved` where the name has no address or no resolver answers within 5 s.
pub async fn check_with_dns(text: &str, policy: &Policy, resolve: &dyn Resolve) -> Result<Pass, Blocked> {
    ask(&SafeUrl::parse(text, policy)?, policy, resolve).await
}

/// As [`crate::cases::answer`], but a name without given answers is looked up.
pub async fn answer_with_dns(case: &Value, resolve: &dyn Resolve) -> Value {
    let verdict = match Case::read(case) {
        Ok(read) => judge(&read, resolve).await,
        Err(blocked) => Err(blocked),
    };
    reply(case, verdict.map(Pass::as_str))
}

async fn judge(case: &Case, resolve: &dyn Resolve) -> Result<Pass, Blocked> {
    match case.judge()? {
        Some(pass) => Ok(pass),
        None => ask(&case.url, &case.policy, resolve).await,
    }
}

async fn ask(url: &SafeUrl, policy: &Policy, resolve: &dyn Resolve) -> Result<Pass, Blocked> {
    let answers = match url.name() {
        // A resolver that fails and one that knows nothing are the same here: there is no address to send to.
        Some(name) => look_up(resolve, name).await.unwrap_or_default(),
        None => Vec::new(),
    };
    url.judge_answers(&answers, policy)
}
