//! The conformance cases of the device endpoints, driven through the router in memory.

mod check_in;
mod identity;
mod log;
mod order;
pub mod pretend;
mod profile;
mod queue;
mod results;
mod scep;
mod setup;
