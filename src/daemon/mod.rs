//! Reads the configuration, opens everything, ties the knot, stops in order.

pub mod certificate;
pub mod config;
pub mod doctor;
pub mod edge;
mod hooks;
pub mod logs;
pub mod process;
pub mod push;
pub mod run;
pub mod stop;
mod watch;
