//! `/metrics`: counters and gauges as Prometheus reads them. What is counted is the notifier's.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
