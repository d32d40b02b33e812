//! Links in messages: signed, for one action, one person and a time. Opening one shows a page; only a press acts.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
