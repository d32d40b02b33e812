//! What the README and the guide show as YAML is read as it stands there, and all of it does something.

use std::{fs, path::PathBuf};

use tidings_config::{Environment, Options, load, tests_file};

use crate::{RULE, lines};

/// Whom a block tells that names nobody.
const USERS: &str = "users: {ann: {email: ann@example.com, phone: '+15550101'}}\n";

/// A page's blocks of YAML, each with the line that it begins in.
fn blocks(page: &str) -> Vec<(usize, String)> {
    let (mut blocks, mut open) = (Vec::new(), None);
    for (number, line) in (1..).zip(page.lines()) {
        match &mut open {
            None if line.trim() == "```yaml" => open = Some((number + 1, String::new())),
            Some(_) if line.trim() == "```" => blocks.extend(open.take()),
            Some((_, text)) => *text += &format!("{line}\n"),
            None => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// The block as a whole file: sections alone get a rule, and somebody to tell.
fn whole(block: &str) -> String {
    let has = |section: &str| block.lines().any(|line| line.starts_with(&format!("{section}:")));
    let rule = if has("triggers") || has("rules") { "" } else { RULE };
    [rule, if has("users") { "" } else { USERS }, block].concat()
}

fn variable(name: &str) -> Option<String> {
    let value = match name {
        "SLACK_URL" => "https://hooks.slack.com/services/T0/B0/x",
        "TELEGRAM_TOKEN" => "123456:abc",
        name if name.ends_with("_URL") => "https://hooks.example.com/services/x",
        name if name.ends_with("_SID") => "AC0123456789abcdef0123456789abcdef",
        _ => "0123456789abcdef0123456789abcdef",
    };
    Some(value.to_owned())
}

#[test]
fn what_the_pages_show_is_read_and_acted_on() {
    let root: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", ".."].iter().collect();
    let guide = fs::read_dir(root.join("docs/guide")).unwrap().map(|entry| entry.unwrap().path());
    let pages: Vec<_> = guide.chain([root.join("README.md")]).filter(|path| path.extension().is_some()).collect();
    let options = Options { environment: Environment::Given(&variable), ..Options::default() };
    let (mut seen, mut wrong) = (0, Vec::new());
    for page in &pages {
        for (line, block) in blocks(&fs::read_to_string(page).unwrap()) {
            seen += 1;
            let place = format!("{}:{line}", page.file_name().unwrap().display());
            if block.lines().any(|line| line == "tests:") {
                let read = tests_file::TestsFile::read(&block, &place);
                wrong.extend(read.err().map(|problems| format!("{place}\n{block}{}", lines(&problems))));
                continue;
            }
            match load(&whole(&block), &options) {
                Err(problems) => wrong.push(format!("{place}\n{block}{}", lines(&problems))),
                Ok((_, told)) => wrong.extend(
                    told.iter()
                        .map(ToString::to_string)
                        .filter(|told| told.contains("not yet acted on"))
                        .map(|told| format!("{place}\n{block}{told}")),
                ),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(seen > 20, "{seen} blocks");
}
