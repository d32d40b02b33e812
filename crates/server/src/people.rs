//! `/v1/users`: who can be told, and what each wishes. What a wish means is the policy's.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
