//! One agent that rules keep something of: takes samples of its events, and judges a rule that looks back.

mod kept;
mod succession;

use std::sync::Arc;

use tidings_core::{Event, Timestamp};

use super::{
    Firing, RuleSpec,
    layout::{Layout, Tracked},
    progress::{Progress, Seen, Step},
    sight::Sight,
    timers::Due,
};
use crate::{
    Condition, Verdict,
    agents::AgentPattern,
    explain,
    history::Series,
    past::{Absence, Basis, Past},
    path::Frame,
    sample,
    window::Awaited,
};

/// One agent, or a stand-in for one that has not been seen.
#[derive(Debug, Default)]
pub(super) struct Agent {
    pub(super) id: Option<Box<str>>,
    pub(super) layout: Arc<Layout>,
    /// The greatest time of its events, in nanoseconds.
    newest: i64,
    /// Empty before its first event, and where they had to make room.
    pub(super) series: Vec<Series>,
    pub(super) absences: Vec<Absence>,
    pub(super) progress: Vec<Progress>,
    /// Its last event, where something is awaited of it.
    last: Option<Arc<Event>>,
    /// When it was last seen, in events of all agents.
    pub(super) used: u64,
}

impl Agent {
    pub(super) fn new(id: Option<&str>, layout: Arc<Layout>, rules: &[RuleSpec]) -> Self {
        let absences = layout.absences(rules).map(|(_, spec)| Absence::new(spec.after)).collect();
        let progress = std::iter::repeat_with(Progress::default).take(layout.states).collect();
        Self { id: id.map(Box::from), newest: i64::MIN, absences, progress, layout, ..Self::default() }
    }

    /// From now on what is awaited of a named agent counts, or of one that was seen, or of any that a stand-in stands for, unless it
    /// does already. An answer is awaited only once it was asked for.
    pub(super) fn expect(&mut self, rules: &[RuleSpec], now: Timestamp) {
        let (counts, mut begun) = (self.id.is_none() || !self.is_unseen(), Vec::new());
        for (place, (absence, (rule, spec))) in (0..).zip(self.absences.iter_mut().zip(self.layout.absences(rules))) {
            let expected = counts || matches!(rule.agent_id, AgentPattern::Exact(_));
            if expected && absence.since.is_none() && !matches!(spec.awaited, Awaited::Answer(_)) {
                (absence.since, absence.basis) = (Some(now), Basis::Begun);
                begun.push(place);
            }
        }
        self.note_awaited(&begun);
    }

    /// How many states of rules, and things awaited, it has.
    pub(super) const fn states(&self) -> usize {
        self.progress.len() + self.absences.len()
    }

    /// Whether it is known only because a rule names it.
    pub(super) const fn is_unseen(&self) -> bool {
        self.newest == i64::MIN
    }

    /// Takes over what a stand-in awaited for one rule, and how far that is.
    pub(super) fn inherit(&mut self, rule: usize, stand_in: &mut Self) {
        let (Some(own), Some(other)) = (self.layout.find(rule), stand_in.layout.find(rule)) else { return };
        let (own, other) = (&self.layout.rules[own], &stand_in.layout.rules[other]);
        for (place, from) in own.absences.iter().zip(&other.absences) {
            let from = stand_in.absences.get(usize::from(*from)).copied();
            if let (Some(absence), Some(from)) = (self.absences.get_mut(usize::from(*place)), from) {
                *absence = from;
            }
        }
        let (Some(own), Some(other)) = (own.state, other.state) else { return };
        if let (Some(own), Some(other)) = (self.progress.get_mut(own), stand_in.progress.get_mut(other)) {
            *own = Progress::inherited(other);
        }
    }

    /// Makes empty series where there are none; gives how many.
    pub(super) fn open(&mut self, rules: &[RuleSpec]) -> usize {
        if !self.series.is_empty() {
            return 0;
        }
        self.series = self
            .layout
            .series(rules)
            .zip(self.layout.reads())
            .map(|((_, spec), reads)| sample::open(spec.keep, reads))
            .collect();
        self.series.len()
    }

