//! What is told of people, silences and conditions as JSON: the same from the routes as from the command line. What is told is decided below.

mod evaluation;
mod judgement;
mod person;
mod silence;
mod wall_clock;

pub use evaluation::Evaluation;
pub use judgement::{Asked, ChannelWord, Judged, Unanswerable};
pub use person::{ChannelView, PersonView, Stamp, Wishes};
pub use silence::{silence, silence_state};
pub use wall_clock::local;
