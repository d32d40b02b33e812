//! What a digest says, word for word, and that it never says nothing or too much.

use tidings_core::{EventId, Payload};
use tidings_testkit::samples;

use super::*;
use crate::Message;

/// 21 November 2023, 08:00 UTC.
const MORNING: i64 = 1_700_553_600;

fn item(agent: &str, rule: &str, title: &str, minute: i64) -> Notification {
    let event = EventId::named("digest", &format!("{agent} {rule} {title} {minute}"));
    Notification {
        notification_id: NotificationId::derived(event, rule, "ann"),
        agent_id: Some(agent.to_owned()).filter(|agent| !agent.is_empty()),
        rule: Some(rule.to_owned()).filter(|rule| !rule.is_empty()),
        priority: Priority::Low,
        created_at: Timestamp::from_secs(MORNING + minute * 60),
        ..samples::notification(title)
    }
}

fn window(zone: &str) -> Window {
    Window {
        user: "ann".to_owned(),
        channel: "email".to_owned(),
        from: Timestamp::from_secs(MORNING - 86_400),
        until: Timestamp::from_secs(MORNING),
        zone: TimeZone::get(zone).unwrap(),
    }
}

fn made(items: &[Notification], zone: &str) -> Option<Notification> {
    digest(&items.iter().collect::<Vec<_>>(), &window(zone))
}

#[test]
fn nothing_gives_no_digest() {
    assert_eq!(made(&[], "UTC"), None);
}

#[test]
fn items_are_grouped_and_the_newest_come_first() {
    let mut urgent = item("billing", "over budget", "80 % spent", -200);
    urgent.priority = Priority::Medium;
    urgent.metadata.insert("suppressed".to_owned(), 3.into());
    let items = [
        item("search", "slow", "slow tool", -500),
        urgent,
        item("search", "slow", "slower tool", -100),
        item("", "", "said by hand", -900),
        item("search", "slow", "slow tool", -500),
    ];
    let told = made(&items, "Europe/Zurich").unwrap();
    assert_eq!(told.title, "4 notifications from 3 agents");
    assert_eq!(told.priority, Priority::Medium);
    let expected = "\
4 notifications, 20 Nov 2023 09:00 to 21 Nov 2023 09:00 (Europe/Zurich)

search · slow (2)
  21 Nov 07:20  slower tool
  21 Nov 00:40  slow tool

billing · over budget (1)
  21 Nov 05:40  [MEDIUM] 80 % spent (3 more suppressed)

other (1)
  20 Nov 18:00  said by hand";
    assert_eq!(told.body, expected);
    assert_eq!(told.metadata["digest"]["count"], 4);
}

#[test]
fn of_one_agent_and_one_day_less_is_said() {
    let told = made(&[item("billing", "r", "once", -1)], "UTC").unwrap();
    assert_eq!(told.title, "1 notification from billing");
    assert!(told.body.ends_with("\nbilling · r (1)\n  07:59  once"), "{}", told.body);
    assert_eq!(told.agent_id.as_deref(), Some("billing"));
}

#[test]
fn at_most_a_hundred_lines_and_the_rest_is_counted() {
    let items: Vec<_> =
        (1..=230).map(|minute| item("a", if minute > 110 { "old" } else { "new" }, "t", -minute)).collect();
    let told = made(&items, "UTC").unwrap();
    assert_eq!(told.body.lines().filter(|line| line.starts_with("  ")).count(), LINES);
    assert!(told.body.contains("\na · new (110)\n") && !told.body.contains("old"), "{}", told.body);
    assert!(told.body.ends_with("\nand 130 more"), "{}", told.body);
    assert_eq!(told.metadata["digest"]["count"], 230);
}

#[test]
fn many_names_make_no_more_groups_than_lines_and_long_ones_are_cut() {
    let items: Vec<_> = (0..3000).map(|number| item(&format!("agent {number}"), &"r".repeat(900), "t", -1)).collect();
    let told = made(&items, "UTC").unwrap();
    assert_eq!(told.title, "3000 notifications from 3000 agents");
    assert_eq!(told.body.matches("…").count(), LINES);
    assert!(told.body.ends_with("\nand 2900 more") && told.body.len() < 20_000, "{}", told.body.len());
}

#[test]
fn a_zone_without_a_name_is_told_by_its_offset() {
    let zone = TimeZone::fixed(jiff::tz::offset(2));
    let told = digest(&[&item("a", "r", "t", -1)], &Window { zone, ..window("UTC") }).unwrap();
    assert!(told.body.contains("20 Nov 2023 10:00 to 21 Nov 2023 10:00 (UTC+02:00)"), "{}", told.body);
}

#[test]
fn its_id_is_that_of_user_channel_and_window() {
    let one = made(&[item("a", "r", "t", -1)], "UTC").unwrap();
    let more = made(&[item("a", "r", "t", -1), item("b", "r", "t", -2)], "Asia/Tokyo").unwrap();
    assert_eq!((one.notification_id, &one.dedup_key), (more.notification_id, &more.dedup_key));
    let items = [&item("a", "r", "t", -1)];
    let other = |change: fn(&mut Window)| {
        let mut window = window("UTC");
        change(&mut window);
        digest(&items, &window).unwrap().notification_id
    };
    for changed in [
        other(|window| window.user.push('x')),
        other(|window| window.channel.push('x')),
        other(|window| window.until = window.from),
    ] {
        assert_ne!(changed, one.notification_id);
    }
}

#[test]
fn the_clock_change_is_told_in_the_zone() {
    // The night of 29 October 2023: 02:30 comes twice in Zurich.
    let mut window = window("Europe/Zurich");
    (window.from, window.until) = (Timestamp::from_secs(1_698_530_400), Timestamp::from_secs(1_698_620_400));
    let mut items = [item("a", "r", "first", 0), item("a", "r", "second", 0)];
    items[0].created_at = Timestamp::from_secs(1_698_539_400);
    items[1].created_at = Timestamp::from_secs(1_698_543_000);
    let told = digest(&items.iter().collect::<Vec<_>>(), &window).unwrap();
    assert!(told.body.contains("29 Oct 2023 00:00 to 30 Oct 2023 00:00"), "{}", told.body);
    assert!(told.body.contains("  02:30  second\n  02:30  first"), "{}", told.body);
}

#[test]
fn hostile_titles_stay_on_their_line() {
    for title in samples::hostile_titles() {
        let told = made(&[item("a\nb", "r\0", &title, -1)], "UTC").unwrap();
        assert_eq!(told.body.lines().count(), 4, "{:?}", told.body);
        assert!(told.body.len() < 1_000);
        let message = Message::of(&Payload::Notification(told.into()));
        assert_eq!(message.title, "[LOW] 1 notification from a b");
    }
}
