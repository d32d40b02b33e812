//! Nothing accepted is lost: a notifier on a store file in a process of its own, killed wherever one likes, and what must hold
//! then. The process itself is the program `kept`; here stand who starts and kills it, what it is fed, whom it tells, and the
//! comparison with a run that nobody disturbed.

mod arrivals;
mod config;
mod disk;
mod fates;
mod feed;
mod life;
pub mod protocol;
pub mod source;
mod straight;
mod verdict;
mod world;

pub mod crash;
pub mod damaged;
pub mod full;
pub mod greedy;
pub mod incident;
pub mod later;
pub mod outdated;
pub mod polite;
pub mod queued;
pub mod unwritable;

pub use disk::Disk;
pub use life::{Answers, Life};
pub use verdict::{Case, Counts};
pub use world::World;
