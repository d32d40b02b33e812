//! The [`Store`] trait on the file: each method encodes what it is given where it is called, and has the writer or a reader do the
//! rest.

use std::{sync::Arc, time::Duration};

use tidings_core::{BoxFuture, DeliveryId, EventId, NotificationId, Timestamp};

use super::{
    SqliteStore,
    accept::{self, Incoming},
    claim, document,
    finish::{self, Finishing},
    inbox,
    plan::{self, Batch},
    purge::{self, Ceilings},
    read::signed,
    registry,
    resume::{self, Resumed},
    takeover,
    writer::{Arrow, Label},
};
use crate::{
    Answer, Store,
    model::{
        Acceptance, Census, Claim, Claimed, Cooldown, Deferrals, Deferred, Disabled, Document, DocumentChange,
        DocumentKind, Entry, EventRange, Finish, InboxBounds, InboxMessage, InboxPlace, InboxRow, KeptState, Lease,
        LogFilter, NewDelivery, Offer, Outcome, Outstanding, Page, Pending, Purged, Put, Recovered, Resumption,
        RuleBatch, RuleOutcome, RulePlan, RuleSetVersion, SetBack, Settled, StoredEvent, StoredNotification, UserBatch,
        UserOutcome, Waiting,
    },
    ready,
};

/// Whether a delivery certainly ends without having arrived, whatever stands in for it.
const fn gives_up(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Dead | Outcome::Gone | Outcome::Expired | Outcome::Withdrawn(_))
}

impl Store for SqliteStore {
    fn durable(&self) -> bool {
        true
    }

