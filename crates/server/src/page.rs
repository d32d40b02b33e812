//! The page: files that are part of the program, with headers that let nothing else run on it. What it shows it asks of the API.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::app::App;

/// Nothing but our own files, no inline script or style, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of the page: path, type, content.
type File = (&'static str, &'static str, &'static str);

const FILES: &[File] = &[("/", "text/html; charset=utf-8", include_str!("../page/index.html"))];

pub(crate) fn routes() -> Router<App> {
    FILES.iter().fold(Router::new(), |router, file| router.route(file.0, get(|| async { show(file) })))
}

fn show((_, kind, content): &'static File) -> Response {
    let headers: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    let mut response = (*content).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
