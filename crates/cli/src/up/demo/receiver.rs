//! The demo's pager: a receiver on loopback that answers nothing good for a while, then heals, again and again.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use http_body_util::Full;
use hyper::{Request, Response, StatusCode, body::Bytes, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tidings::clock::instant_now;
use tokio::net::TcpListener;

use crate::receiver;

/// It is down for so long at the beginning of every round.
const DOWN: Duration = Duration::from_secs(15);
const ROUND: Duration = Duration::from_secs(120);

/// Starts it on a free port.
pub(super) async fn start() -> anyhow::Result<SocketAddr> {
    let listener = receiver::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = listener.local_addr()?;
    tokio::spawn(serve(listener));
    Ok(address)
}

async fn serve(listener: TcpListener) {
    let started = instant_now();
    while let Ok((stream, _)) = listener.accept().await {
        let service = service_fn(move |_: Request<Incoming>| async move {
            let mut response = Response::new(Full::new(Bytes::new()));
            *response.status_mut() = status(started.elapsed());
            Ok::<_, Infallible>(response)
        });
        tokio::spawn(async move {
            // A connection that breaks is the sender's to notice.
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

/// What it answers at this time.
fn status(since: Duration) -> StatusCode {
    let into = since.as_secs() % ROUND.as_secs();
    if into < DOWN.as_secs() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fails_and_heals() {
        let check =
            |seconds, expected| assert_eq!(status(Duration::from_secs(seconds)).as_u16(), expected, "{seconds}");
        check(0, 503);
        check(14, 503);
        check(15, 204);
        check(119, 204);
        check(121, 503);
    }
}
