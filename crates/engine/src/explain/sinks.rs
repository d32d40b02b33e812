//! What each sink made of an event: whether it wants it, and where its delivery is.

use tidings_core::{DeliveryId, EventId};
use tidings_policy::{EventFilter, EventPattern};
use tidings_store::{Store, StoreError, StoredEvent};

use super::{
    deliveries::{self, Sought},
    found::{Found, Log},
    told::{DeliveryTold, SinkTold, SinkWish},
    version::{KeptSink, Version},
};

/// All sinks; where one delivery is meant, its own.
pub(super) async fn tell_all(
    store: &dyn Store,
    found: &Found,
    log: &Log,
    version: &Version,
) -> Result<Vec<SinkTold>, StoreError> {
    let Some(cause) = found.cause.filter(|_| found.notification.is_none()) else { return Ok(Vec::new()) };
    let mut told = Vec::with_capacity(version.sinks.len());
    if let Some(event) = &found.event {
        let is_meant = |sink: &&KeptSink| {
            found.delivery.is_none_or(|delivery| delivery == DeliveryId::of_event(cause, &sink.name))
        };
        for sink in version.sinks.iter().filter(is_meant) {
            told.push(tell(store, event, log, sink).await?);
        }
    }
    for endpoint in only_logged(log, &told) {
        let delivery = Some(delivery(store, cause, log, &endpoint).await?);
        told.push(SinkTold { sink: endpoint, wish: SinkWish::Wanted, delivery, called: None });
    }
    Ok(told)
}

async fn tell(store: &dyn Store, event: &StoredEvent, log: &Log, sink: &KeptSink) -> Result<SinkTold, StoreError> {
    let wish = sink.filter.as_ref().map_or(SinkWish::Unknown, |filter| wish(filter, event));
    let mut told = SinkTold { sink: sink.name.clone(), wish, delivery: None, called: None };
    if told.wish != SinkWish::Wanted || event.waiting && sink.network {
        return Ok(told);
    }
    if sink.network {
        told.delivery = Some(delivery(store, event.id, log, &sink.name).await?);
    } else {
        told.delivery = failed(store, event.id, log, &sink.name).await?;
        // In front of a store in memory a sink is handed its events, and nobody notes how far it is.
        told.called = store.cursor(&sink.name).await?.map(|number| number >= event.number);
    }
    Ok(told)
}

/// The calls of an in-process sink that failed, or the event for which it had no room. It has no deliveries: what went well leaves
/// no entry.
async fn failed(store: &dyn Store, event: EventId, log: &Log, sink: &str) -> Result<Option<DeliveryTold>, StoreError> {
    let id = DeliveryId::of_event(event, sink);
    match log.entries.iter().any(|entry| entry.delivery == Some(id)) {
        true => delivery(store, event, log, sink).await.map(Some),
        false => Ok(None),
    }
}

async fn delivery(store: &dyn Store, event: EventId, log: &Log, endpoint: &str) -> Result<DeliveryTold, StoreError> {
    let id = DeliveryId::of_event(event, endpoint);
    deliveries::tell(store, &log.entries, Sought { id, endpoint: endpoint.to_owned(), after: Vec::new() }).await
}

fn wish(filter: &EventFilter, event: &StoredEvent) -> SinkWish {
    let least = filter.min_severity.filter(|least| event.event.severity < *least);
    if let Some(least) = least {
        return SinkWish::Severity { least };
    }
    if filter.wants(&event.event) {
        return SinkWish::Wanted;
    }
    SinkWish::Type { events: filter.events.iter().map(EventPattern::to_string).collect() }
}

/// Sinks that have entries and are not told of yet: what the event was judged by is not known, or it is kept no more.
fn only_logged(log: &Log, told: &[SinkTold]) -> Vec<String> {
    let mut endpoints: Vec<String> = Vec::new();
    let of_sinks = log.entries.iter().filter(|entry| entry.notification.is_none() && entry.delivery.is_some());
    for endpoint in of_sinks.filter_map(|entry| entry.endpoint.as_ref()) {
        if !endpoints.contains(endpoint) && told.iter().all(|sink| sink.sink != *endpoint) {
            endpoints.push(endpoint.clone());
        }
    }
    endpoints
}
