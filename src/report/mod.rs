//! What runs have to tell: the log of blocks read back (`log`), its conflicts ranked (`rank`), shown as text, JSON or a page (`show`); and what
//! STM costs a program (`overhead`), with plots (`plot`).

pub mod log;
pub mod overhead;
pub mod plot;
pub mod rank;
pub mod show;
