//! Another configuration for a program's notifier: who asks while another one is at it, and who gives up half-way.

use tidings::{
    Builder, Error, Notifier,
    config::{Options, Plan, load},
};

fn plan(rules: &[&str]) -> Plan {
    let rules: String =
        rules.iter().map(|rule| format!("  - {{name: {rule}, condition: x > 5, channels: [log]}}\n")).collect();
    let text = format!("triggers:\n{rules}users: {{ann: {{}}}}\n");
    load(&text, &Options::default()).unwrap_or_else(|problems| panic!("{problems:#?}")).0
}

async fn running() -> Notifier {
    Builder::from_plan(plan(&["first"])).unwrap().build().unwrap().start().await.unwrap()
}

fn standing(notifier: &Notifier) -> (Vec<String>, Vec<String>) {
    let rules = notifier.plan().unwrap().rules.iter().map(|rule| rule.name.clone()).collect();
    (rules, notifier.rules().iter().map(|rule| rule.name().to_owned()).collect())
}

#[tokio::test]
async fn of_two_at_once_one_is_told_to_come_again() {
    let notifier = running().await;
    let (one, two) = tokio::join!(notifier.reload(plan(&["one"])), notifier.reload(plan(&["two"])));
    assert!(one.is_ok(), "{one:?}");
    assert!(matches!(two, Err(Error::Reloading)), "{two:?}");
    assert_eq!(standing(&notifier), (vec!["one".to_owned()], vec!["one".to_owned()]));
    let (difference, _) = notifier.reload(plan(&["two"])).await.unwrap();
    assert_eq!((difference.rules.added, difference.rules.removed), (vec!["two".to_owned()], vec!["one".to_owned()]));
    notifier.stop().await;
    assert!(notifier.reload(plan(&["late"])).await.is_err());
    assert_eq!(standing(&notifier).0, ["two"]);
}

#[tokio::test]
async fn who_gives_up_half_way_leaves_one_configuration() {
    let notifier = running().await;
    tokio::select! {
        biased;
        _ = notifier.reload(plan(&["next"])) => unreachable!("the worker has not had its turn"),
        () = std::future::ready(()) => {}
    }
    let last = loop {
        match notifier.reload(plan(&["next", "last"])).await {
            Err(Error::Reloading) => tokio::task::yield_now().await,
            other => break other.unwrap().0,
        }
    };
    assert_eq!((last.rules.added, last.rules.kept), (vec!["last".to_owned()], 1));
    let both = vec!["next".to_owned(), "last".to_owned()];
    assert_eq!(standing(&notifier), (both.clone(), both));
    notifier.stop().await;
}