    /// Takes the samples of an event, and notes what it means for what is awaited.
    pub(super) fn take(&mut self, rules: &[RuleSpec], sight: &Sight<'_>) {
        self.newest = self.newest.max(sight.event.timestamp.as_nanos());
        let mut series = self.series.iter_mut();
        for (rule, specs) in self.layout.series_by_rule(rules) {
            let frame = sight.frame(&rule.condition);
            // The series come second: one that has no part in this rule must not be passed over.
            for (spec, series) in specs.zip(series.by_ref()) {
                sample::take(series, spec, &frame, self.newest);
            }
        }
        if self.absences.is_empty() {
            return;
        }
        let mut moved = Vec::new();
        for (place, (absence, (rule, spec))) in (0..).zip(self.absences.iter_mut().zip(self.layout.absences(rules))) {
            if sample::await_on(absence, spec, &sight.frame(&rule.condition), sight.now) {
                moved.push(place);
            }
        }
        self.last = Some(Arc::clone(sight.event));
        self.note_awaited(&moved);
    }

    /// Notes what later events look back to, when the event itself is judged.
    pub(super) fn mark(&mut self, rules: &[RuleSpec], sight: &Sight<'_>) {
        for (series, (rule, spec)) in self.series.iter_mut().zip(self.layout.series(rules)) {
            if matches!(series, Series::Marks(_)) {
                sample::mark(series, spec, &sight.frame(&rule.condition), self.newest);
            }
        }
    }

    /// What one of its rules makes of an event, or of the time that has passed.
    pub(super) fn judge(
        &mut self,
        number: usize,
        rule: &RuleSpec,
        sight: &Sight<'_>,
        admit: impl FnOnce() -> bool,
    ) -> (Verdict, Option<Firing>) {
        let Self { layout, series, absences, progress, newest, .. } = self;
        let Some(tracked) = layout.rules.get(number) else { return (Verdict::No, None) };
        let past = tracked.past((series, absences), *newest, sight);
        let frame = Frame { past: Some(&past), ..sight.frame(&rule.condition) };
        // When only time has passed, only what is awaited has changed.
        let asks = !sight.timed || !tracked.absences.is_empty();
        let main = if asks { rule.condition.judge(&frame) } else { Verdict::Missing };
        let fires = || Firing {
            summary: explain::summary(rule.condition.expression(), &frame),
            ..Firing::of(tracked.rule, sight)
        };
        let Some(progress) = tracked.state.and_then(|state| progress.get_mut(state)) else {
            return match main {
                Verdict::Fire if admit() => (Verdict::Fire, Some(fires())),
                Verdict::Fire => (Verdict::Cooldown, None),
                verdict => (verdict, None),
            };
        };
        let clears = (asks && progress.is_firing()).then(|| judge_ending(rule, &past, sight)).flatten();
        let overdue = past.overdue_since();
        let seen = Seen { main, clears, overdue, event: sight.event, now: sight.now, timed: sight.timed };
        let before = progress.mark();
        let step = progress.advance(&rule.condition, seen, admit);
        end_when_overdue(&step, progress, rule, (&past, sight));
        progress.note_change(before);
        match step {
            Step::Rests(verdict) => (verdict, None),
            Step::Fires => (Verdict::Fire, Some(fires())),
            Step::Resolves(begun) => (Verdict::Resolve, Some(fires().ends(begun))),
        }
    }

    /// When time alone may change one of its rules; `rested` is the end of its cooldown.
    pub(super) fn next_due(
        &self,
        number: usize,
        rule: &RuleSpec,
        now: Timestamp,
        rested: Timestamp,
    ) -> Option<Timestamp> {
        let tracked = self.layout.rules.get(number)?;
        let progress = self.progress.get(tracked.state?)?;
        let absences = tracked.absences.iter().filter_map(|place| self.absences.get(usize::from(*place)));
        // What has come is over, though another rule is still to be told of what came before it.
        let awaited = absences.filter(|absence| absence.basis != Basis::Come).filter_map(Absence::due);
        let awaited = awaited.filter(|due| *due > now).min();
        let own = progress.next_due(&rule.condition, now, rested);
        awaited.into_iter().chain(own).min()
    }

