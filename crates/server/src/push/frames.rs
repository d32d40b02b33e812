//! What both transports say in the same words. How it is sent is each transport's own.

use serde_json::json;
use tidings_push::{Closed, Position, Session};

/// Where a client begins that did not say where.
pub(super) fn hello(position: Position) -> String {
    json!({"type": "hello", "position": position.to_string()}).to_string()
}

/// What was asked for is gone; it goes on with `oldest`.
pub(super) fn reset(session: &Session, oldest: u64) -> String {
    let position = before(session, oldest).to_string();
    json!({"type": "reset", "oldest": oldest, "position": position}).to_string()
}

/// The end, where nothing but a message can say it.
pub(super) fn closed(session: &Session, closed: Closed) -> String {
    let position = session.position(closed.resume()).to_string();
    json!({"type": "closed", "reason": closed.as_str(), "position": position}).to_string()
}

/// The place from which a client that was told of a gap goes on.
pub(super) fn before(session: &Session, oldest: u64) -> Position {
    session.position(oldest.saturating_sub(1))
}
