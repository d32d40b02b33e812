//! `/v1/channels`: how each channel is set up, how it is, and a test of it. No address and no secret is shown.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
