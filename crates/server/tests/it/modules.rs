//! The page's modules that only think, in a real browser: places in texts, changes of wishes, and YAML that the configuration reads as it was
//! meant. What the page shows is for a look at the whole of it.

use std::path::Path;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;
use tidings::config::{self, Environment, Options};
use tokio::{sync::mpsc, time::timeout};

use super::{
    browser::{PATIENCE, browse, program},
    serve,
};

/// A file of the page, or the test's own module.
async fn file(uri: Uri) -> Response {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = match uri.path() {
        "/modules.js" => folder.join("tests/it/modules.js"),
        path => folder.join("page").join(path.trim_start_matches('/')),
    };
    match std::fs::read_to_string(place) {
        Ok(text) => ([(header::CONTENT_TYPE, "text/javascript")], text).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::test]
async fn modules_that_only_think_are_right() {
    let Some(program) = program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (seen, mut told) = mpsc::channel::<Value>(1);
    let take = |State(seen): State<mpsc::Sender<Value>>, Json(what): Json<Value>| async move {
        seen.send(what).await.ok();
    };
    let page = Html("<!doctype html><script type=module src=/modules.js></script>");
    let routes = Router::new().route("/", get(move || async move { page })).route("/seen", post(take)).fallback(file);
    let address = serve(routes.with_state(seen)).await;
    let mut browser = browse(&program, folder.path(), address);
    let told = timeout(PATIENCE, told.recv()).await.expect("the modules told nothing").unwrap();
    browser.kill().await.unwrap();
    let failures: Vec<_> = told["what"]["failures"].as_array().unwrap().iter().collect();
    assert!(failures.is_empty(), "{failures:#?}");
    let snippets = told["what"]["snippets"].as_array().unwrap();
    assert!(!snippets.is_empty());
    snippets.iter().for_each(reads_as_meant);
}

fn reads_as_meant(snippet: &Value) {
    let (condition, yaml) = (snippet["condition"].as_str().unwrap(), snippet["yaml"].as_str().unwrap());
    let options = Options { environment: Environment::Untouched, ..Options::default() };
    let read = config::load(&format!("{yaml}users: {{me: {{}}}}\n"), &options);
    let (plan, _) = read.unwrap_or_else(|problems| panic!("{yaml}{problems:#?}"));
    assert_eq!(plan.rules[0].condition.source(), condition, "{yaml}");
}
