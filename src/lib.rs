//! Keelback.
