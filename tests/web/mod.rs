//! Sentences about `web`.

mod admin;
mod api;
pub mod browser;
pub mod device;
pub mod program;
mod public;
