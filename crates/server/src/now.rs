//! `/v1/now`: what there is to see at a glance. The parts are told by routes of their own.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
