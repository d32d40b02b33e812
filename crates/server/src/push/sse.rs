//! One event stream: frames of the session as server-sent events. Acknowledgements come by a route of their own.

use std::convert::Infallible;

use axum::response::{
    IntoResponse, Response, Sse,
    sse::{Event, KeepAlive},
};
use tidings_push::{Frame, Position, Session};
use tokio::{sync::mpsc, time::timeout};

use super::{SocketConfig, frames};

pub(super) fn respond(session: Session, config: SocketConfig, hello: Option<Position>) -> Response {
    let (events, taken) = mpsc::channel(1);
    let hello = hello.map(|position| named("hello", frames::hello(position)).id(position.to_string()));
    // A task of its own: a client that reads nothing holds its connection, but not the session.
    tokio::spawn(pump(session, events, config, hello));
    let body = futures_util::stream::unfold(taken, |mut taken| async move {
        let event = taken.recv().await?;
        Some((Ok::<_, Infallible>(event), taken))
    });
    Sse::new(body).keep_alive(KeepAlive::new().interval(config.keepalive)).into_response()
}

async fn pump(mut session: Session, events: mpsc::Sender<Event>, config: SocketConfig, hello: Option<Event>) {
    if let Some(hello) = hello {
        // The channel is empty yet, so that nothing is waited for.
        events.send(hello).await.ok();
    }
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
        room.send(event(&session, &frame));
    }
}

fn event(session: &Session, frame: &Frame) -> Event {
    match frame {
        Frame::Message(message) => {
            let position = session.position(message.seq);
            named("notification", message.to_json_at(position)).id(position.to_string())
        }
        Frame::Reset { oldest } => {
            named("reset", frames::reset(session, *oldest)).id(frames::before(session, *oldest).to_string())
        }
        Frame::Closed(closed) => named("closed", frames::closed(session, *closed)),
        _ => Event::default().comment(""),
    }
}

fn named(name: &str, data: String) -> Event {
    Event::default().event(name).data(data)
}
