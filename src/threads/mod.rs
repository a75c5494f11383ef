//! Starting and joining threads, locks, waiting, signals.

pub mod signals;
