//! Who said STOP to text messages: one list for all channels of them, over all files that they name. Which words say so is the SMS crate's.

use std::{collections::BTreeSet, io, path::PathBuf, sync::Arc};

use tidings_config::{ChannelKind, Plan};
use tidings_sms::{FileSuppressions, MemorySuppressions, Suppressions};

use crate::Error;

/// The files that hold the list: those that channels name; where one names none, the one beside the store, if there is a store.
pub(super) fn files(plan: &Plan) -> BTreeSet<PathBuf> {
    let beside = plan.store.as_ref().map(|store| PathBuf::from(format!("{}.stopped", store.path.display())));
    let named = plan.channels.values().filter_map(|channel| match &channel.kind {
        ChannelKind::Sms(sms) => sms.suppressions_file.clone().or_else(|| beside.clone()),
        _ => None,
    });
    named.collect()
}

/// The list over these files, or one in memory where there are none.
pub(super) fn list(files: &BTreeSet<PathBuf>) -> Result<Arc<dyn Suppressions>, Error> {
    let open = |path: &PathBuf| {
        FileSuppressions::open(path).map_err(|error| Error::Suppressions { path: path.clone(), error })
    };
    let mut lists = files.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    Ok(match (lists.pop(), lists.is_empty()) {
        (None, _) => Arc::new(MemorySuppressions::default()),
        (Some(only), true) => Arc::new(only),
        (Some(last), false) => {
            lists.push(last);
            Arc::new(Together(lists))
        }
    })
}

/// Several lists as one: who is on any of them gets nothing, and what is said is written into each.
#[derive(Debug)]
struct Together(Vec<FileSuppressions>);

impl Together {
    /// Does this to every list, also behind one that fails.
    fn each(&self, step: impl Fn(&FileSuppressions) -> io::Result<()>) -> io::Result<()> {
        self.0.iter().map(step).fold(Ok(()), Result::and)
    }
}

impl Suppressions for Together {
    fn is_suppressed(&self, number: &str) -> io::Result<bool> {
        for list in &self.0 {
            if list.is_suppressed(number)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn suppress(&self, number: &str) -> io::Result<()> {
        self.each(|list| list.suppress(number))
    }

    fn lift(&self, number: &str) -> io::Result<()> {
        self.each(|list| list.lift(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_stop_gets_nothing_from_any_channel() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b"].map(|name| folder.path().join(name));
        FileSuppressions::open(&paths[1]).unwrap().suppress("+15550100").unwrap();
        let both = list(&BTreeSet::from(paths.clone())).unwrap();
        assert!(both.is_suppressed("+15550100").unwrap());
        both.suppress("+15550101").unwrap();
        both.lift("+15550100").unwrap();
        for path in &paths {
            let alone = list(&BTreeSet::from([path.clone()])).unwrap();
            assert!(alone.is_suppressed("+15550101").unwrap() && !alone.is_suppressed("+15550100").unwrap());
        }
        assert!(!format!("{both:?}").contains("5550"), "{both:?}");
    }

    #[test]
    fn a_file_that_is_no_list_is_told_by_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other");
        std::fs::write(&path, "something else\n").unwrap();
        let error = list(&BTreeSet::from([path.clone()])).unwrap_err().to_string();
        assert!(error.starts_with(&path.display().to_string()), "{error}");
    }
}
