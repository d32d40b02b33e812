//! `/v1/live`: what happens, as it happens, for whoever looks on. What it means is told by the other routes.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
