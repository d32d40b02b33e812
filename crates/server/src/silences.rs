//! `/v1/silences`: for a while, nobody is told what somebody knows already. What one covers is the policy's.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
