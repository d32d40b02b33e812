//! Reads a body within bounds: of its own size, of what its values take once they are read, and of what all bodies together may hold. How
//! long it may take is `patience`'s, what it says is read elsewhere.

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
/// The most that a body's values may take in bytes of memory: 4 MiB of empty lists would take hundreds.
const HEAVIEST: usize = 64 * 1024 * 1024;
/// What is reserved at a time, in bytes.
const STEP: usize = 1024;
/// How many steps all bodies may hold together: 32 MiB.
const IN_ALL: usize = 32 * 1024;
/// How many steps the values of all of them may take: 256 MiB.
const VALUES_IN_ALL: usize = 256 * 1024;

/// The room that bodies share, so that many slow clients do not hold more than a few large ones, and few heavy bodies are read at once.
#[derive(Debug)]
pub(crate) struct Room {
    bytes: Arc<Semaphore>,
    values: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        Self { bytes: Arc::new(Semaphore::new(IN_ALL)), values: Arc::new(Semaphore::new(VALUES_IN_ALL)) }
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
    /// 413 for one that is too large or too heavy, before any of it is read where it says so itself; 503 where there is no room; 400 where
    /// it breaks off.
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
        self.weigh(&mut held)?;
        Ok(held)
    }

    /// Takes the room that its values will need.
    fn weigh(&self, held: &mut Held) -> Result<(), Refusal> {
        let weight: usize = held.bytes.iter().map(|byte| weight(*byte)).sum();
        if weight > HEAVIEST {
            return Err(too_heavy());
        }
        held.taken.push(take(&self.values, weight.div_ceil(STEP))?);
        Ok(())
    }

    fn add(&self, held: &mut Held, data: &[u8]) -> Result<(), Refusal> {
        let length = held.bytes.len() + data.len();
        if length > LARGEST {
            return Err(too_large());
        }
        let has: usize = held.taken.iter().map(OwnedSemaphorePermit::num_permits).sum();
        let permit = take(&self.bytes, length.div_ceil(STEP).saturating_sub(has))?;
        match held.taken.first_mut() {
            Some(first) => first.merge(permit),
            None => held.taken.push(permit),
        }
        held.bytes.extend_from_slice(data);
        Ok(())
    }
}

fn take(room: &Arc<Semaphore>, steps: usize) -> Result<OwnedSemaphorePermit, Refusal> {
    let steps = u32::try_from(steps).unwrap_or(u32::MAX);
    Arc::clone(room).try_acquire_many_owned(steps).map_err(|_| no_room())
}

/// What a value of JSON that begins or ends with this byte takes in memory, in bytes, beside its text.
const fn weight(byte: u8) -> usize {
    match byte {
        b'{' => 512,
        b'[' => 288,
        b',' => 72,
        _ => 0,
    }
}

fn too_heavy() -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "the body holds too many lists, objects and values: send smaller batches",
    )
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

    #[tokio::test]
    async fn values_take_room_too() {
        let room = Room::default();
        let status =
            async |body: String| room.read(Body::from(body)).await.err().map(|refusal| refusal.status.as_u16());
        for heavy in ["0,", "[", "[],", "{},", "{\"a\":0},"] {
            assert_eq!(status(heavy.repeat(LARGEST / heavy.len())).await, Some(413), "{heavy}");
        }
        let lists = || "[".repeat(HEAVIEST / weight(b'['));
        let mut held = Vec::new();
        for _ in 0..VALUES_IN_ALL * STEP / HEAVIEST {
            held.push(room.read(Body::from(lists())).await.map_err(|refusal| refusal.status).unwrap());
        }
        assert_eq!(status(lists()).await, Some(503));
        assert_eq!(status("7".to_owned()).await, None);
        drop(held);
        // Ten thousand events of a usual kind are not heavy.
        let event = r#"{"event_type":"a","agent_id":"x","data":{"usage":{"in":1,"out":2},"tools":["a","b"]}},"#;
        assert_eq!(status(event.repeat(10_000)).await, None);
        assert_eq!((room.bytes.available_permits(), room.values.available_permits()), (IN_ALL, VALUES_IN_ALL));
    }
}
