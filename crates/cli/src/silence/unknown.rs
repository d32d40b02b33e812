//! What a silence names and the configuration does not know: a name that is mistyped silences nothing. It is only warned of: rules and
//! people may come later, and events may name people whom nobody knows.

use tidings::{
    People,
    config::{self, Plan},
    policy::Matcher,
    store::Store,
};

use crate::{
    args::StoreFile,
    default_rule::{ME, NAME},
    kept,
};

/// A text for each name that nobody knows. Where the store was named by itself there is no configuration that could know any.
pub(super) async fn named(named: &StoreFile, store: &dyn Store, matcher: &Matcher) -> anyhow::Result<Vec<String>> {
    if named.path.is_some() {
        return Ok(Vec::new());
    }
    let Some((file, mode)) = kept::configuration(&named.config) else { return Ok(Vec::new()) };
    let plan = kept::plan(&file, mode)?;
    let people = People::standing(store, &tidings::people(&plan)).await?;
    let rule = unknown("rule", matcher.rule.as_deref(), rules(&plan));
    let user = unknown("user", matcher.user.as_deref(), users(&people));
    Ok(rule.into_iter().chain(user).collect())
}

fn unknown(what: &str, name: Option<&str>, known: Vec<&str>) -> Option<String> {
    let name = name.filter(|name| !known.contains(name))?;
    let hint = config::hint(name, known);
    Some(format!("there is no {what} `{name}`, and the silence stands all the same: {hint}"))
}

fn rules(plan: &Plan) -> Vec<&str> {
    if plan.rules.is_empty() { vec![NAME] } else { plan.rules.iter().map(|rule| rule.name.as_str()).collect() }
}

/// Where there is nobody, whoever looks at the log is told.
fn users(people: &People) -> Vec<&str> {
    if people.users().is_empty() { vec![ME] } else { people.users().ids().collect() }
}
