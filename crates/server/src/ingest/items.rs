//! The events of a body, each read for itself, so that a bad one costs none of the others. What they are answered is `answers`'s.

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use tidings::Event;
use tidings_core::Timestamp;

use super::{
    cloudevents,
    format::Format,
    place::Place,
    split::{self, MOST, Piece},
    strict::{self, Unreadable},
};
use crate::problem::Refusal;

/// The largest event in bytes.
const LARGEST: usize = 256 * 1024;

/// What a body holds: events, and why some are none.
pub(super) struct Items {
    all: Vec<Result<Event, Refusal>>,
    /// Whether it was one event, not a batch of one.
    is_single: bool,
}

impl Items {
    /// Reads a body.
    ///
    /// # Errors
    /// If it cannot be read as a whole, or holds too many.
    pub(super) fn read(format: Format, headers: &HeaderMap, body: &[u8], received: Timestamp) -> Result<Self, Refusal> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let reader = Reader { body, received, is_cloud: matches!(format, Format::CloudEvent | Format::CloudEvents) };
        match format {
            Format::Binary if body.len() > LARGEST => Ok(Self::single(Err(too_large()))),
            Format::Binary => Ok(Self::single(cloudevents::binary(headers, body, received).map_err(bad))),
            Format::Lines => reader.lines(),
            Format::CloudEvent if split::is_array(body) => {
                Err(bad("an array is sent as application/cloudevents-batch+json"))
            }
            Format::CloudEvents if !split::is_array(body) => Err(bad("a batch is an array of CloudEvents")),
            _ if split::is_array(body) => reader.array(),
            _ => reader.one(),
        }
    }

    fn single(item: Result<Event, Refusal>) -> Self {
        Self { all: vec![item], is_single: true }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Refuses events for which this says why.
    pub(super) fn keep(&mut self, may: impl Fn(&Event) -> Result<(), Refusal>) {
        for item in &mut self.all {
            if let Err(refusal) = item.as_ref().map_or(Ok(()), &may) {
                *item = Err(refusal);
            }
        }
    }

    /// Names events that bring no id after a key that is good for all of them.
    pub(super) fn name(&mut self, key: &str) {
        for (place, item) in self.all.iter_mut().enumerate() {
            let Ok(event) = item else { continue };
            let id = || if self.is_single { key.to_owned() } else { format!("{key}/{place}") };
            event.id.get_or_insert_with(id);
        }
    }

    /// The items; the refusal alone where there is one event and it is refused.
    ///
    /// # Errors
    /// That refusal.
    pub(super) fn into_parts(self) -> Result<Vec<Result<Event, Refusal>>, (Refusal, usize)> {
        match (self.is_single, <[_; 1]>::try_from(self.all)) {
            (true, Ok([Err(refusal)])) => Err((refusal, 1)),
            (_, Ok(one)) => Ok(Vec::from(one)),
            (_, Err(all)) => Ok(all),
        }
    }
}

/// Reads the items of one body.
struct Reader<'a> {
    body: &'a [u8],
    received: Timestamp,
    is_cloud: bool,
}

impl Reader<'_> {
    fn one(&self) -> Result<Items, Refusal> {
        let piece = split::whole(self.body);
        Ok(Items::single(self.event(&piece).map_err(|fault| fault.refusal)))
    }

    /// A body that is no JSON is refused as a whole: where it went wrong, nobody knows what was meant.
    fn array(&self) -> Result<Items, Refusal> {
        let pieces = split::items(self.body).map_err(|error| {
            let place = Place::default().after(self.body.get(..error.at).unwrap_or_default());
            bad(format!("{} at {place}", error.why))
        })?;
        check_count(pieces.len())?;
        let mut all = Vec::with_capacity(pieces.len());
        for piece in &pieces {
            match self.event(piece) {
                Err(Fault { spoils_all: true, refusal }) => return Err(refusal),
                item => all.push(item.map_err(|fault| fault.refusal)),
            }
        }
        Ok(Items { all, is_single: false })
    }

    /// Lines stand for themselves, whatever is on the others.
    fn lines(&self) -> Result<Items, Refusal> {
        let pieces: Vec<_> = split::lines(self.body).collect();
        check_count(pieces.len())?;
        let all = pieces.iter().map(|piece| self.event(piece).map_err(|fault| fault.refusal)).collect();
        Ok(Items { all, is_single: false })
    }

    fn event(&self, piece: &Piece<'_>) -> Result<Event, Fault> {
        if piece.text.len() > LARGEST {
            return Err(Fault { spoils_all: false, refusal: too_large() });
        }
        let value = strict::read(piece)?;
        self.told(value).map_err(|text| Fault { spoils_all: false, refusal: bad(text) })
    }

    fn told(&self, value: Value) -> Result<Event, String> {
        if self.is_cloud {
            return cloudevents::structured(value, self.received);
        }
        Event::from_json(value, self.received).map_err(|error| error.to_string())
    }
}

/// Why an item is none.
struct Fault {
    /// Whether the document around it cannot be trusted either.
    spoils_all: bool,
    refusal: Refusal,
}

impl From<Unreadable> for Fault {
    fn from(error: Unreadable) -> Self {
        Self { spoils_all: error.is_no_json, refusal: bad(error.text) }
    }
}

fn check_count(count: usize) -> Result<(), Refusal> {
    let detail = "a batch is at most 10,000 events: send smaller ones";
    if count <= MOST { Ok(()) } else { Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail)) }
}

fn too_large() -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "an event is at most 256 KiB")
}

fn bad(detail: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, detail)
}
