//! `/v1/notifications`: a message to people, without an event. What becomes of it is the notifier's.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
