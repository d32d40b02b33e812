//! Which ports a public destination may have: those of the web, and the free ones without those on which other protocols listen
//! that a request could be smuggled into. More are opened by `allow_destinations`.

/// Closed ports from 1024 upward, as first and last, in order, with what listens there.
const CLOSED: [(u16, u16, &str); 85] = [
    (1025, 1025, "mail"),
    (1080, 1080, "proxies"),
    (1433, 1434, "databases"),
    (1521, 1522, "databases"),
    (1527, 1527, "databases"),
    (1583, 1583, "databases"),
    (1719, 1720, "telephony"),
    (1723, 1723, "tunnels"),
    (1883, 1883, "message brokers"),
    (2049, 2049, "file shares"),
    (2121, 2121, "file shares"),
    (2181, 2181, "cluster APIs"),
    (2222, 2222, "shells"),
    (2323, 2323, "shells"),
    (2375, 2377, "container engines"),
    (2379, 2380, "cluster APIs"),
    (2424, 2424, "databases"),
    (2480, 2480, "databases"),
    (2483, 2484, "databases"),
    (2525, 2525, "mail"),
    (2888, 2888, "cluster APIs"),
    (3050, 3050, "databases"),
    (3128, 3128, "proxies"),
    (3260, 3260, "file shares"),
    (3268, 3269, "directories"),
    (3283, 3283, "remote desktops"),
    (3301, 3301, "databases"),
    (3306, 3306, "databases"),
    (3350, 3351, "databases"),
    (3388, 3389, "remote desktops"),
    (3659, 3659, "directories"),
    (3888, 3888, "cluster APIs"),
    (4001, 4001, "cluster APIs"),
    (4045, 4045, "file shares"),
    (4190, 4190, "mail"),
    (4222, 4222, "message brokers"),
    (4243, 4244, "container engines"),
    (4333, 4333, "databases"),
    (4444, 4444, "shells"),
    (4500, 4500, "databases"),
    (4646, 4648, "cluster APIs"),
    (5060, 5061, "telephony"),
    (5432, 5433, "databases"),
    (5554, 5555, "shells"),
    (5671, 5672, "message brokers"),
    (5701, 5701, "caches"),
    (5800, 5809, "remote desktops"),
    (5900, 5999, "remote desktops"),
    (6000, 6063, "X11"),
    (6333, 6334, "databases"),
    (6379, 6380, "caches"),
    (6432, 6432, "databases"),
    (6443, 6443, "cluster APIs"),
    (6566, 6566, "scanners"),
    (6660, 6669, "IRC"),
    (6679, 6679, "IRC"),
    (6697, 6697, "IRC"),
    (6789, 6789, "file shares"),
    (6984, 6984, "databases"),
    (7000, 7001, "databases"),
    (7199, 7199, "databases"),
    (7473, 7474, "databases"),
    (7687, 7687, "databases"),
    (7700, 7700, "databases"),
    (8086, 8087, "databases"),
    (8091, 8096, "databases"),
    (8123, 8123, "databases"),
    (8200, 8201, "secret stores"),
    (8300, 8302, "cluster APIs"),
    (8500, 8503, "cluster APIs"),
    (8529, 8529, "databases"),
    (8883, 8883, "message brokers"),
    (8983, 8983, "databases"),
    (9042, 9042, "databases"),
    (9092, 9094, "message brokers"),
    (9142, 9160, "databases"),
    (9200, 9202, "databases"),
    (9300, 9302, "databases"),
    (10_010, 10_010, "container engines"),
    (10_025, 10_025, "mail"),
    (10_080, 10_080, "backups"),
    (10_248, 10_260, "cluster APIs"),
    (11_207, 11_215, "caches"),
    (15_672, 15_672, "message brokers"),
    (16_379, 16_380, "caches"),
];
/// The closed ports above those.
const CLOSED_HIGH: [(u16, u16, &str); 13] = [
    (16_443, 16_443, "cluster APIs"),
    (24_007, 24_008, "file shares"),
    (25_672, 25_672, "message brokers"),
    (26_257, 26_257, "databases"),
    (26_379, 26_379, "caches"),
    (27_017, 27_020, "databases"),
    (28_015, 28_017, "databases"),
    (29_015, 29_015, "databases"),
    (33_060, 33_062, "databases"),
    (50_000, 50_001, "databases"),
    (50_070, 50_070, "file shares"),
    (54_321, 54_321, "databases"),
    (61_613, 61_616, "message brokers"),
];

/// What is spoken on a closed port; `None` for an open one: 80, 443, and from 1024 upward what is not listed.
///
/// Source: spec/security.md rule 6.
#[must_use]
pub fn closed(port: u16) -> Option<&'static str> {
    if port < 1024 {
        return if port == 80 || port == 443 { None } else { Some("system services") };
    }
    let among = |ranges: &'static [(u16, u16, &'static str)]| {
        let after = ranges.partition_point(|(first, ..)| *first <= port);
        ranges[..after].last().filter(|(_, last, _)| port <= *last).map(|(.., what)| *what)
    };
    among(&CLOSED).or_else(|| among(&CLOSED_HIGH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order() {
        let all: Vec<_> = CLOSED.iter().chain(&CLOSED_HIGH).collect();
        assert!(all.iter().all(|(first, last, _)| first <= last));
        assert!(all.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn web_ports_are_open_and_others_closed() {
        for open in [80, 443, 1024, 3000, 4000, 5000, 7171, 8000, 8080, 8081, 8443, 8888, 9000, 9090, 9443, 65_535] {
            assert_eq!(closed(open), None, "{open}");
        }
        let listed = [3306, 5432, 6379, 9200, 11_211, 27_017, 2375, 2379, 10_250];
        let kin = [
            0, 1, 21, 22, 23, 25, 79, 81, 139, 445, 442, 444, 587, 993, 1023, 2049, 3389, 5900, 6000, 6667, 27_018,
            10_255, 3128, 6333, 7700,
        ];
        for port in listed.into_iter().chain(kin) {
            assert!(closed(port).is_some(), "{port}");
        }
    }
}
