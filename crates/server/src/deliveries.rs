//! `/v1/deliveries`: what was delivered, what was not, and what is tried again. Why is told by `explain`.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
