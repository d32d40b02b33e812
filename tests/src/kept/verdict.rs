//! What must hold when all is over: nothing acknowledged is lost, nothing is told twice but what was in flight at a kill, everybody
//! was told what a run without any kill would have told, and all accounts close. What became of each notification is left to `fates`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    arrivals::{Arrival, arrivals, lives},
    fates,
    protocol::Report,
    straight::notifications,
    world::World,
};

/// The most requests that are in flight at a kill: 16 to a sink, as many to each channel.
const IN_FLIGHT: usize = 16;
/// The most events that an in-process sink is called with again after a kill.
const PAGE: usize = 64;

/// A case that is over.
#[derive(Debug)]
pub struct Case<'a> {
    /// Where it took place.
    pub world: &'a World,
    /// All events of the source, by their number.
    pub events: &'a [Value],
    /// The numbers of those that were acknowledged.
    pub acknowledged: &'a BTreeSet<usize>,
    /// How often the process was killed.
    pub kills: usize,
    /// What the last life told at its end.
    pub report: &'a Report,
}

/// What a case counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that were acknowledged.
    pub acknowledged: usize,
    /// Events in the store.
    pub stored: usize,
    /// Deliveries that were sent twice.
    pub twice: usize,
    /// Notifications that arrived.
    pub told: usize,
}

