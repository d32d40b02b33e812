//! Counts requests by route, method and status, and how long they took until they were answered. A path that no route knows is one
//! label, so that nobody can make them without end.

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::Response,
};
use metrics::{counter, histogram};
use tidings::clock::instant_now;

/// Counts one request.
pub(crate) async fn count(request: Request, next: Next) -> Response {
    let began = instant_now();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = method(request.method());
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    counter!("tidings_http_requests_total", "route" => route.clone(), "method" => method, "status" => status)
        .increment(1);
    histogram!("tidings_http_request_seconds", "route" => route).record(began.elapsed().as_secs_f64());
    response
}

/// The methods that routes know; anybody may send others.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
