//! What a condition sees of an agent's history: its series, and what is overdue. Who keeps them is left to `rules`.

use tidings_core::Timestamp;

use crate::history::Series;

/// The history of one agent as one condition sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Past<'h> {
    pub(crate) series: &'h [Series],
    /// For each series of the condition its place among the agent's.
    pub(crate) series_places: &'h [u16],
    pub(crate) absences: &'h [Absence],
    /// For each absence of the condition its place among the agent's.
    pub(crate) absence_places: &'h [u16],
    /// The greatest event time of the agent, in nanoseconds.
    pub(crate) newest: i64,
    /// The engine's clock.
    pub(crate) now: Timestamp,
    /// Whether only time has passed since the event, which is in all series by then.
    pub(crate) timed: bool,
}

impl<'h> Past<'h> {
    pub(crate) fn series(&self, number: u8) -> Option<&'h Series> {
        let place = self.series_places.get(usize::from(number))?;
        self.series.get(usize::from(*place))
    }

    pub(crate) fn absence(&self, number: u8) -> Option<&'h Absence> {
        let place = self.absence_places.get(usize::from(number))?;
        self.absences.get(usize::from(*place))
    }

    /// When the last of those absences that are overdue became so.
    pub(crate) fn overdue_since(&self) -> Option<Timestamp> {
        let absences = self.absence_places.iter().filter_map(|place| self.absences.get(usize::from(*place)));
        absences.filter(|absence| absence.is_overdue(self.now)).filter_map(Absence::due).max()
    }
}

/// Something that is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Absence {
    /// Since when it is awaited; `None` where nothing is.
    pub(crate) since: Option<Timestamp>,
    /// After how many nanoseconds it is overdue.
    pub(crate) after: i64,
}

impl Absence {
    /// When it will be overdue, or became so.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.since.map(|since| Timestamp::from_nanos(since.as_nanos().saturating_add(self.after)))
    }

    pub(crate) fn is_overdue(&self, now: Timestamp) -> bool {
        self.due().is_some_and(|due| due <= now)
    }
}
