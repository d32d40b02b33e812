//! The pages of links: a heading, a sentence, a button; no script, every text escaped.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    act::{Done, hours_of},
    token::{Action, Link},
};

/// Our own style sheet, and a form that goes back where it came from.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page.
pub(super) struct Page {
    status: StatusCode,
    heading: String,
    content: String,
}

impl Page {
    /// What a link would do, the button that does it, and milder links beside.
    pub(super) fn question(link: &Link, others: &[(u8, String)]) -> Self {
        let (heading, button) = match &link.action {
            Action::Unsubscribe { topic } => (format!("Get no more messages of “{topic}”?"), "Unsubscribe".to_owned()),
            Action::Snooze { hours } => (
                format!("Nothing but what is critical for {}?", hours_of(*hours)),
                format!("Snooze for {}", hours_of(*hours)),
            ),
        };
        let whom = format!("<p>This is for <b>{}</b>.</p>", escaped(&link.user));
        let form = format!("<form method=\"post\"><p><button type=\"submit\">{}</button></p></form>", escaped(&button));
        let other = |(hours, token): &(u8, String)| format!("<a href=\"{}\">{}</a>", escaped(token), hours_of(*hours));
        let others: Vec<_> = others.iter().map(other).collect();
        let others = match others.is_empty() {
            true => String::new(),
            false => format!("<p>Or be left alone for {}.</p>", others.join(" or ")),
        };
        Self { status: StatusCode::OK, heading, content: format!("{whom}{form}{others}") }
    }

    /// What was done.
    pub(super) fn done(done: &Done) -> Self {
        let content = format!("<p>{}</p><p>{}</p>", escaped(&done.what), escaped(&done.undo));
        Self { status: StatusCode::OK, heading: "Done".to_owned(), content }
    }

    /// Nothing was done, and never will be.
    pub(super) fn refusal(status: StatusCode, heading: &str, why: &str) -> Self {
        let content = format!("<p>{} Nothing was changed.</p>", escaped(why));
        Self { status, heading: heading.to_owned(), content }
    }

    /// Nothing was done now.
    pub(super) fn later() -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::refusal(status, "This cannot be done now", "Try again in a minute.")
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let heading = escaped(&self.heading);
        let html = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{heading}</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"stylesheet\" href=\"style.css\">\
             </head><body><main><h1>{heading}</h1>{}</main></body></html>",
            self.content
        );
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (self.status, headers, html).into_response()
    }
}

/// Text as it stands between tags and in quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
