//! The page: files that are part of the program, with headers that let nothing else run on it. What it shows it asks of the API.

use std::fmt::Write;

use axum::{
    Router,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};

use crate::app::App;

/// Nothing but our own files, no inline script or style, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// A file of the page: path, type, content.
type File = (&'static str, &'static str, &'static str);

/// The file of this name in `page/`, at the path of the same name.
macro_rules! file {
    ($name:literal, $kind:ident) => {
        (concat!("/", $name), $kind, include_str!(concat!("../page/", $name)))
    };
}

const FILES: &[File] = &[
    ("/", HTML, include_str!("../page/index.html")),
    file!("icon.svg", PICTURE),
    file!("deliveries.css", STYLE),
    file!("explain.css", STYLE),
    file!("inbox.css", STYLE),
    file!("now.css", STYLE),
    file!("parts.css", STYLE),
    file!("shell.css", STYLE),
    file!("style.css", STYLE),
    file!("api.js", SCRIPT),
    file!("app.js", SCRIPT),
    file!("dialog.js", SCRIPT),
    file!("icons.js", SCRIPT),
    file!("key.js", SCRIPT),
    file!("keyboard.js", SCRIPT),
    file!("keyed.js", SCRIPT),
    file!("live.js", SCRIPT),
    file!("people.js", SCRIPT),
    file!("push.js", SCRIPT),
    file!("router.js", SCRIPT),
    file!("stream.js", SCRIPT),
    file!("theme.js", SCRIPT),
    file!("themes.js", SCRIPT),
    file!("time.js", SCRIPT),
    file!("ui.js", SCRIPT),
    file!("words.js", SCRIPT),
    file!("deliveries/filters.js", SCRIPT),
    file!("deliveries/log.js", SCRIPT),
    file!("deliveries/question.js", SCRIPT),
    file!("deliveries/rows.js", SCRIPT),
    file!("explain/delivery.js", SCRIPT),
    file!("explain/notification.js", SCRIPT),
    file!("explain/short.js", SCRIPT),
    file!("explain/timeline.js", SCRIPT),
    file!("inbox/list.js", SCRIPT),
    file!("inbox/messages.js", SCRIPT),
    file!("inbox/reading.js", SCRIPT),
    file!("now/agents.js", SCRIPT),
    file!("now/beginning.js", SCRIPT),
    file!("now/counters.js", SCRIPT),
    file!("now/feed.js", SCRIPT),
    file!("now/health.js", SCRIPT),
    file!("views/deliveries.js", SCRIPT),
    file!("views/explain.js", SCRIPT),
    file!("views/inbox.js", SCRIPT),
    file!("views/now.js", SCRIPT),
    file!("editor.css", STYLE),
    file!("lab.css", STYLE),
    file!("preferences.css", STYLE),
    file!("channels.css", STYLE),
    file!("lab/backtest.js", SCRIPT),
    file!("lab/bytes.js", SCRIPT),
    file!("lab/editor.js", SCRIPT),
    file!("lab/json.js", SCRIPT),
    file!("lab/list.js", SCRIPT),
    file!("lab/numbers.js", SCRIPT),
    file!("lab/rule.js", SCRIPT),
    file!("lab/sample.js", SCRIPT),
    file!("lab/tally.js", SCRIPT),
    file!("lab/try.js", SCRIPT),
    file!("lab/verdict.js", SCRIPT),
    file!("lab/yaml.js", SCRIPT),
    file!("preferences/choice.js", SCRIPT),
    file!("preferences/draft.js", SCRIPT),
    file!("preferences/hours.js", SCRIPT),
    file!("preferences/limits.js", SCRIPT),
    file!("preferences/matrix.js", SCRIPT),
    file!("preferences/question.js", SCRIPT),
    file!("preferences/save.js", SCRIPT),
    file!("preferences/source.js", SCRIPT),
    file!("preferences/wishes.js", SCRIPT),
    file!("channels/card.js", SCRIPT),
    file!("channels/trial.js", SCRIPT),
    file!("views/channels.js", SCRIPT),
    file!("views/preferences.js", SCRIPT),
    file!("views/rules.js", SCRIPT),
];

pub(crate) fn routes() -> Router<App> {
    FILES.iter().fold(Router::new(), |router, file| {
        let tag = tag(file.2);
        router.route(file.0, get(move |headers: HeaderMap| async move { show(file, tag, &headers) }))
    })
}

/// A file, or that the browser has it already.
fn show((_, kind, content): &'static File, tag: HeaderValue, asked: &HeaderMap) -> Response {
    let mut response =
        if is_known(asked, &tag) { StatusCode::NOT_MODIFIED.into_response() } else { (*content).into_response() };
    let headers: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().insert(header::ETAG, tag);
    response
}

/// Whether one of the tags that the browser names is this one.
fn is_known(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let named = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = named.flat_map(|value| value.split(',')).map(|one| one.trim().trim_start_matches("W/"));
    tags.any(|one| one == "*" || one.as_bytes() == tag.as_bytes())
}

/// What a content is called. A new program's pages have new names.
fn tag(content: &str) -> HeaderValue {
    let hash = Sha256::digest(content);
    let hex = hash.iter().take(16).fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("because a String takes everything");
        hex
    });
    HeaderValue::from_str(&format!("\"{hex}\"")).expect("because hexadecimal digits are visible")
}
