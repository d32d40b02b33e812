//! One event stream: frames of the session as server-sent events. Acknowledgements come by a route of their own.

use std::convert::Infallible;

use axum::response::{
    IntoResponse, Response, Sse,
    sse::{Event, KeepAlive},
};
use serde_json::json;
use tidings_push::{Frame, Session};
use tokio::{sync::mpsc, time::timeout};

use super::SocketConfig;

pub(super) fn respond(session: Session, config: SocketConfig) -> Response {
    let (events, taken) = mpsc::channel(1);
    // A task of its own: a client that reads nothing holds its connection, but not the session.
    tokio::spawn(pump(session, events, config));
    let body = futures_util::stream::unfold(taken, |mut taken| async move {
        let event = taken.recv().await?;
        Some((Ok::<_, Infallible>(event), taken))
    });
    Sse::new(body).keep_alive(KeepAlive::new().interval(config.keepalive)).into_response()
}

async fn pump(mut session: Session, events: mpsc::Sender<Event>, config: SocketConfig) {
    let cut_off = session.cut_off();
    loop {
        let room = tokio::select! {
            room = events.reserve() => room.ok(),
            () = cut_off.wait() => timeout(config.write_timeout, events.reserve()).await.ok().and_then(Result::ok),
        };
        let Some(room) = room else { return };
        // There is room again: the one before is on its way.
        session.sent(session.last());
        let frame = tokio::select! {
            frame = session.next() => frame,
            () = events.closed() => return,
        };
        let Some(frame) = frame else { return };
        room.send(event(&frame));
    }
}

fn event(frame: &Frame) -> Event {
    match frame {
        Frame::Message(message) => {
            Event::default().id(message.seq.to_string()).event("notification").data(message.to_json())
        }
        Frame::Reset { oldest } => Event::default()
            .id(oldest.saturating_sub(1).to_string())
            .event("reset")
            .data(json!({"type": "reset", "oldest": oldest}).to_string()),
        Frame::Closed(closed) => Event::default()
            .event("closed")
            .data(json!({"type": "closed", "reason": closed.as_str(), "resume": closed.resume()}).to_string()),
        _ => Event::default().comment(""),
    }
}
