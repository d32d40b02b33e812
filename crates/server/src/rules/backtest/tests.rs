use tidings::{Event, config};

use super::*;

#[test]
fn it_ends_with_whoever_asked() {
    let rules = "
triggers: [{name: a, condition: 'event_type == \"a\"', channels: [inbox]}]
users: {ann: {}}
";
    let (plan, _) = config::load(rules, &config::Options::default()).unwrap();
    let check = |is_there: bool, expected: u64| {
        let (turn, asker) = (Turn::default(), Arc::new(()));
        let began = instant_now();
        let bounds =
            Bounds { began, asker: Arc::downgrade(&asker), _turn: Arc::clone(&turn.0).try_acquire_owned().unwrap() };
        if !is_there {
            drop(asker);
        }
        let (sender, pieces) = mpsc::channel(1);
        let stored = |number: u64| {
            let event = Event::new("a").at(Timestamp::from_secs(1)).id(number.to_string());
            let (id, received) = (event.identity(0), event.timestamp);
            StoredEvent { number, id, event: Arc::new(event), received, judged: None, waiting: false }
        };
        sender.try_send((1..=100).map(stored).collect()).unwrap();
        drop(sender);
        let world = World { plan: plan.clone(), people: Arc::new(tidings::people(&plan)), silences: Vec::new() };
        assert!(turn.0.try_acquire().is_err(), "one at a time");
        let counted = count(&world, plan.rules[0].clone(), None, (pieces, bounds)).unwrap();
        assert_eq!((counted.now.events.read, counted.is_late), (expected, !is_there));
        assert!(turn.0.try_acquire().is_ok(), "the turn ends with it");
    };
    check(true, 100);
    check(false, 1);
}