    /// Whether time has changed anything for a rule whose timer has come: an event may have moved away what it was set for.
    pub(super) fn is_due(&self, timer: &Due, rule: &RuleSpec, now: Timestamp) -> bool {
        let Some(tracked) = self.layout.rules.get(timer.rule) else { return false };
        let mut absences = tracked.absences.iter().filter_map(|place| self.absences.get(usize::from(*place)));
        let progress = tracked.state.and_then(|state| self.progress.get(state));
        absences.any(|absence| absence.due().is_some_and(|due| (timer.at..=now).contains(&due)))
            || progress.is_some_and(|progress| progress.is_due(&rule.condition, now))
    }

    /// What a rule speaks of when only time passes: the event that it holds for, or the last one, or one made up.
    pub(super) fn speaks_of(&self, number: usize, now: Timestamp) -> Arc<Event> {
        let held = || {
            let tracked = self.layout.rules.get(number).filter(|tracked| tracked.absences.is_empty())?;
            self.progress.get(tracked.state?)?.event()
        };
        held().or(self.last.as_ref()).map_or_else(|| Arc::new(self.made_up(now)), Arc::clone)
    }

    fn made_up(&self, now: Timestamp) -> Event {
        let event = Event::new("custom.absence").at(now);
        match &self.id {
            Some(id) => event.agent(&**id),
            None => event,
        }
    }

    /// Takes note that a timer of a rule has come; gives the rule's position.
    pub(super) fn disarm(&mut self, number: usize) -> Option<usize> {
        let tracked = self.layout.rules.get(number)?;
        self.progress.get_mut(tracked.state?)?.armed = None;
        Some(tracked.rule)
    }

    /// Undoes the firing of a rule.
    pub(super) fn take_back(&mut self, rule: usize, condition: &Condition, fired: Timestamp) {
        let state = self.layout.find(rule).and_then(|number| self.layout.rules.get(number)?.state);
        if let Some(progress) = state.and_then(|state| self.progress.get_mut(state)) {
            let before = progress.mark();
            progress.take_back(condition, fired);
            progress.note_change(before);
        }
    }

    /// How a rule stands when only time has passed.
    pub(super) fn standing(&self, rule: usize, condition: &Condition, now: Timestamp) -> Option<Verdict> {
        let tracked = self.layout.rules.get(self.layout.find(rule)?)?;
        Some(self.progress.get(tracked.state?)?.standing(condition, now))
    }

    /// Whether nothing but samples would be lost with it.
    pub(super) fn is_idle(&self) -> bool {
        self.absences.is_empty() && self.progress.iter().all(Progress::is_idle)
    }
}

/// What the condition says that ends a firing; nothing where only time has passed and it would hold without that, too.
fn judge_ending(rule: &RuleSpec, past: &Past<'_>, sight: &Sight<'_>) -> Option<Verdict> {
    let judge = |past| rule.condition.judge_resolve(&Frame { past: Some(past), ..sight.frame(&rule.condition) });
    let verdict = judge(past);
    let before = Past { now: Timestamp::from_nanos(i64::MIN), ..*past };
    verdict.filter(|verdict| !past.timed || *verdict != Verdict::Fire || judge(&before) != Some(Verdict::Fire))
}

/// What was overdue before a rule fired has no timer left that would end the firing.
fn end_when_overdue(step: &Step, progress: &mut Progress, rule: &RuleSpec, (past, sight): (&Past<'_>, &Sight<'_>)) {
    let past = Past { timed: true, ..*past };
    let fires = *step == Step::Fires && past.overdue_since().is_some();
    if fires && judge_ending(rule, &past, sight) == Some(Verdict::Fire) {
        progress.clear(sight.event, sight.now);
    }
}

impl Tracked {
    /// What one rule sees of an agent's series and absences.
    fn past<'h>(
        &'h self,
        (series, absences): (&'h [Series], &'h [Absence]),
        newest: i64,
        sight: &Sight<'_>,
    ) -> Past<'h> {
        Past {
            series,
            series_places: &self.series,
            absences,
            absence_places: &self.absences,
            newest,
            now: sight.now,
            timed: sight.timed,
        }
    }
}
