//! Pages of the log: what the caller may see of it, without secrets. What is asked for stands in `asked`.

use tidings::store::{Entry, Page};

use super::asked::Asked;
use crate::{app::App, caller::Caller, problem::Refusal, shown};

/// How often the store is asked for one page of somebody who may see little of it.
const LOOKS: usize = 32;

/// A page, and where the next one begins; `None` where there is no more.
pub(super) struct Found {
    pub(super) entries: Vec<Entry>,
    pub(super) next: Option<u64>,
}

/// The next page. It may hold less than was asked, and even nothing, and still have a next one.
///
/// # Errors
/// 403 where a person asks for somebody else's; 503 if the store cannot be read.
pub(super) async fn next(app: &App, caller: &Caller, asked: &Asked) -> Result<Found, Refusal> {
    let mut filter = asked.filter.clone();
    if let Some(person) = caller.own_user() {
        filter.user.as_deref().map_or(Ok(()), |user| caller.looks_after(user))?;
        filter.user = Some(person.to_owned());
    }
    let mut found = Found { entries: Vec::new(), next: asked.before };
    for _ in 0..LOOKS {
        let page = Page::Before { number: found.next, limit: asked.limit };
        let look = app.notifier().store().log_query(&filter, page).await.map_err(|error| Refusal::store(&error))?;
        if found.takes(look, caller, asked.limit) {
            break;
        }
    }
    found.entries.iter_mut().for_each(shown::entry);
    Ok(found)
}

impl Found {
    /// Takes what the caller may see. Says whether the page is full, or there is no more.
    fn takes(&mut self, look: Vec<Entry>, caller: &Caller, limit: usize) -> bool {
        let was_full = look.len() == limit;
        self.next = None;
        for entry in look {
            self.next = Some(entry.number).filter(|number| *number > 1);
            if caller.sees(entry.agent.as_deref(), entry.user.as_deref()) {
                self.entries.push(entry);
            }
            if self.entries.len() == limit {
                return true;
            }
        }
        if !was_full {
            self.next = None;
        }
        self.next.is_none()
    }
}
