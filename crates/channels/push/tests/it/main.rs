//! The hub from outside: what sessions see, what counts as delivered, and a thousand readers that come and go.
#![expect(clippy::unwrap_used, reason = "a test stops where its own set-up fails")]

mod channels;
mod failures;
mod guide;
mod sessions;
mod swarm;

use std::sync::Arc;

use tidings_core::NotificationId;
use tidings_push::{Content, Frame, Hub, HubConfig, MemoryInbox, NewMessage, Session};
use tidings_testkit::samples;

fn hub(kept: usize, config: &HubConfig) -> Hub {
    Hub::new(Arc::new(MemoryInbox::bounded(100, kept)), config).unwrap()
}

fn message(user: &str, number: u64) -> NewMessage {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    let content = Content::parse(&format!("{{\"title\":\"{number}\"}}")).unwrap();
    NewMessage { user: user.to_owned(), id: NotificationId::from_bytes(id), content, at: samples::NOW }
}

async fn append(hub: &Hub, user: &str, numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        hub.append(message(user, number)).await.unwrap();
    }
}

/// What a session gives without waiting.
fn ready(session: &mut Session) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    while let std::task::Poll::Ready(Some(frame)) =
        futures_util::Stream::poll_next(std::pin::Pin::new(session), &mut context)
    {
        frames.push(frame);
    }
    frames
}

/// The same as short texts: numbers, `reset 3`, `too_slow 4`.
fn told(session: &mut Session) -> Vec<String> {
    let tell = |frame| match frame {
        Frame::Message(message) => message.seq.to_string(),
        Frame::Reset { oldest } => format!("reset {oldest}"),
        Frame::Closed(closed) => format!("{} {}", closed.as_str(), closed.resume()),
        other => format!("{other:?}"),
    };
    ready(session).into_iter().map(tell).collect()
}
