//! `/v1/explain/{id}`: why somebody was told, and why not. It is worked out by the notifier.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
