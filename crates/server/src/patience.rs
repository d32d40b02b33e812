//! How long a request may take until it is answered: half of one holds a connection no longer. What follows the answer, such as a socket's
//! frames, has limits of its own.

use std::time::Duration;

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};

use crate::problem::Refusal;

/// How long a request may take where nothing else is set.
pub(crate) const REQUEST: Duration = Duration::from_secs(10);

/// These routes, answered within this time or with 408.
pub(crate) fn within(limit: Duration, router: Router) -> Router {
    router.layer(from_fn_with_state(limit, run))
}

async fn run(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = "the request was not complete in time: send all of it at once";
            Refusal::new(StatusCode::REQUEST_TIMEOUT, detail).into_response()
        }
    }
}