    fn take_over(&self, shifts_rules: bool, now: Timestamp) -> Answer<'_, Recovered> {
        let taken = self.write(Label::durable(None), move |work| takeover::take_over(work, shifts_rules, now));
        Box::pin(async move {
            let recovered = taken.await?;
            self.shared.hints.wake_all();
            Ok(recovered)
        })
    }

    fn accept<'a>(&'a self, offers: &'a [Offer], now: Timestamp) -> Answer<'a, Vec<Acceptance>> {
        let incoming: Vec<_> = offers.iter().map(Incoming::of).collect();
        self.write(Label::durable(Some(Arrow::Accept)), move |work| accept::accept(work, &incoming, now))
    }

    fn plan_rule<'a>(&'a self, batch: &'a RuleBatch, now: Timestamp) -> Answer<'a, Vec<RuleOutcome>> {
        // A plan that gives nothing waits for no disk: after a power cut its events are planned again, from where the rules were then.
        let gives = batch.plans.is_empty() || batch.plans.iter().any(RulePlan::gives);
        let batch = Batch::of(batch);
        let label = Label { arrow: Some(Arrow::Plan), durable: gives };
        self.write(label, move |work| plan::plan_rule(work, &batch, now))
    }

    fn plan_user<'a>(&'a self, batch: &'a UserBatch, now: Timestamp) -> Answer<'a, Vec<UserOutcome>> {
        let batch = plan::Direct::of(batch);
        self.write(Label::durable(Some(Arrow::Plan)), move |work| plan::plan_user(work, &batch, now))
    }

    fn claim(&self, claim: Claim, now: Timestamp) -> Answer<'_, Claimed> {
        if self.commands.is_some() && self.shared.outstanding(&claim.endpoint).total() == 0 {
            return ready(Claimed::default());
        }
        Box::pin(async move {
            let endpoint = Arc::clone(&claim.endpoint);
            let run = move |work: &mut super::Work| claim::claim(work, &claim, now);
            let leased = self.write(Label::soft(Some(Arrow::Claim)), run).await?;
            let lent: Vec<_> = leased.rows.iter().map(|row| (row.number, row.fence)).collect();
            let dressed = self.dress(leased, Arc::clone(&endpoint)).await;
            if dressed.is_err() {
                let run = move |work: &mut super::Work| claim::give_back(work, &lent, &endpoint, now);
                // Where this fails as well the leases run out in their time; the first error is the one that matters.
                drop(self.write(Label::soft(None), run).await);
            }
            dressed
        })
    }

    fn finish(&self, finishes: Vec<Finish>, now: Timestamp) -> Answer<'_, Vec<Settled>> {
        let gives_up = finishes.iter().any(|finish| gives_up(&finish.outcome));
        let arrow = if gives_up { Arrow::GiveUp } else { Arrow::Finish };
        let finishes: Vec<_> = finishes.into_iter().map(Finishing::of).collect();
        self.write(Label::durable(Some(arrow)), move |work| finish::finish(work, &finishes, now))
    }

    fn release<'a>(&'a self, endpoint: &'a str, now: Timestamp) -> Answer<'a, u64> {
        let endpoint: Arc<str> = endpoint.into();
        self.write(Label::soft(None), move |work| claim::release(work, &endpoint, now))
    }

    fn hasten<'a>(&'a self, endpoint: &'a str, deliveries: &'a [DeliveryId], now: Timestamp) -> Answer<'a, u64> {
        let (endpoint, deliveries): (Arc<str>, Vec<_>) = (endpoint.into(), deliveries.to_vec());
        self.write(Label::soft(None), move |work| claim::hasten(work, (&endpoint, &deliveries), now))
    }

    fn outstanding<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Outstanding> {
        if self.commands.is_some() {
            return ready(self.shared.outstanding(endpoint));
        }
        let owed = self.read(|reader| reader.owed());
        Box::pin(async move {
            let found = owed.await?.into_iter().find(|(waiting, _)| waiting.endpoint == endpoint);
            let counted =
                |(waiting, leased): (Waiting, u64)| Outstanding { ready: waiting.count - leased, leased, lost: 0 };
            Ok(found.map(counted).unwrap_or_default())
        })
    }

    fn waiting(&self) -> Answer<'_, Vec<Waiting>> {
        if self.commands.is_some() {
            return ready(self.shared.waiting());
        }
        self.read(|reader| Ok(reader.owed()?.into_iter().map(|(waiting, _)| waiting).collect()))
    }

    fn abandon<'a>(&'a self, _endpoint: &'a str) -> Answer<'a, Vec<Arc<NewDelivery>>> {
        ready(Vec::new())
    }

    fn wait_for_work<'a>(&'a self, endpoint: &'a str, limit: Duration) -> BoxFuture<'a, ()> {
        let hint = self.shared.hints.of(endpoint);
        Box::pin(async move {
            // Running out of time is an answer as good as a hint.
            drop(tokio::time::timeout(limit, hint.notified()).await);
        })
    }

    fn events<'a>(&'a self, range: &'a EventRange, limit: usize) -> Answer<'a, Vec<StoredEvent>> {
        let range = range.clone();
        self.read(move |reader| reader.events(&range, limit))
    }

    fn event(&self, id: EventId) -> Answer<'_, Option<StoredEvent>> {
        self.read(move |reader| reader.event(id))
    }

    fn notification(&self, id: NotificationId) -> Answer<'_, Option<StoredNotification>> {
        self.read(move |reader| reader.notification(id))
    }

    fn delivery(&self, id: DeliveryId) -> Answer<'_, Option<(Lease, Timestamp)>> {
        self.read(move |reader| reader.delivery(id))
    }

    fn log_query<'a>(&'a self, filter: &'a LogFilter, page: Page) -> Answer<'a, Vec<Entry>> {
        let filter = filter.clone();
        self.read(move |reader| reader.log_query(&filter, page))
    }

    fn states(&self) -> Answer<'_, Vec<KeptState>> {
        self.read(super::Reader::states)
    }

    fn cooldowns(&self, since: Timestamp) -> Answer<'_, Vec<Cooldown>> {
        self.read(move |reader| reader.cooldowns(since))
    }

    fn put_rule_set<'a>(&'a self, version: &'a RuleSetVersion) -> Answer<'a, u64> {
        let (first, since, content) = (signed(version.from), version.since, version.content.to_string());
        self.write(Label::durable(None), move |work| registry::put_rule_set(work, first, since, &content))
    }

    fn rule_set(&self, event: u64) -> Answer<'_, Option<RuleSetVersion>> {
        self.read(move |reader| reader.rule_set(event))
    }

    fn set_backs(&self) -> Answer<'_, Vec<SetBack>> {
        self.read(|reader| Ok(reader.counters()?.told_set_backs()))
    }

    fn cursor<'a>(&'a self, sink: &'a str) -> Answer<'a, Option<u64>> {
        let sink = sink.to_owned();
        self.read(move |reader| reader.cursor(&sink))
    }

    fn advance<'a>(&'a self, sink: &'a str, number: u64) -> Answer<'a, ()> {
        let sink = sink.to_owned();
        self.write(Label::soft(None), move |work| registry::advance(work, &sink, signed(number)))
    }

    fn disabled(&self) -> Answer<'_, Vec<Disabled>> {
        self.read(|reader| reader.disabled())
    }

    fn enable<'a>(&'a self, endpoint: &'a str, address: Option<&'a str>, now: Timestamp) -> Answer<'a, bool> {
        let (endpoint, address) = (endpoint.to_owned(), address.map(str::to_owned));
        self.write(Label::durable(None), move |work| registry::enable(work, &endpoint, address.as_deref(), now))
    }

    fn inbox_append<'a>(
        &'a self,
        messages: &'a [InboxMessage],
        keep: usize,
        now: Timestamp,
    ) -> Answer<'a, Vec<InboxPlace>> {
        let messages = messages.to_vec();
        // The delivery that it is of is written down for the disk right after, in the same log: a power cut before that takes both, and the
        // message is appended again.
        self.write(Label::soft(None), move |work| inbox::append(work, &messages, keep, now))
    }

    fn inbox_since<'a>(&'a self, user: &'a str, after: u64, limit: usize) -> Answer<'a, Vec<InboxRow>> {
        let user = user.to_owned();
        self.read(move |reader| reader.inbox_since(&user, after, limit))
    }

    fn inbox_mark_read<'a>(&'a self, user: &'a str, places: &'a [u64]) -> Answer<'a, u64> {
        let (user, places) = (user.to_owned(), places.to_vec());
        self.write(Label::durable(None), move |work| inbox::mark_read(work, &user, &places))
    }

    fn inbox_bounds<'a>(&'a self, user: &'a str) -> Answer<'a, InboxBounds> {
        let user = user.to_owned();
        self.read(move |reader| reader.inbox_bounds(&user))
    }

    fn deferred<'a>(&'a self, which: &'a Deferrals, limit: usize) -> Answer<'a, Vec<Deferred>> {
        let which = which.clone();
        self.read(move |reader| reader.deferred(&which, limit))
    }

    fn resume<'a>(&'a self, batch: &'a Resumption, now: Timestamp) -> Answer<'a, Vec<bool>> {
        let batch = Resumed::of(batch);
        self.write(Label::durable(Some(Arrow::Plan)), move |work| resume::resume(work, &batch, now))
    }

    fn pending(&self) -> Answer<'_, Pending> {
        if self.commands.is_some() {
            return ready(self.shared.pending());
        }
        self.read(|reader| Ok(reader.counters()?.waits.told()))
    }

    fn documents(&self, kind: DocumentKind) -> Answer<'_, Vec<Document>> {
        self.read(move |reader| reader.documents(kind))
    }

    fn document<'a>(&'a self, kind: DocumentKind, id: &'a str) -> Answer<'a, Option<Document>> {
        let id = id.to_owned();
        self.read(move |reader| reader.document(kind, &id))
    }

    fn put_documents<'a>(&'a self, changes: &'a [DocumentChange], now: Timestamp) -> Answer<'a, Vec<Put>> {
        let changes = changes.to_vec();
        self.write(Label::durable(None), move |work| document::put(work, &changes, now))
    }

    fn purge(&self, before: Timestamp, limit: usize) -> Answer<'_, Purged> {
        Box::pin(async move {
            let counters = self.shared.counters();
            let last = (counters.events.last, counters.notifications.last);
            let ceilings = self
                .read(move |reader| reader.snapshot(|reader| Ok(Ceilings::look(&reader.connection, last)?)))
                .await?;
            let run = move |work: &mut super::Work| purge::purge(work, before, limit, ceilings);
            self.write(Label::durable(None), run).await
        })
    }

    fn census(&self) -> Answer<'_, Census> {
        if self.commands.is_some() {
            return ready(self.shared.counters().census);
        }
        self.read(|reader| Ok(reader.counters()?.census))
    }
}
