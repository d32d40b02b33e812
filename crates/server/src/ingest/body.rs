//! Reads a body within bounds: of its own size, and of what all bodies together may hold. How long it may take is `patience`'s, what it
//! says is read elsewhere.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, HttpBody},
    http::StatusCode,
};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Refusal;

/// The largest body in bytes.
const LARGEST: usize = 4 * 1024 * 1024;
/// What is reserved at a time, in bytes.
const STEP: usize = 1024;
/// How many steps all bodies may hold together: 32 MiB.
const IN_ALL: usize = 32 * 1024;

/// The room that bodies share, so that many slow clients do not hold more than a few large ones.
#[derive(Debug)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(IN_ALL)))
    }
}

/// A whole body, and the room that it takes until it is dropped.
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    taken: Vec<OwnedSemaphorePermit>,
}

impl Room {
    /// Reads all of it.
    ///
    /// # Errors
    /// 413 for one that is too large, before any of it is read where it says so itself; 503 where there is no room; 400 where it breaks off.
    pub(super) async fn read(&self, mut body: Body) -> Result<Held, Refusal> {
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > LARGEST {
            return Err(too_large());
        }
        let mut held = Held { bytes: Vec::new(), taken: Vec::new() };
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "the body breaks off"))?;
            let Ok(data) = frame.into_data() else { continue };
            self.add(&mut held, &data)?;
        }
        Ok(held)
    }

    fn add(&self, held: &mut Held, data: &[u8]) -> Result<(), Refusal> {
        let length = held.bytes.len() + data.len();
        if length > LARGEST {
            return Err(too_large());
        }
        let has: usize = held.taken.iter().map(OwnedSemaphorePermit::num_permits).sum();
        let more = u32::try_from(length.div_ceil(STEP).saturating_sub(has)).unwrap_or(u32::MAX);
        let Ok(permit) = Arc::clone(&self.0).try_acquire_many_owned(more) else { return Err(no_room()) };
        match held.taken.first_mut() {
            Some(first) => first.merge(permit),
            None => held.taken.push(permit),
        }
        held.bytes.extend_from_slice(data);
        Ok(())
    }
}

fn too_large() -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "a body is at most 4 MiB: send smaller batches")
}

fn no_room() -> Refusal {
    let detail = "too much is being received at this moment: send it again";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn room_is_shared_and_given_back() {
        let room = Room::default();
        let full = || Body::from(vec![b' '; LARGEST]);
        let mut held = Vec::new();
        for _ in 0..IN_ALL * STEP / LARGEST {
            held.push(room.read(full()).await.map_err(|refusal| refusal.status).unwrap());
        }
        assert_eq!(room.read(Body::from("x")).await.err().map(|refusal| refusal.status.as_u16()), Some(503));
        held.pop();
        assert_eq!(room.read(full()).await.map(|held| held.bytes.len()), Ok(LARGEST));
        let large = Body::from(vec![b' '; LARGEST + 1]);
        assert_eq!(room.read(large).await.err().map(|refusal| refusal.status.as_u16()), Some(413));
    }
}
