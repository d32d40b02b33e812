//! `/v1/reload`: another configuration without a restart. What changes is worked out by the notifier.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
