//! What is read and kept of an answer: bounded bytes, and of them a short, clean text for the delivery log. What the answer
//! means is `classify`'s business.

use http::{HeaderMap, StatusCode};
use url::form_urlencoded;

use super::Request;

/// How many bytes of the cleaned text are kept.
const KEPT: usize = 1024;
/// The shortest part of a request that is taken for a secret where the answer repeats it.
const SHORTEST_ECHO: usize = 8;

/// The head of an answer, and the beginning of its body.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Reads chunk by chunk until the end, the limit, or the first fault; the attempt's deadline stops a slow body.
    pub(super) async fn read(mut response: reqwest::Response, limit: usize) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while body.len() < limit {
            let Ok(Some(chunk)) = response.chunk().await else { break };
            let room = limit - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        Self { status, headers, body }
    }

    /// The body's beginning as one line of text without secrets, at most 1 KiB; `None` for an empty one.
    pub(super) fn detail(&self, request: &Request<'_>) -> Option<String> {
        if self.body.is_empty() {
            return None;
        }
        let mut text = String::from_utf8_lossy(&self.body).into_owned();
        for echo in echoes(request) {
            text = text.replace(&echo, "[REDACTED:echo]");
        }
        let clean = request.scrub.scrub(text.as_bytes());
        let line: String = String::from_utf8_lossy(&clean).chars().map(plain).collect();
        let line = cut(line.trim());
        if line.is_empty() { None } else { Some(line.to_owned()) }
    }
}

/// What the answer may repeat of the request although it is secret: sensitive headers, and the URL behind its host. Many
/// frameworks answer `Cannot POST /the/path`.
fn echoes(request: &Request<'_>) -> Vec<String> {
    let url = request.url.url();
    let headers = request.headers.values().filter(|value| value.is_sensitive()).filter_map(|value| value.to_str().ok());
    let credentials = headers.flat_map(|value| [value, value.split_once(' ').map_or("", |(_, credential)| credential)]);
    let query = url.query().unwrap_or_default();
    let raw = url.path_segments().into_iter().flatten().chain([url.path(), query]);
    let raw: Vec<&str> = raw.chain(query.split('&').filter_map(|pair| Some(pair.split_once('=')?.1))).collect();
    let pairs = url.query_pairs().map(|(_, value)| value.into_owned());
    let decoded = raw.iter().filter(|part| part.contains('%')).map(|part| decoded(part)).chain(pairs);
    let mut echoes: Vec<String> = credentials.chain(raw.iter().copied()).map(str::to_owned).chain(decoded).collect();
    echoes.retain(|echo| echo.len() >= SHORTEST_ECHO);
    // The longest first, so that no part of a longer one is left standing.
    echoes.sort_by_key(|echo| std::cmp::Reverse(echo.len()));
    echoes.dedup();
    echoes
}

/// A part of a URL as its receiver reads it. The parser takes forms, so what means something in those alone is kept from it.
fn decoded(part: &str) -> String {
    let part = part.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(part.as_bytes()).map(|(text, _)| text.into_owned()).collect()
}

/// A line break in a log would be a line of its own.
fn plain(character: char) -> char {
    if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') { ' ' } else { character }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(KEPT)]
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        pin::Pin,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::SeqCst},
        },
        task::{Context, Poll},
    };

    use bytes::Bytes;
    use http::HeaderValue;
    use http_body::{Body, Frame};
    use tidings_core::Timestamp;

    use super::*;
    use crate::{Policy, SafeUrl};

    /// A body without an end, in pieces of this size, that counts what is taken of it.
    struct Endless {
        piece: usize,
        taken: Arc<AtomicUsize>,
    }

    impl Body for Endless {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, Infallible>>> {
            self.taken.fetch_add(self.piece, SeqCst);
            Poll::Ready(Some(Ok(Frame::data(vec![b'x'; self.piece].into()))))
        }
    }

    #[tokio::test]
    async fn of_an_endless_body_no_more_is_taken_than_the_limit_and_a_piece() {
        for piece in [1, 700, 4 << 10, 16 << 10, 1 << 20] {
            let taken = Arc::new(AtomicUsize::new(0));
            let body = reqwest::Body::wrap(Endless { piece, taken: Arc::clone(&taken) });
            let answer = Answer::read(http::Response::new(body).into(), 16 << 10).await;
            assert_eq!(answer.body.len(), 16 << 10);
            assert!(answer.body.capacity() <= 32 << 10, "{} bytes are held", answer.body.capacity());
            assert_eq!(taken.load(SeqCst), (16_usize << 10).next_multiple_of(piece));
        }
    }

    fn check(body: &[u8], expected: Option<&str>) {
        let url =
            SafeUrl::parse("https://a.example/services/T0/hunter2hunter2?k=tokentoken", &Policy::default()).unwrap();
        let mut request = Request::to(&url, Timestamp::EPOCH);
        let mut value = HeaderValue::from_static("Bearer verysecret");
        value.set_sensitive(true);
        request.headers.insert("authorization", value);
        let answer = Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: body.to_vec() };
        assert_eq!(answer.detail(&request).as_deref(), expected);
    }

    #[test]
    fn a_secret_is_known_with_and_without_its_url_encoding() {
        let url = "https://a.example/hook/pa%2Bss%2Fword?key=to%2Bken%26one&other=a%20secret%20too&k=%ff%2Bnot-utf8";
        let url = SafeUrl::parse(url, &Policy::default()).unwrap();
        let request = Request::to(&url, Timestamp::EPOCH);
        for echo in ["pa%2Bss%2Fword", "pa+ss/word", "to%2Bken%26one", "to+ken&one", "a%20secret%20too", "a secret too"]
        {
            let body = format!("no such hook: {echo}!").into_bytes();
            let answer = Answer { status: StatusCode::OK, headers: HeaderMap::new(), body };
            assert_eq!(answer.detail(&request).as_deref(), Some("no such hook: [REDACTED:echo]!"), "{echo}");
        }
    }

    #[test]
    fn what_is_kept_is_one_short_line_without_what_we_sent() {
        check(b"", None);
        check(b" \r\n\t\0", None);
        check(b"a\r\nb", Some("a  b"));
        check(b"\xff", Some("\u{fffd}"));
        check(b"Cannot POST /services/T0/hunter2hunter2", Some("Cannot POST [REDACTED:echo]"));
        check(b"no hunter2hunter2 with verysecret", Some("no [REDACTED:echo] with [REDACTED:echo]"));
        check(b"k=tokentoken, tokentoken", Some("[REDACTED:echo], [REDACTED:echo]"));
        check(&[b'x'; 5000], Some(&"x".repeat(1024)));
        check("ä".repeat(600).as_bytes(), Some(&"ä".repeat(512)));
    }
}
