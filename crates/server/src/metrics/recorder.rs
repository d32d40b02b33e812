//! The one recorder of the process: what any part counts through the `metrics` facade ends here. A program that has one of its own keeps
//! it, and then reads those counts there.

use std::{sync::OnceLock, time::Duration};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::help;
use crate::app::App;

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// How often what was measured is put into its buckets, so that nobody's not asking costs memory.
const UPKEEP: Duration = Duration::from_secs(30);
/// The buckets of all durations, in seconds: from a local receiver to one that times out.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];

fn recorder() -> Option<&'static PrometheusHandle> {
    RECORDER.get_or_init(install).as_ref()
}

fn install() -> Option<PrometheusHandle> {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(seconds, &BUCKETS);
    let installed = builder.and_then(PrometheusBuilder::install_recorder);
    let installed = installed.inspect_err(|error| tracing::info!("counts go to another recorder: {error}")).ok()?;
    help::describe();
    Some(installed)
}

/// What was counted through the facade.
pub(super) fn render() -> String {
    recorder().map(PrometheusHandle::render).unwrap_or_default()
}

/// Keeps the recorder until the daemon stops.
pub(crate) async fn keep(app: App) {
    let Some(recorder) = recorder() else { return };
    loop {
        tokio::select! {
            () = app.stopping() => return,
            () = tokio::time::sleep(UPKEEP) => recorder.run_upkeep(),
        }
    }
}
