//! Starting and joining threads, locks, waiting, signals.

pub mod local;
pub mod lock;
pub mod schedule;
pub mod signals;
pub mod start;
pub mod wait;
