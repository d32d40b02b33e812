//! `/v1/rules`: the rules, and a lab in which one is tried before it goes live. Judging is the notifier's.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
