//! `fsck`: looks a store's file over, and saves what can be saved where that is asked.

use serde_json::json;
use tidings::{
    clock::system_now,
    store::sqlite::fsck::{self, Report, State},
};

use crate::{
    Exit,
    args::{Fsck, Output},
    kept, output,
};

/// Tells what is there and what to do; with `--repair` it does that first.
pub(crate) fn fsck(asked: &Fsck, output: &Output) -> anyhow::Result<Exit> {
    let path = kept::path(&asked.store)?;
    let saved = if asked.repair { Some(fsck::repair(&path, system_now())?) } else { None };
    let report = fsck::fsck(&path);
    if output.json {
        let mut told = serde_json::to_value(&report)?;
        told["repaired"] = json!(saved);
        output::json(&told);
    } else {
        if let Some(saved) = saved {
            output::line(saved);
        }
        output::line(&report);
    }
    Ok(verdict(&report))
}

/// What is no store of ours is not damaged: the call is wrong.
const fn verdict(report: &Report) -> Exit {
    match report.state {
        State::Whole | State::Empty => Exit::Done,
        State::Damaged | State::Interrupted => Exit::Failed,
        _ => Exit::Usage,
    }
}
