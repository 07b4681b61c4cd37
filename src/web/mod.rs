//! The outside comes in: HTTP for devices, people and programs.
//!
//! [`routes`] shows every route on one screen, [`app`] what a handler is given, [`problem`] how a failure looks to
//! each audience, `guard` the one way into every handler of ours.

mod admin;
mod api;
pub mod app;
mod ask;
mod assets;
pub mod codes;
mod csrf;
pub mod device;
pub mod edge;
mod fields;
mod fleet;
mod guard;
mod hashing;
mod identity;
pub mod limits;
mod my_devices;
mod next;
mod page;
pub mod problem;
mod public;
pub mod routes;
pub mod seen;
pub mod server;
pub mod table;
mod throttle;
pub mod tls;
mod toasts;

pub use app::{App, Hooks, Peer, RequestId, WebConfig};
pub use routes::{routes, socket_routes};
