//! Links in messages: signed, for one action, one person and a time, good once. To open one shows a page; only a press acts. They need no key,
//! since they are one; and no origin, since mail programs have none.

mod act;
mod keeper;
mod page;
mod token;

use std::sync::OnceLock;

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tidings::Notification;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    page::Page,
    token::{Action, Key, Link, Refused},
};
use crate::{app::App, patience};

/// What links are signed with, once it is known.
#[derive(Debug, Default)]
pub(crate) struct Links(OnceLock<Key>);

/// The routes: behind the check of names alone.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(open, press))
}

/// What answers links, with the look of their pages.
pub(crate) fn router(app: &App) -> Router {
    let (router, _) = routes().split_for_parts();
    let router = router.route("/u/style.css", get(style)).with_state(app.clone());
    patience::within(patience::REQUEST, app.guard().protect_names(router))
}

/// Reads the key that links are signed with, or makes it, and lets mails have links where there is an address for them. Without a store that
/// answers there are none.
pub(crate) async fn prepare(app: &App) {
    match keeper::key(app.notifier().store().as_ref(), app.now()).await {
        Ok(key) => drop(app.links().0.set(key)),
        Err(error) => return tracing::error!(%error, "there are no links in messages: their key cannot be kept"),
    }
    let daemon = app.downgrade();
    // The notifier outlives no daemon by holding this: it would hold itself.
    app.notifier().unsubscribe_by(move |told| unsubscribe(&daemon.upgrade()?, told));
}

/// The link that unsubscribes from messages like this one; none for what no rule says.
fn unsubscribe(app: &App, told: &Notification) -> Option<String> {
    let plan = app.plan();
    let public = plan.server.public_url.as_deref()?;
    let name = told.rule.as_deref()?;
    let rule = plan.rules.iter().find(|rule| rule.name == name)?;
    let topic = act::topic_of(rule).to_owned();
    let link = Link {
        action: Action::Unsubscribe { topic },
        user: told.user_id.clone(),
        notification: told.notification_id,
        expires: told.created_at + token::LIFETIME,
    };
    let key = app.links().0.get()?;
    Some(format!("{}/u/{}", public.trim_end_matches('/'), key.sign(&link)))
}

/// What a link would do, with a button that does it.
#[utoipa::path(get, path = "/u/{token}", tag = "links", params(("token" = String, Path, description = "From a message.")),
    responses((status = 200, description = "A page with a button."), (status = 404, description = "The link is none of ours."),
        (status = 410, description = "It is over, was used before, or is for somebody who was removed.")))]
async fn open(State(app): State<App>, Path(token): Path<String>) -> Response {
    match good(&app, &token).await {
        Ok((key, link)) => Page::question(&link, &later(&key, &link)).into_response(),
        Err(refused) => refuse(refused),
    }
}

/// Does it. Mail programs press it by themselves where somebody unsubscribes there (RFC 8058).
#[utoipa::path(post, path = "/u/{token}", tag = "links", params(("token" = String, Path, description = "From a message.")),
    responses((status = 200, description = "It is done: the page tells what, and how to undo it."),
        (status = 404, description = "The link is none of ours."), (status = 410, description = "It is over, or was used before.")))]
async fn press(State(app): State<App>, Path(token): Path<String>) -> Response {
    let (key, link) = match good(&app, &token).await {
        Ok(good) => good,
        Err(refused) => return refuse(refused),
    };
    match act::act(&app, &link).await {
        Ok(done) => {
            keeper::use_up(app.notifier().store().as_ref(), &key.name(&token), link.expires, app.now()).await;
            Page::done(&done).into_response()
        }
        Err(act::Failed::Nobody) => refuse(Refused::Nobody),
        Err(act::Failed::Later) => Page::later().into_response(),
    }
}

/// The link of this token, if it is good now.
async fn good(app: &App, token: &str) -> Result<(Key, Link), Refused> {
    let key = app.links().0.get().ok_or(Refused::Forged)?;
    let link = key.read(token, app.now())?;
    app.notifier().people().users().get(&link.user).ok_or(Refused::Nobody)?;
    match keeper::is_used(app.notifier().store().as_ref(), &key.name(token)).await {
        true => Err(Refused::Used),
        false => Ok((key.clone(), link)),
    }
}

/// Milder things that could be done instead, each a link of its own.
fn later(key: &Key, link: &Link) -> Vec<(u8, String)> {
    if !matches!(link.action, Action::Unsubscribe { .. }) {
        return Vec::new();
    }
    let snooze = |hours| (hours, key.sign(&Link { action: Action::Snooze { hours }, ..link.clone() }));
    [1, 8].map(snooze).to_vec()
}

fn refuse(refused: Refused) -> Response {
    match refused {
        Refused::Forged => {
            Page::refusal(StatusCode::NOT_FOUND, "This link is not valid", "It may have been cut off on its way.")
                .into_response()
        }
        Refused::Expired => {
            Page::refusal(StatusCode::GONE, "This link is over", "Links in messages are good for 30 days.")
                .into_response()
        }
        Refused::Used => {
            Page::refusal(StatusCode::GONE, "This link was used before", "Each is good once.").into_response()
        }
        Refused::Nobody => {
            let why = "Whom it was for is not told of anything any more.";
            Page::refusal(StatusCode::GONE, "This link is over", why).into_response()
        }
    }
}

async fn style() -> Response {
    let kind = (header::CONTENT_TYPE, "text/css; charset=utf-8");
    ([kind, (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], include_str!("style.css")).into_response()
}