impl Case<'_> {
    /// Counts, and checks.
    ///
    /// # Errors
    /// What does not hold.
    pub async fn check(&self) -> Result<Counts, String> {
        let counts = self.check_all_but_words()?;
        self.check_told(&arrivals(&self.world.pager.taken())).await?;
        Ok(counts)
    }

    /// The same, but for what users were told.
    pub(super) fn check_all_but_words(&self) -> Result<Counts, String> {
        let sent = self.world.sink.as_ref().map(|sink| arrivals(&sink.taken())).unwrap_or_default();
        let told = arrivals(&self.world.pager.taken());
        let (rung, asked) = (arrivals(&self.world.phone.taken()), arrivals(&self.world.desk.asked()));
        self.check_books(distinct(&sent) + distinct(&told) + distinct(&rung))?;
        fates::check(self.world, self.report, 0)?;
        let stored = self.check_stored()?;
        self.check_sent(&sent, &stored)?;
        self.check_seen(&stored)?;
        let taken = self.repeats("sink", &sent)? + self.repeats("pager", &told)? + self.repeats("phone", &rung)?;
        let twice = taken + self.repeats("desk", &asked)?;
        let (acknowledged, stored, told) = (self.acknowledged.len(), stored.len(), distinct(&told));
        Ok(Counts { acknowledged, stored, twice, told })
    }

    /// The accounts of the last life, the store's over all lives, and the log's numbers.
    fn check_books(&self, arrived: usize) -> Result<(), String> {
        let (report, census) = (self.report, &self.report.census);
        require(report.unbalanced.is_none(), || format!("the account: {:?}", report.unbalanced))?;
        require(report.gap.is_none(), || format!("the log has a gap: {:?}", report.gap))?;
        let entries: u64 = report.steps.values().sum();
        require(entries == census.entries, || format!("{entries} entries are told, {census:?}"))?;
        require(census.waiting == 0 && census.open == 0, || format!("something is not settled: {census:?}"))?;
        let settled = census.delivered + census.dead + census.expired;
        require(census.deliveries == settled, || format!("deliveries do not close: {census:?}"))?;
        let notified = census.complete + census.incomplete + census.failed;
        require(census.notifications == notified, || format!("notifications do not close: {census:?}"))?;
        require(census.delivered == arrived as u64, || format!("{arrived} deliveries arrived: {census:?}"))
    }

    /// Everything that was acknowledged is in the store, once. Gives what is there, in its order.
    fn check_stored(&self) -> Result<Vec<usize>, String> {
        let stored: Vec<_> = self.report.events.iter().map(|seq| usize::try_from(*seq).unwrap_or(usize::MAX)).collect();
        let set: BTreeSet<_> = stored.iter().copied().collect();
        require(set.len() == stored.len(), || "an event is stored twice".to_owned())?;
        require(stored.len() as u64 == self.report.census.events, || "the census counts other events".to_owned())?;
        let lost: Vec<_> = self.acknowledged.difference(&set).take(5).collect();
        require(lost.is_empty(), || format!("acknowledged, and not in the store: {lost:?}…"))?;
        Ok(stored)
    }

    fn check_sent(&self, sent: &[Arrival], stored: &[usize]) -> Result<(), String> {
        if self.world.sink.is_none() {
            return Ok(());
        }
        let mut ids = BTreeMap::<usize, BTreeSet<&str>>::new();
        for arrival in sent {
            let seq = arrival.body["data"]["seq"].as_u64().and_then(|seq| usize::try_from(seq).ok());
            ids.entry(seq.ok_or("the sink got something that is no event of ours")?)
                .or_default()
                .insert(&arrival.delivery);
        }
        let lost: Vec<_> = stored.iter().filter(|seq| !ids.contains_key(seq)).take(5).collect();
        require(lost.is_empty(), || format!("stored, and never sent: {lost:?}…"))?;
        require(ids.len() == stored.len(), || "the sink got events that are not stored".to_owned())?;
        let many: Vec<_> = ids.iter().filter(|(_, ids)| ids.len() > 1).take(5).collect();
        require(many.is_empty(), || format!("one event under several ids: {many:?}"))
    }

    /// The in-process sink was called with everything, and again at most with a page at each kill.
    fn check_seen(&self, stored: &[usize]) -> Result<(), String> {
        let text = std::fs::read_to_string(self.world.path("seen")).map_err(|error| error.to_string())?;
        let seen: Vec<usize> = text.lines().filter_map(|line| line.parse().ok()).collect();
        let set: BTreeSet<_> = seen.iter().copied().collect();
        let missed: Vec<_> = stored.iter().filter(|seq| !set.contains(seq)).take(5).collect();
        require(missed.is_empty(), || format!("the callback never saw {missed:?}…"))?;
        let again = seen.len() - set.len();
        require(again <= self.kills * PAGE, || format!("the callback saw {again} events again"))
    }

    /// Users were told what a run without a kill would have told them, and the end of nothing before its beginning.
    async fn check_told(&self, told: &[Arrival]) -> Result<(), String> {
        let stored = self.report.events.iter().filter_map(|seq| self.events.get(usize::try_from(*seq).ok()?));
        let events: Vec<_> = stored.cloned().collect();
        let wanted = notifications(self.world, &events).await;
        let got: BTreeSet<_> = told.iter().map(|arrival| text(arrival, "notification_id")).collect();
        let missing: Vec<_> = wanted.iter().filter(|(id, _)| !got.contains(*id)).take(3).collect();
        require(missing.is_empty(), || format!("nobody was told {missing:?}… of {}", wanted.len()))?;
        let other: Vec<_> =
            told.iter().filter(|arrival| !wanted.contains_key(&text(arrival, "notification_id"))).collect();
        let some: Vec<_> = other.iter().take(3).collect();
        require(other.is_empty(), || format!("told, and should not have been ({}): {some:#?}", other.len()))?;
        self.check_order(told)
    }

    fn check_order(&self, told: &[Arrival]) -> Result<(), String> {
        let mut begun = BTreeSet::new();
        for arrival in told {
            let (metadata, user) = (&arrival.body["metadata"], text(arrival, "user_id"));
            let key = (metadata["incident"].to_string(), user);
            if metadata["kind"] == "firing" {
                begun.insert(key);
            } else {
                require(begun.contains(&key), || format!("an end before its beginning: {arrival:?}"))?;
            }
        }
        Ok(())
    }

    /// How many deliveries arrived more than once: never within one life, and no more than were in flight at a kill.
    fn repeats(&self, receiver: &str, arrivals: &[Arrival]) -> Result<usize, String> {
        let mut repeats = 0;
        for (delivery, lives) in lives(arrivals) {
            let different: BTreeSet<_> = lives.iter().collect();
            require(different.len() == lives.len(), || format!("{receiver}: {delivery} twice in one life: {lives:?}"))?;
            repeats += lives.len() - 1;
        }
        let most = self.kills * IN_FLIGHT;
        require(repeats <= most, || format!("{receiver}: {repeats} sends again, at most {most} were in flight"))?;
        Ok(repeats)
    }
}

fn text(arrival: &Arrival, key: &str) -> String {
    arrival.body[key].as_str().unwrap_or_default().to_owned()
}

fn distinct(arrivals: &[Arrival]) -> usize {
    lives(arrivals).len()
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
