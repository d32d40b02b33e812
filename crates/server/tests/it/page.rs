//! The page's files as they are served: their types, their headers, and that none of them reaches out of the program.

use std::path::{Path, PathBuf};

use super::house::{Answer, House};

const RULES: &str = "{triggers: [{name: any, condition: 'true', channels: [inbox]}], users: {me: {}}}";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("page")
}

/// Every file below a folder, by its path in there.
fn files(below: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path.strip_prefix(folder()).unwrap().to_str().unwrap().to_owned());
        }
    }
}

fn all() -> Vec<(String, String)> {
    let mut names = Vec::new();
    files(&folder(), &mut names);
    names.sort();
    let read = |name: String| {
        let text = std::fs::read_to_string(folder().join(&name)).unwrap();
        (name, text)
    };
    names.into_iter().map(read).collect()
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let lines = answer.head.lines().filter_map(|line| line.split_once(": "));
    lines.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => panic!("{name} is of no kind that the page knows"),
    }
}

#[tokio::test]
async fn every_file_is_served_with_its_type_and_what_it_may_do() {
    let house = House::open(RULES).await;
    for (name, text) in all() {
        let path = if name == "index.html" { String::new() } else { name.clone() };
        let answer = house.get(&format!("/{path}")).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, text.as_str()), "{name}");
        assert_eq!(header(&answer, "content-type"), kind(&name), "{name}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        let policy = header(&answer, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{name}: {policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
    }
    house.close().await;
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    let house = House::open(RULES).await;
    let tag = header(&house.get("/app.js").await, "etag").to_owned();
    let check = async |given: &str, status: u16| {
        let answer = house.ask("GET /app.js", &[&format!("If-None-Match: {given}")], "").await;
        assert_eq!((answer.status, header(&answer, "etag")), (status, tag.as_str()), "{given}");
        assert_eq!(answer.body.is_empty(), status == 304);
    };
    check(&tag, 304).await;
    check(&format!("\"other\", W/{tag}"), 304).await;
    check("*", 304).await;
    check("\"other\"", 200).await;
    check("", 200).await;
    let other = house.get("/style.css").await;
    assert_ne!(header(&other, "etag"), tag);
    house.close().await;
}

/// The names of XML's vocabularies are no addresses.
const VOCABULARY: &str = "http://www.w3.org/2000/svg";

#[test]
fn no_file_names_anything_outside() {
    for (name, text) in all() {
        let text = text.replace(VOCABULARY, "");
        for foreign in ["http://", "https://", "//cdn", "url(", "@import", "wss://", "ws://"] {
            assert!(!text.contains(foreign), "{name} holds {foreign}");
        }
    }
}

#[test]
fn nothing_is_inline_and_no_text_becomes_markup() {
    let makes_markup =
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser"];
    let handlers =
        regex::Regex::new(r"(?i)\s(on[a-z]+|style)\s*=|<style|javascript:|<script(?:\s+type=\S+)?\s*>").unwrap();
    for (name, text) in all() {
        if name.ends_with(".js") {
            let found = makes_markup.into_iter().find(|word| text.contains(word));
            assert_eq!(found, None, "{name}");
            assert!(!text.contains("setAttribute('style'") && !text.contains("style: '"), "{name} sets a style inline");
        }
        if name.ends_with(".html") {
            assert!(!handlers.is_match(&text), "{name}: {:?}", handlers.find(&text));
        }
    }
}

/// What one file asks for is there: a name that was mistyped is found here, and not by whoever opens the page.
#[tokio::test]
async fn what_the_files_import_is_served() {
    let named =
        regex::Regex::new(r#"(?:from |import\()'([./][^']+\.js)'|(?:href|src)="(/[^"]+)"|'(/[a-z]+\.css)'"#).unwrap();
    let house = House::open(RULES).await;
    for (name, text) in all() {
        let base = url::Url::parse(&format!("http://localhost/{name}")).unwrap();
        for found in named.captures_iter(&text) {
            let target = found.iter().skip(1).flatten().next().unwrap().as_str();
            let path = base.join(target).unwrap().path().to_owned();
            assert_eq!(house.get(&path).await.status, 200, "{name} asks for {target}");
        }
    }
    house.close().await;
}
