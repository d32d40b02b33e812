//! Which share of the samples is kept since when, and how a share is halved; what the samples say is not asked here.

use crate::history::{
    chance::Chance,
    timeline::{EXACT, Timeline},
};

/// Samples next to each other in time that are halved by their values.
const RUN: usize = 32;
const RUNS: usize = EXACT / RUN;

/// The least share that is told: 2⁻⁶⁰.
const DEEPEST: u32 = 60;

/// How many places are made free at once.
const ROOM: usize = 64;

/// By how many levels new samples are finer than those that were halved last.
const FINER: u32 = 2;

/// How many samples a relaxed level is expected to lead to at most.
const EXPECTED: f64 = 384.0;

/// Levels by time: a sample of level `l` speaks for 2ˡ. Newer samples have lower levels than older ones.
#[derive(Debug, Default)]
pub(super) struct Levels {
    /// From when on which level holds, falling; empty: all have level 0.
    steps: Vec<Step>,
    /// The level of samples to come, from the next one on that is later than all.
    wish: u32,
    chance: Chance,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    since: i64,
    level: u32,
}

impl Levels {
    /// With other coins than those of all others.
    #[cfg(test)]
    pub(super) fn seeded(seed: u64) -> Self {
        let mut levels = Self::default();
        (0..seed).for_each(|_| _ = levels.chance.draw());
        levels
    }

    pub(super) fn are_zero(&self) -> bool {
        self.steps.is_empty()
    }

    /// The level of the newest samples.
    pub(super) fn newest(&self) -> u32 {
        self.steps.last().map_or(0, |step| step.level)
    }

    fn at(&self, time: i64) -> u32 {
        self.steps.iter().rfind(|step| step.since <= time).map_or(0, |step| step.level)
    }

    /// How many samples one of this time speaks for.
    pub(super) fn weight(&self, time: i64) -> f64 {
        (1_u64 << self.at(time)) as f64
    }

    /// Whether one more sample of this time, which has passed a level, passes that of its time: one of two does for
    /// each.
    pub(super) fn admits(&mut self, time: i64, passed: &mut u32) -> bool {
        let level = self.at(time);
        let more = level.saturating_sub(*passed);
        *passed = level;
        more == 0 || self.chance.draw().trailing_zeros() >= more
    }

    /// Forgets the steps that no sample of the window is under.
    pub(super) fn advance(&mut self, inside: impl Fn(i64) -> bool, empty: bool) {
        if empty {
            self.steps.clear();
        }
        while self.steps.get(1).is_some_and(|second| !inside(second.since)) {
            self.steps.remove(0);
        }
        if self.newest() == 0 && self.steps.len() == 1 {
            self.steps.clear();
        }
        self.wish = self.wish.min(self.newest());
    }

    /// Wishes for a level that does for a window of as many samples as it speaks for now.
    pub(super) fn relax(&mut self, samples: &Timeline<f64>) {
        let total: f64 = samples.iter().map(|(at, _)| self.weight(at)).sum();
        let level = (0..DEEPEST).find(|level| total / (1_u64 << level) as f64 <= EXPECTED);
        self.wish = level.map_or(self.wish, |level| level.saturating_sub(FINER).min(self.wish));
    }

    /// Takes new samples under the level wished for, from a time on that is later than all samples.
    pub(super) fn renew(&mut self, time: i64, samples: &Timeline<f64>) {
        if self.wish < self.newest() && samples.last().is_none_or(|(last, _)| time > last) {
            self.steps.push(Step { since: time, level: self.wish });
        }
    }

    /// Makes room, and wishes for new samples that are finer than the old ones: these will be halved by their values,
    /// which is far better than by chance alone.
    pub(super) fn make_room(&mut self, samples: &mut Timeline<f64>) {
        while samples.len() > EXACT - ROOM {
            self.thin(samples);
        }
        self.wish = self.newest().saturating_sub(FINER);
    }

    /// Raises the lowest level by one and halves its samples; a level that is met joins.
    fn thin(&mut self, samples: &mut Timeline<f64>) {
        let lowest = self.steps.pop().unwrap_or(Step { since: i64::MIN, level: 0 });
        let start = if lowest.since == i64::MIN { 0 } else { samples.up_to(lowest.since - 1) };
        let stay = self.halves(samples, start);
        samples.retain(|place, _, _| {
            let bit = place.wrapping_sub(start);
            place < start || stay.get(bit / RUN).is_some_and(|run| run >> (bit % RUN) & 1 == 1)
        });
        let level = (lowest.level + 1).min(DEEPEST);
        if self.steps.last().is_none_or(|step| step.level > level) {
            self.steps.push(Step { level, ..lowest });
        }
    }

    /// One bit for each sample from `start` on: of every two neighbours by value within a run one stays, the lower or
    /// the higher by the toss of one coin. So a run shifts no rank by more than one, where tosses for each sample
    /// would add up.
    fn halves(&mut self, samples: &Timeline<f64>, start: usize) -> [u32; RUNS] {
        let mut stay = [0; RUNS];
        let mut values = samples.values().skip(start);
        for bits in &mut stay {
            let mut run = [(0.0, 0_u32); RUN];
            let mut length = 0;
            for (slot, (place, value)) in run.iter_mut().zip((0..).zip(values.by_ref())) {
                *slot = (value, place);
                length += 1;
            }
            let Some(run) = run.get_mut(..length) else { continue };
            run.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            let coin = (self.chance.draw() & 1) as usize;
            *bits = run.iter().skip(coin).step_by(2).fold(0, |bits, (_, place)| bits | 1 << place);
        }
        stay
    }

    /// The bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.steps.capacity() * size_of::<Step>()
    }
}
