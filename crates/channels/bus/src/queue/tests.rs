//! The queue against its rule, written down a second time as plainly as it can be.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    Push(Severity),
    Take,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop::sample::select(Severity::ALL.to_vec()).prop_map(Step::Push),
        1 => Just(Step::Take),
    ]
}

/// One list, searched for what has to go.
#[derive(Default)]
struct Plain {
    held: Vec<(usize, Severity)>,
    untold: u64,
}

impl Plain {
    fn push(&mut self, number: usize, severity: Severity, capacity: usize) {
        self.held.push((number, severity));
        if self.held.len() > capacity {
            let lowest = self.held.iter().map(|(_, severity)| *severity).min().unwrap();
            let gone = self.held.iter().position(|(_, severity)| *severity == lowest).unwrap();
            self.held.remove(gone);
            self.untold += 1;
        }
    }

    fn take(&mut self) -> String {
        if self.untold > 0 {
            format!("missed {}", std::mem::take(&mut self.untold))
        } else if self.held.is_empty() {
            "nothing".to_owned()
        } else {
            self.held.remove(0).0.to_string()
        }
    }
}

fn told(taken: Poll<Option<Received>>) -> String {
    match taken {
        Poll::Ready(Some(Received::Missed(count))) => format!("missed {count}"),
        Poll::Ready(Some(Received::Event(event))) => event.event_type.clone(),
        Poll::Ready(None) => "end".to_owned(),
        Poll::Pending => "nothing".to_owned(),
    }
}

proptest! {
    #[test]
    fn the_oldest_of_the_lowest_severity_goes_and_every_one_is_counted(
        capacity in 1usize..6,
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let (queue, mut plain) = (Queue::new(capacity), Plain::default());
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Push(severity) => {
                    queue.push(&Arc::new(Event::new(number.to_string()).severity(severity)));
                    plain.push(number, severity, capacity);
                }
                Step::Take => prop_assert_eq!(told(queue.take(None)), plain.take()),
            }
        }
        queue.close();
        loop {
            match plain.take().as_str() {
                "nothing" => break,
                expected => prop_assert_eq!(told(queue.take(None)), expected),
            }
        }
        prop_assert_eq!(told(queue.take(None)), "end");
    }
}

#[test]
fn a_queue_without_room_still_has_one_place() {
    let queue = Queue::new(0);
    queue.push(&Arc::new(Event::new("a")));
    assert_eq!(told(queue.take(None)), "a");
}

#[test]
fn what_comes_after_the_end_is_not_kept() {
    let queue = Queue::new(1);
    queue.close();
    assert!(queue.push(&Arc::new(Event::new("a"))).is_none());
    assert_eq!(told(queue.take(None)), "end");
}
