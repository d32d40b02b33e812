//! Whole configs: what they come to, and what is refused, where.

mod addresses;
mod agent_file;
mod channels;
mod design;
mod guide;
mod hostile;
mod refusals;
mod secrets;
mod variables;
mod warnings;

use tidings_config::{Environment, Options, Plan, Problem, load};

/// A rule that needs nothing else, so that a file is not refused for having none.
const RULE: &str = "triggers: [{name: r, condition: x > 1, channels: [log], user_ids: [$event]}]\n";

fn variables(name: &str) -> Option<String> {
    match name {
        "EMPTY" => Some(String::new()),
        "NESTED" => Some("${HOST}".into()),
        "HOST" => Some("hooks.example.com".into()),
        "RETRIES" => Some("5".into()),
        "TWILIO_SID" => Some("AC0123456789abcdef".into()),
        name if name.starts_with("SMTP_") || name.starts_with("TWILIO_") => Some(format!("the value of {name}")),
        "SLACK_URL" => Some("https://hooks.slack.com/services/T0/B0/x".into()),
        "WEBHOOK_SECRET" => Some("0123456789abcdef".into()),
        _ => None,
    }
}

fn options() -> Options<'static> {
    Options { environment: Environment::Given(&variables), ..Options::default() }
}

fn loads(text: &str) -> (Plan, Vec<String>) {
    let (plan, problems) = load(text, &options()).unwrap_or_else(|problems| panic!("{text}\n{}", lines(&problems)));
    (plan, problems.iter().map(ToString::to_string).collect())
}

fn problems(text: &str) -> Vec<String> {
    let problems = match load(text, &options()) {
        Ok((_, problems)) | Err(problems) => problems,
    };
    problems.iter().map(ToString::to_string).collect()
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The file is refused, and one of its problems begins so, behind the file's name.
fn refused(text: &str, expected: &str) {
    let problems = load(text, &options()).map(|_| ()).expect_err(text);
    let found = problems.iter().any(|problem| problem.to_string().starts_with(&format!("tidings.yaml:{expected}")));
    assert!(found, "{expected} is not in:\n{}\nof:\n{text}", lines(&problems));
}
