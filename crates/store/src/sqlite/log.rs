//! Writing the log. Asking it is `query`'s business.

use serde_json::{Map, Value};
use tidings_core::DeliveryId;

use super::{
    delivery::Hot,
    error::Failure,
    ids::Kind,
    row::{Cell, Reference},
    schema::Table,
    work::Work,
};
use crate::model::Step;

/// An entry to be written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pub(crate) event: Reference,
    pub(crate) notification: Reference,
    pub(crate) delivery: Option<DeliveryId>,
    pub(crate) rule: Option<i64>,
    pub(crate) agent: Option<i64>,
    pub(crate) user: Option<i64>,
    pub(crate) endpoint: Option<i64>,
    pub(crate) attempt: u32,
    /// A JSON object; `None` for an empty one.
    pub(crate) detail: Option<String>,
}

impl Line {
    /// A line about a delivery.
    pub(crate) fn about(row: &Hot, attempt: u32) -> Self {
        Self {
            event: row.event,
            notification: row.notification,
            delivery: Some(DeliveryId::from_bytes(row.id)),
            rule: row.rule,
            agent: row.agent,
            user: row.user,
            endpoint: Some(row.endpoint),
            attempt,
            detail: None,
        }
    }

    pub(crate) fn with(self, detail: &Map<String, Value>) -> Self {
        Self { detail: object(detail), ..self }
    }
}

/// An object as it is kept.
pub(crate) fn object(detail: &Map<String, Value>) -> Option<String> {
    if detail.is_empty() { None } else { serde_json::to_string(detail).ok() }
}

impl Work {
    /// Writes an entry.
    pub(crate) fn log(&mut self, at: i64, step: Step, line: &Line) -> Result<(), Failure> {
        let number = self.counters.entries.next_at(at);
        self.counters.census.entries += 1;
        let cells = [
            number.into(),
            at.into(),
            step_code(step).into(),
            line.event.cell(),
            line.notification.cell(),
            line.delivery.as_ref().map(|id| &id.as_bytes()[..]).into(),
            line.rule.into(),
            line.agent.into(),
            line.user.into(),
            line.endpoint.into(),
            i64::from(line.attempt).into(),
            Cell::from(line.detail.as_deref()),
        ];
        self.insert(Table::Log, &cells)?;
        if let Some(id) = line.delivery {
            self.shared.ids.add((Kind::Entry, *id.as_bytes(), number));
        }
        Ok(())
    }
}

/// A step as it is kept. A number once given stays.
pub(crate) const fn step_code(step: Step) -> i64 {
    match step {
        Step::Fired => 1,
        Step::Resolved => 2,
        Step::Cooldown => 3,
        Step::Duplicate => 4,
        Step::Untold => 5,
        Step::Denied => 6,
        Step::Planned => 7,
        Step::Retry => 8,
        Step::Delivered => 9,
        Step::Dead => 10,
        Step::Expired => 11,
        Step::Fallback => 12,
        Step::Complete => 13,
        Step::Incomplete => 14,
        Step::Failed => 15,
        Step::Late => 16,
        Step::Disabled => 17,
        Step::Enabled => 18,
        Step::Shed => 19,
        Step::Damaged => 20,
        Step::Muted => 21,
        Step::Resent => 22,
        Step::Silenced => 23,
        Step::Held => 24,
        Step::Digested => 25,
        Step::Resumed => 26,
        Step::Gathered => 27,
        Step::Dropped => 28,
        Step::Tested => 29,
        Step::Reported => 30,
    }
}

pub(crate) fn read_step(code: i64) -> Option<Step> {
    Step::ALL.into_iter().find(|step| step_code(*step) == code)
}
