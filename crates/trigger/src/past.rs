//! What a condition sees of an agent's history: its series, and what is overdue. Who keeps them is left to `rules`.

use tidings_core::{Event, Timestamp};

use crate::{expression::Expression, history::Series, sample};

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

/// The history of an agent that has said but one thing.
#[derive(Debug)]
pub(crate) struct Beginning {
    series: Vec<Series>,
    absences: Vec<Absence>,
    places: Vec<u16>,
    at: Timestamp,
}

impl Beginning {
    /// After an event; `None` where the expression does not look back.
    pub(crate) fn of(expression: &Expression, event: &Event) -> Option<Self> {
        if expression.series.is_empty() && expression.absences.is_empty() {
            return None;
        }
        let series = sample::first(expression, event);
        let absences = sample::awaited(expression, event.timestamp);
        let places = (0..).take(series.len().max(absences.len())).collect();
        Some(Self { series, absences, places, at: event.timestamp })
    }

    pub(crate) fn past(&self) -> Past<'_> {
        Past {
            series: &self.series,
            series_places: &self.places,
            absences: &self.absences,
            absence_places: &self.places,
            newest: self.at.as_nanos(),
            now: self.at,
            timed: false,
        }
    }
}

/// Something that is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Absence {
    /// Since when it is awaited; `None` where nothing is.
    pub(crate) since: Option<Timestamp>,
    /// After how many nanoseconds it is overdue.
    pub(crate) after: i64,
    /// Why since then.
    pub(crate) basis: Basis,
}

/// Why something is awaited since then. What an event did is found out again from the event; the rest must be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Basis {
    /// The first event that was seen did not bring it: an earlier one may not have, either.
    #[default]
    Guessed,
    /// An event brought it, or asked for it.
    Moved,
    /// It was loaded then.
    Begun,
    /// It has become overdue since, and its rules were told.
    Come,
}

impl Basis {
    /// Whether no event of late says it.
    pub(crate) const fn is_kept(self) -> bool {
        matches!(self, Self::Begun | Self::Come)
    }
}

impl Absence {
    /// Nothing is awaited yet.
    pub(crate) const fn new(after: i64) -> Self {
        Self { since: None, after, basis: Basis::Guessed }
    }

    /// Takes over what was kept. What events have moved since is later; what they only could not rule out is not.
    pub(crate) fn put_back(&mut self, since: Timestamp, basis: Basis) {
        let later = self.since.is_some_and(|own| own > since);
        let stays = match (self.basis, basis) {
            (Basis::Come, _) => true,
            (Basis::Moved, _) => later,
            (own, kept) if kept.is_kept() => own == Basis::Begun && kept == Basis::Begun && later,
            (Basis::Begun, _) => true,
            (Basis::Guessed, _) => later,
        };
        if !stays {
            (self.since, self.basis) = (Some(since), basis);
        }
    }

    /// When it will be overdue, or became so.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.since.map(|since| Timestamp::from_nanos(since.as_nanos().saturating_add(self.after)))
    }

    pub(crate) fn is_overdue(&self, now: Timestamp) -> bool {
        self.due().is_some_and(|due| due <= now)
    }
}
