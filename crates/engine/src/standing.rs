//! The configuration that a notifier runs by: one pipeline at a time, which is replaced as a whole. What lives on when it is stands in
//! `shared`; how the next one is made, in `reload`.

use std::sync::{Arc, PoisonError, RwLock};

use crate::pipeline::Pipeline;

/// The pipeline that stands. Whoever takes it keeps what he saw until he is done.
#[derive(Debug)]
pub(crate) struct Standing(RwLock<Arc<Pipeline>>);

impl Standing {
    pub(crate) fn new(pipeline: Pipeline) -> Self {
        Self(RwLock::new(Arc::new(pipeline)))
    }

    /// What stands at this moment.
    pub(crate) fn now(&self) -> Arc<Pipeline> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes what nobody has seen yet.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Pipeline)) {
        let standing = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipeline) = Arc::get_mut(standing) {
            change(pipeline);
        }
    }

    /// From now on the next one stands.
    pub(crate) fn replace(&self, next: Pipeline) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
    }
}
