//! When to look for what is new: at once when events come and somebody looks on, seldom when nobody does, and never without either.

use std::time::Duration;

use tidings::clock::instant_now;

use crate::app::App;

/// The shortest pause between two looks while somebody looks on.
const WATCHED: Duration = Duration::from_millis(250);
/// The longest one: what time alone brings is no news to anybody, such as a retry.
const QUIET: Duration = Duration::from_millis(500);
/// The shortest pause while nobody looks on.
const UNWATCHED: Duration = Duration::from_secs(2);
/// While nobody looks on, so many times as long as a look took nothing is read.
const REST: u32 = 19;
/// How often listeners are told that something has changed.
const TOLD: Duration = Duration::from_secs(1);

/// Follows until the daemon stops.
pub(crate) async fn follow(app: App) {
    let mut news = app.notifier().news();
    let (mut told, mut changed) = (None, false);
    loop {
        news.mark_unchanged();
        let began = instant_now();
        match app.tail().catch_up(&app).await {
            Ok(is_news) => changed |= is_news,
            Err(error) => tracing::warn!("the log cannot be followed: {error}"),
        }
        if changed && told.is_none_or(|told| began.duration_since(told) >= TOLD) {
            (told, changed) = (Some(began), false);
            app.tail().tell_now(app.now()).await;
        }
        let took = began.elapsed();
        let is_watched = app.tail().is_watched(app.now());
        let pause = if is_watched { WATCHED } else { UNWATCHED.max(took * REST) };
        tokio::select! {
            () = app.stopping() => return,
            () = tokio::time::sleep(pause) => {}
            // Whoever begins to look need not wait for the rest of a long pause.
            () = app.tail().wake.notified(), if !is_watched => {}
        }
        let more = async {
            if is_watched && app.tail().is_watched(app.now()) {
                tokio::time::sleep(QUIET - WATCHED).await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = app.stopping() => return,
            // A notifier that is gone has no news; the daemon stops then.
            _ = news.changed() => {}
            () = app.tail().wake.notified() => {}
            () = more => {}
        }
    }
}
