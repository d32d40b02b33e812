//! All of the log that matches, as a download: read page by page while it is taken, so that it costs a page of memory however long it is.

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use tidings::store::Entry;

use super::{
    asked::{Asked, Format},
    csv, pages,
};
use crate::{app::App, caller::Caller, problem::Refusal};

/// How many entries are read at once.
const CHUNK: usize = 500;

/// How far an export is.
struct Export {
    app: App,
    caller: Caller,
    asked: Asked,
    /// How many entries may still come; 0 at the end.
    left: usize,
}

/// The answer. Its first page is read before it begins, so that what is refused is refused properly.
///
/// # Errors
/// See [`pages::next`].
pub(super) async fn respond(app: App, caller: Caller, asked: Asked) -> Result<Response, Refusal> {
    let (format, left) = (asked.format, asked.limit);
    let mut export = Export { app, caller, asked, left };
    let head = if format == Format::Csv { csv::HEAD } else { "" };
    let first = format!("{head}{}", export.chunk().await?);
    let rest = futures_util::stream::unfold(export, |mut export| async move {
        if export.left == 0 {
            return None;
        }
        // The download ends early, which its taker sees: the connection breaks off.
        let chunk = export.chunk().await.map(Bytes::from).map_err(|refusal| std::io::Error::other(refusal.detail));
        if chunk.is_err() {
            export.left = 0;
        }
        Some((chunk, export))
    });
    let first = futures_util::stream::once(async move { Ok(Bytes::from(first)) });
    let body = Body::from_stream(futures_util::StreamExt::chain(first, rest));
    Ok((headers(format), body).into_response())
}

impl Export {
    /// The next page's lines.
    async fn chunk(&mut self) -> Result<String, Refusal> {
        self.asked.limit = CHUNK.min(self.left);
        let found = pages::next(&self.app, &self.caller, &self.asked).await?;
        self.left = if found.next.is_some() { self.left.saturating_sub(found.entries.len()) } else { 0 };
        self.asked.before = found.next;
        let format = self.asked.format;
        Ok(found.entries.iter().map(|entry| line(entry, format)).collect())
    }
}

fn line(entry: &Entry, format: Format) -> String {
    match format {
        Format::Csv => csv::line(entry),
        Format::Page | Format::Ndjson => serde_json::json!(entry).to_string() + "\n",
    }
}

fn headers(format: Format) -> [(header::HeaderName, HeaderValue); 3] {
    let (kind, file) = match format {
        Format::Csv => ("text/csv; charset=utf-8; header=present", "attachment; filename=\"tidings-log.csv\""),
        Format::Page | Format::Ndjson => ("application/x-ndjson", "attachment; filename=\"tidings-log.ndjson\""),
    };
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(file)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}
