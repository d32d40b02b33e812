//! What one event holds under the paths of the rules, each read at most once. What that says about a rule is left to `shelf`.

use serde_json::Value as Json;
use tidings_core::Event;

use super::catalog::{Branch, Catalog, FIRST_KEYED, PathId, Reading};
use crate::{path::Frame, value::Value};

/// The readings of the event at hand; the memory stays for the next one.
#[derive(Debug)]
pub(super) struct Readings {
    /// The event that a note must be of to count.
    current: u64,
    notes: Vec<(u64, Reading)>,
    /// The paths through data and metadata that the event has a value or an error for, once it was walked.
    present: Vec<PathId>,
    walked: bool,
}

impl Readings {
    pub(super) fn new(paths: usize) -> Self {
        Self { current: 0, notes: vec![(0, Reading::Absent); paths], present: Vec::new(), walked: false }
    }

    /// Forgets the event before.
    pub(super) fn start(&mut self) {
        self.current += 1;
        self.present.clear();
        self.walked = false;
    }

    /// What a path leads to.
    pub(super) fn get(&mut self, path: PathId, event: &Event, catalog: &Catalog) -> Reading {
        match self.notes.get(path as usize) {
            Some((noted, reading)) if *noted == self.current => return *reading,
            _ if self.walked && path >= FIRST_KEYED => return Reading::Absent,
            _ => {}
        }
        let Some(wanted) = catalog.path_of(path) else { return Reading::Absent };
        let reading = match Frame::new(event, &[], false).read(wanted) {
            Ok(value) => Reading::of(&value, catalog),
            Err(reason) if reason.is_missing() => Reading::Absent,
            Err(_) => Reading::Broken,
        };
        self.note(path, reading);
        reading
    }

    /// Whether all that is present is known already.
    pub(super) const fn walked(&self) -> bool {
        self.walked
    }

    pub(super) fn present(&self) -> &[PathId] {
        &self.present
    }

    /// Finds all that is present, by the keys that both the event and the rules have.
    pub(super) fn walk(&mut self, event: &Event, catalog: &Catalog) {
        if self.walked {
            return;
        }
        self.walked = true;
        catalog.data.meet(&event.data, |branch, value| self.found(branch, value, catalog));
        catalog.metadata.meet(&event.metadata, |branch, value| self.found(branch, value, catalog));
    }

    fn found(&mut self, branch: &Branch, value: &Json, catalog: &Catalog) {
        if let Some(path) = branch.path {
            self.add(path, Reading::of(&Value::from_json(value), catalog));
        }
        match value {
            Json::Object(map) => branch.meet(map, |below, value| self.found(below, value, catalog)),
            // What lies behind null is absent.
            Json::Null => {}
            _ => self.broken(branch),
        }
    }

    /// No path leads on through a scalar or a list.
    fn broken(&mut self, branch: &Branch) {
        for below in branch.children() {
            if let Some(path) = below.path {
                self.add(path, Reading::Broken);
            }
            self.broken(below);
        }
    }

    fn add(&mut self, path: PathId, reading: Reading) {
        self.present.push(path);
        self.note(path, reading);
    }

    fn note(&mut self, path: PathId, reading: Reading) {
        if let Some(note) = self.notes.get_mut(path as usize) {
            *note = (self.current, reading);
        }
    }
}
