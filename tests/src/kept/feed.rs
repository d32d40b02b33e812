//! Feeds a life from a source at a rate, until the source is through or the process is gone.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;
use tidings::clock::instant_now;

use super::{life::Answers, life::Life, protocol::Order};

/// So many batches wait for their answer at most.
const UNANSWERED: usize = 16;

/// A source's batches, and how far it is.
#[derive(Debug)]
pub(super) struct Feed<'a> {
    batches: &'a [(usize, Vec<Value>)],
    next: usize,
    /// How often it began anew.
    round: usize,
    /// The first batch that this life was given.
    first: usize,
    /// The time between two batches.
    pause: Duration,
    /// The batches that were acknowledged.
    acknowledged: BTreeSet<usize>,
}

impl<'a> Feed<'a> {
    /// At so many events a second.
    pub(super) fn new(batches: &'a [(usize, Vec<Value>)], rate: f64) -> Self {
        let events: usize = batches.iter().map(|(_, events)| events.len()).sum();
        let pause = Duration::from_secs_f64(events as f64 / rate / batches.len().max(1) as f64);
        Self { batches, next: 0, round: 0, first: 0, pause, acknowledged: BTreeSet::new() }
    }

    /// Gives batch after batch; ends when there is none left, or nobody there. What was written and not answered is not written
    /// again: the source never resends.
    pub(super) async fn run(&mut self, life: &mut Life) {
        self.run_for(life, Duration::MAX).await;
    }

    /// The same for no longer than this; it ends between two batches.
    pub(super) async fn run_for(&mut self, life: &mut Life, limit: Duration) {
        self.first = self.next;
        self.give(life, limit).await;
    }

    /// Gives half of what there is, or the rest of it.
    pub(super) async fn run_half(&mut self, life: &mut Life) {
        let (all, half) = (self.batches, self.batches.len() / 2);
        let end = if self.next < half { half } else { all.len() };
        self.batches = all.get(..end).unwrap_or(all);
        self.run(life).await;
        self.batches = all;
    }

    /// Goes on with the same life.
    pub(super) async fn go_on(&mut self, life: &mut Life) {
        self.give(life, Duration::MAX).await;
    }

    async fn give(&mut self, life: &mut Life, limit: Duration) {
        let (started, first, answered) = (instant_now(), self.next, life.answers().len());
        while let Some((door, events)) = self.batches.get(self.next).filter(|_| started.elapsed() < limit) {
            let due = self.pause * u32::try_from(self.next - first).unwrap_or(u32::MAX);
            tokio::time::sleep(due.saturating_sub(started.elapsed())).await;
            if !has_room(life, answered + self.next - first).await {
                return;
            }
            let order = Order::Accept { number: self.name(self.next), door: *door, events: events.clone() };
            self.next += 1;
            if !life.order(&order).await {
                return;
            }
        }
    }

    /// Begins at the front again: a source that resends everything.
    pub(super) const fn rewind(&mut self) {
        self.next = 0;
        self.round += 1;
    }

    /// What a batch is called in orders and answers.
    const fn name(&self, batch: usize) -> u64 {
        (self.round * self.batches.len() + batch) as u64
    }

    /// Waits until this life has answered all that it was given.
    pub(super) async fn answered(&self, life: &mut Life, doors: usize) -> Result<(), String> {
        // A door answers in order: the answer to its last batch is the answer to all.
        for number in (0..doors).filter_map(|door| self.last_of(door)) {
            life.answered(number).await.ok_or("the process ended by itself")??;
        }
        Ok(())
    }

    /// Takes in what a life has answered.
    pub(super) fn note(&mut self, answers: &Answers) {
        let taken = answers.iter().filter(|(_, answer)| answer.is_ok());
        self.acknowledged
            .extend(taken.filter_map(|(number, _)| usize::try_from(*number).ok()?.checked_rem(self.batches.len())));
    }

    /// The last batch that this life was given by this door.
    fn last_of(&self, door: usize) -> Option<u64> {
        let given = self.batches.get(self.first..self.next)?;
        given.iter().rposition(|(other, _)| *other == door).map(|batch| self.name(self.first + batch))
    }

    /// The numbers of all events that were acknowledged.
    pub(super) fn acknowledged(&self) -> BTreeSet<usize> {
        let batches = self.acknowledged.iter().filter_map(|batch| self.batches.get(*batch));
        let events = batches.flat_map(|(_, events)| events);
        events.filter_map(|event| usize::try_from(event["data"]["seq"].as_u64()?).ok()).collect()
    }
}

/// Waits until not too many of so many batches are unanswered; `false` if nobody will answer.
async fn has_room(life: &mut Life, given: usize) -> bool {
    while life.answers().len() + UNANSWERED <= given {
        if life.is_gone() {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    true
}
