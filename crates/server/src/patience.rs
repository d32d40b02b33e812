//! How long a request may take: half of one holds a connection no longer, and neither does one whose answer does not come. What follows the
//! answer, such as a socket's frames, has limits of its own.

use std::{
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use hyper::body::{Frame, SizeHint};
use tokio::time::timeout;

use crate::problem::{Refusal, SOON};

/// How long a request may take to arrive where nothing else is set.
pub(crate) const REQUEST: Duration = Duration::from_secs(10);
/// How many times that it may take to answer one that is there.
const ANSWER: u32 = 6;

/// These routes: a request that is not complete within this time is answered 408, one that is not answered in six times that 503.
pub(crate) fn within(limit: Duration, router: Router) -> Router {
    router.layer(from_fn_with_state(limit, run))
}

async fn run(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let is_whole = Arc::new(AtomicBool::new(request.body().is_end_stream()));
    let watched = Arc::clone(&is_whole);
    let request = request.map(|inner| Body::new(Watched { inner, is_whole: watched }));
    let mut answer = pin!(next.run(request));
    if let Ok(response) = timeout(limit, &mut answer).await {
        return response;
    }
    if !is_whole.load(Relaxed) {
        let detail = "the request was not complete in time: send all of it at once";
        return Refusal::new(StatusCode::REQUEST_TIMEOUT, detail).into_response();
    }
    timeout(limit * (ANSWER - 1), answer).await.unwrap_or_else(|_| {
        let detail = "it took too long to answer: what was asked may be done, or not";
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(SOON).into_response()
    })
}

/// A body that notes when all of it is there.
struct Watched {
    inner: Body,
    is_whole: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.inner).poll_frame(cx);
        if matches!(frame, Poll::Ready(None)) || self.inner.is_end_stream() {
            self.is_whole.store(true, Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
