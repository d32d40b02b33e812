//! What is told later in a file of past events: at its own time, between two events.

use super::*;

fn of(second: i64, n: u32) -> Event {
    Event::new("tool.slow").agent("a").at(at(NIGHT + second)).data(json!({"n": n}))
}

async fn run(wishes: Value, rules: Vec<Rule>, events: Vec<Event>) -> (Account, Vec<Notification>) {
    let (builder, letters) = of_ann(&wishes);
    let builder = rules.into_iter().fold(builder, Builder::rule);
    let notifier = start(builder.event_time()).await;
    notifier.accept(events).await.unwrap();
    let account = crate::stop(&notifier).await;
    (account, letters.all())
}

#[tokio::test]
async fn what_is_due_between_two_events_is_told_at_its_time() {
    let events = vec![of(0, 1), of(60, 2), of(9 * 3_600, 3)];
    let (account, told) = run(quiet(), vec![rule("slow")], events).await;
    let titles: Vec<_> = told.iter().map(|told| &*told.title).collect();
    assert_eq!(titles, ["1", "2", "3"]);
    assert_eq!((account.deliveries.held, account.deliveries.delivered), (0, 3));
}

#[tokio::test]
async fn each_hour_has_its_digest_and_the_last_comes_at_the_end() {
    let wishes = json!({"digest": {"every": "hourly", "max_priority": "medium", "channel": "letters"}});
    let events = (0..300).map(|n| of(i64::from(n) * 60, n)).collect();
    let (account, told) = run(wishes, vec![rule("slow")], events).await;
    let titles: Vec<_> = told.iter().map(|told| &*told.title).collect();
    assert_eq!(titles, ["60 notifications from a"; 5]);
    let times: Vec<_> = told.iter().map(|told| told.created_at.as_secs() - NIGHT).collect();
    assert_eq!(times, [3_600, 7_200, 10_800, 14_400, 299 * 60], "the last is told as of the last event");
    assert_eq!((account.deliveries.digested, account.deliveries.delivered), (300, 5));
}

#[tokio::test]
async fn what_comes_due_by_time_alone_has_its_place_in_the_digest() {
    let wishes = json!({"digest": {"every": "hourly", "max_priority": "medium", "channel": "letters"}});
    let silent = Rule::new("quiet", "silent(10m)").unwrap().priority(Priority::Medium).channels(["letters"]);
    let events = vec![of(0, 1), of(60, 2), of(5 * 3_600, 3)];
    let (_, told) = run(wishes, vec![rule("slow"), silent], events).await;
    let titles: Vec<_> = told.iter().map(|told| &*told.title).collect();
    assert_eq!(titles, ["3 notifications from a", "1 notification from a"], "one for each hour");
}

#[tokio::test]
async fn what_is_held_at_the_end_of_a_file_stays_so() {
    let (account, told) = run(quiet(), vec![rule("slow")], vec![of(0, 1)]).await;
    assert_eq!((account.deliveries.held, told.len()), (1, 0));
}
