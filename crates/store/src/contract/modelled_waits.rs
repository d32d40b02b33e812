//! What the model of a store does with notifications that wait for their moment. What it is else stands in `model`.

use tidings_core::NotificationId;

use super::model::{Asked, Model};

impl Model {
    /// A digest is made whoever holds its key.
    pub(super) fn digest(&mut self, asked: Asked) {
        self.begin(&asked);
        self.make(asked);
    }

    /// Those that wait until then at most, in their order.
    pub(super) fn waiting(&self, until: i64) -> Vec<NotificationId> {
        let waits = self.told.iter().filter_map(|(id, told)| told.waits.as_ref().map(|waits| (waits, *id)));
        let mut due: Vec<_> = waits.filter(|(waits, _)| waits.until <= until).collect();
        due.sort_by_key(|(waits, _)| (waits.until, waits.arrival));
        due.into_iter().map(|(_, id)| id).collect()
    }

    /// Nobody was told of it.
    pub(super) fn withdraw(&mut self, id: NotificationId) {
        let Some(told) = self.told.get_mut(&id) else { return };
        told.is_withdrawn = true;
        let (key, incident) = (told.key.clone(), told.incident);
        if let Some(incident) =
            incident.filter(|incident| self.incidents.get(incident).is_some_and(|(by, _)| *by == id))
        {
            self.incidents.remove(&incident);
        }
        self.free(&key, id);
    }
}
