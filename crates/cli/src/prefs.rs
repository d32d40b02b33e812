//! `prefs`: what people wish, how it is changed, and what would become of a message. What they are told is decided by the policy; where it is
//! kept is the engine's knowledge.

mod change;
mod get;
mod merge;
mod people;
mod test;
mod through;

use crate::{
    Exit,
    args::{Output, Prefs, PrefsAction},
};

/// Does what is asked.
pub(crate) async fn prefs(prefs: &Prefs, output: &Output) -> anyhow::Result<Exit> {
    match &prefs.action {
        PrefsAction::Get(get) => get::get(get, output).await,
        PrefsAction::Set(set) => change::set(set, output).await,
        PrefsAction::Remove(remove) => change::remove(remove, output).await,
        PrefsAction::Test(test) => test::test(test, output).await,
    }
}
