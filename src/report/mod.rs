//! What a run has to tell: the log of blocks read back (`log`), its conflicts ranked (`rank`), shown as text, JSON or a page (`show`).

pub mod log;
pub mod rank;
pub mod show;
