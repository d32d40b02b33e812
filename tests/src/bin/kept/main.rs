//! A process that may be killed at any moment: a notifier on a store file, told what to do by lines on its standard input, telling
//! what it did on its standard output. Who kills it, and what must hold then, stands in `tidings_tests::kept`.

mod append;
mod killer;
mod serve;
mod tell;

use std::process::ExitCode;

use tidings_tests::kept::protocol::Setup;

fn main() -> ExitCode {
    let Some(setup) = std::env::args().nth(1).and_then(|text| serde_json::from_str::<Setup>(&text).ok()) else {
        return ExitCode::from(2);
    };
    killer::listen(setup.step.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let served = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(serve::serve(setup)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell::failed(&*error);
            ExitCode::FAILURE
        }
    }
}
