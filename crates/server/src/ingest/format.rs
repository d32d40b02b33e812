//! In which form events come: told by the content type, and by the headers of CloudEvents. Reading them is done elsewhere.

use axum::http::{HeaderMap, StatusCode, header};

use crate::problem::Refusal;

/// What a body holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// An event, or an array of them.
    Json,
    /// An event a line.
    Lines,
    /// A CloudEvent with its attributes.
    CloudEvent,
    /// An array of those.
    CloudEvents,
    /// The data of a CloudEvent, whose attributes are headers.
    Binary,
}

impl Format {
    /// The format that the headers tell.
    ///
    /// # Errors
    /// 415 for what is none of these: a page of another site can send other types without being asked.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        if headers.contains_key(header::CONTENT_ENCODING) {
            return Err(unsupported("send the body as it is, without `Content-Encoding`"));
        }
        let kind = media_type(headers);
        let is_binary = headers.contains_key("ce-specversion") || headers.contains_key("ce-type");
        match kind.as_deref() {
            Some("application/cloudevents+json") => Ok(Self::CloudEvent),
            Some("application/cloudevents-batch+json") => Ok(Self::CloudEvents),
            _ if is_binary => Ok(Self::Binary),
            Some("application/json") => Ok(Self::Json),
            Some("application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines") => {
                Ok(Self::Lines)
            }
            _ => Err(unsupported(
                "send `Content-Type: application/json`; application/x-ndjson, application/cloudevents+json and \
                 application/cloudevents-batch+json are read too",
            )),
        }
    }
}

/// The media type in small letters, where it is the only one and its text is UTF-8.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let mut parts = value.to_str().ok()?.split(';');
    let kind = parts.next()?.trim().to_ascii_lowercase();
    let is_utf8 = parts.filter_map(|part| part.trim().split_once('=')).all(|(name, value)| {
        !name.eq_ignore_ascii_case("charset")
            || ["utf-8", "utf8", "us-ascii"].iter().any(|known| value.trim_matches('"').eq_ignore_ascii_case(known))
    });
    is_utf8.then_some(kind)
}

/// Whether data of this media type is JSON.
pub(super) fn is_json(kind: &str) -> bool {
    matches!(kind, "application/json" | "text/json") || kind.ends_with("+json")
}

fn unsupported(detail: &str) -> Refusal {
    Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    #[test]
    fn the_content_type_tells() {
        let check = |given: &[(&'static str, &str)], expected: Option<Format>| {
            let headers = given.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            assert_eq!(Format::of(&headers.collect()).ok(), expected, "{given:?}");
        };
        let kind = |value| ("content-type", value);
        check(&[kind("application/json")], Some(Format::Json));
        check(&[kind("Application/JSON; charset=\"UTF-8\"")], Some(Format::Json));
        check(&[kind("application/x-ndjson")], Some(Format::Lines));
        check(&[kind("application/cloudevents+json; charset=utf-8")], Some(Format::CloudEvent));
        check(&[kind("application/cloudevents-batch+json")], Some(Format::CloudEvents));
        check(&[kind("application/json"), ("ce-specversion", "1.0")], Some(Format::Binary));
        check(&[("ce-specversion", "1.0")], Some(Format::Binary));
        check(&[kind("application/cloudevents+json"), ("ce-specversion", "1.0")], Some(Format::CloudEvent));
        for wrong in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/xml"] {
            check(&[kind(wrong)], None);
        }
        check(&[kind("application/json; charset=latin1")], None);
        check(&[kind("application/json"), ("content-encoding", "gzip")], None);
        check(&[], None);
    }
}
