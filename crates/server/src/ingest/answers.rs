//! What senders are told: one result an event, in their order, once those that were taken are durable.

use serde::Serialize;
use tidings::{Answer, Event, Notifier};
use utoipa::ToSchema;

use super::items::Items;
use crate::problem::Refusal;

/// The answer to a batch: every event is in one of the three counts.
#[derive(Serialize, ToSchema)]
pub(super) struct Answers {
    /// One for each event, in their order.
    results: Vec<Outcome>,
    /// How many were taken and are new.
    accepted: usize,
    /// How many were taken before, so that nothing new comes of them.
    duplicates: usize,
    /// How many were not taken.
    refused: usize,
}

/// What became of one event.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Outcome {
    /// It is durable.
    Taken {
        /// Its id: `explain` tells what came of it.
        id: String,
        /// Whether it was there before.
        duplicate: bool,
    },
    /// It was not taken.
    Refused {
        /// What is wrong with it.
        error: String,
        /// What the status would be, had it come alone.
        status: u16,
    },
}

/// Hands the events over, and tells what became of each item.
///
/// # Errors
/// If the one event that came is none, or nothing can be taken.
pub(super) async fn take(notifier: &Notifier, items: Items) -> Result<Answers, Refusal> {
    let all = items.into_parts().map_err(|(refusal, count)| {
        notifier.refuse(count as u64);
        refusal
    })?;
    let mut events: Vec<Event> = Vec::with_capacity(all.len());
    let mut refusals = Vec::with_capacity(all.len());
    for item in all {
        match item {
            Ok(event) => {
                events.push(event);
                refusals.push(None);
            }
            Err(refusal) => refusals.push(Some(refusal)),
        }
    }
    let taken = if events.is_empty() { Vec::new() } else { notifier.accept(events).await? };
    let answers = Answers::of(refusals, taken);
    notifier.refuse(answers.refused as u64);
    Ok(answers)
}

impl Answers {
    /// Puts refusals, and what was taken in the places between them, into one order.
    fn of(refusals: Vec<Option<Refusal>>, taken: Vec<Answer>) -> Self {
        let mut taken = taken.into_iter();
        let mut answers = Self { results: Vec::with_capacity(refusals.len()), accepted: 0, duplicates: 0, refused: 0 };
        for refusal in refusals {
            let outcome = match refusal {
                Some(refusal) => Some(answers.refuse(refusal)),
                None => taken.next().map(|answer| answers.book(answer)),
            };
            answers.results.extend(outcome);
        }
        answers
    }

    fn refuse(&mut self, refusal: Refusal) -> Outcome {
        self.refused += 1;
        Outcome::Refused { error: refusal.detail, status: refusal.status.as_u16() }
    }

    fn book(&mut self, answer: Answer) -> Outcome {
        let Answer { id, duplicate } = answer;
        *(if duplicate { &mut self.duplicates } else { &mut self.accepted }) += 1;
        Outcome::Taken { id: id.to_string(), duplicate }
    }
}
