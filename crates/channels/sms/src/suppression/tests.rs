//! Both lists by the same rules, and what befalls a file.

use std::{fs, sync::Arc};

use proptest::prelude::*;

use super::*;

const ANN: &str = "+15550101";
const BOB: &str = "+15550102";
const FIRST: &str = "tidings sms suppressions 1\n";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_number_is_suppressed_until_it_is_lifted() {
    let folder = folder();
    let file = FileSuppressions::open(folder.path().join("list")).unwrap();
    let lists: [&dyn Suppressions; 2] = [&MemorySuppressions::default(), &file];
    for list in lists {
        assert!(!list.is_suppressed(ANN).unwrap());
        list.suppress(ANN).unwrap();
        list.suppress(ANN).unwrap();
        assert!(list.is_suppressed(ANN).unwrap() && !list.is_suppressed(BOB).unwrap());
        assert!(!format!("{list:?}").contains("555"), "{list:?}");
        list.lift(BOB).unwrap();
        list.lift(ANN).unwrap();
        assert!(!list.is_suppressed(ANN).unwrap());
        for bad in ["", "15550101", "+1\nstop +15550102"] {
            assert_eq!(list.suppress(bad).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{bad}");
        }
    }
    // What changes nothing is not written.
    assert_eq!(fs::read_to_string(file.path()).unwrap(), format!("{FIRST}stop {ANN}\nstart {ANN}\n"));
}

#[test]
fn a_file_survives_and_is_its_owner_s() {
    let folder = folder();
    let path = folder.path().join("list");
    FileSuppressions::open(&path).unwrap().suppress(ANN).unwrap();
    assert!(FileSuppressions::open(&path).unwrap().is_suppressed(ANN).unwrap());
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_file_that_is_open_twice_tells_both() {
    let folder = folder();
    let open = || FileSuppressions::open(folder.path().join("list")).unwrap();
    let (one, other) = (open(), open());
    one.suppress(ANN).unwrap();
    other.suppress(BOB).unwrap();
    assert!(other.is_suppressed(ANN).unwrap() && one.is_suppressed(BOB).unwrap());
    one.lift(BOB).unwrap();
    assert!(!other.is_suppressed(BOB).unwrap());
}

fn check(content: &[u8], expected: Option<(bool, &str)>) {
    let folder = folder();
    let path = folder.path().join("list");
    fs::write(&path, content).unwrap();
    let list = FileSuppressions::open(&path);
    let said = String::from_utf8_lossy(content);
    match expected {
        Some((suppressed, left)) => {
            assert_eq!(list.unwrap().is_suppressed(ANN).unwrap(), suppressed, "{said}");
            assert_eq!(fs::read_to_string(&path).unwrap(), left, "{said}");
        }
        None => {
            assert_eq!(list.unwrap_err().kind(), io::ErrorKind::InvalidData, "{said}");
            assert_eq!(fs::read(&path).unwrap(), content, "{said}");
        }
    }
}

#[test]
fn a_torn_last_line_is_dropped_and_a_foreign_file_is_left_alone() {
    let (stop, start) = (format!("{FIRST}stop {ANN}\n"), format!("{FIRST}stop {ANN}\nstart {ANN}\n"));
    check(b"", Some((false, FIRST)));
    check(b"tidings sms", Some((false, FIRST)));
    check(start.as_bytes(), Some((false, &start)));
    for torn in ["s", "stop", "start +1555", "start +15550101"] {
        check(format!("{stop}{torn}").as_bytes(), Some((true, &stop)));
    }
    check(format!("{FIRST}stop +1555010").as_bytes(), Some((false, FIRST)));
    check(b"# a list of mine\n", None);
    check(b"x", None);
    check(b"tidings sms suppressions 2\nstop +15550101\n", None);
    check(&[0xff; 300_000], None);
    check(format!("{stop}stop somebody\n").as_bytes(), None);
    check(format!("{stop}\n").as_bytes(), None);
    check(&[stop.as_bytes(), b"\xff\xff\n"].concat(), None);
    check(format!("{stop}{}", "x".repeat(200_000)).as_bytes(), None);
}

#[test]
fn what_is_no_file_is_refused() {
    assert!(FileSuppressions::open(folder().path()).is_err());
    #[cfg(unix)]
    assert_eq!(FileSuppressions::open("/dev/null").unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[test]
fn a_file_that_shrinks_stops_what_is_sent() {
    let folder = folder();
    let path = folder.path().join("list");
    let list = FileSuppressions::open(&path).unwrap();
    list.suppress(ANN).unwrap();
    fs::write(&path, FIRST).unwrap();
    assert!(list.is_suppressed(ANN).is_err());
}

#[test]
fn a_file_that_is_replaced_or_removed_stops_what_is_sent() {
    let folder = folder();
    let path = folder.path().join("list");
    let list = FileSuppressions::open(&path).unwrap();
    list.suppress(ANN).unwrap();
    let other = folder.path().join("other");
    fs::write(&other, format!("{FIRST}stop {ANN}\nstart {ANN}\nstop {ANN}\n")).unwrap();
    fs::rename(&other, &path).unwrap();
    // What would be written to the old file would be lost.
    let error = list.suppress(BOB).unwrap_err();
    assert!(error.to_string().contains("replaced or removed"), "{error}");
    assert!(list.is_suppressed(ANN).is_err() && list.lift(ANN).is_err());
    assert!(FileSuppressions::open(&path).unwrap().is_suppressed(ANN).unwrap());
    fs::remove_file(&path).unwrap();
    assert!(list.is_suppressed(ANN).is_err());
}

#[cfg(unix)]
#[test]
fn a_link_leads_to_the_list() {
    let folder = folder();
    let (path, link) = (folder.path().join("list"), folder.path().join("link"));
    std::os::unix::fs::symlink(&path, &link).unwrap();
    FileSuppressions::open(&link).unwrap().suppress(ANN).unwrap();
    let list = FileSuppressions::open(&path).unwrap();
    assert!(list.is_suppressed(ANN).unwrap());
    let foreign = folder.path().join("foreign");
    fs::write(&foreign, "a list of mine\n").unwrap();
    for target in [foreign.as_path(), folder.path(), &folder.path().join("circle")] {
        let link = folder.path().join("circle");
        std::os::unix::fs::symlink(target, &link).unwrap();
        assert!(FileSuppressions::open(&link).is_err(), "{}", target.display());
        fs::remove_file(&link).unwrap();
    }
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "a list of mine\n");
}

/// Set for the processes that the next test starts: the file to write to, and whose numbers.
const CHILD: &str = "TIDINGS_TEST_SUPPRESSIONS";

#[test]
fn many_processes_write_whole_lines() {
    if let Some((path, who)) = std::env::var(CHILD).ok().as_deref().and_then(|told| told.rsplit_once(' ')) {
        let list = FileSuppressions::open(path).unwrap();
        return (0..8).for_each(|number| list.suppress(&format!("+1555{who}{number}")).unwrap());
    }
    let folder = folder();
    let path = folder.path().join("list");
    let program = std::env::current_exe().unwrap();
    let start = |who: u8| {
        let mut child = std::process::Command::new(&program);
        child.args(["--exact", "suppression::tests::many_processes_write_whole_lines"]);
        child.env(CHILD, format!("{} {who}", path.display())).stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = (0..3).map(start).collect();
    children.into_iter().for_each(|mut child| assert!(child.wait().unwrap().success()));
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1 + 3 * 8);
    assert_eq!(format!("{:?}", FileSuppressions::open(&path).unwrap()), "FileSuppressions { numbers: 24, .. }");
}

#[test]
fn many_threads_write_whole_lines() {
    let folder = folder();
    let path = folder.path().join("list");
    let list = Arc::new(FileSuppressions::open(&path).unwrap());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let list = Arc::clone(&list);
            scope.spawn(move || (0..8).for_each(|number| list.suppress(&format!("+1555{thread}{number}")).unwrap()));
        }
    });
    drop(list);
    assert_eq!(format!("{:?}", FileSuppressions::open(&path).unwrap()), "FileSuppressions { numbers: 32, .. }");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_file_cut_anywhere_tells_what_its_whole_lines_say(steps in prop::collection::vec((0_u8..3, any::<bool>()), 0..12), cut in 0_usize..400) {
        let folder = folder();
        let path = folder.path().join("list");
        let list = FileSuppressions::open(&path).unwrap();
        for (who, stop) in steps {
            let number = format!("+1555{who}");
            if stop { list.suppress(&number) } else { list.lift(&number) }.unwrap();
        }
        let mut content = fs::read(&path).unwrap();
        content.truncate(cut);
        fs::write(&path, &content).unwrap();
        let memory = MemorySuppressions::default();
        for line in String::from_utf8(content).unwrap().split_inclusive('\n').skip(1) {
            let Some((word, number)) = line.strip_suffix('\n').and_then(|line| line.split_once(' ')) else { break };
            if word == "stop" { memory.suppress(number) } else { memory.lift(number) }.unwrap();
        }
        let again = FileSuppressions::open(&path).unwrap();
        for who in 0..3 {
            let number = format!("+1555{who}");
            prop_assert_eq!(again.is_suppressed(&number).unwrap(), memory.is_suppressed(&number).unwrap());
        }
    }
}
