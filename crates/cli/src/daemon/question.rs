//! What a daemon is asked: a method, a path and what goes with it. How it gets there is `client`'s.

use hyper::Method;
use serde_json::Value;

/// What is asked.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) body: Option<&'a Value>,
    pub(super) version: Option<u64>,
}

impl<'a> Question<'a> {
    /// What stands at this path.
    pub(super) const fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, body: None, version: None }
    }

    /// A body for this path.
    pub(crate) const fn post(path: &'a str, body: &'a Value) -> Self {
        Self { method: Method::POST, path, body: Some(body), version: None }
    }

    /// A body in the place of what stands at this path.
    pub(crate) const fn put(path: &'a str, body: &'a Value) -> Self {
        Self { method: Method::PUT, path, body: Some(body), version: None }
    }

    /// What changes at this path.
    pub(crate) const fn patch(path: &'a str, body: &'a Value) -> Self {
        Self { method: Method::PATCH, path, body: Some(body), version: None }
    }

    /// The end of what stands at this path.
    pub(crate) const fn delete(path: &'a str) -> Self {
        Self { method: Method::DELETE, path, body: None, version: None }
    }

    /// Only if this version stands.
    pub(crate) const fn expecting(mut self, version: Option<u64>) -> Self {
        self.version = version;
        self
    }
}

/// A name as one segment of a path, whatever stands in it.
pub(crate) fn segment(name: &str) -> String {
    let mut path = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => path.push(char::from(byte)),
            // A segment of dots alone would lead elsewhere.
            b'.' if name.bytes().any(|byte| byte != b'.') => path.push('.'),
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_segment() {
        let check = |name: &str, expected: &str| assert_eq!(segment(name), expected, "{name}");
        check("ann", "ann");
        check("a.b-c_d~", "a.b-c_d~");
        check("a/b c?d#e%", "a%2Fb%20c%3Fd%23e%25");
        check("..", "%2E%2E");
        check("é\r\n", "%C3%A9%0D%0A");
    }
}
