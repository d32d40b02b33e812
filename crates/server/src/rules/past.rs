//! The newest stored events, found without reading all that there are. What is done with them is the lab's.

use tidings::store::{EventRange, Store, StoreError};

/// The number of the newest event; 0 where there is none. Numbers run without a gap behind the oldest that is kept.
pub(super) async fn newest(store: &dyn Store) -> Result<u64, StoreError> {
    let Some(first) = next_after(store, 0).await? else { return Ok(0) };
    let (mut known, mut step) = (first, 1_u64);
    // As far as there is something, ever longer steps; then ever shorter ones.
    while let Some(found) = next_after(store, known.saturating_add(step)).await? {
        known = found;
        step = step.saturating_mul(2);
    }
    while step > 0 {
        match next_after(store, known.saturating_add(step)).await? {
            Some(found) => known = found,
            None => step /= 2,
        }
    }
    Ok(next_after(store, known).await?.unwrap_or(known))
}

async fn next_after(store: &dyn Store, after: u64) -> Result<Option<u64>, StoreError> {
    let range = EventRange { after, ..EventRange::default() };
    Ok(store.events(&range, 1).await?.first().map(|event| event.number))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidings::{
        Event, Timestamp,
        store::{MemoryStore, Offer},
    };

    use super::*;

    #[tokio::test]
    async fn the_newest_is_found_however_many_there_are() {
        let store = MemoryStore::new(1_000);
        for count in 1..=70_u64 {
            let event = Event::new("a.b").at(Timestamp::EPOCH).id(count.to_string());
            let offer = Offer { id: event.identity(0), event: Arc::new(event), repeatable: true };
            store.accept(&[offer], Timestamp::EPOCH).await.unwrap();
            assert_eq!(newest(&store).await.unwrap(), count);
        }
        assert_eq!(newest(&MemoryStore::new(10)).await.unwrap(), 0);
    }
}
