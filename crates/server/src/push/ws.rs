//! One WebSocket: frames of the session go out, acknowledgements come in, silence is noticed. It decides nothing about messages.

use std::future::Future;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use serde_json::Value;
use tidings_push::{Closed, Frame, Position, Session};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{SocketConfig, frames};

/// What is said to who sends anything else.
const EXPECTED: &str = "expected {\"type\":\"ack\",\"seq\":7}";

/// The socket cannot be used any more, or the client has closed it.
struct Gone;

struct Connection {
    socket: WebSocket,
    session: Session,
    config: SocketConfig,
    /// Something came since it was asked whether it is there.
    heard: bool,
}

pub(super) async fn run(socket: WebSocket, session: Session, config: SocketConfig, hello: Option<Position>) {
    let mut connection = Connection { socket, session, config, heard: true };
    connection.serve(hello).await.ok();
}

impl Connection {
    async fn serve(&mut self, hello: Option<Position>) -> Result<(), Gone> {
        if let Some(position) = hello {
            self.send(Message::text(frames::hello(position))).await?;
        }
        let mut keepalive = interval(self.config.keepalive);
        keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                frame = self.session.next() => match frame {
                    Some(frame) => self.tell(frame).await?,
                    None => return Err(Gone),
                },
                said = self.socket.recv() => match said {
                    Some(Ok(message)) => self.hear(message).await?,
                    // What is too large breaks the stream of frames: it cannot be skipped.
                    Some(Err(_)) => return self.close(1009, "a frame is broken, or larger than 4 KiB").await,
                    None => return Err(Gone),
                },
                _ = keepalive.tick() => self.ask().await?,
            }
        }
    }

    async fn tell(&mut self, frame: Frame) -> Result<(), Gone> {
        match frame {
            Frame::Message(message) => {
                let position = self.session.position(message.seq);
                self.send(Message::text(message.to_json_at(position))).await?;
                self.session.sent(message.seq);
                Ok(())
            }
            Frame::Reset { oldest } => {
                let text = frames::reset(&self.session, oldest);
                self.send(Message::text(text)).await
            }
            Frame::Closed(closed) => self.part(closed).await,
            _ => Ok(()),
        }
    }

    async fn hear(&mut self, message: Message) -> Result<(), Gone> {
        self.heard = true;
        match message {
            Message::Text(text) => return self.take(text.as_str()).await,
            Message::Binary(_) => return self.close(1003, "expected text").await,
            Message::Close(_) => return Err(Gone),
            Message::Ping(_) | Message::Pong(_) => {}
        }
        Ok(())
    }

    /// Takes an acknowledgement. What a later protocol may say is no reason to part.
    async fn take(&mut self, text: &str) -> Result<(), Gone> {
        let Ok(said) = serde_json::from_str::<Value>(text) else { return self.close(1007, EXPECTED).await };
        if said["type"] != "ack" {
            return Ok(());
        }
        let Some(seq) = said["seq"].as_u64() else { return self.close(1007, EXPECTED).await };
        self.session.ack(seq);
        Ok(())
    }

    /// Asks whether anybody is there; who did not answer the last time is gone.
    async fn ask(&mut self) -> Result<(), Gone> {
        if !std::mem::replace(&mut self.heard, false) {
            return Err(Gone);
        }
        self.send(Message::Ping(Vec::new().into())).await
    }

    /// Sends one frame. A session that is cut off meanwhile may not be held up by its reader.
    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        let cut_off = self.session.cut_off();
        let sent = tokio::select! {
            sent = within(self.config, self.socket.send(message)) => sent,
            () = cut_off.wait() => Err(Gone),
        };
        // What was sent is sent: a cut beside it is the session's next frame.
        if sent.is_ok() {
            return sent;
        }
        match self.session.next_if_closed() {
            Some(closed) => self.part(closed).await,
            None => sent,
        }
    }

    /// Tells why it is over and where to resume.
    async fn part(&mut self, closed: Closed) -> Result<(), Gone> {
        let reason = format!("{}: resume with since={}", closed.as_str(), self.session.position(closed.resume()));
        self.close(code(closed), &reason).await
    }

    /// Says goodbye, as long as that may take, and waits for the other side to hear it.
    async fn close(&mut self, code: u16, reason: &str) -> Result<(), Gone> {
        let frame = CloseFrame { code, reason: reason.into() };
        within(self.config, self.socket.send(Message::Close(Some(frame)))).await?;
        let drained = async {
            while let Some(Ok(_)) = self.socket.recv().await {}
            Ok::<_, axum::Error>(())
        };
        within(self.config, drained).await?;
        Err(Gone)
    }
}

async fn within(config: SocketConfig, sent: impl Future<Output = Result<(), axum::Error>>) -> Result<(), Gone> {
    match timeout(config.write_timeout, sent).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Gone),
    }
}

const fn code(closed: Closed) -> u16 {
    match closed {
        Closed::TooSlow { .. } => 4000,
        Closed::ShuttingDown { .. } => 4001,
        _ => 4002,
    }
}
