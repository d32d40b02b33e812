//! What is claimed gets its message: from memory where it has just come in, else from the file. What is claimed is told elsewhere.

use std::sync::Arc;

use tidings_core::{EventId, Payload};

use super::{SqliteStore, claim::Leased, delivery::Hot, read::lease_of, row::Reference};
use crate::{
    StoreError,
    model::{Claimed, Lease},
};

impl SqliteStore {
    /// Gives leases their payloads: from memory where they have just come in.
    pub(crate) async fn dress(&self, leased: Leased, endpoint: Arc<str>) -> Result<Claimed, StoreError> {
        let Leased { rows, next_due } = leased;
        if rows.is_empty() {
            return Ok(Claimed { leases: Vec::new(), next_due });
        }
        let mut leases: Vec<Option<Lease>> = Vec::with_capacity(rows.len());
        let mut missing = Vec::new();
        for row in rows {
            match self.lease_in_memory(row, &endpoint) {
                Ok(lease) => leases.push(Some(lease)),
                Err(row) => {
                    missing.push((leases.len(), row));
                    leases.push(None);
                }
            }
        }
        if !missing.is_empty() {
            let read = self.read_by(&self.claims, move |reader| reader.leases(missing, &endpoint)).await?;
            for (place, lease) in read {
                if let Some(slot) = leases.get_mut(place) {
                    *slot = Some(lease);
                }
            }
        }
        Ok(Claimed { leases: leases.into_iter().flatten().collect(), next_due })
    }

    /// A lease whose payload is in memory; else the row.
    #[expect(clippy::result_large_err, reason = "the row goes on to a reader")]
    fn lease_in_memory(&self, row: Hot, endpoint: &Arc<str>) -> Result<Lease, Hot> {
        let event = match row.event {
            Reference::None => None,
            Reference::Id(id) => Some((EventId::from_bytes(id), None)),
            Reference::Number(number) => match self.shared.event(number) {
                Some((id, event)) => Some((id, Some(event))),
                None => return Err(row),
            },
        };
        let kept = match (&row.payload, row.notification) {
            (Some(_), _) => None,
            (None, Reference::Number(number)) => self.shared.notification(number).map(Payload::Notification),
            (None, _) => event.as_ref().and_then(|(_, event)| event.clone()).map(Payload::Event),
        };
        let Some(payload) = kept else { return Err(row) };
        let id = event.map(|(id, _)| id);
        lease_of(&row, Arc::clone(endpoint), id, payload).ok_or(row)
    }
}
