//! The store in a file from outside.

mod damage;
mod fsck;
mod opening;
mod surviving;
