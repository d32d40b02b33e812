//! What the next rules know of the past: what the ones before know is theirs, the rest is read from the store, as after a restart.

use std::collections::HashSet;

use tidings_core::Timestamp;
use tidings_store::Recovered;
use tidings_trigger::LookBack;

use super::Office;
use crate::{pipeline::Pipeline, recall, recover, settle::insist};

impl Office<'_> {
    /// Lets the next rules see the events that they look back on and the ones before do not, and goes on from what is kept of rules that
    /// come back. `None` if the notifier ends first.
    pub(super) async fn prepare_rules(
        &self,
        running: &Pipeline,
        next: &Pipeline,
        (from, now): (u64, Timestamp),
    ) -> Option<()> {
        let look_back = next.rule_set().look_back_beyond(&running.rule_set());
        if look_back != LookBack::default() {
            let found = Recovered { last_event: from.saturating_sub(1), ..self.found.clone() };
            recall::recall(self.shared, &next.set, look_back, (&found, from)).await?;
        }
        let known: HashSet<&str> = running.rules.iter().map(|rule| &*rule.name).collect();
        let is_new = |rule: &str| !known.contains(rule) && next.by_name.contains_key(rule);
        if next.rules.iter().all(|rule| known.contains(&*rule.name)) {
            return Some(());
        }
        let shared = self.shared;
        let since = recover::cooling_since(shared, next, now);
        let cooldowns = insist(shared, || shared.store.cooldowns(since)).await?;
        let kept = insist(shared, || shared.store.states()).await?;
        let mut set = next.rule_set();
        set.restore_cooldowns(recover::named(&cooldowns).filter(|(rule, ..)| is_new(rule)));
        if shared.store.durable() {
            set.put_back(recover::readable(shared, kept).into_iter().filter(|state| is_new(state.rule())).collect());
        }
        Some(())
    }
}
