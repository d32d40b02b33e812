use super::{
    bins::{Bins, bins},
    *,
};

const HOUR: i64 = 3_600;
/// 2026-01-05T09:00:00Z.
const START: i64 = 1_767_603_600;

fn pair(made: u64, sent: u64) -> Pair {
    Pair { made, sent }
}

fn side(config: &str, hours: i64, rules: usize) -> Side {
    let of = |index: i64| pair((index.unsigned_abs() * 7) % 23, (index.unsigned_abs() * 7) % 23 / 5);
    let hours: BTreeMap<i64, Pair> = (0..hours).map(|hour| (START + hour * HOUR, of(hour))).collect();
    let sum = |of: fn(&Pair) -> u64| hours.values().map(of).sum();
    Side {
        config: config.to_owned(),
        made: sum(|pair| pair.made),
        messages: sum(|pair| pair.sent),
        critical_made: 12,
        critical_lost: 0,
        critical_told: 12,
        rules: (0..rules).map(|rule| (format!("rule {rule}"), of(rule as i64 + 3))).collect(),
        users: [("ann", pair(310, 40)), ("bob", pair(120, 31))].map(|(name, pair)| (name.to_owned(), pair)).into(),
        suppressed: vec![("cooldown", 120), ("duplicate", 44), ("silenced", 0), ("digested", 61), ("summed up", 20)],
        hours,
    }
}

fn report(hours: i64, rules: usize) -> Report {
    Report {
        source: "week.jsonl".to_owned(),
        events: 1_048_576,
        range: Some((Timestamp::from_secs(START), Timestamp::from_secs(START + hours * HOUR - 1))),
        first: side("tidings.yaml", hours, rules),
        ..Report::default()
    }
}

/// Every element is one that this module writes and closes what it opens, and nothing is fetched from anywhere.
fn check_well_formed(page: &str) {
    let mut open = Vec::new();
    for piece in page.split('<').skip(1) {
        let tag = piece.split(['>', ' ', '\n']).next().unwrap_or_default();
        let is_empty = matches!(tag, "!doctype" | "meta") || piece.split('>').next().unwrap_or_default().ends_with('/');
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "it closes what is open"),
            None if !is_empty => open.push(tag),
            None => {}
        }
        let known = "!doctype html head meta title style body header p h1 h2 h3 main dl div dt dd strong span section svg desc line text g \
                     rect details summary table thead tbody tr th td em ul li footer code";
        assert!(known.split_whitespace().any(|name| name == tag.trim_start_matches('/')), "{tag}");
    }
    assert!(open.is_empty(), "{open:?}");
    for foreign in ["//", "url(", "@import", "onload=\"", "style=\""] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[test]
fn a_page_is_whole_whatever_there_is_to_show() {
    for (hours, rules) in [(0, 0), (1, 1), (24, 3), (168, 30), (10_000, 1_000)] {
        let mut report = report(hours, rules);
        check_well_formed(&html(&report));
        report.against = Some(side("other.yaml", hours / 2, rules * 2));
        check_well_formed(&html(&report));
        report.different = 30;
        report.differences = vec![Difference {
            at: Timestamp::from_secs(START),
            user: "ann".to_owned(),
            rule: None,
            title: "t".to_owned(),
            is_new: true,
        }];
        check_well_formed(&html(&report));
    }
    check_well_formed(&html(&Report::default()));
}

#[test]
fn nothing_in_a_name_gets_out_of_its_place() {
    let hostile = "</script></style></title><svg onload=\"x\" 'y'>&amp;\u{202e}\n";
    let mut report = report(3, 1);
    report.source = hostile.to_owned();
    report.first.config = hostile.to_owned();
    report.first.rules = [(hostile.to_owned(), pair(1, 1))].into();
    report.first.users = [(hostile.to_owned(), pair(1, 1))].into();
    report.against = Some(report.first.clone());
    report.different = 1;
    report.differences = vec![Difference {
        at: Timestamp::MAX,
        user: hostile.to_owned(),
        rule: Some(hostile.to_owned()),
        title: hostile.repeat(100),
        is_new: false,
    }];
    let page = html(&report);
    check_well_formed(&page);
    assert!(!page.contains("<svg onload") && !page.contains('\u{202e}'));
    assert!(
        page.contains(
            "&lt;/script&gt;&lt;/style&gt;&lt;/title&gt;&lt;svg onload=&quot;x&quot; &#39;y&#39;&gt;&amp;amp;"
        )
    );
    assert!(page.len() < 60_000, "{}", page.len());
}

#[test]
fn figures_are_told_and_held_against_one_another() {
    let mut report = report(24, 2);
    let page = html(&report);
    let (made, sent) = (report.first.made, report.first.messages);
    for text in [
        format!("<strong>{made}</strong><span>notifications in all"),
        format!("<strong>{sent}</strong>"),
        "<strong>1,048,576</strong>".to_owned(),
        "<strong>0</strong><span>12 of 12 told".to_owned(),
        "2026-01-05 09:00 to 2026-01-06 08:59 UTC".to_owned(),
        "<title>cooldown: 120</title>".to_owned(),
        "2026-01-05 10:00 to 2026-01-05 11:00 UTC: 7 before, 1 after".to_owned(),
    ] {
        assert!(page.contains(&text), "{text}");
    }
    assert!(!page.contains("silenced"), "what did nothing is not shown");
    let mut second = report.first.clone();
    (second.messages, second.critical_lost, second.critical_told) = (sent * 2, 3, 9);
    report.against = Some(second);
    let page = html(&report);
    assert!(page.contains("100 % more") && page.contains("<strong>3</strong><span>9 of 12 told"));
    assert!(page.contains("Both tell the same."));
}

#[test]
fn a_thousand_rules_are_twenty_and_the_rest() {
    let page = html(&report(3, 1_000));
    assert!(page.contains("<em>and 980 more</em>"));
    assert_eq!(page.matches("<th scope=\"row\">rule ").count(), 20);
}

#[test]
fn hours_are_put_together_until_they_can_be_looked_at() {
    let check = |hours: i64, width: &str, number: usize| {
        let report = report(hours, 1);
        let found = bins(&report.series().hours, Some((START, START + hours * HOUR - 1))).unwrap();
        assert_eq!((found.word().as_str(), found.all.len()), (width, number), "{hours}");
        let sum: u64 = found.all.iter().map(|bin| bin.after).sum();
        assert_eq!(sum, report.first.messages);
    };
    check(1, "an hour", 1);
    check(24, "an hour", 24);
    check(60, "an hour", 60);
    check(61, "2 hours", 31);
    check(24 * 7, "3 hours", 56);
    check(24 * 50, "a day", 51);
    check(10_000, "14 days", 31);
    let far: BTreeMap<i64, (u64, u64)> =
        [(i64::MIN / 1_000_000_000, (1, 0)), (i64::MAX / 1_000_000_000, (0, 1))].into();
    assert!(bins(&far, None).is_some_and(|Bins { all, .. }| all.len() <= 60));
    assert_eq!(bins(&BTreeMap::new(), None), None);
}

#[test]
fn counts_and_changes_are_spelled() {
    assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    assert_eq!(
        [(5, 5), (0, 3), (100, 20), (1_000, 1_005)].map(|(a, b)| change(a, b)),
        ["as many", "3 more", "80 % fewer (−80)", "0.5 % more (+5)",]
    );
}
